"""The page of the upload, in real Chromium, with the real stub as the province; and a server that is killed."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.server.pages.conftest import until
from tests.server.pages.test_tablet import Clerk
from tests.server.province import Far, province, set_up

ADMIN = ("boss", "a boss's long password")
Tab = Callable[..., Page]


@pytest.fixture
def far() -> Iterator[Far]:
    with province() as far:
        yield far


@pytest.fixture
def uploading(fresh: Any, far: Far) -> Any:
    """A server that uploads, with an admin, and window 01 open."""
    fresh.set_up()
    port = fresh.port
    fresh.stop()
    set_up(fresh.folder, far)
    fresh.start(port)
    fresh.hand = Clerk(fresh, "01")  # an admin who served is shown none of it
    return fresh


def rate(live: Any, count: int = 1) -> None:
    """Citizens served at window 01, and rating at its evaluator."""
    token = live.do("/admin/devices", name=f"ev{uuid4().hex[:6]}", kind="evaluator", window="01")["token"]
    for _ in range(count):
        live.do("/tickets", queue="A")
        for action in ("call-next", "begin", "finish"):
            live.hand.do(action)
        answer = requests.post(
            f"{live.url}/api/v1/ratings", json={"request_id": uuid4().hex, "label": "satisfied"},
            headers={"Authorization": f"Bearer {token}"}, timeout=20,
        )  # fmt: skip
        assert answer.json()["accepted"], answer.text


def states(live: Any) -> list[str]:
    with closing(sqlite3.connect(live.folder / "jiaohao.db")) as db:
        return [row[0] for row in db.execute("SELECT state FROM upload ORDER BY id")]


def test_a_dead_letter_is_seen_mended_and_sent_again(
    uploading: Any, far: Far, tab: Tab, signing_in: Callable[..., None]
) -> None:
    page = tab(f"{uploading.url}/uploads")
    signing_in(page, *ADMIN)
    expect(page.get_by_text("没有未接收的评价。")).to_be_visible()
    far.fault("refuse", 1)
    rate(uploading, 3)
    expect(page.locator(".letters tbody tr")).to_have_count(3, timeout=20_000)
    expect(page.locator(".letters")).to_contain_text("事项编码不存在，请核对后重新上报")
    for word in ("满意", "satisfied"):
        assert word not in page.locator(".letters").inner_text()

    page.fill("input[name=task_code] >> nth=0", "12")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“实施编码”不正确：应为 31 位")
    expect(page.locator("input[name=task_code]").first).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("１" + "1" * 30)
    page.keyboard.press("Enter")
    expect(page.locator(".item .done").first).to_have_text("已保存")
    assert uploading.get("/uploads")["items"][0]["task_code"] == "1" * 31

    far.fault("refuse", 2)  # A001 and A003 are taken now, A002 is not
    page.get_by_role("button", name="重报 QH01").first.press("Enter")
    expect(page.locator(".letters [role=status]")).to_have_text("已交重报 1 条")
    expect(page.locator(".letters tbody tr")).to_have_count(2, timeout=20_000)
    page.get_by_role("button", name="全部重报").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="全部重报").press("Enter")
    until(lambda: far.count == 2)
    expect(page.locator(".letters tbody tr")).to_have_count(1, timeout=20_000)
    far.fault("refuse", 0)
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Send again").press("Enter")
    expect(page.get_by_text("Nothing was refused.")).to_be_visible(timeout=20_000)
    until(lambda: far.count == 3)


def test_a_double_click_sends_one_letter_again_and_is_no_refusal(
    uploading: Any, far: Far, tab: Tab, signing_in: Callable[..., None]
) -> None:
    page = tab(f"{uploading.url}/uploads")
    signing_in(page, *ADMIN)
    far.fault("refuse", 1)
    rate(uploading, 1)
    expect(page.locator(".letters tbody tr")).to_have_count(1, timeout=20_000)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/retry") else None)
    page.get_by_role("button", name="重报 QH01").dblclick()
    expect(page.locator(".letters [role=status]")).to_have_text("已交重报 1 条")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert len(sent) == 1


def test_who_is_no_admin_is_told_so(uploading: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    page = tab(f"{uploading.url}/uploads")
    signing_in(page, uploading.clerk())
    expect(page.get_by_text("评价上报由管理员查看")).to_be_visible()
    expect(page.locator(".letters")).to_have_count(0)


def test_a_hall_without_upload_says_how_to_begin(fresh: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    fresh.set_up()
    page = tab(f"{fresh.url}/uploads")
    signing_in(page, *ADMIN)
    expect(page.get_by_text("本厅没有开启评价上报。")).to_be_visible()


def test_a_server_killed_between_sending_and_noting_sends_once_more(uploading: Any, far: Far) -> None:
    far.fault("slow", 15)
    rate(uploading)
    until(lambda: far.count == 1)  # it is stored over there, and here nobody knows
    port = uploading.port
    os.kill(uploading._process.pid, signal.SIGKILL)
    uploading.stop()
    far.fault("slow", 0)
    uploading.start(port)
    until(lambda: states(uploading) == ["sent"])
    assert (far.count, far.counters["duplicates"]) == (1, 1)


def test_a_slow_province_holds_up_nobody_in_the_hall(uploading: Any, far: Far) -> None:
    far.fault("slow", 15)
    rate(uploading)
    until(lambda: far.count == 1)
    began = time.monotonic()
    rate(uploading, 3)
    assert time.monotonic() - began < 12, "while one request waits for its answer"
    assert states(uploading) == ["waiting"] * 4
