"""From an empty database to a running hall, through the link of the first start and the guide only, by keyboard and
mouse in real Chromium, with a real kiosk agent started with what the guide shows."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.hall.parts import ENV, KIOSK, Kiosk, Program, Stub, command, until
from tests.server.pages.conftest import ADMIN, PASSWORD, Live, sign_in

Tab = Callable[..., Page]
ALL_DAY = "0:00-24:00"
PRINTER_UP = 60_000
"""A kiosk starts, is heard and reports its printer: on a machine with better things to do."""


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Live]:
    """A server on an empty folder: nobody has opened its link yet."""
    server = Live(tmp_path / "server", demo=False)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[Stub]:
    stub = Stub(
        tmp_path / "printer", "printer", "--tcp", "127.0.0.1:0", "--fast", "--paper-dir", str(tmp_path / "papers")
    )
    try:
        stub.start()
        yield stub
    finally:
        stub.kill()


class Agent(Program):
    """`jiaohao-kiosk run` in a folder that holds the guide's texts and nothing else."""

    touch, visit, picture = Kiosk.touch, Kiosk.visit, Kiosk.picture

    def __init__(self, folder: Path, token: str, toml: str) -> None:
        folder.mkdir()
        (folder / "kiosk.token").write_text(token, "utf-8")
        (folder / "kiosk.toml").write_text(toml, "utf-8")
        super().__init__(folder, "kiosk", command(KIOSK, "run", "--config", str(folder / "kiosk.toml")))


@pytest.fixture
def agents(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Agent]]:
    monkeypatch.setitem(ENV, "JIAOHAO_KIOSK_PORT", "0")
    started: list[Agent] = []

    def start(folder: Path, token: str, toml: str) -> Agent:
        started.append(Agent(folder, token, toml))
        started[0].start()
        return started[0]

    yield start
    for agent in started:
        agent.kill()


def set_up(live: Live, tab: Tab) -> Page:
    page = tab(live.setup_link)
    expect(page.locator("input[name=username]")).to_be_focused()
    for words in (ADMIN[0], "李主任", ADMIN[1], ADMIN[1]):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("名称和时间")
    assert page.url.endswith("/start")
    return page


def state(page: Page, step: str) -> Any:
    return page.locator(f"nav a[href='#{step}']").locator("xpath=..")


def test_from_an_empty_database_to_a_printed_test_ticket_and_the_first_call(
    bare: Live, tab: Tab, printer: Stub, agents: Callable[..., Agent], tmp_path: Path
) -> None:
    page = set_up(bare, tab)

    expect(page.locator("input[name=name]")).to_be_focused()
    page.keyboard.type("清禾市社会保险服务大厅")
    for day in range(1, 8):
        page.fill(f"input[name=day{day}]", ALL_DAY)
    page.fill("input[name=cutoff_minutes]", "0")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("队列和窗口")
    expect(state(page, "hall")).to_have_class("is-done")
    page.get_by_label("中型大厅，12 个窗口").check()
    page.locator("[name='queues[0].name']").fill("个人业务")
    page.get_by_role("button", name="保存并继续").click()

    expect(page.locator("h1")).to_have_text("服务事项")
    expect(state(page, "windows")).to_contain_text("6 个队列，12 个窗口")
    page.get_by_role("button", name="保存并继续").click()

    expect(page.locator("h1")).to_have_text("窗口人员")
    expect(page.locator("input[name=username]")).to_be_focused()
    for words in ("zhang", "张三", "SB01", PASSWORD):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".subject")).to_contain_text("zhang")
    page.get_by_role("button", name="继续").click()

    expect(page.locator("h1")).to_have_text("取号机")
    page.locator("input[name=printer]").fill(f"tcp://{printer.said['tcp']}")
    page.get_by_role("button", name="生成令牌和配置").click()
    token = page.locator("textarea[name=token]").input_value()
    toml = page.locator("textarea[name=toml]").input_value()
    expect(page.locator(".arrival")).to_contain_text("还没有取号机连上")
    kiosk = agents(tmp_path / "kiosk", token, toml)
    expect(page.locator(".arrival")).to_contain_text("取号机1 已连上，打印机正常", timeout=PRINTER_UP)
    page.get_by_role("button", name="继续").click()

    expect(page.locator("h1")).to_have_text("打一张测试票")
    page.get_by_role("button", name="打印测试票").click()
    expect(page.locator(".arrival.here")).to_contain_text("TEST001 已打出", timeout=PRINTER_UP)
    (paper,) = printer.papers()
    assert "TEST001" in paper["lines"] and "测试票，不用排队" in paper["lines"]
    assert "清禾市社会保险服务大厅" in paper["lines"]
    page.get_by_role("button", name="继续").click()

    expect(page.locator(".arrival.here")).to_contain_text("大厅可以开门了")
    expect(page.get_by_role("link", name=f"{bare.url}/console")).to_be_visible()
    page.get_by_role("button", name="进入系统管理").click()
    expect(page.locator("input[name=name]").first).to_have_value("清禾市社会保险服务大厅")
    expect(page.locator(".unstarted")).to_have_count(0)

    kiosk.url = kiosk.said["kiosk"]
    assert kiosk.visit("A")["stage"] == "taken"
    until(lambda: len(printer.papers()) == 2)
    assert "A001" in printer.papers()[1]["lines"]
    console = tab(f"{bare.url}/console")
    sign_in(console, "zhang")
    expect(console.locator(".seat").first).to_be_focused()
    console.keyboard.type("01")
    console.keyboard.press("Enter")
    expect(console.locator(".hand")).to_be_visible()
    console.keyboard.press("F2")
    expect(console.locator(".hand.called")).to_contain_text("A001")
    assert kiosk.complaints() == []


def test_the_guide_is_left_and_taken_up_again_and_says_what_is_missing(bare: Live, tab: Tab) -> None:
    page = set_up(bare, tab)
    page.get_by_role("link", name="窗口人员").click()
    page.get_by_role("button", name="以后再说").click()
    expect(page.locator("h1")).to_have_text("取号机")
    expect(state(page, "people")).to_have_class("is-skipped")
    page.goto(f"{bare.url}/admin")
    page.get_by_role("link", name="继续首次设置").click()
    expect(page.locator("h1")).to_have_text("名称和时间")
    expect(state(page, "people")).to_have_class("is-skipped")
    page.get_by_role("link", name="完成", exact=True).click()
    expect(page.locator(".note li")).to_have_count(6)
    page.get_by_role("button", name="进入系统管理").click()
    expect(page.locator("input[name=recall_limit]")).to_be_visible()
    expect(page.locator(".unstarted")).to_have_count(0)


def test_a_code_typed_by_hand_outlives_a_refusal_that_goes_with_the_next_key(bare: Live, tab: Tab) -> None:
    address, code = bare.setup_link.split("#")
    page = tab(address)
    expect(page.locator("input[name=code]")).to_be_focused()
    for words in (code, ADMIN[0], "李主任", ADMIN[1], ADMIN[1] + "x"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("两次输入的密码不一致")
    expect(page.locator("input[name=code]")).to_have_value(code)
    page.locator("input[name=again]").fill(ADMIN[1])
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("input[name=code]")).to_have_value(code)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("名称和时间")


def test_a_hall_without_devices_says_so(bare: Live, tab: Tab) -> None:
    page = set_up(bare, tab)
    page.goto(f"{bare.url}/admin#devices")
    expect(page.locator(".part .note")).to_contain_text("还没有设备令牌")
    expect(page.locator(".part table")).to_have_count(0)


def test_a_hall_without_posts_does_not_claim_that_all_are_covered(bare: Live, tab: Tab) -> None:
    page = set_up(bare, tab)
    page.goto(f"{bare.url}/admin#cover")
    expect(page.get_by_role("heading", name="指定顶岗")).to_be_visible()
    expect(page.get_by_text("没有空缺")).to_have_count(0)


def test_a_wrong_answer_is_refused_at_its_field(bare: Live, tab: Tab) -> None:
    page = set_up(bare, tab)
    page.keyboard.type("大厅")
    page.fill("input[name=day3]", "8:30-11:30 11:00-16:00")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("与 8:30–11:30 重叠")
    expect(page.locator("input[name=day3]")).to_be_focused()
    expect(page.locator("input[name=day3]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".line:has([name=day3]) .at-field")).to_contain_text("与 8:30–11:30 重叠")
    expect(page.locator("input[name=day3]")).to_have_accessible_name("周三")
    page.get_by_role("link", name="队列和窗口").click()
    code = page.locator("[name='queues[1].code']")
    code.fill("a")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("alert")).to_contain_text("队列代码“A”用了两次")
    expect(code).to_be_focused()
    expect(page.locator(".line:has([name='queues[1].code']) .at-field")).to_contain_text("用了两次")
    code.fill("D")
    page.locator("[name='windows[1].first']").fill("2")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_text("用了两次")).to_have_count(0)
    expect(page.get_by_role("alert")).to_contain_text("与上面的窗口号重叠")
    expect(page.locator("[name='windows[1].first']")).to_be_focused()
    expect(state(page, "hall")).to_have_class("is-open")
    expect(state(page, "windows")).to_have_class("is-open")
