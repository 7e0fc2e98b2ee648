"""短信评价 on the pages: the admin switches it on, the desk takes a number down. Real Chromium, real server."""

import os
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from server.domain import sms, sms_text

PASSWORD = "correct horse battery"
Sit = Callable[[str, str], Page]


@pytest.fixture
def sit(live: Any, tab: Callable[..., Page], signing_in: Callable[..., None]) -> Sit:
    def open_it(path: str, role: str) -> Page:
        username = f"{role[0]}{uuid4().hex[:8]}"
        live.do("/admin/users", username=username, role=role, password=PASSWORD, name="李导办")
        page = tab(live.url + path)
        signing_in(page, username)
        if path == "/desk":
            expect(page.locator(".search input").first).to_be_focused()
        return page

    return open_it


def look(page: Page, name: str) -> None:
    if os.environ.get("SMS_SHOTS"):
        page.screenshot(path=f"{os.environ['SMS_SHOTS']}/{name}.png")


def test_the_admin_switches_it_on_and_sees_the_message(live: Any, sit: Sit) -> None:
    page = sit("/admin#sms", "admin")
    box = page.locator("input[name=sms_on]")
    expect(box).not_to_be_checked()
    expect(page.locator("blockquote")).to_contain_text(
        "回复 5 非常满意 4 满意 3 基本满意 2 不满意 1 非常不满意，退订回 TD"
    )
    expect(page.get_by_text("按 2 条短信计费")).to_be_visible()
    box.check()
    page.locator("input[name=sms_reply_hours]").fill("500")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("应为 1 到 168")
    page.locator("input[name=sms_reply_hours]").fill("24")
    page.keyboard.press("Enter")
    expect(page.get_by_text("还没有短信网关")).to_be_visible()
    look(page, "admin-sms")
    token = live.do("/admin/devices", name="gw", kind="sms_gateway")["token"]
    assert len(token) > 20
    expect(page.get_by_text("还没有短信网关")).to_be_hidden()
    assert live.get("/admin")["sms"]["sms_reply_hours"] == 24
    page.get_by_role("button", name="English").click()
    look(page, "admin-sms-en")


def test_the_hall_words_the_message_itself(live: Any, sit: Sit) -> None:
    """The preview follows each key, and counts as the server does."""
    page = sit("/admin#sms", "admin")
    field, shown = page.locator("textarea[name=sms_text]"), page.locator("blockquote.sms")
    usual = field.input_value()
    assert usual == sms_text.DEFAULT
    field.fill("｛大厅｝请您评价")
    expect(shown).to_have_text(f"{live.get('/admin')['hall']['name']}请您评价")
    expect(page.get_by_text("按 1 条短信计费（最多 4 条）")).to_be_visible()
    page.get_by_role("button", name="{选项}").click()
    expect(field).to_have_value("｛大厅｝请您评价{选项}")
    expect(field).to_be_focused()
    page.get_by_role("button", name="保存").first.click()
    expect(page.get_by_role("alert")).to_contain_text("缺少 {退订}：要让人知道怎样不再收到")
    expect(field).to_have_attribute("aria-invalid", "true")
    look(page, "admin-sms-wrong")
    page.keyboard.press("End")
    page.keyboard.type("。{退订}{地点}")
    expect(shown).to_contain_text("退订回 TD{地点}")
    field.fill("{大厅}请您评价：\n{选项}。{退订}" + "😀" * 40)
    page.get_by_role("button", name="保存").first.click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    kept = live.get("/admin")["sms"]
    assert kept["sms_text"].startswith("{大厅}请您评价：{选项}。") and shown.inner_text() == kept["text"]
    expect(page.get_by_text(f"按 {kept['parts']} 条短信计费")).to_be_visible()
    look(page, "admin-sms-own")
    field.fill("")
    expect(shown).to_contain_text("在本厅办理")
    page.get_by_role("button", name="保存").first.click()
    expect(field).to_have_value(usual)
    assert live.get("/admin")["sms"]["sms_text"] == ""


def test_the_desk_takes_a_number_down_changes_and_removes_it(live: Any, sit: Sit) -> None:
    live.do("/admin/sms", "PUT", sms_on=True, sms_delay_minutes=10, sms_reply_hours=48)
    page = sit("/desk", "guide")
    page.keyboard.press("F2")
    page.keyboard.type("C")
    page.keyboard.press("Enter")
    phone = page.locator(".issue input[name=phone]")
    phone.fill("138 1234 5678")
    look(page, "desk-issue")
    page.locator(".issue button[type=submit]").click()
    expect(page.locator("[data-sms]")).to_contain_text("138****5678")
    expect(phone).to_have_value("")
    look(page, "desk-sms")
    page.keyboard.press("F3")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("138****5678")
    look(page, "desk-dialog")
    page.keyboard.type("1234")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("请填 11 位手机号码")
    look(page, "desk-dialog-wrong")
    dialog.locator("input").fill("13900001111")
    page.keyboard.press("Enter")
    expect(page.locator("[data-sms]")).to_contain_text("139****1111")
    page.keyboard.press("F3")
    expect(dialog).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-sms]")).to_have_count(0)


def test_a_mistyped_number_is_told_at_its_field_before_the_ticket(live: Any, sit: Sit) -> None:
    live.do("/admin/sms", "PUT", sms_on=True, sms_delay_minutes=10, sms_reply_hours=48)
    page = sit("/desk", "guide")
    page.keyboard.press("F2")
    page.keyboard.type("D")
    page.keyboard.press("Enter")
    phone = page.locator(".issue input[name=phone]")
    phone.fill("1381234")
    page.locator(".issue button[type=submit]").click()
    expect(page.locator(".field.phone").get_by_role("alert")).to_contain_text("请填 11 位手机号码")
    expect(phone).to_be_focused()
    expect(phone).to_have_value("1381234")
    look(page, "desk-wrong")
    page.keyboard.type("5678")
    expect(page.locator(".field.phone").get_by_role("alert")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("[data-sms]")).to_contain_text("138****5678")
    assert [queue["waiting"] for queue in live.get("/board")["queues"] if queue["code"] == "D"] == [1]


def test_the_page_knows_a_mobile_number_as_the_server_does(live: Any, sit: Sit) -> None:
    page = sit("/desk", "guide")
    plain = ["", " ", "13812345678", "12812345678", "1381234567", "138123456789", "110101199003074493", "x"]
    shapes = ["{}", " {} ", "+86{}", "0086 {}", "86{}", "8686{}", "+86 86{}", "-{}", "+{}", "{}\n"]
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in "13812345678")
    spaced = ["138-1234-5678", "138\u30001234 5678", "138\u00a012345678", wide, f"＋86{wide}", f"86{wide}"]
    tried = [*spaced, *(shape.format(one) for shape in shapes for one in plain)]
    judged = page.evaluate(
        "async (all) => { const { fits } = await import('/static/js/guide-issue.mjs'); return all.map(fits); }", tried
    )
    assert judged == [not one.strip() or sms.phone(one) is not None for one in tried]


def test_a_hall_without_messages_asks_nobody_for_a_number(live: Any, sit: Sit) -> None:
    live.do("/admin/sms", "PUT", sms_on=False, sms_delay_minutes=10, sms_reply_hours=48)
    page = sit("/desk", "guide")
    expect(page.locator(".issue")).to_be_visible()
    expect(page.locator("input[name=phone]")).to_have_count(0)
