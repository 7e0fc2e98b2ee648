"""What lets a wall run for months: it does not grow, renews itself unseen, and gets itself out of what is stuck."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Route, expect

from docs.wall_screens import BOARD, CLOSED
from server.contract.board import Board, Call
from tests.display.stage import Stage

HOUR_MS = 3600_000
KEPT = 30
BATCH = 20
LOOK_AGAIN_S = 0.3
STUCK = "() => { String.prototype.padStart = () => { throw new Error('stuck'); }; }"
"""Without it there is no clock to draw."""
WAIT_MS = 30_000


def ask(page: Page, what: str, argument: Any) -> Any:
    return page.evaluate(f"async (argument) => (await import('/screen/upkeep.mjs')).{what}(argument)", argument)


def test_a_page_renews_itself_once_a_day_when_nobody_can_notice(stage: Stage) -> None:
    page = stage.open()
    night = {"age": 23 * HOUR_MS, "hour": 3, "resting": False, "idle": True, "cutOff": False}
    evening = {**night, "hour": 19, "resting": True}
    allowed = [night, evening, {**evening, "hour": None}]
    refused = [
        {**night, "age": 21 * HOUR_MS},
        {**night, "hour": 10},
        {**night, "hour": None},
        {**night, "idle": False},
        {**evening, "idle": False},
        {**evening, "cutOff": True},
    ]
    assert [ask(page, "mayReload", one) for one in allowed] == [True] * len(allowed)
    assert [ask(page, "mayReload", one) for one in refused] == [False] * len(refused)


def test_a_page_rescues_itself_only_from_what_lasts(stage: Stage) -> None:
    page = stage.open()
    well = {"silent": 299_000, "failing": 29_000, "undrawn": 119_000, "visible": True}
    assert ask(page, "mustReload", well) is False
    assert ask(page, "mustReload", {**well, "silent": 300_000}) is True
    assert ask(page, "mustReload", {**well, "failing": 30_000}) is True
    assert ask(page, "mustReload", {**well, "undrawn": 120_000}) is True
    assert ask(page, "mustReload", {**well, "undrawn": 120_000, "visible": False}) is False


@pytest.fixture
def loads(stage: Stage) -> Iterator[tuple[Page, list[str]]]:
    """A page, and where it went since."""
    page = stage.open()
    went: list[str] = []
    page.on("framenavigated", lambda frame: went.append(frame.url))
    yield page, went


def leap(page: Page, ms: float) -> None:
    page.evaluate("ms => { window.leapt += ms; }", ms)


def until_loaded_again(page: Page) -> None:
    page.wait_for_function("() => window.leapt === 0", timeout=WAIT_MS)


def test_the_daily_renewal_loses_no_call(stage: Stage, loads: tuple[Page, list[str]]) -> None:
    page, went = loads
    stage.show(replace(CLOSED, calls=BOARD.calls))
    expect(page.locator("main.plain")).to_be_visible()
    new = replace(BOARD.calls[-1], seq=BOARD.calls[-1].seq + 1, number="A025")

    def call_meanwhile(route: Any) -> None:
        stage.show(replace(BOARD, seq=BOARD.seq + 1, calls=(*BOARD.calls, new)))
        route.continue_()

    page.route("**/", call_meanwhile)
    leap(page, 23 * HOUR_MS)
    until_loaded_again(page)
    expect(page.locator(".spot.fresh .who")).to_have_text("A025")
    assert page.evaluate("window.seen") == ["A025"] and len(went) == 1


def test_a_call_that_comes_just_before_the_renewal_puts_it_off(stage: Stage, loads: tuple[Page, list[str]]) -> None:
    page, went = loads
    stage.show(replace(CLOSED, calls=BOARD.calls))
    expect(page.locator("main.plain")).to_be_visible()
    asked: list[Route] = []
    page.route("**/healthz", lambda route: asked.append(route))
    with page.expect_request("**/healthz", timeout=WAIT_MS):
        leap(page, 23 * HOUR_MS)
    new = replace(BOARD.calls[-1], seq=BOARD.calls[-1].seq + 1, number="A025")
    stage.show(replace(BOARD, seq=BOARD.seq + 1, calls=(*BOARD.calls, new)))
    expect(page.locator(".spot.fresh .who")).to_have_text("A025")
    with page.expect_event("requestfinished", lambda request: request.url.endswith("/healthz")):
        asked[0].continue_()
    page.wait_for_timeout(1000)
    assert went == []


def test_by_day_and_without_an_agent_a_page_stays(stage: Stage, loads: tuple[Page, list[str]]) -> None:
    page, went = loads
    leap(page, 23 * HOUR_MS)
    page.wait_for_timeout(4000)  # two heartbeats: whatever was to happen has happened
    stage.fall()
    leap(page, 10_000)
    expect(page.locator(".banner")).to_contain_text("连接中断", timeout=WAIT_MS)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/healthz"), timeout=WAIT_MS):
        leap(page, HOUR_MS)  # it would rescue itself, and asks first
    page.wait_for_timeout(1000)
    assert went == []
    stage.rise()
    expect(page.locator(".banner")).to_have_count(0, timeout=WAIT_MS)


def get_stuck(page: Page) -> None:
    with page.expect_console_message(lambda said: said.type == "error"):
        page.evaluate(STUCK)


def test_a_page_that_can_no_longer_draw_loads_itself_again(loads: tuple[Page, list[str]]) -> None:
    page, went = loads
    get_stuck(page)
    leap(page, 31_000)
    until_loaded_again(page)
    get_stuck(page)
    leap(page, 31_000)
    page.wait_for_timeout(2500)
    assert len(went) == 1, "and not again and again"


def test_a_page_that_hears_nothing_of_an_agent_that_answers_loads_itself_again(loads: tuple[Page, list[str]]) -> None:
    page, went = loads
    page.route("**/events", lambda route: route.abort())
    leap(page, 10_000)
    expect(page.locator(".banner")).to_contain_text("连接中断")
    leap(page, 301_000)
    until_loaded_again(page)
    assert len(went) == 1


def test_calls_that_are_no_news_are_listed_in_silence(stage: Stage) -> None:
    stage.show(replace(BOARD, calls=BOARD.calls[:3]))
    page = stage.open()
    expect(page.locator(".who")).to_have_text(BOARD.calls[2].number)
    stage.now += timedelta(minutes=5)
    leap(page, 300_000)
    page.wait_for_timeout(2500)  # a heartbeat told the hour
    just_now = replace(BOARD.calls[-1], at=stage.now)
    stage.show(replace(BOARD, calls=(*BOARD.calls[:-1], just_now), seq=BOARD.seq + 1))
    expect(page.locator(".spot.fresh .who")).to_have_text(just_now.number)
    expect(page.locator(".recent li")).to_have_count(7)
    assert page.evaluate("window.seen") == [just_now.number]


COUNT = """
const steady = performance.now.bind(performance);
let leapt = 0;
performance.now = () => steady() + leapt;
const hear = EventSource.prototype.addEventListener;
let fed = Promise.resolve();
let seen = 0;
EventSource.prototype.addEventListener = function (name, tell) {
  const take = name === "wall" ? (event) => oneByOne(JSON.parse(event.data), tell) : tell;
  hear.call(this, name, (event) => { fed = fed.then(() => take(event)); });
};
async function oneByOne(wall, tell) {
  const before = wall.calls.filter((call) => call.seq <= seen).length;
  for (let count = Math.min(before + 1, wall.calls.length); count <= wall.calls.length; count++) {
    leapt += 3100; // the call before has had its turn
    const calls = wall.calls.slice(0, count);
    tell({ data: JSON.stringify({ ...wall, calls, seq: calls.at(-1)?.seq ?? wall.seq }) });
    await null; // those who watch are told
  }
  seen = wall.calls.at(-1)?.seq ?? seen;
}
window.turns = 0; window.last = 0; window.disorder = 0;
new MutationObserver(() => {
  const seq = Number(document.querySelector(".spot.fresh")?.dataset.seq ?? 0);
  if (seq === 0 || seq === window.last) return;
  if (seq !== window.last + 1) window.disorder += 1;
  window.last = seq;
  window.turns += 1;
}).observe(document, {childList: true, subtree: true, attributes: true, attributeFilter: ["data-seq", "class"]});
"""
"""States hold twenty new calls each; the page hears of one after the other, and its clock leaps on by more than a
turn, so that 10,000 calls take a minute and not a night. Besides, the page keeps three numbers."""


def test_ten_thousand_calls_leave_nothing_behind(
    stage: Stage, browser: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.show(numbered(0))
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    try:
        page = context.new_page()
        page.add_init_script(COUNT)
        page.goto(stage.url + "?silent")
        expect(page.locator("main.live")).to_be_visible()
        tools = context.new_cdp_session(page)
        feed(stage, page, 1, 1000)
        early = figures(tools)
        feed(stage, page, 1001, 10_000)
        late = figures(tools)
        assert page.evaluate("[window.turns, window.last, window.disorder]") == [10_000, 10_000, 0]
    finally:
        context.close()
    with capsys.disabled():
        print(f"\nafter 1,000 calls: {early}\nafter 10,000 calls: {late}")
    assert late["nodes"] <= early["nodes"] + 20  # what awaits the next look of the collector
    assert late["listeners"] <= early["listeners"] + 20
    assert late["heap_kB"] - early["heap_kB"] < 300  # 33 bytes a call: nothing of a call is kept


def numbered(seq: int) -> Board:
    """The board just after call `seq`, of changing length in all that is drawn."""
    calls = tuple(a_call(one) for one in range(max(1, seq - KEPT + 1), seq + 1))
    queues = tuple(replace(queue, waiting=seq * 7 % 40) for queue in BOARD.queues)
    return replace(BOARD, seq=seq, calls=calls, queues=queues, items=())


def a_call(seq: int) -> Call:
    """Always news, however far the page's clock leapt."""
    at = BOARD.at + timedelta(days=7)
    return replace(BOARD.calls[0], seq=seq, number=f"A{seq % 1000:03}", window=f"{seq % 32 + 1:02}", at=at)


def feed(stage: Stage, page: Page, first: int, last: int) -> None:
    for seq in range(first + BATCH - 1, last + 1, BATCH):
        stage.call(numbered(seq))
        page.wait_for_function("seq => window.last === seq", arg=seq, polling=20, timeout=WAIT_MS)


def figures(tools: CDPSession) -> dict[str, int]:
    """What the page holds at the least, in some seconds: garbage awaits the collector, the slide may be changing."""
    looks = [look(tools) for _ in range(10)]
    return {name: min(one[name] for one in looks) for name in looks[0]}


def look(tools: CDPSession) -> dict[str, int]:
    sleep(LOOK_AGAIN_S)
    tools.send("HeapProfiler.collectGarbage")
    counters = tools.send("Memory.getDOMCounters")
    heap = tools.send("Runtime.getHeapUsage")
    return {
        "heap_kB": round(heap["usedSize"] / 1000),
        "nodes": counters["nodes"],
        "listeners": counters["jsEventListeners"],
    }
