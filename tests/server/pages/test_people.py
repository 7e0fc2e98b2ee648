"""People on the pages: a start password is changed at the first sign-in, a second factor is switched on and asked
for, grants are given and shown on the bar, tokens are changed. Real server, real Chromium."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import requests
from playwright.sync_api import Page, expect

from server.domain import totp
from tests.server.pages.conftest import ADMIN, PASSWORD

Tab = Callable[..., Page]
OWN = "a new one of my own"


def people(live: Any, tab: Tab, signing_in: Callable[..., None]) -> Page:
    page = tab(f"{live.url}/admin#users")
    signing_in(page, *ADMIN)
    expect(page.locator("tbody tr").first).to_be_visible()
    return page


def row_of(page: Page, username: str) -> Any:
    return page.locator("tbody tr").filter(has=page.get_by_role("rowheader", name=username, exact=True)).first


def test_a_start_password_is_changed_and_a_second_factor_asked_for(
    live: Any, tab: Tab, signing_in: Callable[..., None]
) -> None:
    admin = people(live, tab, signing_in)
    username = f"w{uuid4().hex[:8]}"
    admin.fill(".add input[name=username]", username)
    admin.fill(".add input[name=name]", "<i>王丽</i>")
    admin.get_by_role("button", name="新增").click()
    start = admin.locator("dialog input.token").input_value()
    admin.keyboard.press("Escape")
    expect(row_of(admin, username)).to_contain_text("<i>王丽</i>")
    expect(row_of(admin, username)).to_contain_text("初始密码")
    assert start not in admin.content()

    page = tab(f"{live.url}/account")
    signing_in(page, username, start)
    expect(page.get_by_role("heading", name="请先更改初始密码")).to_be_visible()
    for again, told in (("another", "两次输入的新密码不一致"), ("woaini1314520", "密码不够安全")):
        page.fill("input[name=old]", start)
        page.fill("input[name=password]", "woaini1314520")
        page.fill("input[name=again]", again)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(told)
    expect(page.locator("input[name=password]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("input[name=password]")).to_be_focused()
    page.fill("input[name=password]", OWN)
    page.fill("input[name=again]", OWN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="动态口令")).to_be_visible()

    card = page.locator(".card").filter(has_text="动态口令")
    card.locator("input[name=old]").fill(OWN)
    card.get_by_role("button", name="开始启用").click()
    expect(card.locator(".qr path")).to_have_attribute("d", re.compile("^M"))
    secret = base64.b32decode(card.locator(".key").inner_text().replace(" ", ""))
    step = totp.step_of(datetime.now(UTC))
    card.locator("input[name=code]").fill(totp.code_at(secret, step))
    card.get_by_role("button", name="启用", exact=True).click()
    expect(card.locator(".codes li")).to_have_count(10)
    recovery = card.locator(".codes li").first.inner_text()
    card.get_by_role("button", name="已抄好").click()
    expect(card).to_contain_text("还剩 10 个恢复码")
    assert recovery not in page.content()

    again = tab(f"{live.url}/account")
    signing_in(again, username, OWN)
    expect(again.locator("input[name=code]")).to_be_focused()
    again.keyboard.type("000000")
    again.keyboard.press("Enter")
    expect(again.get_by_role("alert")).to_contain_text("动态口令不正确")
    again.fill("input[name=code]", totp.code_at(secret, step + 1))
    again.keyboard.press("Enter")
    expect(again.locator(".mine h1")).to_contain_text("王丽")
    again.get_by_role("button", name="退出其他所有登录").click()
    expect(again.get_by_role("status").first).to_have_text("已退出 1 处")
    page.reload()
    expect(page.locator("input[name=username]")).to_be_focused()


def test_a_grant_is_given_shown_on_the_bar_and_taken_back(
    live: Any, tab: Tab, signing_in: Callable[..., None]
) -> None:
    username, admin = live.clerk("李首席"), people(live, tab, signing_in)
    give = admin.locator("section").filter(has=admin.get_by_role("heading", name="授权", exact=True))
    give.locator("select[name=username]").select_option(username)
    assert give.locator("select[name=permission] option").all_inner_texts() == ["导办台与预约"]
    give.get_by_role("button", name="授权").click()
    expect(give.get_by_role("alert")).to_contain_text("授权理由")
    expect(give.locator("input[name=reason]")).to_be_focused()
    give.locator("input[name=reason]").fill("首席代表")
    admin.keyboard.press("Enter")
    expect(row_of(admin, f"李首席 {username}")).to_contain_text("有效")

    page = tab(f"{live.url}/desk")
    signing_in(page, username)
    expect(page.locator(".bar .granted")).to_contain_text("受权：导办台与预约")
    expect(page.locator(".search input").first).to_be_visible()

    give.get_by_role("button", name="收回").first.click()
    admin.keyboard.type("回岗")
    admin.keyboard.press("Enter")
    expect(row_of(admin, f"李首席 {username}")).to_contain_text("已收回")
    page.reload()
    expect(page.locator(".plain")).to_be_visible()
    expect(page.locator(".bar .granted")).to_have_count(0)


def test_an_admin_resets_a_password_changes_a_role_and_ends_sessions(
    live: Any, tab: Tab, signing_in: Callable[..., None]
) -> None:
    username = live.clerk("张三")
    page = tab(f"{live.url}/account")
    signing_in(page, username)
    expect(page.locator(".mine h1")).to_be_visible()
    admin = people(live, tab, signing_in)
    row_of(admin, username).get_by_role("button", name="管理").click()
    admin.locator("dialog select[name=role]").select_option("supervisor")
    admin.get_by_role("button", name="改为此角色").click()
    expect(row_of(admin, username)).to_contain_text("督导")
    expect(admin.locator("dialog")).to_contain_text("没有登录")
    admin.get_by_role("button", name="重置密码").click()
    expect(admin.locator("dialog")).to_contain_text("只显示这一次")
    start = admin.locator("dialog input.token").input_value()
    form = {"username": username, "password": PASSWORD}
    assert requests.post(f"{live.url}/api/v1/session", json=form, timeout=20).status_code == 401
    page.reload()
    signing_in(page, username, start)
    expect(page.get_by_role("heading", name="请先更改初始密码")).to_be_visible()


def test_a_device_gets_a_new_token_without_a_gap(live: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    name = f"取号机 {uuid4().hex[:6]}"
    old = live.do("/admin/devices", name=name, kind="kiosk")["token"]
    page = tab(f"{live.url}/admin#devices")
    signing_in(page, *ADMIN)
    row = page.locator("tbody tr").filter(has_text=name)
    row.get_by_role("button", name="换令牌").click()
    page.keyboard.press("Enter")
    new = page.locator("dialog input.token").input_value()
    page.keyboard.press("Escape")
    expect(row).to_contain_text("旧令牌仍有效")
    for token, status in ((old, 200), (new, 200), (old, 401)):
        answer = requests.get(f"{live.url}/api/v1/board", headers={"Authorization": f"Bearer {token}"}, timeout=20)
        assert answer.status_code == status
