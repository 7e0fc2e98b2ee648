"""The public items over HTTP: looking up, the ten fields, and what stands there when there is nothing."""

import re
from html import unescape

import pytest


@pytest.fixture
def citizen(hall):
    return hall.app.test_client()


def names(answer):
    return [unescape(name) for name in re.findall(r'<a class="way"[^>]*><b>([^<]*)</b>', answer.text)]


def test_everything_is_listed_and_found_by_characters_pinyin_and_initials(citizen):
    everything = names(citizen.get("/items"))
    assert len(everything) == 12
    for asked in ("养老", "yanglao", "ylbx", "YangLBX", "ｙｌｂｘ", " yl bx "):
        answer = citizen.get("/items", query_string={"q": asked})
        found = names(answer)
        assert found and all("养老" in name or "医疗" in name for name in found), (asked, found)
        assert f"找到 {len(found)} 项" in answer.text and any("养老" in name for name in found)


def test_what_is_not_found_is_said_and_so_is_that_there_is_nothing(hall, citizen):
    answer = citizen.get("/items", query_string={"q": "<b>zzz"})
    assert answer.status_code == 200 and names(answer) == [] and "没有找到“&lt;b&gt;zzz”" in answer.text
    assert "Nothing found" in citizen.get("/items?q=zzz&lang=en").text
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("DELETE FROM service_item"))
    assert "还没有公布" in citizen.get("/items").text
    assert "has published no guide" in citizen.get("/items?lang=en").text


def test_an_item_has_its_ten_fields_in_both_languages(hall, citizen):
    kiosk = hall.device("kiosk")
    (known,) = [one for one in kiosk.get("/board")[1]["items"] if one["code"] == "SB-03"]
    answer = citizen.get("/items/SB-03")
    text = unescape(answer.text)
    fields = "name legal_basis handling_body promise fee location supervisor complaint_tel"
    assert all(known[field] in text for field in fields.split())
    assert all(f"<li>{one}</li>" in text for one in (*known["process"], *known["materials"]))
    words = "法律依据 办理主体 办理流程 申报材料 承诺时限 收费标准及依据 办理地点 监督机构 投诉电话"
    assert all(word in text for word in words.split())
    assert "What to bring" in citizen.get("/items/SB-03?lang=en").text
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_a_field_left_empty_is_said_to_be_shown_in_the_hall(hall, citizen):
    hall.store.write(
        lambda tx: tx.conn.exec_driver_sql(
            "UPDATE service_item SET public = json_set(public, '$.fee', '', '$.materials', json('[]'))"
        )
    )
    assert citizen.get("/items/SB-03").text.count("见大厅公示") == 2


def test_an_unknown_item_gets_a_page_in_words(citizen):
    for code in ("XX-99", "%00", "a%2fb", "<script>"):
        answer = citizen.get(f"/items/{code}")
        assert answer.status_code == 404, code
    answer = citizen.get("/items/XX-99")
    assert "没有这个事项" in answer.text and 'href="/items?lang=zh"' in answer.text
    assert citizen.get("/items?q=" + "%00" + "养" * 500).status_code == 200


def test_the_ticket_leads_to_its_item_and_the_language_stays(hall, citizen):
    with_item = hall.device("kiosk").do("/tickets", item="SB-03")[1]["id"]
    assert 'href="/items/SB-03?lang=en"' in citizen.get(f"/t/{with_item}?lang=en").text
    without = hall.device("kiosk", "second").take()["id"]
    assert 'href="/items?lang=zh"' in citizen.get(f"/t/{without}").text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "号" * 200, "‮反向", "😀", "{{ 7 * 7 }}%s{0}"])
def test_names_cannot_break_the_pages(hall, citizen, name):
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE service_item SET name = ?", (name,)))
    for path in ("/items", "/items/SB-03"):
        text = citizen.get(path).text
        assert name in unescape(text) and "<script>alert" not in text
