"""Operations and audit records, in Chromium on a real server: a backup at a click, wrong settings at their field."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.server.pages.conftest import ADMIN, Live

Tab = Callable[..., Page]
LIMIT_MS = 300_000
"""A backup and its drill are programs of low priority: on a busy machine they take their time."""


def opened(live: Live, tab: Tab, signing_in: Callable[..., None], path: str) -> Page:
    page = tab(f"{live.url}{path}")
    signing_in(page, *ADMIN)
    return page


def test_a_backup_is_set_made_and_proven_from_the_page(
    live: Live, tab: Tab, signing_in: Callable[..., None], tmp_path: Path
) -> None:
    page = opened(live, tab, signing_in, "/admin#operations")
    expect(page.get_by_text("还没有成功的备份")).to_be_visible()
    folder = page.locator("input[name=backup_folder]")
    folder.fill("/nowhere")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("在服务器上没有这个目录").first).to_be_visible()
    expect(folder).to_have_attribute("aria-invalid", "true")
    expect(folder).to_be_focused()
    folder.fill(str(tmp_path))
    page.locator("input[name=backup_minute]").fill("23:58")
    page.locator("input[name=event_days]").fill("100")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("input[name=event_days]")).to_have_attribute("aria-invalid", "true")
    page.locator("input[name=event_days]").fill("365")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存")).to_be_visible()
    saved: Any = live.get("/operations")["settings"]
    assert (saved["backup_minute"], saved["event_days"], saved["backup_on"]) == (23 * 60 + 58, 365, False)
    page.get_by_role("button", name="马上备份").click()
    expect(page.locator(".runs").get_by_text("可以恢复，已经试过")).to_be_visible(timeout=LIMIT_MS)
    expect(page.locator(".standing.stale")).to_have_count(0)
    assert len(list(tmp_path.glob("*.backup"))) == len(list(tmp_path.glob("*.keys"))) == 1


def test_audit_records_are_chosen_and_verified(live: Live, tab: Tab, signing_in: Callable[..., None]) -> None:
    live.do("/operations", "PUT", **{**live.get("/operations")["settings"], "note_days": 31})
    page = opened(live, tab, signing_in, "/audit")
    expect(page.get_by_role("row", name="运维设置").first).to_contain_text("窗口备注，几天 31")
    page.locator("select[name=kind]").select_option("data.purged")
    expect(page.get_by_text("没有符合条件的记录")).to_be_visible()
    page.locator("select[name=kind]").select_option("operations.changed")
    expect(page.get_by_role("row", name="运维设置").first).to_be_visible()
    page.get_by_role("button", name="核验全部记录").click()
    expect(page.locator(".verdict").get_by_text("全部相符")).to_be_visible(timeout=LIMIT_MS)


def test_what_was_done_to_people_devices_and_alarms_reads_well(
    live: Live, tab: Tab, signing_in: Callable[..., None]
) -> None:
    live.do("/admin/users", username="zhouqi", role="clerk", password="Kx7-vhq-29zt", name="周琦")
    live.do("/admin/users/zhouqi", "PUT", active=False)
    live.do("/admin/devices", name="评价器 3", kind="evaluator", window="03")
    live.do("/admin/devices/评价器 3/revoke")
    live.do("/admin/screens/staff/zhouqi", "PUT", name="周琦", position="综合岗", badges=["服务标兵", "党员先锋岗"])
    live.do("/admin/screens/duty", "PUT", days=[{"day": "2026-12-01", "name": "王主任", "position": "", "tel": ""}])
    live.do("/admin/alarms", "PUT", escalate_minutes=7, rules=[{"kind": "longest_wait", "on": True, "limit": 45}])
    page = opened(live, tab, signing_in, "/audit")
    row = page.locator(".audit tbody tr")
    expect(row.filter(has_text="新增人员").first).to_contain_text("账号 zhouqi")
    expect(row.filter(has_text="新增人员").first).to_contain_text("角色 窗口人员")
    expect(row.filter(has_text="停用账号").first).to_contain_text("状态 停用")
    expect(row.filter(has_text="吊销设备令牌").first).to_contain_text("令牌 已吊销")
    expect(row.filter(has_text="吊销设备令牌").first).to_contain_text("种类 评价器")
    expect(row.filter(has_text="监督牌").first).to_contain_text("徽章 服务标兵；党员先锋岗")
    expect(row.filter(has_text="带班领导").first).to_contain_text("带班 2026-12-01 王主任")
    expect(row.filter(has_text="报警设置").first).to_contain_text("等候过久（分钟以上）：30 → 45")
    look(page, "audit")
    page.get_by_role("button", name="English").click()
    expect(row.filter(has_text="alarms set").first).to_contain_text("Long wait (minutes or more): 30 → 45")
    expect(row.filter(has_text="account switched off").first).to_contain_text("State off")
    look(page, "audit-en")


def look(page: Page, name: str) -> None:
    if os.environ.get("OPERATIONS_SHOTS"):
        page.screenshot(path=f"{os.environ['OPERATIONS_SHOTS']}/{name}.png", full_page=True)
