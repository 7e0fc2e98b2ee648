"""What a call pad's key asks for, and when it is given up; how the digits follow the board."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from kiosk.call_pad import GIVE_UP_S, CallPad, CallPads, NotOnThisPadError, plan
from kiosk.client import Away, Refused
from kiosk.config import ConfigError, load
from kiosk.pads import placed
from server.contract.board import Board, QueueStatus, WindowStatus
from server.contract.tickets import Lane, Ticket, TicketState
from server.contract.windows import WindowState, WindowView

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VIEW = WindowView("01", "一号", WindowState.OPEN, "", "", "", None, queues=("A", "B"))


def holding(state: TicketState) -> WindowView:
    fields = dict.fromkeys(Ticket.__dataclass_fields__, "")
    ticket = Ticket(**{**fields, "number": "A012", "state": state, "lane": Lane.NORMAL})  # type: ignore[arg-type]
    return replace(VIEW, ticket=ticket)


PLANS = [
    ("call", VIEW, ["call-next"]),
    ("recall", VIEW, ["recall"]),
    ("begin", VIEW, ["begin"]),
    ("ask", holding(TicketState.CALLED), ["begin", "finish"]),
    ("ask", holding(TicketState.SERVING), ["finish"]),
    ("finish", VIEW, ["finish"]),
    ("pause", VIEW, ["pause"]),
    ("pause", replace(VIEW, state=WindowState.PAUSED), ["resume"]),
    ("resume", VIEW, ["resume"]),
    ("transfer", VIEW, ["transfer"]),
]


@pytest.mark.parametrize(("word", "view", "commands"), PLANS)
def test_what_a_key_asks_for(word: str, view: WindowView, commands: list[str]) -> None:
    assert [step.command for step in plan(word, view, {"queue": "B"})] == commands


@pytest.mark.parametrize(("word", "why"), [("transfer", "没有设置去处"), ("skip", "控制台"), ("hold", "console")])
def test_a_key_that_can_do_nothing_here_says_why(word: str, why: str) -> None:
    with pytest.raises(NotOnThisPadError, match=why):
        plan(word, VIEW, {})


class FakeDevice:
    def __init__(self) -> None:
        self.shown: list[object] = []

    def show_number(self, number: str) -> None:
        self.shown.append(number)

    def show_waiting(self, count: int) -> None:
        self.shown.append(count)


class FakeClient:
    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []

    def window(self, no: str) -> WindowView:
        return VIEW

    def at_window(self, no: str, command: str, body: object) -> WindowView:
        self.asked.append((command, body.request_id))  # type: ignore[attr-defined]
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, WindowView)
        return answer


def carried(client: FakeClient, word: str, *later: float) -> list[dict[str, object]]:
    times = iter([0.0, *later, *[100.0] * 50])
    stopping = threading.Event()
    pads = CallPads({"01": CallPad(FakeDevice(), client, {})}, clock=lambda: next(times))  # type: ignore[arg-type]
    pads.press("01", word)
    key = pads._keys.get()
    assert key
    with capture_logs() as logs:
        stopping.wait = lambda seconds=0.0: False  # type: ignore[method-assign,assignment]
        pads._carry(key, stopping)
    return logs  # type: ignore[return-value]


def test_a_key_without_an_answer_is_repeated_as_the_same_request() -> None:
    client = FakeClient(Away("cut"), holding(TicketState.CALLED))
    logs = carried(client, "call", 0.1, 0.2)
    assert len(client.asked) == 2 and len(set(client.asked)) == 1
    assert logs[-1]["event"] == "call pad key done"


def test_a_key_is_void_after_a_few_seconds() -> None:
    client = FakeClient(Away("cut"), holding(TicketState.CALLED))
    logs = carried(client, "call", 0.1, GIVE_UP_S + 0.1)
    assert len(client.asked) == 1 and "作废" in str(logs[-1]["why"])


def test_a_refusal_is_logged_in_both_languages_and_ends_it() -> None:
    client = FakeClient(Refused("nobody_signed_in", "无人登录", "Nobody is signed in"))
    logs = carried(client, "call", 0.1)
    assert logs[-1]["event"] == "call pad key refused" and logs[-1]["why"] == "无人登录 / Nobody is signed in"


def board(**window: object) -> Board:
    status = WindowStatus("01", "一号", "", 1, WindowState.OPEN, "", "A012", False)
    queues = tuple(
        QueueStatus(code, code, "", True, waiting, 1, ()) for code, waiting in (("A", 3), ("B", 4), ("C", 9))
    )
    return Board("h", "H", 1, AT, True, "", (), (replace(status, **window),), queues, ())  # type: ignore[arg-type]


def test_the_digits_follow_the_board_but_not_over_the_question() -> None:
    device = FakeDevice()
    pads = CallPads({"01": CallPad(device, FakeClient(), {})})  # type: ignore[arg-type]
    pads.board(board())
    assert device.shown == [0, "A012"]
    key = pads._keys.get()
    assert key and key.word == ""
    pads._carry(key, threading.Event())
    device.shown.clear()
    pads.board(board())
    pads.board(board(inviting=True))
    assert device.shown == [7, "A012"]
    pads.board(board(number=""))
    assert device.shown[2:] == [7, ""]


CONFIG = """
server = "http://hall.local:8080/"
token_file = "token"
data_dir = "data"
profiles = "own"
[printer]
url = "serial:///dev/ttyUSB0"
"""
SECTION = """
[[{kind}]]
window = "{window}"
url = "{url}"
profile = "{profile}"
address = {address}
token_file = "token"
"""


def configured(folder: Path, *sections: tuple[str, str, str, str, int], more: str = "") -> object:
    (folder / "own").mkdir(exist_ok=True)
    (folder / "token").write_text("secret-token\n")
    names = ("kind", "window", "url", "profile", "address")
    text = "".join(SECTION.format(**dict(zip(names, section, strict=True))) for section in sections)
    (folder / "kiosk.toml").write_text(CONFIG + text + more)
    return placed(load(folder / "kiosk.toml", {}), lambda window, press: None, lambda window, press: None)


def test_one_line_has_one_owner_and_one_device_may_be_both(tmp_path: Path) -> None:
    line = "serial:///dev/ttyS9"
    pads = configured(
        tmp_path, ("evaluator", "01", line, "ff68", 1), ("evaluator", "02", line, "ff68", 2),
        ("call_pad", "01", line, "ff68", 1), ("call_pad", "02", "evdev:by-path/x", "hid_keyboard", 1),
    )  # fmt: skip
    assert pads.evaluators["01"] is pads.call_pads["01"]  # type: ignore[attr-defined]
    assert [device.name for device in pads.devices] == [line, "call-pad-02"]  # type: ignore[attr-defined]
    assert [member.name for member in pads.devices[0].members] == ["evaluator-01", "evaluator-02"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "second", [("evaluator", "02", "ff68"), ("call_pad", "02", "ff68"), ("call_pad", "01", "5aa5")]
)
def test_two_devices_at_one_address_are_refused(tmp_path: Path, second: tuple[str, str, str]) -> None:
    kind, window, profile = second
    with pytest.raises(ConfigError, match="地址 1 已用于窗口 01"):
        configured(tmp_path, ("evaluator", "01", "tcp://h:1", "ff68", 1), (kind, window, "tcp://h:1", profile, 1))


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ('transfer_queue = "A"\ntransfer_window = "02"\n', "call_pad[0].transfer_queue"),
        ('colour = "red"\n', "call_pad[0].colour"),
    ],
)
def test_a_wrong_setting_of_a_call_pad_is_named(tmp_path: Path, more: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, ("call_pad", "01", "tcp://h:1", "ff68", 1), more=more)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("profile", "url", "address", "zh", "en"),
    [
        ("ff86", "tcp://h:1", 1, "没有这个文件", "shipped are"),
        ("ff68", "evdev:by-path/x", 1, "不是同一类设备", "of different kinds"),
        ("ff68", "tcp://h:1", 70_000, "写不进", "does not fit"),
    ],
)
def test_a_wrong_pad_is_refused_once_in_each_language(
    tmp_path: Path, profile: str, url: str, address: int, zh: str, en: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, ("evaluator", "01", url, profile, address))
    wrong = caught.value
    assert wrong.key == "evaluator[0]" and zh in wrong.zh and en in wrong.en
    assert zh not in wrong.en and not wrong.en.endswith(".")


def test_a_profile_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    configured(tmp_path)
    (tmp_path / "own").rmdir()
    with pytest.raises(ConfigError, match="没有文件夹"):
        load(tmp_path / "kiosk.toml", {})
