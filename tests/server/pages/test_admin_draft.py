"""The draft of the settings and their history, in real Chromium; and wrong settings refused at their fields."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.server.pages.conftest import ADMIN

Tab = Callable[..., Page]


def open_part(live: Any, tab: Tab, signing_in: Callable[..., None], part: str, ready: str) -> Page:
    page = tab(f"{live.url}/admin#{part}")
    signing_in(page, *ADMIN)
    expect(page.locator(ready).first).to_be_visible()
    return page


def begin(live: Any, tab: Tab, signing_in: Callable[..., None]) -> Page:
    page = open_part(live, tab, signing_in, "draft", ".draft-bar")
    page.get_by_role("button", name="从现在的设置新建草稿").click()
    expect(page.locator(".grid tbody tr")).to_have_count(len(live.get("/admin")["windows"]))
    return page


def queues_of(live: Any, no: str) -> dict[str, int]:
    window = next(one for one in live.get("/admin")["windows"] if one["no"] == no)
    return dict(zip(window["queues"], window["weights"], strict=True))


def test_a_draft_is_made_by_keyboard_checked_and_put_live(
    fresh: Any, tab: Tab, signing_in: Callable[..., None]
) -> None:
    fresh.set_up()
    page = begin(fresh, tab, signing_in)
    page.get_by_label("12 A 权重").focus()
    page.keyboard.press("2")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    page.keyboard.press("ArrowRight")  # C, which window 12 serves
    page.keyboard.press("0")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("13 C 权重")).to_be_focused()
    page.keyboard.press("Control+d")
    expect(page.locator(".draft-told")).to_contain_text("12 号窗口·办理队列：C×1 → A×2、B×1")
    expect(page.locator(".draft-told")).to_contain_text("13 号窗口·办理队列：C×1 → A×2、B×1")
    page.get_by_label("12 A 权重").fill("0")
    page.get_by_label("12 B 权重").fill("0")
    finding = page.locator(".findings li").filter(has_text="12 号窗口不办理任何队列")
    expect(finding).to_be_visible()
    assert queues_of(fresh, "12") == {"C": 1}
    finding.get_by_role("link").click()
    expect(page.get_by_label("12 名称")).to_be_focused()

    page.get_by_label("A 名称", exact=True).fill("")
    expect(page.locator(".findings li.error")).to_contain_text("“队列名称”不正确")
    expect(page.get_by_role("button", name="上线")).to_have_attribute("aria-disabled", "true")
    page.get_by_label("A 名称", exact=True).fill("个人业务")
    expect(page.locator(".findings li.error")).to_have_count(0)
    page.get_by_role("button", name="上线").click()
    expect(page.locator("dialog")).to_contain_text("12 号窗口不办理任何队列")
    page.locator("dialog").get_by_role("button", name="上线").click()
    expect(page.locator(".note")).to_contain_text("已上线")
    assert queues_of(fresh, "12") == {} and queues_of(fresh, "13") == {"A": 2, "B": 1}

    page.get_by_role("link", name="修改记录").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("草稿上线")
    page.get_by_role("button", name="恢复到此前").click()
    page.keyboard.press("Enter")
    expect(page.locator(".note")).to_contain_text("已恢复")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert queues_of(fresh, "12") == {"C": 1}


def test_a_file_goes_out_and_comes_in(fresh: Any, tab: Tab, signing_in: Callable[..., None], tmp_path: Path) -> None:
    fresh.set_up()
    page = open_part(fresh, tab, signing_in, "draft", ".draft-bar")
    with page.expect_download() as told:
        page.get_by_role("button", name="导出现在的设置").click()
    file = tmp_path / "settings.json"
    told.value.save_as(file)
    document = json.loads(file.read_text("utf-8"))
    document["windows"] += [{"no": str(no), "name": "综合窗口", "serves": [{"queue": "A"}]} for no in range(33, 41)]
    for name, text, said in (
        ("bad.json", "{", "不是设置文件"),
        ("new.json", json.dumps({**document, "format": 9}), "更新版本"),
        ("wrong.json", json.dumps({**document, "secret": 1}), "document.secret"),
    ):
        (tmp_path / name).write_text(text, "utf-8")
        page.locator("input[type=file]").set_input_files(tmp_path / name)
        expect(page.get_by_role("alert")).to_contain_text(said)
    file.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator(".grid tbody tr")).to_have_count(40)
    fresh.do("/admin/screens/ticker", method="PUT", ticker="线上新字幕")
    expect(page.locator(".problem")).to_contain_text("线上新字幕")
    page.get_by_role("button", name="并入线上改动").click()
    expect(page.locator(".problem")).to_have_count(0)
    page.get_by_role("button", name="上线").click()
    page.locator("dialog").get_by_role("button", name="上线").click()
    expect(page.locator(".note")).to_contain_text("新增 40 号窗口")
    now = fresh.get("/admin")
    assert len(now["windows"]) == 40 and now["screens"]["ticker"] == "线上新字幕"


def test_wrong_settings_are_refused_at_their_field_and_nothing_is_half_saved(
    live: Any, tab: Tab, signing_in: Callable[..., None]
) -> None:
    before = live.get("/admin")
    page = open_part(live, tab, signing_in, "hours", ".week")
    for text, said in (
        ("8:30-11:30 11:00-16:00", "与 8:30–11:30 重叠"),
        ("16:00-8:30", "结束应晚于开始"),
    ):
        page.fill("input[name=day2]", text)
        page.keyboard.press("Enter")
        expect(page.locator(".week").get_by_role("alert")).to_contain_text(said)
        expect(page.locator("input[name=day2]")).to_be_focused()
        expect(page.locator("input[name=day2]")).to_have_attribute("aria-invalid", "true")
    page.fill("input[name=day2]", "8:30-9:30")
    page.fill("input[name=cutoff_minutes]", "90")
    page.keyboard.press("Enter")
    expect(page.locator(".week").get_by_role("alert")).to_contain_text("应短于每一个办公时段")
    expect(page.locator("input[name=cutoff_minutes]")).to_be_focused()

    page.get_by_role("link", name="队列", exact=True).click()
    page.fill(".add input[name=code]", "B")
    page.fill(".add input[name=name]", "另一个")
    page.keyboard.press("Enter")
    expect(page.locator(".add").get_by_role("alert")).to_contain_text("“B”已经有了")
    expect(page.locator(".add input[name=code]")).to_be_focused()
    expect(page.locator(".add input[name=code]")).to_have_attribute("aria-invalid", "true")

    page.get_by_role("link", name="窗口", exact=True).click()
    row = page.locator("form.window").first
    weight = row.locator("select[name=weight-A]")
    weight.evaluate("select => { select.options[0].value = '-1'; select.selectedIndex = 0; }")
    row.get_by_role("button", name="保存").click()
    expect(row.get_by_role("alert")).to_contain_text("“队列权重”不正确：每个队列应为 1 到 9")
    expect(weight).to_be_focused()
    expect(weight).to_have_attribute("aria-invalid", "true")
    after = live.get("/admin")
    assert after == before
