"""The voice as a wall speaks it: real agent, real espeak-ng, real Chromium. What sounds is read off the page's own
audio graph, in seconds of its audio clock; what runs the engine is counted by a program in front of espeak-ng."""

import os
import shutil
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from display.voice.sound import LONGEST_S, to_wav
from display.voice.voice import texts
from server.contract.board import Board
from server.contract.codec import from_json
from tests.display.conftest import TOKEN
from tests.display.test_voice_parts import tone

ESPEAK = shutil.which("espeak-ng")
VOICE = "[voice]\n"
LISTEN = """
window.heard = []; window.pages = 0;
const named = new WeakMap();
const ask = window.fetch;
window.fetch = async (where, ...more) => {
  const answer = await ask(where, ...more);
  const read = answer.arrayBuffer.bind(answer);
  answer.arrayBuffer = async () => {
    const data = await read();
    named.set(data, decodeURIComponent(where));
    return data;
  };
  return answer;
};
const decode = AudioContext.prototype.decodeAudioData;
AudioContext.prototype.decodeAudioData = async function (data, ...more) {
  const name = named.get(data).replace("/voice/clips/", "");
  const buffer = await decode.call(this, data, ...more);
  named.set(buffer, name);
  return buffer;
};
const note = (node, text, at) => {
  const context = node.context, wall = () => performance.timeOrigin + performance.now();
  const one = {text, start: at, sounds: wall() + (at - context.currentTime) * 1000, end: null, stopped: false};
  window.heard.push(one);
  node.addEventListener("ended", () => { one.end = context.currentTime; });
  return one;
};
const play = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (at) {
  note(this, named.get(this.buffer), at).length = this.buffer.duration;
  return play.call(this, at);
};
const stop = AudioBufferSourceNode.prototype.stop;
AudioBufferSourceNode.prototype.stop = function (...args) {
  window.heard.at(-1).stopped = true;
  return stop.apply(this, args);
};
const hum = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { note(this, "", at); return hum.call(this, at); };
"""

REMEMBERED = """(seq) => JSON.parse(localStorage.getItem("jiaohao.heard ") ?? '{"seq": 0}').seq >= seq"""


@pytest.fixture
def engine_runs(tmp_path: Path) -> Callable[[], int]:
    """Put `PATH` into the agent's environment, and each run of espeak-ng that makes a sound is counted."""
    log = tmp_path / "runs"
    log.touch()
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "espeak-ng"
    program.write_text(f'#!/bin/sh\ncase "$*" in *--stdout*) echo run >>{log} ;; esac\nexec {ESPEAK} "$@"\n')
    program.chmod(0o755)
    return lambda: len(log.read_text().splitlines())


@pytest.fixture
def start_voice(
    server: Any, start_agent: Any, tmp_path: Path, engine_runs: Any, wait_until: Callable[..., Any]
) -> Callable[..., Any]:
    """An agent that has made all that its hall lets expect."""

    def start(settings: str = "repeats = 1\n") -> Any:
        agent = start_agent(server.url, VOICE + settings, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        for text in texts(board_of(server)):
            wait_until(lambda text=text: made(agent, text), 90)
        return agent

    return start


def board_of(server: Any) -> Board:
    answer = requests.get(f"{server.url}/api/v1/board", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=5)
    return from_json(Board, answer.json(), strict=False)


def made(agent: Any, text: str) -> bool:
    return requests.get(f"{agent.wall}voice/clips/{text}", timeout=10).ok


@dataclass
class Wall:
    page: Page

    @property
    def heard(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate("window.heard")
        return found

    @property
    def words(self) -> list[str]:
        return [one["text"] for one in self.heard if one["text"]]

    @property
    def tones(self) -> int:
        return sum(not one["text"] for one in self.heard)

    def remembers(self, seq: int) -> bool:
        """Whether this page's successor will not say the call again: a moment after the last word has ended."""
        return bool(self.page.evaluate(REMEMBERED, seq))

    def shows(self, number: str, timeout: float = 8000) -> None:
        expect(self.page.locator(".who")).to_have_text(number, timeout=timeout)


@pytest.fixture
def open_wall(complaints: list[str], open_page: Callable[..., Page]) -> Iterator[Callable[..., Wall]]:
    def open_it(url: str) -> Wall:
        page = open_page("about:blank", 1280, 720)
        page.add_init_script(LISTEN)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Security" in said.text else None)
        page.goto(url)
        expect(page.locator("main.live")).to_be_visible(timeout=15_000)
        return Wall(page)

    yield open_it


def call(window: str, number: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "call", {"window": window, "number": number, **more}


def pieces(number: str, window: str) -> list[str]:
    digits = "".join("零一二三四五六七八九"[int(c)] for c in number[1:])
    counted = ["", *"一二三四五六七八九十", "十一", "十二"][int(window)]
    return [f"请，{number[0]}", f"{digits}号", f"到{counted}号窗口办理"]


def prepared(agent: Any, number: str, window: str) -> bool:
    return all(made(agent, text) for text in pieces(number, window))


CALLS = [(f"{'ABCDE'[n % 5]}{n * 37:03d}", f"{n:02d}") for n in range(1, 11)]


def test_ten_calls_in_one_second_are_spoken_in_order_none_cut_off_and_none_made_at_the_call(
    server: Any, start_voice: Any, open_wall: Any, engine_runs: Any, wait_until: Callable[..., Any]
) -> None:
    agent = start_voice("repeats = 2\n")
    wall = open_wall(agent.wall)
    server.do(*[("issue", {"number": number}) for number, _ in CALLS])
    wait_until(lambda: all(prepared(agent, *one) for one in CALLS), 60)
    before = engine_runs()
    assert before > 20
    server.do(*[call(window, number) for number, window in CALLS])
    wait_until(lambda: wall.words.count("到十号窗口办理") == 2, 120)
    wait_until(lambda: all(one["end"] for one in wall.heard), 20)
    assert engine_runs() == before, "something was made when it was called"
    spoken = [one for one in wall.heard if one["text"]]
    once = [text for one in CALLS for text in pieces(*one)]
    assert [text for i, text in enumerate(wall.words) if is_first(wall.words, i)] == once
    assert wall.words.count(once[1]) == 1, "in a crowd each is said once"
    assert wall.words[-6:] == pieces(*CALLS[-1]) * 2, "the last one again"
    for one, after in zip(spoken, [*spoken[1:], None], strict=True):
        assert not one["stopped"] and one["end"] >= one["start"] + one["length"] - 0.02
        assert after is None or after["start"] >= one["start"] + one["length"] + 0.05
    expect(wall.page.locator(".recent li")).to_have_count(7)


def is_first(words: list[str], i: int) -> bool:
    """Whether the saying that this piece belongs to is the first of its call."""
    saying = i // 3
    return saying == 0 or words[3 * saying : 3 * saying + 3] != words[3 * saying - 3 : 3 * saying]


def test_from_call_to_sound(
    server: Any, start_voice: Any, open_wall: Any, engine_runs: Any, wait_until: Callable[..., Any]
) -> None:
    agent = start_voice()
    wall = open_wall(agent.wall)
    numbers = [f"A{n:03d}" for n in range(1, 6)]
    runs, chimes, words = engine_runs(), [], []
    for i, number in enumerate(numbers):
        began = wall.page.evaluate("performance.timeOrigin + performance.now()")
        server.do(call("01", number))
        wait_until(lambda n=i + 1: len(wall.words) == 3 * n and all(one["end"] for one in wall.heard), 30)
        said = wall.heard[-5:]
        chimes.append(said[0]["sounds"] - began)
        words.append(said[2]["sounds"] - began)
    assert engine_runs() == runs
    print(
        f"call to first tone: median {statistics.median(chimes):.0f} ms; "
        f"to first word: median {statistics.median(words):.0f} ms"
    )


def test_calls_made_while_a_wall_was_away_are_shown_and_not_spoken(
    server: Any, start_voice: Any, open_wall: Any, wait_until: Callable[..., Any]
) -> None:
    """The calls carry times of five minutes ago, as they would after an outage of so long."""
    agent = start_voice()
    wall = open_wall(agent.wall)
    server.do(call("01", "A001"))
    wait_until(lambda: wall.words == pieces("A001", "01"), 20)
    server.do(("lose", {"count": 4}))
    server.do(*[call(f"{n:02}", f"B{n:03}", age_s=300 - 60 * n) for n in range(1, 5)])
    wall.shows("B004", 15_000)
    expect(wall.page.locator(".recent li")).to_have_count(5)
    expect(wall.page.locator(".spot.fresh")).to_have_count(0)
    server.do(call("02", "B002", recall=True))
    wait_until(lambda: len(wall.words) >= 6, 20)
    assert wall.words == pieces("A001", "01") + pieces("B002", "02"), "a fresh recall is spoken"
    assert wall.tones == 4


def test_one_wall_speaks_the_others_wait_for_it_and_one_takes_over(
    server: Any, start_voice: Any, open_wall: Any, wait_until: Callable[..., Any]
) -> None:
    agent = start_voice()
    first = open_wall(agent.wall)
    server.do(call("01", "A001"))
    wait_until(lambda: first.words == pieces("A001", "01"), 30)
    second, silent, other = [open_wall(agent.wall + query) for query in ("", "?silent", "?zone=B区")]
    *_, last = server.do(call("02", "A002"), call("08", "A003"))
    for wall in (first, second, silent):
        wall.shows("A002")
    wait_until(lambda: other.words == pieces("A003", "08"), 20)
    wait_until(lambda: first.words[3:] == pieces("A002", "02") + pieces("A003", "08"), 30)
    for wall in (first, second, silent):
        wall.shows("A003")
    wait_until(lambda: first.remembers(last), 10)
    first.page.close()
    server.do(call("03", "A004"))
    wait_until(lambda: second.words == pieces("A004", "03"), 20)
    assert silent.heard == []


HEARD_LATE = """
const listen = EventSource.prototype.addEventListener;
EventSource.prototype.addEventListener = function (name, tell) {
  const late = (event) => setTimeout(tell, %d, event);
  return listen.call(this, name, name === "%s" ? late : tell);
};
"""
"""The page hears all of the agent's events at once, but those of one name late."""
TURNS_ASKED = """
window.asked = [];
const send = window.fetch;
window.fetch = (where, how) => {
  if (where === "/voice/turn") window.asked.push(JSON.parse(how.body).said);
  return send(where, how);
};
"""


def test_a_call_made_while_the_speaking_page_loads_is_spoken(
    server: Any, start_voice: Any, open_wall: Any, wait_until: Callable[..., Any]
) -> None:
    """It may be let speak before it knows how loud."""
    agent = start_voice()
    wall = open_wall(agent.wall)
    (seq,) = server.do(call("01", "A001"))
    wait_until(lambda: wall.remembers(seq), 30)
    wall.page.goto("about:blank")
    wall.page.add_init_script(HEARD_LATE % (3000, "voice"))
    server.do(call("02", "A002"))
    wall.page.goto(agent.wall)
    wait_until(lambda: wall.words == pieces("A002", "02"), 30)
    assert wall.tones == 2


def test_what_the_speaker_passes_over_holds_up_no_other_wall(
    server: Any, start_voice: Any, open_wall: Any, wait_until: Callable[..., Any]
) -> None:
    agent = start_voice("repeats = 2\n")
    silent = open_wall(agent.wall + "?silent")
    server.do(call("01", "A001"))
    silent.shows("A001")
    speaker = open_wall(agent.wall)
    server.do(call("02", "A002"))
    silent.shows("A002")
    assert not all(one["end"] for one in speaker.heard) or not speaker.words, "A001 was called before it looked"
    server.do(*[call(f"{n:02}", f"A{n:03}") for n in range(3, 7)])
    speaker.shows("A003", 30_000)
    speaker.page.close()
    open_wall(agent.wall)
    silent.shows("A006", 30_000)


def test_a_speaker_that_does_not_know_the_hall_yet_takes_nothing_back(
    server: Any, start_voice: Any, open_wall: Any, wait_until: Callable[..., Any]
) -> None:
    agent = start_voice()
    wall = open_wall(agent.wall)
    (seq,) = server.do(call("01", "A001"))
    wait_until(lambda: wall.remembers(seq), 30)
    wall.page.goto("about:blank")
    wall.page.add_init_script(HEARD_LATE % (600_000, "wall") + TURNS_ASKED)
    wall.page.goto(agent.wall)
    wait_until(lambda: seq in wall.page.evaluate("window.asked"), 20)


def test_the_longest_recordings_are_heard_and_chimed_once(
    server: Any, start_voice: Any, open_wall: Any, wait_until: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "hall").mkdir()
    for text in pieces("A001", "01"):
        (tmp_path / "hall" / f"{text}.wav").write_bytes(to_wav(tone(LONGEST_S - 0.1)))
    wall = open_wall(start_voice('repeats = 1\nrecordings = "hall"\n').wall)
    server.do(call("01", "A001"))
    wait_until(lambda: len(wall.words) >= 3, 40)
    wait_until(lambda: all(one["end"] for one in wall.heard), 40)
    assert (wall.words, wall.tones) == (pieces("A001", "01"), 2)
    assert wall.heard[-1]["length"] > 4


def test_the_longest_pause_keeps_the_repeat_and_nobody_waiting(
    server: Any, start_voice: Any, open_wall: Any, wait_until: Callable[..., Any]
) -> None:
    wall = open_wall(start_voice("repeats = 2\npause_ms = 10000\n").wall)
    server.do(call("01", "A001"))
    wait_until(lambda: wall.words == pieces("A001", "01") * 2, 60)
    first, second = [one for one in wall.heard if one["text"] == pieces("A001", "01")[0]]
    assert second["start"] - first["start"] > 10
    server.do(call("02", "A002"))
    wait_until(lambda: wall.words[6:] == pieces("A002", "02") and wall.heard[-1]["end"], 30)
    server.do(call("03", "A003"))
    wait_until(lambda: len(wall.words) > 9, 30)
    spoken = [one for one in wall.heard if one["text"]]
    assert wall.words[9:12] == pieces("A003", "03")
    assert spoken[9]["start"] - spoken[8]["end"] < 9, "it did not wait for the end of the pause"


def test_a_call_taken_back_before_its_turn_is_not_spoken(
    server: Any, start_voice: Any, open_wall: Any, wait_until: Callable[..., Any]
) -> None:
    wall = open_wall(start_voice().wall)
    server.do(call("01", "A001"), call("02", "A002"), call("03", "A003"))
    wait_until(lambda: wall.words, 20)
    server.do(("undo", {"window": "02"}))
    wait_until(lambda: len(wall.words) >= 6, 30)
    assert wall.words == pieces("A001", "01") + pieces("A003", "03")


def test_without_an_engine_a_call_is_chimed_and_the_report_says_why(
    server: Any, start_agent: Any, open_wall: Any, wait_until: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    agent = start_agent(server.url, VOICE, PATH=str(tmp_path / "empty"))
    wall = open_wall(agent.wall)
    server.do(call("01", "A001"), call("02", "A002"))
    wall.shows("A002", 15_000)
    wait_until(lambda: wall.tones == 4, 10)
    assert wall.words == []
    wait_until(lambda: voice_reported(server) == ("fault", ["voice_engine"]), 40)
    wait_until(lambda: "请安装 espeak-ng" in agent.log.read_text())
    assert agent.log.read_text().count("请安装 espeak-ng") == 1
    assert agent.process.poll() is None


def voice_reported(server: Any) -> Any:
    reports = requests.get(f"{server.url}/reports", timeout=5).json()
    devices = reports[-1]["devices"] if reports else []
    return next(((one["state"], one["faults"]) for one in devices if one["kind"] == "voice"), None)


@pytest.mark.parametrize(
    "body",
    ["", "{}", "[]", "[" * 2000, '{"page": ""}', '{"page": 1, "zone": ""}', f'{{"page": "{"a" * 65}", "zone": ""}}'],
)
def test_nonsense_is_no_page_that_speaks(server: Any, start_agent: Any, body: str) -> None:
    agent = start_agent(server.url)
    answer = requests.post(
        f"{agent.wall}voice/turn", data=body, headers={"Content-Type": "application/json"}, timeout=5
    )
    assert answer.status_code == 400
    plain = requests.post(f"{agent.wall}voice/turn", data='{"page": "a", "zone": ""}', timeout=5)
    assert plain.status_code == 415, "another site's page could send this"
    for text in ("nothing", "..", "%2e%2e%2fdisplay", "a" * 500):
        assert requests.get(f"{agent.wall}voice/clips/{text}", timeout=5).status_code == 404
