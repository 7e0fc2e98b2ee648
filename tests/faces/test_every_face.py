"""Every page that the server serves, in its states, with names that break careless pages: nothing for axe to find,
contrast of 7:1, nothing cut off. The kiosk, the wall and the ticket on a phone have theirs beside their own tests."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from tests.faces.conftest import Check
from tests.faces.texts import HOSTILE, as_name
from tests.server.pages.conftest import ADMIN, PASSWORD, Live, sign_in

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
    page = staff(hostile, tab, "/desk", "guide")
    expect(page.locator(".search input").first).to_be_visible()
    sound(page)
    number = hostile.take("C")
    page.fill(".search input", number)
    page.keyboard.press("Enter")
    expect(page.locator("#number")).to_have_text(number)
    sound(page)
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


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_part_of_the_administration(hostile: Live, tab: Tab, sound: Check, language: str) -> None:
    page = tab(f"{hostile.url}/admin")
    sign_in(page, *ADMIN)
    expect(page.locator(".admin form").first).to_be_visible()
    if language == "en":
        english(page)
    for link in page.locator(".admin nav a").all():
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
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
