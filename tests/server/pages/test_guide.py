"""The guide desk by keyboard, in real Chromium against the real server; the kiosk that prints speaks over HTTP."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from server.domain.sms import MOST_OPEN

PASSWORD = "correct horse battery"


class Kiosk:
    """A kiosk that does at once what the desk asks."""

    def __init__(self, live: Any) -> None:
        self.name = f"k-{uuid4().hex[:6]}"
        self._url = live.url
        self._web = requests.Session()
        token = live.do("/admin/devices", name=self.name, kind="kiosk")["token"]
        self._web.headers["Authorization"] = f"Bearer {token}"
        self.do("/devices/health", devices=[{"name": "printer", "kind": "printer", "state": "online"}])

    def do(self, path: str, **body: Any) -> Any:
        answer = self._web.post(f"{self._url}/api/v1{path}", json={"request_id": uuid4().hex, **body}, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    def take(self, queue: str) -> Any:
        ticket = self.do("/tickets", queue=queue)
        return self.do(f"/tickets/{ticket['id']}/print-result", result="printed")

    def print_all(self, result: str) -> list[int]:
        """Do what is asked; which copies they are."""
        copies = []
        for wish in self._web.get(f"{self._url}/api/v1/tickets/reprints", timeout=20).json()["wishes"]:
            copies.append(self.do(f"/tickets/reprints/{wish['id']}/take")["copy"])
            self.do(f"/tickets/{wish['ticket_id']}/print-result", result=result, wish=wish["id"])
        return copies

    def close(self) -> None:
        self._web.close()


@pytest.fixture
def kiosk(live: Any) -> Iterator[Kiosk]:
    kiosk = Kiosk(live)
    try:
        yield kiosk
    finally:
        live.do(f"/admin/devices/{kiosk.name}/revoke")
        kiosk.close()


@pytest.fixture
def at_desk(tab: Callable[..., Page], signing_in: Callable[..., None]) -> Callable[..., Page]:
    def sit(server: Any, role: str = "guide") -> Page:
        username = f"g{uuid4().hex[:8]}"
        server.do("/admin/users", username=username, role=role, password=PASSWORD, name="李导办")
        page = tab(f"{server.url}/desk")
        signing_in(page, username)
        if role == "guide":
            expect(page.locator(".search input").first).to_be_focused()
        return page

    return sit


def find(page: Page, text: str) -> None:
    page.keyboard.press("F4")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def number(page: Page) -> Any:
    return page.locator("#number")


def missed(live: Any, kiosk: Kiosk, queue: str, window: str) -> Any:
    """A ticket that was called and nobody came."""
    ticket = kiosk.take(queue)
    live.do(f"/windows/{window}/sign-in")
    live.do(f"/windows/{window}/call/{ticket['id']}")
    live.do(f"/windows/{window}/no-show")
    live.do(f"/windows/{window}/sign-out")
    return ticket


def test_a_ticket_for_somebody_by_keyboard(live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]) -> None:
    page = at_desk(live)
    page.keyboard.press("F2")
    page.keyboard.type("ylbx")
    expect(page.locator("#businesses li").filter(has_text="养老保险")).not_to_have_count(0)
    page.keyboard.press("Control+a")
    page.keyboard.type("退休待遇核定")
    expect(page.locator("#businesses li")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="绿色通道")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator(".issue .problem")).to_contain_text("原因")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".chip.issued")).to_be_visible()
    expect(page.locator(".card-ticket")).to_contain_text("老年人")
    shown = number(page).inner_text()
    assert kiosk.print_all("printed") == [0]
    expect(page.locator("[data-paper=printed]")).to_contain_text(kiosk.name)
    ticket = live.get(f"/tickets/numbered/{shown}")
    assert (ticket["lane"], ticket["item"], ticket["print_count"]) == ("priority", "SB-05", 1)


def in_priority_lane(page: Page) -> None:
    """As far as the reasons: the focus is on the first of them."""
    page.keyboard.press("F2")
    page.keyboard.type("养老")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(page.locator(".reasons input[type=radio]").first).to_be_focused()


@pytest.mark.parametrize("by_input_method", [False, True])
def test_who_types_at_the_reasons_writes_a_reason(
    live: Any, kiosk: Kiosk, at_desk: Callable[..., Page], by_input_method: bool
) -> None:
    page = at_desk(live)
    in_priority_lane(page)
    business = page.get_by_role("combobox").first
    chosen = business.input_value()
    own = "老年人，75岁，行动不便" if by_input_method else "75岁老人，行动不便"
    if by_input_method:
        method = page.context.new_cdp_session(page)
        taken = {"type": "rawKeyDown", "key": "Process", "windowsVirtualKeyCode": 229}
        method.send("Input.dispatchKeyEvent", taken)  # as Chromium names a key that an input method has taken
        for part in ("lao", "老年", "老年人"):
            method.send(
                "Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)}
            )
        method.send("Input.insertText", {"text": "老年人"})
        page.keyboard.type("，75岁，行动不便")
    else:
        page.keyboard.type(own)
    expect(page.locator(".reasons .other")).to_have_value(own)
    expect(page.locator(".reasons .other")).to_be_focused()
    assert business.input_value() == chosen
    page.locator("select[data-printer]").select_option("")
    page.locator(".reasons .other").press("Enter")
    expect(page.locator(".story li").first).to_contain_text(f"取号（绿色通道）{own}")


def test_the_button_is_in_view_whatever_the_lane_asks(live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]) -> None:
    page = at_desk(live)
    in_priority_lane(page)
    take = page.get_by_role("button", name="取号", exact=False).filter(has_text="Enter")
    expect(take).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    expect(page.locator(".issue .problem")).to_be_in_viewport(ratio=1)
    expect(take).to_be_in_viewport(ratio=1)


def test_an_exception_asks_for_its_reason_first(live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]) -> None:
    kiosk.take("N")
    live.do("/admin/hours/queues/N", method="PUT", quota_day=1)
    try:
        page = at_desk(live)
        page.keyboard.press("F2")
        page.keyboard.type("N")
        page.keyboard.press("Enter")
        page.locator("select[data-printer]").select_option("")
        page.keyboard.press("F2")
        for _ in range(3):
            page.keyboard.press("Enter")
            expect(page.get_by_role("dialog")).to_be_visible()
        dialog = page.get_by_role("dialog")
        expect(dialog.locator("input")).to_be_focused()
        expect(dialog.locator(".problem")).to_contain_text("请写明破例原因")
        expect(dialog).not_to_contain_text("咨询导办台")
        expect(number(page)).to_have_count(0)
        page.keyboard.type("远道而来")
        page.keyboard.press("Enter")
        expect(page.locator(".story li").first).to_contain_text("破例取号（今日号已取完）：远道而来")
    finally:
        live.do("/admin/hours/queues/N", method="PUT", quota_day=None)


def test_an_exception_leaves_nothing_of_one_citizen_for_the_next(
    live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]
) -> None:
    kiosk.take("N")
    live.do("/admin/hours/queues/N", method="PUT", quota_day=1)
    live.do("/admin/sms", "PUT", sms_on=True, sms_delay_minutes=10, sms_reply_hours=48)
    try:
        page = at_desk(live)
        page.keyboard.press("F2")
        page.keyboard.type("N")
        page.keyboard.press("Enter")
        page.locator(".issue input[name=person]").fill("13812345678")
        page.locator(".issue input[name=phone]").fill("13812345678")
        page.locator("select[data-printer]").select_option("")
        page.keyboard.press("F2")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog").locator("input")).to_be_focused()
        page.keyboard.type("远道而来")
        page.keyboard.press("Enter")
        expect(page.locator("[data-sms]")).to_contain_text("138****5678")
        for name in ("person", "phone"):
            expect(page.locator(f".issue input[name={name}]")).to_have_value("")
        expect(page.locator(".search input").first).to_be_focused()
        page.keyboard.press("F2")
        expect(page.get_by_role("combobox").first).to_be_focused()
        expect(page.get_by_role("combobox").first).to_have_value("")
    finally:
        live.do("/admin/sms", "PUT", sms_on=False, sms_delay_minutes=10, sms_reply_hours=48)
        live.do("/admin/hours/queues/N", method="PUT", quota_day=None)


def test_neither_number_nor_paper_are_both_told(live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]) -> None:
    """The number is one for which enough is open already; the printer goes away while it is being looked at."""
    live.do("/admin/sms", "PUT", sms_on=True, sms_delay_minutes=10, sms_reply_hours=48)
    for _ in range(MOST_OPEN):
        live.do(f"/tickets/{kiosk.take('N')['id']}/sms", "PUT", phone="13900002222")

    def away(route: Route) -> None:
        if route.request.method == "PUT":
            kiosk.do("/devices/health", devices=[{"name": "printer", "kind": "printer", "state": "absent"}])
        route.continue_()

    try:
        page = at_desk(live)
        page.route("**/sms", away)
        page.keyboard.press("F2")
        page.keyboard.type("N")
        page.keyboard.press("Enter")
        page.locator(".issue input[name=phone]").fill("13900002222")
        page.locator("select[data-printer]").select_option(kiosk.name)
        page.locator(".issue button[type=submit]").click()
        expect(number(page)).to_be_visible()
        expect(page.locator(".said.no")).to_contain_text("手机号没有登记")
        expect(page.locator(".said.no")).to_contain_text("纸号没有打印")
    finally:
        live.do("/admin/sms", "PUT", sms_on=False, sms_delay_minutes=10, sms_reply_hours=48)


def test_the_desk_in_english_names_the_business_in_english(
    live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]
) -> None:
    english = next(queue["name_en"] for queue in live.get("/board")["queues"] if queue["code"] == "N")
    ticket = kiosk.take("N")
    page = at_desk(live)
    find(page, ticket["number"])
    expect(number(page)).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.locator(".card-ticket .item")).to_have_text(english)
    expect(page.locator(".story li").first).to_contain_text("Ticket issued (normal)")
    page.keyboard.press("F2")
    page.keyboard.type(english[:6])
    expect(page.locator("#businesses li").first).to_contain_text(english)


def test_without_paper_the_number_stands_with_its_code(live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]) -> None:
    page = at_desk(live)
    page.keyboard.press("F2")
    page.keyboard.type("Z")
    expect(page.locator("#businesses li").first).to_contain_text("Z")
    page.keyboard.press("Enter")
    page.locator("select[data-printer]").select_option("")
    page.keyboard.press("F2")
    page.keyboard.press("Enter")
    expect(number(page)).to_contain_text("Z0")
    expect(page.locator(".qr img")).to_be_visible()
    assert page.locator(".qr img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert kiosk.print_all("printed") == []


def test_a_paper_is_scanned_and_printed_once_more(live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]) -> None:
    ticket = kiosk.take("N")
    page = at_desk(live)
    find(page, f"HTTP://10.9.8.7:8080/t/{ticket['id']}/abcdefg7".upper())
    expect(number(page)).to_have_text(ticket["number"])
    expect(page.locator(".story li")).to_have_count(2)
    page.keyboard.press("F9")
    expect(page.get_by_role("dialog")).to_contain_text(ticket["number"])
    page.keyboard.press("Enter")
    expect(page.locator("[data-paper=asked]")).to_be_visible()
    assert kiosk.print_all("failed") == [1]
    expect(page.locator("[data-paper=failed]")).to_contain_text("另选一台")
    expect(page.locator(".story li").last).to_contain_text("没有出纸")
    page.keyboard.press("F9")
    page.keyboard.press("Enter")
    expect(page.locator("[data-paper=asked]")).to_be_visible()
    assert kiosk.print_all("printed") == [1]
    expect(page.locator("[data-paper=printed]")).to_be_visible()


def test_a_no_show_comes_back_by_its_number_or_from_the_list(
    live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]
) -> None:
    first, second = missed(live, kiosk, "E", "22"), missed(live, kiosk, "E", "22")
    page = at_desk(live)
    expect(page.locator(".missed")).to_contain_text(first["number"])
    find(page, first["number"].lower())
    expect(page.locator(".card-ticket.no_show")).to_be_visible()
    page.keyboard.press("F8")
    expect(page.locator(".card-ticket.waiting")).to_be_visible()
    expect(page.locator(".missed")).not_to_contain_text(first["number"])
    # The news may show what is still being done; until it is, the desk does nothing else.
    expect(page.locator(".card-ticket button").first).to_have_attribute("aria-disabled", "false")
    page.get_by_role("button", name=f"恢复排队 {second['number']}").press("Enter")
    expect(number(page)).to_have_text(second["number"])
    expect(page.locator(".missed")).not_to_contain_text(second["number"])
    assert live.get(f"/tickets/{second['id']}")["state"] == "waiting"


def test_a_lane_is_put_right_and_a_ticket_is_cancelled(live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]) -> None:
    ticket = kiosk.take("G")
    page = at_desk(live)
    find(page, ticket["number"])
    expect(number(page)).to_have_text(ticket["number"])
    page.keyboard.press("F7")
    dialog = page.get_by_role("dialog")
    page.keyboard.press("Enter")
    expect(dialog.locator(".problem")).to_contain_text("原因")
    dialog.get_by_label("残疾人").check()
    page.keyboard.press("Enter")
    expect(page.locator(".card-ticket .chip.lane")).to_have_text("绿色通道")
    expect(page.locator(".story li").last).to_contain_text("残疾人")
    page.keyboard.press("F10")
    page.keyboard.press("Enter")
    expect(page.locator(".card-ticket.cancelled")).to_contain_text("已结束")
    assert live.get(f"/tickets/{ticket['id']}")["state"] == "cancelled"


def test_a_number_that_is_not_there_leaves_no_other_ticket_to_act_on(
    live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]
) -> None:
    page = at_desk(live)
    find(page, kiosk.take("V")["number"])
    expect(number(page)).to_be_visible()
    find(page, "X999")
    expect(page.locator(".said.no")).to_contain_text("没有找到这张票")
    expect(number(page)).to_have_count(0)


def test_a_key_pressed_too_early_is_told_so_and_the_word_goes_with_the_step(
    live: Any, kiosk: Kiosk, at_desk: Callable[..., Page]
) -> None:
    first, second = missed(live, kiosk, "E", "22"), missed(live, kiosk, "E", "22")
    page = at_desk(live)
    held: list[Route] = []
    page.route(f"**/{first['id']}/reinstate", lambda route: held.append(route))
    page.get_by_role("button", name=f"恢复排队 {first['number']}").press("Enter")
    page.get_by_role("button", name=f"恢复排队 {second['number']}").press("Enter")
    expect(page.locator(".said.no")).to_contain_text("上一步还在处理")
    held[0].continue_()
    expect(number(page)).to_have_text(first["number"])
    expect(page.locator(".said")).to_be_empty()
    assert live.get(f"/tickets/{second['id']}")["state"] == "no_show"


def test_a_clerk_is_told_whose_page_it_is(live: Any, at_desk: Callable[..., Page]) -> None:
    expect(at_desk(live, "clerk").locator("main")).to_contain_text("不能使用导办台")


def test_a_server_that_is_away_is_said_and_comes_back(fresh: Any, at_desk: Callable[..., Page]) -> None:
    fresh.set_up()
    page = at_desk(fresh)
    expect(page.locator(".missed")).to_contain_text("今天没有过号")
    expect(page.locator(".printers")).to_contain_text("还没有取号机")
    port = fresh.port
    fresh.stop()
    expect(page.locator(".banner")).to_contain_text("连接中断")
    fresh.start(port)
    expect(page.locator(".banner")).to_have_count(0, timeout=30_000)
