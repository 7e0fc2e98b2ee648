"""Service items as an admin changes them, through HTTP with the clock in the test's hand: what was shown when."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from server.services import audit

FIELDS = {
    "name": "灵活就业人员参保登记", "queue": "A", "legal_basis": "《社会保险法》第十条",
    "handling_body": "清禾市社保中心",
    "process": ["取号", "受理", "办结"], "materials": ["身份证", "社保卡"], "promise": "当场办结", "fee": "不收费",
    "location": "1楼 01-06窗", "supervisor": "政务服务监督科", "complaint_tel": "12333", "minutes": 9, "active": True,
}  # fmt: skip


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


def put(boss, code, **fields):
    status, answer = boss.do(f"/admin/items/{code}", method="PUT", **{**FIELDS, **fields})
    assert status == 200, answer
    return answer


def refused(boss, code, **fields):
    status, problem = boss.do(f"/admin/items/{code}", method="PUT", **{**FIELDS, **fields})
    assert status >= 400, problem
    return problem


def shown(hall, code):
    """As the walls, kiosks and telephones have it, or None."""
    items = hall.device("display").get("/board")[1]["items"]
    return next((one for one in items if one["code"] == code), None)


def at(hall, text):
    """The boss, signed in anew at this time."""
    hall.clock.now = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    return hall.sign_in("boss")


def verified(hall):
    with hall.store.read() as conn:
        return [finding.en for finding in audit.verify(conn, hall.store.key, 1)]


def test_a_new_item_reaches_everybody_and_is_changed(hall, boss):
    heard = []
    hall.store.on_commit = lambda news: heard.extend(n.kind.value for n in news)
    made = put(boss, "SB-90", new=True)
    assert [(one["n"], one["by"], one["changed"]) for one in made["versions"]] == [(1, "boss", [])]
    assert {name: shown(hall, "SB-90")[name] for name in FIELDS if name != "active"} == {
        name: value for name, value in FIELDS.items() if name != "active"
    }
    assert "灵活就业" in hall.app.test_client().get("/items/SB-90").text
    changed = put(boss, "SB-90", promise=" 3 个工作日 ", version=1)
    assert changed["versions"][0]["changed"] == ["promise"]
    assert shown(hall, "SB-90")["promise"] == "3 个工作日"
    assert heard == ["hall.changed"] * 2
    assert hall.device("kiosk").take(None, item="SB-90")["number"].startswith("A")


def test_what_is_the_same_makes_no_version_and_no_news(hall, boss):
    put(boss, "SB-90")
    heard = []
    hall.store.on_commit = heard.extend
    assert len(put(boss, "SB-90", name=FIELDS["name"] + " ")["versions"]) == 1
    assert heard == []


def test_what_was_shown_when_is_told_by_day_and_by_version(hall, boss):
    assert [one["n"] for one in boss.get("/admin/items/SB-01")[1]["versions"]] == [1]
    before = boss.get("/admin/items/SB-01")[1]["versions"][0]
    assert (before["at"], before["by"], before["until"]) == (None, "", None)
    fields = before["shown"]
    boss = at(hall, "2026-03-04T10:00:00")
    put(boss, "SB-01", **{**fields, "fee": "10 元"})
    boss = at(hall, "2026-03-04T11:00:00")
    put(boss, "SB-01", **{**fields, "fee": "12 元"})
    boss = at(hall, "2026-03-09T09:00:00")
    status, back = boss.do("/admin/items/SB-01/versions/1/restore")
    assert status == 200
    assert [(one["n"], one["shown"]["fee"], one["copy_of"]) for one in back["versions"]] == [
        (4, fields["fee"], 1), (3, "12 元", None), (2, "10 元", None), (1, fields["fee"], None),
    ]  # fmt: skip
    assert back["versions"][1]["until"] == back["versions"][0]["at"] == "2026-03-09T09:00:00+08:00"
    for day, versions in (
        ("2026-03-03", [1]), ("2026-03-04", [1, 2, 3]), ("2026-03-05", [3]), ("2026-03-09", [3, 4]),
        ("2026-03-10", [4]),
    ):  # fmt: skip
        assert [one["n"] for one in boss.get(f"/admin/items/SB-01/shown/{day}")[1]["versions"]] == versions, day
    assert shown(hall, "SB-01")["fee"] == fields["fee"]
    assert boss.get("/admin/items/SB-01/shown/soon")[1]["code"] == "bad_field"
    assert boss.do("/admin/items/SB-01/versions/9/restore")[1]["code"] == "item_version_not_found"
    assert boss.do("/admin/items/SB-99/versions/1/restore")[1]["code"] == "item_not_found"
    hall.restart()
    assert len(hall.sign_in("boss").get("/admin/items/SB-01")[1]["versions"]) == 4


def test_an_item_that_was_not_there_yet_was_not_shown(hall, boss):
    put(boss, "SB-90")
    assert boss.get("/admin/items/SB-90/shown/2026-03-01")[1]["versions"] == []


def test_an_item_out_of_use_keeps_its_past_and_comes_back(hall, boss):
    kiosk = hall.device("kiosk")
    fields = boss.get("/admin/items/SB-03")[1]["versions"][0]["shown"]
    ticket = kiosk.take(None, item="SB-03")
    put(boss, "SB-03", **{**fields, "active": False})
    assert shown(hall, "SB-03") is None
    assert hall.app.test_client().get("/items/SB-03").status_code == 404
    assert kiosk.get(f"/tickets/{ticket['id']}")[1]["item_name"] == fields["name"]
    assert kiosk.do("/tickets", item="SB-03")[1]["code"] == "item_out_of_use"
    row = next(one for one in boss.get("/admin/items")[1]["items"] if one["code"] == "SB-03")
    assert (row["active"], row["version"]) == (False, 2)
    put(boss, "SB-03", **fields)
    assert shown(hall, "SB-03")["name"] == fields["name"]


def test_who_booked_is_served_though_the_item_went_out_of_use(hall, boss):
    plan = {
        "queue": "A", "mode": "hall", "weekdays": [1, 2, 3, 4, 5], "start_minute": 540, "end_minute": 720,
        "slot_minutes": 30, "capacity": 2,
    }  # fmt: skip
    assert boss.do("/admin/slot-plans", **plan)[0] == 201
    wish = {"queue": "A", "item": "SB-03", "mode": "hall", "phone": "13812345678"}
    booked = boss.do("/appointments", starts_at="2026-03-02T10:00:00+08:00", **wish)[1]
    fields = boss.get("/admin/items/SB-03")[1]["versions"][0]["shown"]
    put(boss, "SB-03", **{**fields, "active": False})
    late = boss.do("/appointments", starts_at="2026-03-02T10:30:00+08:00", **{**wish, "phone": "13812345679"})
    assert late[1]["code"] == "item_not_found"
    at(hall, "2026-03-02T09:55:00")
    ticket = hall.device("kiosk").take(None, appointment=booked["code"])
    assert ticket["item_name"] == fields["name"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "), ("name", "长" * 61), ("queue", "Q"), ("legal_basis", "长" * 301), ("fee", "一\n二"),
        ("process", ["步"] * 31), ("materials", ["身份证", " "]), ("materials", ["长" * 121]), ("minutes", -1),
        ("minutes", 481), ("minutes", "九"), ("complaint_tel", 12333), ("active", "是"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_is_saved(hall, boss, field, value):
    for code in ("SB-01", "SB-90"):
        problem = refused(boss, code, **{field: value})
        assert problem["code"] == "bad_field" and problem["field"].startswith(field)
    assert hall.rows("SELECT count(*) FROM item_version") == [(0,)]
    assert shown(hall, "SB-90") is None


def test_a_new_code_must_be_free_and_fit(boss):
    assert refused(boss, "SB-01", new=True)["code"] == "code_taken"
    for code in ("-x", "a b", "长", "x" * 32):
        assert refused(boss, code)["field"] == "item_code"


def test_two_admins_do_not_overwrite_each_other(boss):
    put(boss, "SB-90")
    put(boss, "SB-90", fee="1 元", version=1)
    assert refused(boss, "SB-90", fee="2 元", version=1)["code"] == "item_moved"


def test_the_list_says_what_is_lacking_and_how_it_is_read(boss):
    put(boss, "SB-90", name="银行卡", fee="", process=[])
    row = next(one for one in boss.get("/admin/items")[1]["items"] if one["code"] == "SB-90")
    assert row["lacking"] == ["process", "fee"] and row["pinyin"].split()[1] == "hang/heng/xing"


def test_versions_are_sealed(hall, boss):
    fields = boss.get("/admin/items/SB-01")[1]["versions"][0]["shown"]
    put(boss, "SB-01", **{**fields, "fee": "10 元"})
    assert verified(hall) == []
    old = json.dumps({**fields, "fee": "免费"})
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE item_version SET shown = ? WHERE n = 1", (old,)))
    assert verified(hall) == ["item_version 1 is not what audit entry 1 says: it was changed"]
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("DELETE FROM item_version WHERE n = 2"))
    assert any("is gone" in said for said in verified(hall))
