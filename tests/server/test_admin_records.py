"""What an admin changes is on record: for each of the API's commands of admins, which entries of the audit chain it
leaves, or why none; and that it leaves them once, without secrets, and verified."""

import json
from io import BytesIO
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from server.services.audit_view import SHOWN
from server.web.api import ADMIN, ROUTES, Command, Intake
from tests.server.test_audit import edit, verify
from tests.server.test_machines import PAD, SEEN

S = ("settings",)
NOTHING_LIVE = "a draft touches nothing until it goes live, and then is an entry of the settings"
LOOKS = "only looks at a file: nothing is changed"
GUIDE = "how far the guide has come, nothing of the hall"
JOB = "a test changes nothing of the hall; who asked for it stands in its row, and its end is by the clock"
OF_RATINGS = "sends sealed ratings once more; an entry would tell how many"

RECORDS: dict[str, tuple[str, ...] | str] = {
    "PUT /admin/hall": S,
    "PUT /admin/queues/<code>": S,
    "PUT /admin/windows/<no>": S,
    "POST /admin/queues/<code>/remove": S,
    "POST /admin/windows/<no>/remove": S,
    "POST /admin/devices": ("device.added", "device.renewed"),
    "POST /admin/devices/<name>/revoke": ("device.revoked",),
    "POST /admin/devices/<name>/rotate": ("device.rotated",),
    "POST /admin/users": ("account.added",),
    "PUT /admin/users/<username>": ("account.on", "account.off", "grant.revoked"),
    "PUT /admin/hours": S,
    "PUT /admin/hours/days/<day>": S,
    "POST /admin/hours/days/<day>/remove": S,
    "POST /admin/hours/import": S,
    "PUT /admin/hours/queues/<code>": S,
    "POST /admin/screens/notices": S,
    "PUT /admin/screens/notices/<notice>": S,
    "POST /admin/screens/notices/<notice>/remove": S,
    "PUT /admin/screens/duty": ("staff.leaders",),
    "PUT /admin/screens/staff/<username>": ("staff.card",),
    "PUT /admin/screens/staff/<username>/photo": ("staff.photo",),
    "POST /admin/screens/staff/<username>/photo/remove": ("staff.photo_removed",),
    "PUT /admin/screens/playlist": S,
    "PUT /admin/screens/ticker": S,
    "PUT /admin/sms": S,
    "POST /admin/slot-plans": S,
    "PUT /admin/slot-plans/<plan>": S,
    "POST /admin/slot-plans/<plan>/remove": S,
    "POST /uploads/retry": OF_RATINGS,
    "POST /uploads/<upload>/retry": OF_RATINGS,
    "PUT /uploads/items/<code>": S,
    "PUT /admin/cover/settings": ("cover.cover_settings",),
    "POST /admin/cover/posts": ("cover.post",),
    "PUT /admin/cover/posts/<post>": ("cover.post",),
    "POST /admin/cover/posts/<post>/remove": ("cover.post_removed",),
    "POST /admin/people": ("account.added",),
    "PUT /admin/people/rule": ("rule.totp",),
    "PUT /admin/people/<username>/role": ("account.role", "grant.revoked"),
    "POST /admin/people/<username>/password": ("account.password",),
    "POST /admin/people/<username>/sessions/end": ("account.sessions",),
    "POST /admin/people/<username>/sessions/<session>/end": ("account.sessions",),
    "POST /admin/people/<username>/totp/remove": ("account.totp_off",),
    "PUT /admin/alarms": ("alarms.changed",),
    "PUT /admin/items/<code>": ("item.shown", "settings"),
    "POST /admin/items/<code>/versions/<version>/restore": ("item.shown", "settings"),
    "POST /admin/items/import/check": LOOKS,
    "POST /admin/items/import/<plan>": ("item.shown", "settings"),
    "POST /admin/staff/import/check": LOOKS,
    "POST /admin/staff/import/<plan>": (
        "account.added", "account.renamed", "account.role", "account.on", "account.off", "staff.card",
        "grant.revoked",
    ),
    "PUT /operations": ("operations.changed",),
    "POST /operations/runs": "what comes of it is the entry: backup.made, backup.failed",
    "POST /admin/machines/<machine>/devices": ("binding.made",),
    "POST /admin/machines/<machine>/devices/<binding>/replace": (
        "binding.replaced", "binding.made", "device.revoked",
    ),
    "POST /admin/machines/<machine>/devices/<binding>/remove": ("binding.removed", "device.revoked"),
    "POST /admin/machines/<machine>/jobs": JOB,
    "POST /admin/jobs/<job>/stop": JOB,
    "POST /admin/device-profiles": ("profile.kept",),
    "POST /admin/settings/undo": S,
    "POST /admin/draft": NOTHING_LIVE,
    "PUT /admin/draft": NOTHING_LIVE,
    "POST /admin/draft/import": NOTHING_LIVE,
    "POST /admin/draft/catch-up": NOTHING_LIVE,
    "POST /admin/draft/discard": NOTHING_LIVE,
    "POST /admin/draft/go-live": S,
    "PUT /admin/start/hall": S,
    "PUT /admin/start/windows": S,
    "POST /admin/start/items": S,
    "POST /admin/start/skip": GUIDE,
    "POST /admin/start/test": "a ticket of no day; its story says who asked for it",
    "POST /admin/start/finish": GUIDE,
}  # fmt: skip
"""Every kind that a command may leave, or why it leaves none."""


def test_every_command_of_admins_says_what_it_leaves():
    """A new one fails until it has its line, which is a decision and not a formality."""
    there = {f"{one.method} {one.path}" for one in ROUTES if isinstance(one, Command | Intake) and one.who == ADMIN}
    assert set(RECORDS) == there
    kinds = {kind for said in RECORDS.values() if not isinstance(said, str) for kind in said}
    assert kinds <= set(SHOWN), "what nobody can read is no record"
    assert all(said for said in RECORDS.values())


def chain(hall):
    return [(kind, json.loads(body)) for kind, body in hall.rows("SELECT kind, body FROM audit_entry ORDER BY n")]


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


@pytest.fixture
def left(hall, boss):
    """Do something, once more with its request_id where answers are kept, and tell the entries that it left."""

    def do(path, *, method="POST", by=boss, once=False, **body):
        before, body = len(chain(hall)), {"request_id": uuid4().hex, **body}
        status, answer = by.do(path, method=method, **body)
        assert status in (200, 201), answer
        entries = chain(hall)[before:]
        if not once:
            assert by.do(path, method=method, **body) == (status, answer) and len(chain(hall)) == before + len(
                entries
            )
        return [kind for kind, _ in entries], [body for _, body in entries]

    return do


def test_accounts(hall, boss, left):
    kinds, (body,) = left(
        "/admin/users",
        username="lina",
        role="clerk",
        password="Kx7-vhq-29zt",
        name="李娜",
        staff_no="0815",
        once=True,
    )
    assert kinds == ["account.added"] and (body["by"], body["account"], body["name"]) == (
        "admin:boss",
        "lina",
        "李娜",
    )
    assert body["role"] == "clerk" and "0815" not in str(body) and "Kx7" not in str(body) and "hash" not in str(body)
    off, on = {"method": "PUT", "active": False}, {"method": "PUT", "active": True}
    assert left("/admin/users/lina", **on)[0] == []
    assert left("/admin/users/lina", **off)[0] == ["account.off"] and left("/admin/users/lina", **off)[0] == []
    assert left("/admin/users/lina", **on)[0] == ["account.on"]
    assert boss.do("/admin/users/boss", **off)[0] == 403 and len(chain(hall)) == 3


def test_devices_and_their_tokens(hall, boss, left):
    token = boss.do("/admin/devices", name="k1", kind="kiosk")[1]["token"]
    assert left("/admin/devices", name="k1", kind="kiosk", once=True)[0] == ["device.renewed"]
    assert left("/admin/devices/k1/rotate", once=True)[0] == ["device.rotated"]
    kinds, (body,) = left("/admin/devices/k1/revoke")
    assert kinds == ["device.revoked"] and body["revoked"] is True and body["kind"] == "kiosk"
    assert left("/admin/devices/k1/revoke")[0] == [], "revoked is revoked"
    (kind, body), *_ = chain(hall)
    assert kind == "device.added" and body["device"] == "k1" and body["by"] == "admin:boss"
    assert token not in str(chain(hall)) and "hash" not in str(chain(hall))
    assert boss.do("/admin/devices/none/revoke")[0] == 404


def test_what_hangs_at_a_machine(hall, boss, left):
    kiosk = hall.device("kiosk", "k1")
    assert kiosk.do("/machine/report", **SEEN)[0] == 200
    kinds, (body,) = left("/admin/machines/k1/devices", **PAD, name="左边")
    assert kinds == ["binding.made"] and (body["machine"], body["window"], body["name"]) == ("k1", "01", "左边")
    assert body["url"] == PAD["url"] and "address" not in body and "ended" not in body
    code = kiosk.get("/machine/devices")[1]["devices"][0]["code"]
    kinds, (body,) = left(f"/machine/devices/{code}/token", by=kiosk, once=True)
    assert kinds == ["device.claimed"] and body["by"] == "kiosk:k1" and body["window"] == "01"
    assert left(f"/machine/devices/{code}/token", by=kiosk, once=True)[0] == []
    moved = {**PAD, "window": "02"}
    kinds, bodies = left(f"/admin/machines/k1/devices/{code}/replace", **moved)
    assert kinds == ["binding.replaced", "device.revoked", "binding.made"]
    assert [body.get("window") for body in bodies] == ["01", "01", "02"] and bodies[0]["ended"] is True
    code = kiosk.get("/machine/devices")[1]["devices"][0]["code"]
    assert left(f"/admin/machines/k1/devices/{code}/remove")[0] == ["binding.removed"]
    assert boss.do("/admin/machines/k1/devices", **{**PAD, "url": "x"})[0] == 422
    assert [kind for kind, _ in chain(hall)][-1] == "binding.removed", "a refusal leaves none"
    assert verify(hall).exit_code == 0


def test_a_machine_whose_token_is_revoked_takes_its_devices_along(hall, boss, left):
    kiosk = hall.device("kiosk", "k1")
    kiosk.do("/machine/report", **SEEN)
    left("/admin/machines/k1/devices", **PAD)
    code = kiosk.get("/machine/devices")[1]["devices"][0]["code"]
    assert kiosk.do(f"/machine/devices/{code}/token")[0] == 200
    kinds, bodies = left("/admin/devices/k1/revoke")
    assert kinds == ["device.revoked"] * 2 and [body["device"] for body in bodies] == ["k1", "k1:evaluator:01"]


def test_a_learned_profile(hall, boss, left):
    kiosk = hall.device("kiosk", "k1")
    kiosk.do("/machine/report", **SEEN)
    job = boss.do("/admin/machines/k1/jobs", kind="learn", url="serial:///dev/ttyUSB9", title="新评价器")[1]["code"]
    assert kiosk.do(f"/machine/jobs/{job}/take")[0] == 200
    lines = ["[[key]]", 'frame = "01"']
    assert kiosk.do(f"/machine/jobs/{job}/result", well=True, zh="", en="", lines=lines)[0] == 200
    kinds, (body,) = left("/admin/device-profiles", job=job, name="own-1")
    assert kinds == ["profile.kept"] and (body["profile"], body["lines"]) == ("own-1", lines)
    assert verify(hall).exit_code == 0


def test_alarm_limits(hall, boss, left):
    rules = [{"kind": "longest_wait", "on": True, "limit": 45}, {"kind": "paper_low", "on": False}]
    kinds, (body,) = left("/admin/alarms", method="PUT", escalate_minutes=7, rules=rules)
    said = [one["zh"] for one in body["words"]]
    assert kinds == ["alarms.changed"] and len(said) == 3 and said[0].endswith("10 → 7")
    assert "等候过久（分钟以上）：30 → 45" in said and any(one.endswith("：关闭") for one in said)
    assert left("/admin/alarms", method="PUT", escalate_minutes=7, rules=rules)[0] == []
    assert boss.do("/admin/alarms", method="PUT", escalate_minutes=0, rules=rules)[0] == 422
    assert len(chain(hall)) == 1


def test_cards_and_leaders(hall, boss, left):
    hall.person("lina")
    card = {"method": "PUT", "name": "李娜", "position": "综合岗", "badges": ["党员先锋岗"]}
    kinds, (body,) = left("/admin/screens/staff/lina", **card)
    assert kinds == ["staff.card"] and body["account"] == "lina" and body["badges"] == ["党员先锋岗"]
    assert left("/admin/screens/staff/lina", **card)[0] == []
    assert left("/admin/screens/staff/lina", **{**card, "position": "医保岗"})[1] == [
        {"account": "lina", "by": "admin:boss", "position": "医保岗"}
    ]
    days = [{"day": "2026-03-02", "name": "王主任", "position": "主任", "tel": "13812345678"}]
    kinds, (body,) = left("/admin/screens/duty", method="PUT", days=days)
    assert kinds == ["staff.leaders"] and body["leaders"] == {"2026-03-02": "王主任"}
    assert left("/admin/screens/duty", method="PUT", days=days)[0] == []
    assert "13812345678" not in str(chain(hall)), "the wall forgets it, the chain would not"


def test_photographs(hall, boss, left):
    from PIL import Image

    hall.person("lina")
    out = BytesIO()
    Image.new("RGB", (300, 400), "navy").save(out, "PNG")
    for _ in range(2):  # the second is the same picture
        sent = boss.client.put("/api/v1/admin/screens/staff/lina/photo", data=out.getvalue(), headers=boss.headers)
        assert sent.status_code == 200, sent.text
    assert [kind for kind, _ in chain(hall)] == ["staff.photo"]
    assert left("/admin/screens/staff/lina/photo/remove") == (
        ["staff.photo_removed"], [{"account": "lina", "by": "admin:boss"}]
    )  # fmt: skip


def test_a_workbook_of_staff(hall, boss):
    hall.person("lina")
    book = load_workbook(BytesIO(boss.client.get("/api/v1/admin/staff.xlsx", headers=boss.headers).data))
    sheet = book.worksheets[0]
    (row,) = [row for row in sheet.iter_rows() if row[0].value == "lina"]
    row[1].value, row[2].value, row[4].value, row[7].value = "李娜", "0815", "李娜", "否"
    out = BytesIO()
    book.save(out)
    base = "/api/v1/admin/staff/import"
    plan = boss.client.post(f"{base}/check", data=out.getvalue(), headers=boss.headers).json["plan"]
    assert chain(hall) == []
    done = boss.client.post(f"{base}/{plan}", data=out.getvalue(), headers=boss.headers)
    assert done.status_code == 200, done.text
    said = dict(chain(hall))
    assert set(said) == {"account.renamed", "staff.card", "account.off"}
    assert (said["account.renamed"]["before"], said["account.renamed"]["name"]) == ("lina", "李娜")
    assert "0815" not in str(said) and verify(hall).exit_code == 0


def test_settings_are_entries_once_and_only_when_they_change(hall, boss, left):
    now = boss.get("/admin")[1]
    calls = [
        ("/admin/hall", "PUT", {**now["hall"], "name": "新大厅"}),
        ("/admin/queues/Z", "PUT", {"name": "新队列", "open": True}),
        ("/admin/windows/88", "PUT", {"name": "新窗口", "queues": ["Z"]}),
        ("/admin/screens/ticker", "PUT", {"ticker": "今日照常办理"}),
        ("/admin/sms", "PUT", {"sms_on": True, "sms_delay_minutes": 20, "sms_reply_hours": 24}),
        ("/admin/hours/days/2026-10-01", "PUT", {"kind": "holiday", "name": "国庆节"}),
        ("/admin/cover/settings", "PUT", {"empty_minutes": 11, "late_minutes": 6}),
    ]
    for path, method, body in calls:
        wanted = next(said for route, said in RECORDS.items() if alike(route, f"{method} {path}"))
        assert left(path, method=method, **body)[0] == list(wanted), path
        assert left(path, method=method, **body)[0] == [], f"{path} changed nothing"


def alike(route, asked):
    said, wanted = route.split("/"), asked.split("/")
    pairs = zip(said, wanted, strict=False)
    return len(said) == len(wanted) and all(one == two or one.startswith("<") for one, two in pairs)


FORGERIES = {
    "a clerk made an admin": ("UPDATE account SET role = 'admin' WHERE username = 'lina'", "账号 2"),
    "an account that was off": ("UPDATE account SET active = true WHERE username = 'lina'", "账号 2"),
    "a token that was revoked": ("UPDATE device_token SET revoked_at = NULL WHERE name = 'k2'", "设备令牌"),
    "another window's evaluator": (
        "UPDATE device_token SET window_id = (SELECT id FROM \"window\" WHERE no = '02') WHERE name = 'e1'",
        "设备令牌",
    ),
    "another window's binding": (
        "UPDATE device_binding SET window_id = (SELECT id FROM \"window\" WHERE no = '02')", "设备接入",
    ),
    "a binding made away with": ("DELETE FROM device_binding", "设备接入"),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_somebody_did_in_the_database_itself_is_found(hall, boss, forgery):
    kiosk = hall.device("kiosk", "k1")
    kiosk.do("/machine/report", **SEEN)
    boss.do("/admin/users", username="lina", role="clerk", password="Kx7-vhq-29zt")
    boss.do("/admin/users/lina", method="PUT", active=False)
    boss.do("/admin/devices", name="k2", kind="kiosk")
    boss.do("/admin/devices/k2/revoke")
    boss.do("/admin/devices", name="e1", kind="evaluator", window="01")
    assert boss.do("/admin/machines/k1/devices", **PAD)[0] == 201
    assert verify(hall).exit_code == 0
    statement, named = FORGERIES[forgery]
    edit(hall, statement)
    found = verify(hall)
    assert found.exit_code == 1 and named in found.output, found.output


def test_rows_from_before_their_sealing_are_no_finding(hall, boss):
    """`boss` and this token came by no page; nor did those of a hall that is older than the sealing."""
    hall.device("kiosk", "k1")
    assert chain(hall) == [] and verify(hall).exit_code == 0


def test_the_records_say_it_in_both_languages_and_show_no_bookkeeping(hall, boss):
    boss.do("/admin/users", username="lina", role="clerk", password="Kx7-vhq-29zt", name="李娜")
    boss.do("/admin/devices", name="e1", kind="evaluator", window="01")
    device, account = boss.get("/audit")[1]["lines"]
    assert (device["zh"], device["en"], device["by"]) == ("新增设备", "device added", "admin:boss")
    assert device["facts"] == {"id": "1", "device": "e1", "kind": "evaluator", "window": "01"}
    assert account["facts"] == {"id": "2", "account": "lina", "name": "李娜", "role": "clerk", "active": "true"}
    assert all(zh and en and zh != en for zh, en in SHOWN.values())
