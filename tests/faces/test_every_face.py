"""Every page that the server serves, in its states, with names that break careless pages: nothing for axe to find,
contrast of 7:1, nothing cut off. The kiosk, the wall and the ticket on a phone have theirs beside their own tests."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from server.domain import totp
from server.domain.paper_key import paper_key
from server.domain.rating_figures import closed_week
from server.services.paper_ratings import TAGS
from server.services.rating_report import GROUPINGS
from server.services.statistics import GROUPINGS as SERVICE_GROUPINGS
from tests.faces.conftest import Check
from tests.faces.texts import HOSTILE, LONG_ITEMS, as_name
from tests.server.pages.conftest import ADMIN, PASSWORD, Live, sign_in
from tests.server.pages.test_reports import the_day, write_past
from tests.server.pages.test_tablet import Clerk

Tab = Callable[..., Page]
PHONE_TEXT, PHONE_TARGET = 16, 44


def staff(live: Live, tab: Tab, path: str, role: str) -> Page:
    """A page of the work, somebody with a hostile name having signed in."""
    username = f"{role[0]}{uuid4().hex[:8]}"
    live.do("/admin/users", username=username, role=role, password=PASSWORD, name=as_name(HOSTILE["one word"]))
    page = tab(f"{live.url}{path}")
    sign_in(page, username)
    return page


def sit(page: Page, window: str) -> None:
    expect(page.locator(".seat").first).to_be_focused()
    page.keyboard.type(window)
    page.keyboard.press("Enter")
    becomes(page, ".hand")


def call(page: Page, window: str) -> None:
    sit(page, window)
    page.keyboard.press("F2")
    becomes(page, ".hand.called")


def becomes(page: Page, hand: str) -> None:
    """The console shows it, and nothing is being sent any more: while it is, keys are told to wait."""
    expect(page.locator(hand)).to_be_visible()
    expect(page.locator('.actions[aria-busy="false"]')).to_be_visible()


def english(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="中文")).to_be_visible()


def test_the_doors(fresh: Live, tab: Tab, sound: Check) -> None:
    sound(tab(f"{fresh.url}/"))
    sound(tab(f"{fresh.url}/console"))
    page = tab(fresh.setup_link)
    expect(page.locator("input[name=username]")).to_be_visible()
    sound(page)


def test_signing_in_and_being_refused(hostile: Live, tab: Tab, sound: Check) -> None:
    page = tab(f"{hostile.url}/admin")
    sign_in(page, "nobody", "a wrong password")
    expect(page.get_by_role("alert")).to_be_visible()
    sound(page)


def test_the_console_without_a_ticket(hostile: Live, tab: Tab, sound: Check) -> None:
    page = staff(hostile, tab, "/console", "clerk")
    expect(page.locator(".seat").first).to_be_visible()
    sound(page)
    sit(page, "01")
    sound(page)
    english(page)
    sound(page)
    page.keyboard.press("p")
    expect(page.get_by_role("dialog")).to_be_visible()
    sound(page)


@pytest.mark.parametrize(
    ("window", "size"), [("02", (1366, 768)), ("03", (1920, 1080)), ("04", (1000, 640)), ("05", (1218, 530))]
)
def test_the_console_with_a_ticket(hostile: Live, tab: Tab, sound: Check, window: str, size: tuple[int, int]) -> None:
    page = staff(hostile, tab, "/console", "clerk")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for item in hostile.get("/board")["items"][:3]:
        hostile.do("/tickets", queue=item["queue"], item=item["code"])
    hostile.do("/tickets", queue="A", lane="priority", lane_reason=as_name(HOSTILE["long"]))
    call(page, window)
    sound(page)
    page.keyboard.press("b")
    becomes(page, ".hand.serving")
    sound(page)
    for key in ("t", "h", "?", "d"):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        sound(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("f")
    expect(page.locator(".hand.serving")).to_have_count(0)
    sound(page)


def test_the_transfer_picker_while_it_opens_and_when_it_finds_nothing(hostile: Live, tab: Tab, sound: Check) -> None:
    page = staff(hostile, tab, "/console", "clerk")
    hostile.do("/tickets", queue="A")
    call(page, "06")
    page.keyboard.press("b")
    becomes(page, ".hand.serving")
    held: list[Route] = []
    page.route("**/api/v1/windows", lambda route: held.append(route))
    with page.expect_request("**/api/v1/windows"):
        page.keyboard.press("t")
    expect(page.get_by_role("option", disabled=True)).to_have_text("正在打开…")
    sound(page)
    held[0].continue_()
    expect(page.get_by_role("option", disabled=False).first).to_be_visible()
    page.keyboard.type("nobody has this name")
    expect(page.get_by_role("option", disabled=True)).to_be_visible()
    sound(page)


def test_the_guide_desk(hostile: Live, tab: Tab, sound: Check) -> None:
    hostile.do("/admin/sms", "PUT", sms_on=True, sms_delay_minutes=10, sms_reply_hours=48)
    page = staff(hostile, tab, "/desk", "guide")
    expect(page.locator(".search input").first).to_be_visible()
    sound(page)
    number = hostile.take("C")
    page.fill(".search input", number)
    page.keyboard.press("Enter")
    expect(page.locator("#number")).to_have_text(number)
    sound(page)
    page.keyboard.press("F3")
    expect(page.get_by_role("dialog")).to_be_visible()
    sound(page)
    page.keyboard.press("Escape")
    english(page)
    sound(page)


def test_the_appointment_book(hostile: Live, tab: Tab, sound: Check) -> None:
    slot = hostile.get("/appointments/slots/A/home_visit")["slots"][-1]
    contact = as_name(HOSTILE["script"])
    hostile.do("/appointments", queue="A", mode="home_visit", starts_at=slot["starts_at"], phone="13812345678",
               contact=contact)  # fmt: skip
    page = staff(hostile, tab, "/appointments", "guide")
    page.fill(".dates input", slot["starts_at"][:10])
    expect(page.locator("tbody tr").first).to_be_visible()
    sound(page)
    page.get_by_role("button", name="代客预约").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    sound(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    english(page)
    sound(page)


def rated_badly(hostile: Live, window: str) -> str:
    """The paper's link of a service that somebody rated badly, with words that break careless pages."""
    ticket = hostile.do("/tickets", queue="A", item=hostile.get("/board")["items"][0]["code"])
    clerk = requests.Session()
    form = {"username": hostile.clerk("x"), "password": PASSWORD}
    me = clerk.post(f"{hostile.url}/api/v1/session", json=form, timeout=20).json()
    clerk.headers["X-CSRF-Token"] = me["csrf"]
    for step, said in (("sign-in", {}), (f"call/{ticket['id']}", {"reason": "x"}), ("begin", {}), ("finish", {})):
        body = {"request_id": uuid4().hex, **said}
        done = clerk.post(f"{hostile.url}/api/v1/windows/{window}/{step}", json=body, timeout=20)
        assert done.ok, done.text
    key = bytes.fromhex((hostile.folder / "audit.key").read_text())
    link = f"{hostile.url}/t/{ticket['id']}/{paper_key(key, ticket['id'])}"
    text = HOSTILE["one word"][:300]
    opinion = {"label": "dissatisfied", "tag": next(iter(TAGS[2])), "text": text}
    sent = requests.post(f"{link}/rate", data=opinion, headers={"Origin": hostile.url}, timeout=20)
    assert sent.ok, sent.text
    return link


def take_steps(hostile: Live, *steps: str) -> None:
    """Each open case goes these steps."""
    for one in hostile.get("/rectifications")["cases"]:
        for n, step in enumerate(steps):
            said = {"text": HOSTILE["script"], **({"kind": "complex"} if step == "verify" else {})}
            hostile.do(f"/rectifications/{one['number']}/steps", step=step, version=one["version"] + n, **said)


@pytest.mark.parametrize("size", [(1366, 768), (1000, 640), (1920, 1080)])
def test_rectifications_and_their_reply(hostile: Live, tab: Tab, sound: Check, size: tuple[int, int]) -> None:
    page = staff(hostile, tab, "/rectifications", "supervisor")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    expect(page.locator(".none")).to_be_visible()
    sound(page)
    link = rated_badly(hostile, {1366: "11", 1000: "12", 1920: "13"}[size[0]])
    expect(page.locator(".case")).to_be_visible()
    sound(page)
    page.locator(".case .main").click()
    expect(page.locator("dialog .story li").first).to_be_visible()
    sound(page)
    page.get_by_role("radio").last.check()
    sound(page)
    page.keyboard.press("Escape")
    take_steps(hostile, "verify", "reach", "rectify", "feed_back")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".case")).to_contain_text("To re-rate")
    sound(page)
    phone = tab(f"{link}/reply")
    phone.set_viewport_size({"width": 390, "height": 844})
    sound(phone, PHONE_TEXT, PHONE_TARGET)
    phone.get_by_role("button", name="不满意", exact=True).click()
    expect(phone.get_by_role("status")).to_be_visible()
    sound(phone, PHONE_TEXT, PHONE_TARGET)
    take_steps(hostile, "rectify", "feed_back", "decline")
    phone.reload()
    expect(phone.get_by_role("status")).to_contain_text("答复期已过")
    sound(phone, PHONE_TEXT, PHONE_TARGET)
    expect(page.locator(".none")).to_be_visible()
    page.goto(f"{hostile.url}/rectifications#closed")
    expect(page.locator(".case").first).to_be_visible()
    sound(page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_rating_figures(hostile: Live, tab: Tab, sound: Check, language: str) -> None:
    day = f"{the_day():%Y-%m-%d}"
    if not hostile.get(f"/reports/ratings?from={day}&to={day}&by=day")["rows"]:
        write_past(hostile.folder / "jiaohao.db")
    page = staff(hostile, tab, f"/reports#from={day}&to={day}&by=window", "supervisor")
    expect(page.locator(".groups tbody tr").first).to_be_visible()
    if language == "en":
        english(page)
    for n, by in enumerate(GROUPINGS):
        page.get_by_role("main").get_by_role("group").nth(1).get_by_role("button").nth(n).click()
        page.wait_for_url(f"**by={by}*")
        expect(page.locator(f'.groups[data-by="{by}"]')).to_be_visible()
        sound(page)
    page.get_by_role("button", name="Last week" if language == "en" else "上周").click()
    expect(page.locator(".none")).to_be_visible()
    sound(page)
    page.locator("input[type=month]").fill("2999-01")
    page.locator(".files .main").last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    sound(page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_service_figures(hostile: Live, tab: Tab, sound: Check, language: str) -> None:
    hostile.take("A")
    page = staff(hostile, tab, "/statistics", "supervisor")
    expect(page.locator(".groups tbody tr").first).to_be_visible()
    if language == "en":
        english(page)
    for n, by in enumerate(SERVICE_GROUPINGS):
        page.get_by_role("main").get_by_role("group").nth(1).get_by_role("button").nth(n).click()
        page.wait_for_url(f"**by={by}*")
        expect(page.locator(f'.groups[data-by="{by}"]')).to_be_visible()
        sound(page)
    page.goto(f"{hostile.url}/statistics#kind=range&from=2999-01-01&to=2999-01-02")
    expect(page.get_by_role("alert")).to_be_visible()
    sound(page)
    page.goto(f"{hostile.url}/statistics#from=2020-01-01&to=2020-01-02")
    expect(page.locator(".none")).to_be_visible()
    sound(page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_published_figures_on_a_phone(hostile: Live, tab: Tab, sound: Check, language: str) -> None:
    page = tab(f"{hostile.url}/figures?lang={language}")
    page.set_viewport_size({"width": 390, "height": 844})
    sound(page, PHONE_TEXT, PHONE_TARGET)
    publish(hostile)
    page.reload()
    expect(page.locator(".published")).to_have_count(2)
    sound(page, PHONE_TEXT, PHONE_TARGET)
    page.set_viewport_size({"width": 195, "height": 600})
    sound(page, PHONE_TEXT, PHONE_TARGET)
    withdraw(hostile)


def publish(live: Live) -> None:
    """A week's figures, of groups with every hostile name."""
    monday = closed_week(datetime.now(ZoneInfo("Asia/Shanghai")).date())
    days = {"from_day": f"{monday}", "to_day": f"{monday + timedelta(days=6)}"}
    counts = {"asked": 15823, "rated": 12107, "good": 12107}
    texts = [*LONG_ITEMS, *HOSTILE.values()]
    shown = [{"code": f"{n:02}", "name": as_name(text), **counts} for n, text in enumerate(texts)]
    groups = {by: {**days, "shown": shown} for by in ("window", "item")}
    set_published(live, {**days, **counts, "groups": groups})


def withdraw(live: Live) -> None:
    set_published(live, {})


def set_published(live: Live, figures: dict[str, Any]) -> None:
    with closing(sqlite3.connect(live.folder / "jiaohao.db", isolation_level=None)) as db:
        db.execute("UPDATE hall SET published = ?", (json.dumps(figures),))


def test_the_upload_of_ratings(hostile: Live, tab: Tab, sound: Check) -> None:
    hostile.take("A")
    with closing(sqlite3.connect(hostile.folder / "jiaohao.db", isolation_level=None)) as db:
        refused_letter(db, as_name(HOSTILE["long"]))
    page = tab(f"{hostile.url}/uploads")
    sign_in(page, *ADMIN)
    expect(page.locator(".letters tbody tr").first).to_be_visible()
    sound(page)
    page.fill("input[name=task_code] >> nth=0", "1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="全部重报").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    sound(page)
    page.keyboard.press("Escape")
    english(page)
    sound(page)


def test_the_audit_records(hostile: Live, tab: Tab, sound: Check) -> None:
    kept = {**hostile.get("/operations")["settings"], "note_days": 30}
    hostile.do("/operations", "PUT", **kept)
    page = tab(f"{hostile.url}/audit")
    sign_in(page, *ADMIN)
    expect(page.locator(".audit tbody tr").first).to_be_visible()
    sound(page)
    page.fill("input[name=actor]", as_name(HOSTILE["long"]))
    page.keyboard.press("Tab")
    expect(page.get_by_text("没有符合条件的记录")).to_be_visible()
    sound(page)
    english(page)
    sound(page)


def refused_letter(db: sqlite3.Connection, reason: str) -> None:
    """As the province might have refused one: this hall uploads nothing."""
    insert = (
        "invitation (hall_id, ticket_id, window_id, opened_at, expires_at, state)"
        " SELECT 1, min(id), 1, 0, 0, 'rated' FROM ticket",
        "rating (invitation_id, level, label, raw_key, source, tags, text, reason_declined, at)"
        " SELECT max(id), 4, 'satisfied', '', 'qr', '[]', '', 0, 0 FROM invitation",
        "upload (hall_id, rating_id, project_no, service_number, state, made_at, due_at, holder, attempts, reason,"
        " ended_at) SELECT 1, max(id), 'QH01-20260302-A001', 1, 'dead', 0, 0, '', 3, :reason, 0 FROM rating",
    )
    for row in insert:
        db.execute(f"INSERT INTO {row}", {"reason": reason})


@pytest.fixture(scope="module")
def posted(hostile: Live) -> tuple[str, str, str]:
    """A pair, by user name, and their window, at which no other test sits; beside them posts that are nobody's and
    people on leave and at their cover."""
    window, beside = "20", "21"
    people = []
    for text in (HOSTILE["right-to-left"], HOSTILE["one word"], HOSTILE["emoji"]):
        username = f"p{uuid4().hex[:8]}"
        hostile.do("/admin/users", username=username, role="clerk", password=PASSWORD, name=as_name(text))
        people.append(username)
    a, b, c = people
    shape = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "name": as_name(HOSTILE["long"])}
    hostile.do("/admin/cover/posts", kind="window", window=window, primary=a, backup=b, **shape)
    hostile.do("/admin/cover/posts", kind="window", window=beside, primary=c, backup=b, part="morning", **shape)
    hostile.do("/admin/cover/posts", kind="leader", **shape)
    plan = hostile.get("/cover?weeks=2")
    post, day = plan["posts"][-2]["id"], plan["days"][-1]["day"]
    hostile.do(f"/cover/posts/{post}/covers", username=a, from_day=day, to_day=day)
    hostile.do("/cover/leaves", username=c, from_day=plan["today"], to_day=day, reason=as_name(HOSTILE["long"]))
    return a, b, window


@pytest.mark.parametrize("language", ["zh", "en"])
def test_posts_and_duty(
    hostile: Live, tab: Tab, sound: Check, posted: tuple[str, str, str], language: str
) -> None:  # fmt: skip
    page = tab(f"{hostile.url}/duty")
    sign_in(page, *ADMIN)
    expect(page.locator("table.now")).to_be_visible()
    if language == "en":
        english(page)
    for link in page.locator(".parts a").all():
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        expect(page.locator("table").first).to_be_visible()
        sound(page)
    page.locator(".parts a").first.click()
    page.locator(".now button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    sound(page)


def test_handing_a_window_over(hostile: Live, tab: Tab, sound: Check, posted: tuple[str, str, str]) -> None:
    a, b, window = posted
    hostile.do("/tickets", queue="A")
    page = tab(f"{hostile.url}/console")
    sign_in(page, a)
    sit(page, window)
    page.keyboard.press("j")
    expect(page.locator("dialog select")).to_be_visible()
    sound(page)
    page.locator("dialog input[name=note]").fill(as_name(HOSTILE["long"]))
    page.keyboard.press("Enter")
    expect(page.locator("input[name=username]")).to_be_focused()
    sound(page)
    sign_in(page, a)
    expect(page.get_by_role("button", name="收回")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="退出登录").click()
    sign_in(page, b)
    expect(page.get_by_role("button", name="接手", exact=True)).to_be_visible()
    sound(page)


def hang(hostile: Live) -> None:
    """A machine that calls itself and what hangs there by the worst names, with a printer that was replaced."""
    name, worst = as_name(HOSTILE["one word"], 50) + uuid4().hex[:8], as_name(HOSTILE["long"])
    token = hostile.do("/admin/devices", name=name, kind="kiosk")["token"]
    port = {"url": "usb-lp:///dev/usb/lp0", "node": "/dev/usb/lp0", "usb": "1-1.2", "product": worst}
    seen = {"version": worst, "source": "server", "ports": [port], "printers": ["generic-80"], "pads": [worst]}
    bearer = {"Authorization": f"Bearer {token}"}
    report = {"request_id": uuid4().hex, **seen}
    requests.post(f"{hostile.url}/api/v1/machine/report", json=report, headers=bearer, timeout=20).raise_for_status()
    devices = f"/admin/machines/{quote(name)}/devices"
    printer = {"kind": "printer", "url": port["url"], "profile": "generic-80", "name": worst}
    hostile.do(devices, **printer)
    machine = next(one for one in hostile.get("/admin")["machines"] if one["name"] == name)
    hostile.do(f"{devices}/{machine['devices'][0]['code']}/replace", **{**printer, "url": "usb-lp:///dev/usb/lp1"})


@pytest.mark.parametrize("width", [1366, 1000])
def test_ones_own_account_from_the_start_password_to_the_recovery_codes(
    hostile: Live, tab: Tab, sound: Check, width: int
) -> None:
    username, today = f"s{uuid4().hex[:8]}", hostile.get("/grants")["today"]
    name = as_name(HOSTILE["one word"])[:40]
    started = hostile.do("/admin/people", username=username, name=name, role="supervisor", staff_no="SB1")
    reason = as_name(HOSTILE["long"])[:60]
    hostile.do("/grants", username=username, permission="administer", from_day=today, to_day=None, reason=reason)
    page = tab(f"{hostile.url}/account")
    page.set_viewport_size({"width": width, "height": 768})
    sign_in(page, username, started["password"])
    expect(page.locator("input[name=again]")).to_be_visible()
    for field, said in (("old", started["password"]), ("password", "woaini1314520"), ("again", "woaini1314520")):
        page.fill(f"input[name={field}]", said)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    sound(page)
    for field in ("password", "again"):
        page.fill(f"input[name={field}]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".bar .granted")).to_be_visible()
    sound(page)
    card = page.locator(".card").last
    card.locator("input[name=old]").fill(PASSWORD)
    card.locator("button.main").click()
    expect(card.locator(".qr")).to_be_visible()
    sound(page)
    secret = totp.from_base32(card.locator(".key").inner_text().replace(" ", ""))
    assert secret is not None
    card.locator("input[name=code]").fill(totp.code_at(secret, totp.step_of(datetime.now(UTC))))
    card.locator("button.main").click()
    expect(card.locator(".codes li")).to_have_count(10)
    sound(page)
    english(page)
    sound(page)
    again = tab(f"{hostile.url}/account")
    sign_in(again, username)
    expect(again.locator("input[name=code]")).to_be_focused()
    sound(again)


def test_the_dialogs_about_a_person(hostile: Live, tab: Tab, sound: Check) -> None:
    username = hostile.clerk(as_name(HOSTILE["one word"])[:40])
    page = staff(hostile, tab, "/account", "clerk")
    expect(page.locator(".mine h1")).to_be_visible()
    page = tab(f"{hostile.url}/admin#users")
    sign_in(page, *ADMIN)
    row = page.locator("tbody tr").filter(has_text=username)
    row.get_by_role("button", name="管理").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="重置密码").click()
    expect(page.locator("dialog input.token")).to_be_visible()
    sound(page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_part_of_the_administration(hostile: Live, tab: Tab, sound: Check, language: str) -> None:
    hang(hostile)
    page = tab(f"{hostile.url}/admin")
    sign_in(page, *ADMIN)
    expect(page.locator(".admin form").first).to_be_visible()
    if language == "en":
        english(page)
    for link in page.locator(".admin nav a").all():
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        sound(page)
    for kind in ("bind", "learn"):
        page.goto(f"{hostile.url}/admin#devices")
        page.locator(".machine .send button").nth(["bind", "learn"].index(kind)).click()
        sound(page)
        page.locator(".bind .send button").nth(1).click()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_editor_of_an_item(hostile: Live, tab: Tab, sound: Check, language: str) -> None:
    page = tab(f"{hostile.url}/admin#items")
    sign_in(page, *ADMIN)
    expect(page.locator(".items")).to_be_visible()
    if language == "en":
        english(page)
    page.locator(".book input[type=file]").set_input_files(
        {"name": "x.xlsx", "mimeType": "x", "buffer": b"no workbook"}
    )
    expect(page.locator(".book .problem")).to_be_visible()
    sound(page)
    page.locator(".items td button").first.click()
    expect(page.locator(".versions li").first).to_be_visible()
    page.locator(".versions button").first.click()
    page.fill("[name=minutes]", "x")
    page.locator(".item .send button").click()
    expect(page.locator(".item .problem")).to_be_visible()
    sound(page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_booking_on_a_phone(hostile: Live, tab: Tab, sound: Check, language: str) -> None:
    page = tab(f"{hostile.url}/book?lang={language}")
    page.set_viewport_size({"width": 390, "height": 844})
    sound(page, PHONE_TEXT, PHONE_TARGET)
    page.locator(".way").first.click()
    sound(page, PHONE_TEXT, PHONE_TARGET)
    page.locator(".times a").last.click()
    page.fill("#phone", "138")
    page.locator("main button").click()
    expect(page.locator(".problem")).to_be_visible()
    sound(page, PHONE_TEXT, PHONE_TARGET)
    page.fill("#phone", f"138{uuid4().int % 10**8:08}")
    page.locator("main button").click()
    expect(page.locator(".digits")).to_be_visible()
    sound(page, PHONE_TEXT, PHONE_TARGET)


TABLET_TEXT, TABLET_TARGET = 20, 84


@pytest.mark.parametrize(("window", "size"), [("09", (1280, 800)), ("10", (800, 1280))])
def test_the_tablet_at_a_window(hostile: Live, tab: Tab, sound: Check, window: str, size: tuple[int, int]) -> None:
    page = tab(f"{hostile.url}/tablet")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    sound(page, PHONE_TEXT, PHONE_TARGET)
    page.fill("#code", "wrong")
    page.locator("main button").click()
    expect(page.locator(".problem")).to_be_visible()
    sound(page, PHONE_TEXT, PHONE_TARGET)
    page.fill("#code", hostile.do("/admin/devices", name=f"tablet {window}", kind="tablet", window=window)["token"])
    page.locator("main button").click()
    tablet_shows(page, "closed", sound)
    clerk = Clerk(hostile, window)
    name, position = as_name(HOSTILE["one word"])[:20], as_name(HOSTILE["script"])[:20]
    card = {"name": name, "position": position, "badges": ["标" * 12] * 4}
    hostile.do(f"/admin/screens/staff/{clerk.username}", method="PUT", **card)
    tablet_shows(page, "idle", sound)
    patient = {**hostile.get("/admin")["hall"], "invitation_seconds": 600, "change_seconds": 10}
    hostile.do("/admin/hall", method="PUT", **patient)
    clerk.serve()
    tablet_shows(page, "ask", sound)
    page.locator("[data-label=very_dissatisfied]").click()
    tablet_shows(page, "thanks", sound)
    page.get_by_role("button", name="说说原因").click()
    tablet_shows(page, "reasons", sound)
    page.get_by_role("button", name="不说了").click()
    tablet_shows(page, "done", sound)


def tablet_shows(page: Page, step: str, sound: Check) -> None:
    expect(page.locator(f"[data-step={step}]")).to_be_visible(timeout=30_000)
    sound(page, TABLET_TEXT, TABLET_TARGET)


def test_entering_ratings(hostile: Live, tab: Tab, sound: Check) -> None:
    clerk = Clerk(hostile, "07")
    number = clerk.serve()
    page = staff(hostile, tab, "/rating-entry", "supervisor")
    expect(page.locator("input[name=number]")).to_be_focused()
    sound(page)
    page.keyboard.type("A999")
    page.keyboard.press("Tab")
    expect(page.locator(".service .no")).to_be_visible()
    page.keyboard.type("1")
    expect(page.locator("input[name=tags]")).to_be_focused()
    page.keyboard.type("18")
    sound(page)
    page.keyboard.press("Enter")
    expect(page.locator(".batch .refused")).to_be_visible()
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="电话回访").click()
    sound(page)
    english(page)
    sound(page)


def test_the_empty_rating_form(hostile: Live, tab: Tab, sound: Check) -> None:
    sound(tab(f"{hostile.url}/rating-form"))


def test_rating_by_the_page_of_a_booking(hostile: Live, tab: Tab, sound: Check) -> None:
    Clerk(hostile, "08").serve()
    page = tab(f"{hostile.url}/book")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".way").first.click()
    page.locator(".times a").last.click()
    page.locator("main button").click()
    expect(page.locator(".digits")).to_be_visible()
    served = "(SELECT ticket_id FROM invitation ORDER BY id DESC LIMIT 1)"  # whatever the hour, no slot need be due
    with closing(sqlite3.connect(hostile.folder / "jiaohao.db", isolation_level=None)) as db:
        db.execute(
            f"UPDATE appointment SET state = 'arrived', ticket_id = {served} WHERE public_id = ?",
            (page.url.split("/")[4],),
        )
    page.reload()
    sound(page, PHONE_TEXT, PHONE_TARGET)
    page.goto(page.url.replace("lang=zh", "lang=en"))
    sound(page, PHONE_TEXT, PHONE_TARGET)
    page.locator(".way").click()
    sound(page, PHONE_TEXT, PHONE_TARGET)
    page.locator(".way").last.click()
    sound(page, PHONE_TEXT, PHONE_TARGET)
    page.locator("input[name=declined]").check()
    page.locator("main button").click()
    expect(page.locator("textarea")).to_be_visible()
    page.locator("main a.quiet").click()
    sound(page, PHONE_TEXT, PHONE_TARGET)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_the_hall_monitor(hostile: Live, tab: Tab, sound: Check, size: tuple[int, int]) -> None:
    Clerk(hostile, {1366: "14", 1920: "15"}[size[0]])
    number = hostile.take("C")
    machine = hostile.do("/admin/devices", name=f"{size[0]}{as_name(HOSTILE['one word'])}"[:60], kind="kiosk")
    ill = {"name": as_name(HOSTILE["long"])[:60], "kind": "printer", "state": "online", "faults": ["paper_out", "x"]}
    said = {"request_id": uuid4().hex, "devices": [ill]}
    bearer = {"Authorization": f"Bearer {machine['token']}"}
    sent = requests.post(f"{hostile.url}/api/v1/devices/health", json=said, headers=bearer, timeout=20)
    assert sent.ok, sent.text
    note = as_name(HOSTILE["one word"])
    with closing(sqlite3.connect(hostile.folder / "jiaohao.db", isolation_level=None)) as db:
        db.execute("DELETE FROM alarm")
        for n, (raised, escalated, by) in enumerate(((1, None, None), (1, 2, None), (1, None, 1))):
            db.execute(
                "INSERT INTO alarm (code, hall_id, kind, subject, standing, value, more, more_en, faults, seen_at,"
                " raised_at, escalated_at, acknowledged_at, acknowledged_by, note)"
                " VALUES (?, 1, 'window_paused', ?, ?, 60, ?, ?, '[\"paper_out\"]', 0, ?, ?, ?, ?, ?)",
                (f"{n:016x}", f"0{n}", f"x{n}", note, note, raised, escalated, by, by, note if by else ""),
            )
    page = staff(hostile, tab, "/monitor", "supervisor")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    expect(page.locator(".picture")).to_be_visible()
    sound(page)
    page.locator(".alarms button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    sound(page)
    page.keyboard.press("Escape")
    page.fill(".find input", number)
    page.keyboard.press("Enter")
    expect(page.locator("dialog .story li").first).to_be_visible()
    sound(page)
    page.keyboard.press("Escape")
    english(page)
    for view in ("replay", "history", "calls", "live"):
        page.locator(f".controls a[href='#{view}']").click()
        expect(page.locator("main input[type=date], .rest").first).to_be_visible()
        if view == "replay":
            page.locator("input.slider").press("End")
        sound(page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_run_guide(hostile: Live, tab: Tab, sound: Check, language: str) -> None:
    page = tab(f"{hostile.url}/start")
    sign_in(page, *ADMIN)
    expect(page.locator(".start h1")).to_be_visible()
    if language == "en":
        english(page)
    for link in page.locator(".start nav a").all():
        link.click()
        expect(link).to_have_attribute("aria-current", "step")
        sound(page)
    page.locator("nav a[href='#windows']").click()
    page.locator(".send button").last.click()
    expect(page.locator(".line.windows").first).to_be_visible()
    sound(page)


def test_a_draft_of_the_settings(hostile: Live, tab: Tab, sound: Check) -> None:
    page = tab(f"{hostile.url}/admin#draft")
    sign_in(page, *ADMIN)
    page.get_by_role("button", name="从现在的设置新建草稿").click()
    expect(page.locator(".grid tbody tr").first).to_be_visible()
    page.get_by_label("12 C 权重").fill("0")
    page.get_by_label("A 名称", exact=True).fill("")
    expect(page.locator(".findings li.error").first).to_be_visible()
    sound(page)
    page.get_by_role("button", name="丢弃草稿").click()
    sound(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="从现在的设置新建草稿")).to_be_visible()
    page.get_by_role("link", name="修改记录").click()
    page.get_by_role("button", name="恢复到此前").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    sound(page)
