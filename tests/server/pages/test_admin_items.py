"""The items of the admin page in a real browser: an editor, versions that come back, workbooks, photographs."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.server.pages.conftest import ADMIN, Live
from tests.server.test_books import ITEM_HEADS, LINA, STAFF_HEADS, sheet

Tab = Callable[..., Page]
SOON_MS = 30_000


@pytest.fixture
def admin(live: Live, tab: Tab, signing_in: Callable[..., None]) -> Callable[[str], Page]:
    """A part of the admin page, signed in."""

    def open_part(part: str) -> Page:
        page = tab(f"{live.url}/admin#{part}")
        signing_in(page, *ADMIN)
        expect(page.locator("nav [aria-current=page]")).to_be_visible(timeout=SOON_MS)
        return page

    return open_part


def shown(live: Live, code: str) -> Any:
    """As the walls have it."""
    return next((one for one in live.get("/board")["items"] if one["code"] == code), None)


def said(page: Page, text: str) -> None:
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible(timeout=SOON_MS)


def save(page: Page) -> None:
    page.get_by_role("button", name="保存").click()


def workbook(name: str, data: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def test_an_item_is_made_changed_and_an_old_version_brought_back(live: Live, admin: Callable[[str], Page]) -> None:
    page = admin("items")
    page.get_by_role("button", name="新增事项").click()
    page.fill("[name=item_code]", "坏码")
    page.fill("[name=name]", "高龄津贴申领")
    save(page)
    expect(page.locator("[name=item_code]")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text("事项编码应为")
    page.fill("[name=item_code]", "GL-01")
    page.fill("[name=process]", "取号\n受理\n\n办结")
    page.fill("[name=fee]", "不收费")
    page.fill("[name=minutes]", "九")
    save(page)
    expect(page.locator("[name=minutes]")).to_have_attribute("aria-invalid", "true", timeout=SOON_MS)
    assert shown(live, "GL-01") is None
    page.fill("[name=minutes]", "9")
    save(page)
    said(page, "已保存，现在是第 1 版")
    assert shown(live, "GL-01")["process"] == ["取号", "受理", "办结"]
    page.fill("[name=fee]", "每件 10 元")
    save(page)
    said(page, "已保存，现在是第 2 版")
    assert shown(live, "GL-01")["fee"] == "每件 10 元"
    expect(page.locator(".versions li").first).to_contain_text("收费标准及依据")
    page.get_by_role("button", name="恢复这一版 1").click()
    said(page, "已保存，现在是第 3 版")
    assert shown(live, "GL-01")["fee"] == "不收费"
    expect(page.locator("[name=fee]")).to_have_value("不收费")
    expect(page.locator(".versions li")).to_have_count(3)
    expect(page.locator(".versions li").first).to_contain_text("恢复第 1 版")
    page.locator("[name=day]").fill(live.get("/admin")["screens"]["today"])
    expect(page.locator(".on-day details")).to_have_count(3, timeout=SOON_MS)
    page.locator("[name=day]").fill("2020-01-01")
    expect(page.locator(".on-day")).to_contain_text("这一天还没有这个事项", timeout=SOON_MS)
    page.get_by_text("在用（停用后").click()
    save(page)
    said(page, "已保存，现在是第 4 版")
    assert shown(live, "GL-01") is None
    page.get_by_role("button", name="全部事项").click()
    page.fill("[name=asked]", "gljt")
    expect(page.locator(".items tbody tr")).to_have_count(1, timeout=SOON_MS)
    expect(page.locator(".items tbody tr")).to_contain_text("停用")


def test_who_edits_an_older_version_is_told(live: Live, admin: Callable[[str], Page]) -> None:
    page = admin("items")
    page.get_by_role("button", name="失业保险金申领").click()
    expect(page.locator("[name=fee]")).to_be_visible(timeout=SOON_MS)
    fields = live.get("/admin/items/SB-11")["versions"][0]["shown"]
    live.do("/admin/items/SB-11", "PUT", **{**fields, "promise": "别人改的"})
    page.fill("[name=fee]", "1 元")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("刚被别人改过", timeout=SOON_MS)
    assert shown(live, "SB-11")["promise"] == "别人改的" and shown(live, "SB-11")["fee"] == fields["fee"]


def test_a_workbook_is_checked_then_imported(live: Live, admin: Callable[[str], Page]) -> None:
    page = admin("items")
    book = page.locator(".book input[type=file]")
    book.set_input_files(workbook("坏.xlsx", b"no workbook"))
    expect(book).to_have_attribute("aria-invalid", "true", timeout=SOON_MS)
    expect(page.get_by_role("alert")).to_contain_text("不是完整的 Excel")
    bad = ["DR-01", "导入的事项", "A", *[None] * 9, "九", "对"]
    book.set_input_files(workbook("错.xlsx", sheet(ITEM_HEADS, bad)))
    expect(page.locator(".wrong tbody tr")).to_have_count(2, timeout=SOON_MS)
    expect(page.locator(".wrong")).to_contain_text("预计用时（分钟）")
    expect(page.get_by_role("button", name="导入", exact=True)).to_have_count(0)
    book.set_input_files(workbook("好.xlsx", sheet(ITEM_HEADS, [*bad[:-2], 9, "是"])))
    expect(page.locator(".changes")).to_contain_text("DR-01", timeout=SOON_MS)
    assert shown(live, "DR-01") is None
    page.get_by_role("button", name="导入", exact=True).click()
    said(page, "已导入：新增 1，修改 0")
    assert shown(live, "DR-01")["name"] == "导入的事项"
    expect(page.locator(".items")).to_contain_text("导入的事项", timeout=SOON_MS)
    with page.expect_download() as saved:
        page.get_by_role("button", name="导出 Excel").click()
    assert saved.value.suggested_filename.startswith("items-")


def test_imported_people_get_a_password_that_is_seen_once(live: Live, admin: Callable[[str], Page]) -> None:
    page = admin("users")
    page.locator(".book input[type=file]").set_input_files(workbook("人.xlsx", sheet(STAFF_HEADS, LINA)))
    page.get_by_role("button", name="导入", exact=True).click(timeout=SOON_MS)
    password = page.locator(".passwords .token")
    expect(password).to_be_visible(timeout=SOON_MS)
    assert len(password.inner_text()) == 14
    page.locator("nav a", has_text="事项").click()
    page.locator("nav a", has_text="人员").click()
    expect(page.locator(".book")).to_be_visible()
    expect(password).to_have_count(0)


def test_a_photo_of_20_mb_is_refused_at_its_field_and_a_good_one_stands_there(
    live: Live, admin: Callable[[str], Page]
) -> None:
    live.clerk("照先生")
    page = admin("screens")
    row = page.locator(".row.staff", has_text="照先生")
    field = row.get_by_label("照先生 照片")
    field.set_input_files({"name": "big.jpg", "mimeType": "image/jpeg", "buffer": bytes(20 << 20)})
    expect(field).to_have_attribute("aria-invalid", "true", timeout=SOON_MS)
    expect(row.get_by_role("alert")).to_contain_text("不能超过 2 MB")
    expect(page.get_by_role("alert")).to_have_count(1)
    out = BytesIO()
    Image.new("RGB", (600, 800), "navy").save(out, "JPEG")
    field.set_input_files({"name": "good.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()})
    photo = row.locator(".photo img")
    expect(photo).to_be_visible(timeout=SOON_MS)
    page.wait_for_function("document.querySelector('.photo img').naturalHeight === 640")
    expect(row.get_by_role("alert")).to_have_count(0)
    row.get_by_role("button", name="移除 照先生").click()
    expect(photo).to_have_count(0, timeout=SOON_MS)
