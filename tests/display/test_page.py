"""The wall in a real Chromium, fed by the real agent. Screenshots go to build/screens/ to be looked at."""

import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

SCREENS = Path(__file__).resolve().parents[2] / "build" / "screens"
FULL_HD = {"width": 1920, "height": 1080}
WATCH = """
window.seen = []; window.tones = 0;
new MutationObserver(() => {
  const who = document.querySelector(".spot.fresh .who")?.textContent;
  if (who && window.seen.at(-1) !== who) window.seen.push(who);
}).observe(document, {childList: true, subtree: true, characterData: true, attributes: true});
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return make.call(this); };
"""


@pytest.fixture
def open_wall(complaints: list[str], open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens pages that watch what they announce. A page that complains in its console fails its test."""

    def open_it(url: str, width: int = 1920, height: int = 1080, **options: Any) -> Page:
        page = open_page("about:blank", width, height, **options)
        page.add_init_script(WATCH)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Security" in said.text else None)
        page.goto(url)
        return page

    return open_it


def call(window: str, number: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "call", {"window": window, "number": number, **more}


def live(page: Page) -> Page:
    expect(page.locator("main.live")).to_be_visible(timeout=10_000)
    return page


def chimed(page: Page, times: int) -> None:
    """A call is shown first: the page sounds it when the agent has let it."""
    page.wait_for_function("tones => window.tones >= tones", arg=2 * times)
    assert page.evaluate("window.tones") == 2 * times


def shoot(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=SCREENS / f"{name}.png")


def test_two_calls_at_once_take_turns_each_chimed_once(server: Any, start_agent: Any, open_wall: Any) -> None:
    page = live(open_wall(start_agent(server.url).wall))
    expect(page.locator(".spot.empty")).to_be_visible()
    shoot(page, "wall-empty")
    server.do(call("03", "A001"), call("04", "B001"))
    expect(page.locator(".who")).to_have_text("A001")
    expect(page.locator(".recent li")).to_have_count(2)
    expect(page.locator(".spot .more")).to_have_text("后面还有 1 个号")
    shoot(page, "wall-two-calls")
    expect(page.locator(".who")).to_have_text("B001")
    expect(page.locator(".go b")).to_have_text("04")
    server.do(call("03", "A001", recall=True))
    expect(page.locator(".spot .label")).to_contain_text("再次呼叫")
    expect(page.locator(".recent li")).to_have_count(2)  # a number called again is one row
    chimed(page, 3)
    assert page.evaluate("window.seen") == ["A001", "B001", "A001"]


def test_a_burst_is_announced_whole_and_leaves_nothing_behind(server: Any, start_agent: Any, open_wall: Any) -> None:
    page = live(open_wall(start_agent(server.url).wall))
    numbers = [f"C{n:03}" for n in range(1, 11)]
    server.do(*[call(f"{n:02}", number) for n, number in enumerate(numbers, 1)])
    expect(page.locator(".who")).to_have_text("C010", timeout=30_000)
    assert page.evaluate("window.seen") == numbers
    expect(page.locator(".recent li")).to_have_count(7)
    shoot(page, "wall-busy")


def test_who_is_served_is_not_called_any_longer(server: Any, start_agent: Any, open_wall: Any) -> None:
    """But each call is shown once, however quick its citizen was."""
    page = live(open_wall(start_agent(server.url).wall))
    server.do(call("03", "A001"), call("04", "B001"))
    expect(page.locator(".fresh .who")).to_have_text("A001")
    server.do(("serve", {"window": "04"}))  # before its turn
    expect(page.locator(".fresh .who")).to_have_text("B001", timeout=10_000)
    expect(page.locator(".fresh")).to_have_count(0, timeout=10_000)
    expect(page.locator(".label")).to_contain_text("最近呼叫")
    server.do(("finish", {"window": "04"}), ("set", {"ticker": "办结之后"}))
    expect(page.locator(".ticker")).to_contain_text("办结之后")
    expect(page.locator(".label")).to_contain_text("最近呼叫")
    assert page.evaluate("window.seen") == ["A001", "B001"]


def test_a_call_that_was_overtaken_takes_no_turn_a_minute_later(
    server: Any, start_agent: Any, open_wall: Any
) -> None:
    page = live(open_wall(start_agent(server.url).wall))
    waiting = page.evaluate(
        """async () => {
          const { advance, dark, receive } = await import("/screen/spotlight.mjs");
          const at = "2026-03-02T10:00:00+08:00", made = Date.parse(at);
          const calls = [1, 2, 3].map((seq) => ({ seq, at, number: `A00${seq}`, answered: false }));
          const light = advance(receive(dark(0), calls, 0, 3, made), 0);
          const later = calls.map((call) => ({ ...call, answered: call.seq < 3 }));
          const heard = (ms) => receive(light, later, 0, 4, made + ms);
          const finished = receive(heard(59_000), calls, 0, 5, made + 61_000);
          return [heard(59_000), heard(61_000), finished].map((now) => now.waiting.map((one) => one.number));
        }"""
    )
    assert waiting == [["A002", "A003"], ["A003"], ["A003"]]


def undo(window: str) -> tuple[str, dict[str, Any]]:
    return "undo", {"window": window}


def test_a_call_that_was_taken_back_leaves_the_spotlight_and_the_list(
    server: Any, start_agent: Any, open_wall: Any
) -> None:
    page = live(open_wall(start_agent(server.url).wall))
    server.do(call("03", "A001"))
    expect(page.locator(".who")).to_have_text("A001")
    server.do(call("04", "B001"))
    expect(page.locator(".who")).to_have_text("B001")
    server.do(undo("04"))
    expect(page.locator(".who")).to_have_text("A001")
    expect(page.locator(".spot.fresh")).to_have_count(0)
    expect(page.locator(".recent li")).to_have_count(1)
    server.do(undo("03"))
    expect(page.locator(".spot.empty")).to_be_visible()
    expect(page.locator(".recent li")).to_have_count(0)


@pytest.mark.parametrize(("calls_from", "turns"), [(0, [None, 3]), (3, [1, 2, 3])])
def test_older_calls_lose_their_turn_when_withdrawn_but_not_when_the_list_is_full(
    server: Any, start_agent: Any, open_wall: Any, calls_from: int, turns: list[int | None]
) -> None:
    page = live(open_wall(start_agent(server.url).wall))
    left = page.evaluate(
        """async (from) => {
          const { dark, receive, advance } = await import("/screen/spotlight.mjs");
          const calls = [1, 2, 3].map((seq) => ({ seq }));
          const first = advance(receive(dark(0), calls, 0, 3), 0);
          const { current, waiting } = receive(first, calls.slice(2), from, 5);
          return [current?.seq ?? null, ...waiting.map((call) => call.seq)];
        }""",
        calls_from,
    )
    assert left == turns


def cut_off_after_a_call(server: Any, start_agent: Any, open_wall: Any) -> tuple[Any, Page]:
    """An agent that was killed, and its page, which saw A001 called and says that the connection is gone."""
    agent = start_agent(server.url)
    page = live(open_wall(agent.wall))
    server.do(call("01", "A001"))
    expect(page.locator(".who")).to_have_text("A001")
    agent.process.kill()
    expect(page.locator(".banner")).to_contain_text("连接中断")
    return agent, page


def test_lost_agent_is_said_by_the_page_itself_and_calls_made_meanwhile_are_announced(
    server: Any, start_agent: Any, open_wall: Any
) -> None:
    agent, page = cut_off_after_a_call(server, start_agent, open_wall)
    expect(page.locator(".spot.fresh")).to_have_count(0)
    server.do(call("02", "A002"))
    start_agent(server.url, port=agent.port)
    expect(page.locator(".who")).to_have_text("A002", timeout=15_000)
    expect(page.locator(".banner")).to_have_count(0)
    assert page.evaluate("window.seen") == ["A001", "A002"]


def test_a_wall_that_was_off_for_five_minutes_catches_up_in_silence(
    server: Any, start_agent: Any, open_wall: Any
) -> None:
    agent, page = cut_off_after_a_call(server, start_agent, open_wall)
    missed = [call(f"{n:02}", f"B{n:03}", age_s=300 - n) for n in range(2, 7)]
    server.do(*missed, call("07", "B007", age_s=5))
    start_agent(server.url, port=agent.port)
    expect(page.locator(".spot.fresh .who")).to_have_text("B007", timeout=15_000)
    expect(page.locator(".recent li > b")).to_have_text([f"B{n:03}" for n in range(7, 1, -1)] + ["A001"])
    chimed(page, 2)
    assert page.evaluate("window.seen") == ["A001", "B007"]


def test_frozen_agent_and_frozen_server_are_both_said(server: Any, start_agent: Any, open_wall: Any) -> None:
    agent = start_agent(server.url)
    page = live(open_wall(agent.wall))
    server.do(call("01", "A001"))
    expect(page.locator(".who")).to_have_text("A001")
    agent.process.send_signal(signal.SIGSTOP)
    expect(page.locator(".banner")).to_be_visible(timeout=10_000)
    agent.process.send_signal(signal.SIGCONT)
    expect(page.locator(".banner")).to_have_count(0, timeout=15_000)
    server.freeze()
    expect(page.locator(".banner")).to_contain_text("画面停在", timeout=10_000)
    shoot(page, "wall-stale")
    server.thaw()
    expect(page.locator(".banner")).to_have_count(0, timeout=15_000)


def test_reloaded_page_does_not_announce_again(server: Any, start_agent: Any, open_wall: Any) -> None:
    page = live(open_wall(start_agent(server.url).wall))
    server.do(call("01", "A001"))
    expect(page.locator(".fresh .who")).to_have_text("A001")
    server.do(("serve", {"window": "01"}))
    expect(page.locator(".fresh")).to_have_count(0)  # it had its turn
    page.reload()
    expect(live(page).locator(".who")).to_have_text("A001")
    assert page.evaluate("[window.seen, window.tones]") == [[], 0]
    server.do(call("02", "A002"))
    expect(page.locator(".spot.fresh .who")).to_have_text("A002")


def test_a_page_reloaded_during_a_call_goes_on_with_it(server: Any, start_agent: Any, open_wall: Any) -> None:
    """Its chime alone takes nearly a second."""
    page = live(open_wall(start_agent(server.url).wall))
    server.do(call("01", "A001"))
    page.wait_for_function("() => window.tones > 0", polling=10)
    page.reload()
    expect(page.locator(".fresh .who")).to_have_text("A001")
    chimed(page, 1)


def test_walls_of_two_zones_in_one_browser_keep_their_own_place(
    server: Any, start_agent: Any, open_wall: Any
) -> None:
    wall = start_agent(server.url).wall
    here = live(open_wall(wall + "?zone=A区"))
    there = here.context.new_page()
    there.goto(wall + "?zone=B区")
    live(there)
    here.goto("about:blank")
    server.do(call("01", "A001"))
    server.do(call("08", "B001"))
    expect(there.locator(".fresh .who")).to_have_text("B001")
    here.goto(wall + "?zone=A区")
    expect(here.locator(".fresh .who")).to_have_text("A001")


def test_new_agent_version_reloads_the_page_once(server: Any, start_agent: Any, open_wall: Any) -> None:
    agent = start_agent(server.url)
    page = live(open_wall(agent.wall))
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))

    def old_page(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub('data-build="[^"]*"', 'data-build="old"', answer.text()))

    page.route(agent.wall, old_page)
    with page.expect_event("framenavigated", lambda _: len(loads) == 2):  # once by us, once by itself
        page.goto(agent.wall)
    live(page)
    page.wait_for_timeout(1000)
    assert len(loads) == 2


def test_zone_clock_and_sizes(server: Any, start_agent: Any, open_wall: Any) -> None:
    agent = start_agent(server.url)
    page = live(open_wall(agent.wall + "?zone=B区", timezone_id="America/New_York"))
    server.do(call("01", "A001"), call("08", "B002"))
    expect(page.locator(".who")).to_have_text("B002")
    expect(page.locator(".recent li")).to_have_count(1)
    expect(page.locator(".place")).to_contain_text("2 楼 · B区")
    page.wait_for_function(
        """() => {
          const beijing = { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" };
          return document.querySelector(".time").textContent === new Date().toLocaleTimeString("zh-CN", beijing);
        }"""
    )
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.who')).fontSize)") >= 140
    assert page.evaluate("document.querySelector('.recent li').offsetHeight") >= 64
    assert page.evaluate("document.querySelector('.spot').scrollWidth <= document.querySelector('.spot').clientWidth")


@pytest.mark.parametrize(("width", "height"), [(3840, 2160), (1080, 1920), (1280, 720)])
def test_other_screens_scale(server: Any, start_agent: Any, open_wall: Any, width: int, height: int) -> None:
    server.do(call("03", "M001"))
    page = live(open_wall(start_agent(server.url).wall, width, height))
    expect(page.locator(".who")).to_have_text("M001")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    gap = "document.querySelector('.go').getBoundingClientRect().left"
    assert page.evaluate(f"{gap} >= document.querySelector('.who').getBoundingClientRect().right")
    shoot(page, f"wall-{width}x{height}")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920)])
def test_long_names_push_nothing_off_the_screen(
    server: Any, start_agent: Any, open_wall: Any, width: int, height: int
) -> None:
    name = "滨江市人力资源和社会保障局社会保险经办服务中心暨医疗保障联合服务大厅"
    reason = "今天下午开展业务学习，14:30 起恢复取号，急事请到导办台，谢谢理解与配合"
    server.do(call("03", "M001"), ("set", {"hall_name": name, "open": False, "closed_reason": reason}))
    page = live(open_wall(start_agent(server.url).wall, width, height))
    expect(page.locator(".who")).to_have_text("M001")
    beyond = """() => [...document.querySelectorAll("#wall *")].filter((e) => e.getClientRects().length
      && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className || e.tagName)"""
    assert page.evaluate(beyond) == []
    shoot(page, f"wall-long-names-{width}")


def test_a_hall_with_nothing_to_tell_has_no_empty_bars(server: Any, start_agent: Any, open_wall: Any) -> None:
    server.do(("set", {"items": [], "notices": [], "queues": []}))
    page = live(open_wall(start_agent(server.url).wall))
    expect(page.locator("footer, .large, .ticker")).to_have_count(0)
    shoot(page, "wall-bare")


def test_an_idle_queue_says_so_once(server: Any, start_agent: Any, open_wall: Any) -> None:
    idle = {"code": "A", "name": "社保", "name_en": "", "open": True, "waiting": 0, "windows": 1, "order": []}
    busy = {**idle, "code": "B", "waiting": 3, "order": ["B003", "B004", "B005"]}
    server.do(("set", {"queues": [idle, busy]}))
    page = live(open_wall(start_agent(server.url).wall))
    expect(page.locator("article").nth(0)).to_have_text(re.compile(r"^\s*社保\s*暂无等候\s*$"))
    expect(page.locator("article").nth(1).locator(".next")).to_have_text(re.compile(r"接下来\s*B003\s*B004\s*B005"))
    shoot(page, "wall-idle-queue")


FULL = {"open": False, "note": "今天上午的号已取完", "note_en": "all taken this morning"}


def queues(*crowds: tuple[int, int], **first: Any) -> tuple[str, dict[str, Any]]:
    """One queue for each (waiting, open windows), the first with more said."""
    names = ["社保", "养老待遇", "工伤与失业", "就业创业", "社会保险登记与缴费", "医保", "公积金", "户政", "综合"]
    made = [
        {
            "code": code, "name": name, "name_en": "", "open": True, "waiting": waiting, "windows": windows,
            "order": [f"{code}{n:03}" for n in range(1, min(waiting, 10) + 1)],
        }
        for code, name, (waiting, windows) in zip("ABCDEFGHJ", names, crowds, strict=False)
    ]  # fmt: skip
    return "set", {"queues": [{**made[0], **first}, *made[1:]]}


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920)])
@pytest.mark.parametrize("waiting", [0, 12])
def test_why_a_queue_gives_no_numbers_is_said_in_its_own_words(
    server: Any, start_agent: Any, open_wall: Any, waiting: int, width: int, height: int
) -> None:
    server.do(queues((waiting, 1), (2, 1), (0, 1), (1, 1), **FULL))
    page = live(open_wall(start_agent(server.url).wall, width, height))
    count = page.locator("article").nth(0).locator(".count")
    expect(count).to_contain_text("今天上午的号已取完")
    expect(count.locator("[lang=en]")).to_have_text("all taken this morning")
    for card in page.locator("article").all():
        line, words = card.locator(".count").bounding_box(), card.locator("em, .count").last.bounding_box()
        assert line and words and words["x"] + words["width"] <= line["x"] + line["width"]
        assert words["y"] + words["height"] <= line["y"] + line["height"] + 1
    shoot(page, f"wall-queue-full-{width}-{waiting}")
    server.do(queues((waiting, 1), open=False))
    expect(count).to_contain_text("暂停取号")


IDLE, OPEN = (0, 0), (0, 1)


@pytest.mark.parametrize(
    ("crowds", "shown"),
    [
        ([IDLE, OPEN, IDLE, OPEN, IDLE, IDLE, IDLE, (5, 1), IDLE], ["A", "B", "D", "H"]),
        ([IDLE, OPEN, OPEN, OPEN, OPEN, OPEN, OPEN, (5, 0), OPEN], ["B", "C", "D", "H"]),
        ([IDLE, (3, 1), OPEN], ["A", "B", "C"]),
        ([(1, 1), IDLE, (1, 1), (1, 1), (1, 1), OPEN, (1, 1)], ["A", "C", "D"]),  # and E, G on the next page
    ],
)
def test_the_queues_in_which_people_wait_are_on_the_wall(
    server: Any, start_agent: Any, open_wall: Any, crowds: list[tuple[int, int]], shown: list[str]
) -> None:
    server.do(queues(*crowds))
    page = open_wall(start_agent(server.url).wall)
    page.evaluate("performance.now = () => 100")  # the first page of queues, and no silence
    live(page)
    made = queues(*crowds)[1]["queues"]
    expect(page.locator("article h3")).to_have_text([q["name"] for q in made if q["code"] in shown])
    shoot(page, f"wall-queues-{''.join(shown)}")


def test_the_words_for_a_dead_agent_are_drawn_in_the_font(server: Any, start_agent: Any, open_wall: Any) -> None:
    page = live(open_wall(start_agent(server.url).wall))
    said = "连接中断，画面停在请留意窗口屏和现场引导 Connection lost. Last update 0123456789:"
    page.wait_for_function("said => document.fonts.check('700 20px \"Noto Sans SC Variable\"', said)", arg=said)


def test_closed_and_closing_halls_say_so(server: Any, start_agent: Any, open_wall: Any, tmp_path: Path) -> None:
    page = live(open_wall(start_agent(server.url).wall))
    server.do(("set", {"open": False, "closed_reason": "已停止取号，明天 8:30 再来"}))
    expect(page.locator(".banner")).to_contain_text("已停止取号")
    shoot(page, "wall-closing")
    server.do(("set", {"queues": [], "windows": []}))
    expect(page.locator("main.plain")).to_contain_text("明天 8:30")
    shoot(page, "wall-closed")


def test_before_the_hall_is_reached(server: Any, start_agent: Any, open_wall: Any) -> None:
    page = open_wall(start_agent(server.url, token="wrong").wall)
    expect(page.locator("main.plain")).to_contain_text("正在连接")


def test_blocked_sound_is_said_and_one_touch_allows_it(server: Any, start_agent: Any, browser: Browser) -> None:
    strict = browser.browser_type.launch(
        executable_path="/usr/bin/chromium",
        args=["--no-sandbox", "--autoplay-policy=document-user-activation-required"],
    )
    try:
        page = strict.new_page(viewport=FULL_HD)
        page.goto(start_agent(server.url).wall)
        hint = page.get_by_role("button", name="点击开启声音")
        expect(hint).to_be_visible()
        shoot(page, "wall-silent")
        hint.click()
        expect(hint).to_have_count(0)
    finally:
        strict.close()
