"""All settings as one document: out and in again unchanged, all or nothing, undone and redone, drafted and live."""

import json
from dataclasses import fields

import pytest

from server.contract.admin import HallSettings
from server.contract.codec import to_json
from server.contract.settings_document import HallPart
from server.services.settings_document import export

PLAN = {"queue": "A", "mode": "hall", "weekdays": [1, 2], "start_minute": 540, "end_minute": 600, "slot_minutes": 30,
        "capacity": 2}  # fmt: skip


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


def draft(boss, change=lambda document: None):
    """Begin a draft, change its document, keep it; what the server says of it."""
    begun = boss.do("/admin/draft")[1]["draft"]
    document = json.loads(json.dumps(begun["document"]))
    change(document)
    status, answer = boss.do("/admin/draft", method="PUT", version=begun["version"], document=document)
    assert status == 200, answer
    return answer["draft"]


def go_live(boss, draft, warnings=True):
    return boss.do("/admin/draft/go-live", version=draft["version"], warnings=warnings)


def live(hall):
    with hall.store.read() as conn:
        return to_json(export(conn, 1))


def named(members, name, key="code"):
    return next(one for one in members if one[key] == name)


def history(boss):
    return boss.get("/admin/settings/history")[1]["changes"]


def test_the_document_has_every_setting_of_the_halls_form():
    own = {field.name for field in fields(HallSettings)} - {"request_id"}
    assert {field.name for field in fields(HallPart)} == own


def test_a_file_brings_a_hall_back_as_it_was(hall, boss):
    assert boss.do("/admin/slot-plans", **PLAN)[0] == 201
    boss.do("/admin/hours", method="PUT", sessions=[{"weekday": 1, "opens": 510, "closes": 690}], cutoff_minutes=10)
    boss.do("/admin/hours/days/2026-10-01", method="PUT", kind="holiday", name="国庆节")
    file = boss.client.get("/api/v1/admin/settings.json")
    assert "attachment" in file.headers["Content-Disposition"]
    before = file.json
    assert len(before["windows"]) == 32 and len(before["items"]) == 12 and before["plans"] and before["days"]

    boss.do("/admin/windows/01", method="PUT", name="别的", queues=["B"])
    boss.do("/admin/queues/A", method="PUT", name="别的", open=False)
    boss.do("/admin/queues/X", method="PUT", name="临时", open=True)
    boss.do("/admin/hours/days/2026-10-01/remove")
    status, answer = boss.do("/admin/draft/import", document=before)
    assert status == 200 and answer["draft"]["findings"] is not None
    status, applied = go_live(boss, answer["draft"])
    assert status == 200, applied
    assert live(hall) == before and applied["kept"] == []


def test_nothing_secret_and_nobody_is_in_the_file(hall, boss):
    hall.person("clerk-zhang")
    boss.do("/admin/screens/duty", method="PUT", days=[{"day": "2026-03-02", "name": "林清禾", "tel": "0000-1"}])
    told = boss.client.get("/api/v1/admin/settings.json").text
    assert not any(word in told for word in ("argon2", "token", "clerk-zhang", "林清禾", '0000-1"'))


def test_what_has_a_past_is_closed_and_said(hall, boss):
    kiosk = hall.device("kiosk")
    clerk = hall.clerk_at("07")
    ticket = kiosk.take("B")
    for step in ("call-next", "begin", "finish"):
        assert clerk.do(f"/windows/07/{step}")[0] == 200

    def without_b(document):
        document["queues"] = [one for one in document["queues"] if one["code"] != "B"]
        document["windows"] = [one for one in document["windows"] if one["no"] not in ("07", "08", "09", "10")]
        document["items"] = [one for one in document["items"] if one["queue"] != "B"]
        for window in document["windows"]:
            window["serves"] = [one for one in window["serves"] if one["queue"] != "B"]

    status, applied = go_live(boss, draft(boss, without_b))
    assert status == 200, applied
    assert [one["zh"][:9] for one in applied["kept"]] == ["07 号窗口有过记", "队列 B（养老待遇"]
    now = live(hall)
    assert named(now["queues"], "B")["open"] is False and named(now["windows"], "07", "no")["serves"] == []
    assert not any(one["no"] == "08" for one in now["windows"])
    assert boss.get(f"/tickets/{ticket['id']}")[1]["queue"] == "B"


def test_items_of_a_draft_are_versions_and_one_that_is_left_out_is_out_of_use(hall, boss):
    first, second = live(hall)["items"][:2]

    def changed(document):
        named(document["items"], first["code"])["fee"] = "每份 5 元"
        document["items"] = [one for one in document["items"] if one["code"] != second["code"]]

    def versions(item):
        return boss.get(f"/admin/items/{item['code']}")[1]["versions"]

    assert go_live(boss, draft(boss, changed))[0] == 200
    assert [one["shown"]["fee"] for one in versions(first)] == ["每份 5 元", first["fee"]]
    assert boss.get(f"/admin/items/{second['code']}")[1]["code"] == "item_not_found", "nobody ever asked for it"
    (newest, *_) = history(boss)
    assert boss.do("/admin/settings/undo", change=newest["id"])[0] == 200
    assert named(live(hall)["items"], first["code"]) == first
    assert named(live(hall)["items"], second["code"]) == second
    assert [one["n"] for one in versions(first)] == [3, 2, 1]
    assert go_live(boss, draft(boss, changed))[1]["kept"], "its versions are a past now"
    assert named(live(hall)["items"], second["code"])["active"] is False


def test_a_draft_with_an_error_does_not_go_live_and_nothing_is_half_saved(hall, boss):
    before = live(hall)

    def wrong(document):
        document["hall"]["name"] = "新名字"
        named(document["windows"], "12", "no")["serves"] = [{"queue": "C", "weight": -1}]

    kept = draft(boss, wrong)
    (error,) = [one for one in kept["findings"] if one["weight"] == "error"]
    assert error["path"] == "windows[11].serves[0].weight" and "12 号窗口：“队列权重”不正确" in error["zh"]
    status, refusal = go_live(boss, kept)
    assert (status, refusal["code"]) == (422, "settings_wrong") and "12 号窗口" in refusal["detail"]
    assert live(hall) == before


def test_a_warning_must_be_meant(hall, boss):
    kept = draft(boss, lambda document: named(document["windows"], "12", "no").update(serves=[]))
    assert "12 号窗口不办理任何队列" in next(f for f in kept["findings"] if f["path"] == "windows[11].serves")["zh"]
    assert go_live(boss, kept, warnings=False)[1]["code"] == "draft_warned"
    assert named(live(hall)["windows"], "12", "no")["serves"] != []
    assert go_live(boss, kept)[0] == 200
    assert named(live(hall)["windows"], "12", "no")["serves"] == []
    assert boss.get("/admin/draft")[1]["draft"] is None


def test_a_change_of_the_live_settings_meanwhile_is_told_and_taken_over(hall, boss):
    kept = draft(boss, lambda document: named(document["queues"], "A").update(name="草稿的"))
    boss.do("/admin/queues/B", method="PUT", name="线上的", open=True)
    boss.do("/admin/queues/A", method="PUT", name="线上的 A", open=True, location="新位置")
    status, refusal = go_live(boss, kept)
    assert (status, refusal["code"]) == (409, "draft_behind") and "线上的" in refusal["detail"]
    status, answer = boss.do("/admin/draft/catch-up", version=kept["version"])
    assert status == 200 and [one["zh"][:5] for one in answer["said"]] == ["队列 A（"]
    assert go_live(boss, answer["draft"])[0] == 200
    queues = live(hall)["queues"]
    assert named(queues, "A")["name"] == "草稿的" and named(queues, "A")["location"] == "新位置"
    assert named(queues, "B")["name"] == "线上的"


def test_two_admins_do_not_overwrite_each_others_draft(hall, boss):
    kept = draft(boss)
    other = hall.person("other", "admin")
    stale = {"version": kept["version"], "document": kept["document"]}
    assert other.do("/admin/draft", method="PUT", **stale)[0] == 200
    status, refusal = boss.do("/admin/draft", method="PUT", **stale)
    assert (status, refusal["code"]) == (409, "draft_moved") and "other" in refusal["detail"]
    assert boss.do("/admin/draft/discard", version=kept["version"] + 1)[0] == 200
    assert go_live(boss, kept)[1]["code"] == "no_draft"


def test_going_live_in_the_middle_of_the_day_loses_no_ticket(hall, boss):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("07")
    first, second = kiosk.take("B"), kiosk.take("B")
    assert clerk.do("/windows/07/call-next")[1]["ticket"]["number"] == first["number"]

    def nobody_serves_b(document):
        for window in document["windows"]:
            window["serves"] = [one for one in window["serves"] if one["queue"] != "B"]

    status, refusal = go_live(boss, draft(boss, nobody_serves_b))
    assert (status, refusal["code"]) == (409, "queue_still_waiting") and "队列 B 还有 1 人" in refusal["detail"]

    def closed_and_moved(document):
        named(document["queues"], "B")["open"] = False
        for window in document["windows"]:
            if window["no"] != "01":
                window["serves"] = [one for one in window["serves"] if one["queue"] != "B"]
        named(document["windows"], "01", "no")["serves"].append({"queue": "B", "weight": 3})

    assert go_live(boss, draft(boss, closed_and_moved))[0] == 200
    assert clerk.do("/windows/07/begin")[0] == 200 and clerk.do("/windows/07/finish")[0] == 200
    other = hall.clerk_at("01")
    assert other.do("/windows/01/call-next")[1]["ticket"]["number"] == second["number"]


def test_a_queue_with_bookings_is_not_left_out(hall, boss):
    """Who booked would come for nothing, and be counted as one who did not come."""
    assert boss.do("/admin/slot-plans", **{**PLAN, "queue": "B"})[0] == 201
    (slot, *_) = boss.get("/appointments/slots/B/hall")[1]["slots"]
    booked = boss.do("/appointments", queue="B", mode="hall", starts_at=slot["starts_at"])[1]

    def without_b(document):
        document["queues"] = [one for one in document["queues"] if one["code"] != "B"]
        document["plans"] = []
        for window in document["windows"]:
            window["serves"] = [one for one in window["serves"] if one["queue"] != "B"]
        for item in document["items"]:
            item["queue"] = "A" if item["queue"] == "B" else item["queue"]

    kept, before = draft(boss, without_b), live(hall)
    status, refusal = go_live(boss, kept)
    assert (status, refusal["code"]) == (409, "queue_still_booked") and "还有 1 个未到的预约" in refusal["detail"]
    assert live(hall) == before
    assert boss.do(f"/appointments/{booked['id']}/cancel")[0] == 200
    assert go_live(boss, kept)[0] == 200


# ── history ──


def test_a_change_is_undone_and_the_undoing_too(hall, boss):
    before = live(hall)
    boss.do("/admin/windows/01", method="PUT", name="新名", queues=["A", "B"], weights=[2, 1])
    after = live(hall)
    (change,) = history(boss)
    assert change["who"] == "admin:boss" and change["how"] == "form"
    assert [one["zh"] for one in change["changes"]] == [
        "01 号窗口·窗口名称：个人综合 → 新名", "01 号窗口·办理队列：A×1 → A×2、B×1",
    ]  # fmt: skip
    assert boss.do("/admin/settings/undo", change=change["id"])[0] == 200
    assert live(hall) == before
    newest = history(boss)[0]
    assert newest["how"] == "undo" and boss.do("/admin/settings/undo", change=newest["id"])[0] == 200
    assert live(hall) == after
    assert boss.do("/admin/settings/undo", change=999)[1]["code"] == "change_not_found"


def test_a_plan_and_a_playlist_are_told_in_words(hall, boss):
    assert boss.do("/admin/slot-plans", **{**PLAN, "weekdays": [1, 2, 3, 5], "mode": "extended_hours"})[0] == 201
    boss.do("/admin/screens/playlist", method="PUT", slides=[{"kind": "ratings", "seconds": 9}])
    said = [one for change in history(boss) for one in change["changes"]]
    assert said[-1] == {
        "zh": "新增 队列 A 的预约时段 延时 周一、周二、周三、周五 9:00–10:00 每段 2 人",
        "en": "New: Times of A to book after hours, Mon, Tue, Wed, Fri 9:00–10:00, 2 each",
    }
    assert said[0]["zh"].endswith("→ 评价公示 9 秒") and said[0]["en"].endswith("→ rating figures 9 s")


def test_undo_is_judged_like_everything_else(hall, boss):
    boss.do("/admin/windows/01", method="PUT", name="个人综合", queues=["A", "X"])
    assert boss.do("/admin/queues/X", method="PUT", name="临时", open=True)[0] == 200
    made = history(boss)[0]["id"]
    boss.do("/admin/windows/01", method="PUT", name="个人综合", queues=["A", "X"])
    hall.device("kiosk").take("X")
    status, refusal = boss.do("/admin/settings/undo", change=made)
    assert (status, refusal["code"]) == (409, "queue_still_waiting")
    assert "X" in [one["queue"] for one in named(live(hall)["windows"], "01", "no")["serves"]]


def test_what_changes_nothing_is_no_change_and_a_hundred_are_kept(hall, boss):
    boss.do("/admin/screens/ticker", method="PUT", ticker=live(hall)["ticker"])
    boss.do("/admin/devices", name="k1", kind="kiosk")
    assert history(boss) == []
    for n in range(103):
        assert boss.do("/admin/screens/ticker", method="PUT", ticker=f"第 {n} 条")[0] == 200
    kept = history(boss)
    assert len(kept) == 100 and kept[0]["changes"][0]["zh"] == "滚动字幕：第 101 条 → 第 102 条"
    assert hall.rows("SELECT count(*) FROM settings_change") == [(100,)]
    hall.restart()
    assert len(history(hall.sign_in("boss"))) == 100


def test_a_change_is_in_the_audit_chain(hall, boss):
    boss.do("/admin/screens/ticker", method="PUT", ticker="新")
    ((kind, body),) = hall.rows("SELECT kind, body FROM audit_entry WHERE kind = 'settings'")
    assert kind == "settings" and json.loads(body)["by"] == "admin:boss" and "滚动字幕" in body


# ── hostile files ──


@pytest.mark.parametrize(
    ("wrong", "code", "said"),
    [
        ({"format": 2, "unknown": 1}, "newer_format", "格式 2"),
        ({"format": -1, "hall": {"name": "厅"}}, "bad_field", "format"),
        ({"format": True, "hall": {"name": "厅"}}, "bad_field", "format"),
        ({}, "bad_field", "document.hall"),
        ({"hall": {"name": "厅", "secret": "x"}}, "bad_field", "document.hall.secret"),
        ({"hall": {"name": "厅"}, "windows": [{"no": 1, "name": "x"}]}, "bad_field", "document.windows[0].no"),
        ({"hall": {"name": "厅"}, "windows": "x" * 100}, "bad_field", "document.windows"),
        ({"hall": {"name": "厅\x00"}}, "bad_field", "document.hall.name"),
        ({"hall": {"name": "厅", "recall_limit": 10**30}}, "bad_field", "document.hall.recall_limit"),
    ],
)  # fmt: skip
def test_a_hostile_file_gets_a_sentence(hall, boss, wrong, code, said):
    status, refusal = boss.do("/admin/draft/import", document=wrong)
    assert (status, refusal["code"]) == (422, code) and said in refusal["detail"]
    assert boss.get("/admin/draft")[1]["draft"] is None


def test_a_file_may_be_longer_than_other_bodies_but_not_endless(hall, boss):
    document = live(hall)
    document["items"] += [{"code": f"X{n}", "name": "长" * 60, "queue": "A", "fee": "长" * 400} for n in range(150)]
    assert len(json.dumps(document, ensure_ascii=False).encode()) > 200_000
    assert boss.do("/admin/draft/import", document=document)[0] == 200
    assert boss.do("/admin/draft/import", document={"hall": {"name": "x" * 2_000_000}})[1]["code"] == (
        "document_too_large"
    )
    assert boss.do("/admin/queues/A", method="PUT", name="x" * 100_000, open=True)[1]["code"] == "body_too_large"
