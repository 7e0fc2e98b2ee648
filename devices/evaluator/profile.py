"""Profiles: TOML files that say how one make of evaluator or call pad speaks. A hall may write its own.

Three kinds: "serial" (frames on a line), "report" (raw HID reports, one whole report at a time) and "keyboard".
`docs/devices.md` describes the format; the files in `devices/profiles/evaluators` are examples of all of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devices.evaluator.framing import Framing, Kind
from devices.evaluator.keys import KEY_CODES
from devices.evaluator.layout import parse_framing
from devices.evaluator.rules import VALUES, WORDS, At, Rule, Template, Token
from devices.profile_file import (
    Parser,
    ProfileKind,
    Table,
    WrongError,
    list_of,
    mapping,
    milliseconds,
    number,
    octets,
    one_of,
    only,
    string,
    text,
    whole,
)

SHIPPED = Path(__file__).parent.parent / "profiles" / "evaluators"
KIND = ProfileKind("评价器配置", "Evaluator profile", SHIPPED)
SAID = ("prompt", "voice", "thanks", "stars", "number", "waiting")
"""What the host may say of its own accord. `voice` goes with the prompt, `stars` with the thanks."""
ECHO = None
NOTHING: tuple[Template, ...] = ()
NO_ANSWER: tuple[Template, ...] | None = ()
MINUTES_MS = 600_000


@dataclass(frozen=True)
class Poll:
    """Asking a device regularly. It is absent after `misses` questions without a word from it."""

    send: tuple[Template, ...]
    period_s: float
    answer_s: float
    misses: int


@dataclass(frozen=True)
class LineProfile:
    """A device whose bytes are read from a line. `framing` None: each read is one whole HID report.

    `silence_s` ends an unfinished frame; `heartbeat_s`, when not 0, is the longest time that a healthy device says
    nothing.
    """

    title: str
    framing: Framing | None
    silence_s: float
    turnround_s: float
    rules: tuple[Rule, ...]
    said: Mapping[str, tuple[Template, ...]]
    poll: Poll | None
    heartbeat_s: float

    @property
    def has_address(self) -> bool:
        return self.framing is not None and any(one.name == "address" for one in self.framing.row)


@dataclass(frozen=True)
class KeyboardProfile:
    title: str
    debounce_s: float
    words: dict[int, str]


Profile = LineProfile | KeyboardProfile


def load_profile(name: str, folder: Path | None = None) -> Profile:
    """The path of a .toml file, or a name in the hall's own `folder`, or a shipped one. Raises `ProfileError`."""
    return parse_profile(KIND.read(name, folder))


def parse_profile(table: Table) -> Profile:
    match table.take("kind", one_of("serial", "report", "keyboard")):
        case "keyboard":
            parsed: Profile = _keyboard(table)
        case "report":
            parsed = _line(table, None, 0.0)
        case _:
            frame = table.table("frame")
            silence_s = frame.take("gap_ms", milliseconds(), 0.2)
            parsed = _line(table, parse_framing(frame), silence_s)
    table.finish()
    return parsed


def _keyboard(table: Table) -> KeyboardProfile:
    title, debounce_s = table.take("title", text), table.take("debounce_ms", milliseconds(), 0.3)
    keys = table.table("keys")
    words = {keys.key(name, _key_code): keys.take(name, one_of(*WORDS)) for name in keys.names}
    if not words:
        raise table.error("keys", "没有填写", "is missing")
    return KeyboardProfile(title, debounce_s, words)


def _line(table: Table, framing: Framing | None, silence_s: float) -> LineProfile:
    sending = _Templates(framing)
    profile = LineProfile(
        title=table.take("title", text),
        framing=framing,
        silence_s=silence_s,
        turnround_s=table.take("turnround_ms", milliseconds(), 0.0),
        rules=_rules(table, sending),
        said=_said(table.table("send"), sending),
        poll=_poll(table, sending),
        heartbeat_s=table.take("heartbeat_ms", milliseconds(MINUTES_MS), 0.0),
    )
    if not any(rule.keys for rule in profile.rules):
        raise table.error("rule", "至少要有一条带 keys 的规则", "at least one rule with keys is needed")
    return profile


def _rules(table: Table, sending: "_Templates") -> tuple[Rule, ...]:
    debounce_s = table.take("debounce_ms", milliseconds(), 0.3)
    return tuple(_rule(rule, sending, debounce_s) for rule in table.tables("rule"))


def _rule(table: Table, sending: "_Templates", debounce_s: float) -> Rule:
    when, keys = table.table("when"), table.table("keys")
    rule = Rule(
        when={when.key(name, sending.numbered): when.take(name, number) for name in when.names},
        at=table.take("at", _at, "whole"),
        keys={keys.key(name, octets): keys.take(name, one_of(*WORDS)) for name in keys.names},
        answer=table.take("answer", sending.answer, NO_ANSWER),
        debounce_s=table.take("debounce_ms", milliseconds(), debounce_s),
    )
    table.finish()
    return rule


def _said(table: Table, sending: "_Templates") -> dict[str, tuple[Template, ...]]:
    said = {name: table.take(name, sending.all, NOTHING) for name in SAID}
    table.finish()
    return said


def _poll(table: Table, sending: "_Templates") -> Poll | None:
    if "poll" not in table.names:
        return None
    poll = table.table("poll")
    parsed = Poll(
        send=poll.take("send", sending.all),
        period_s=poll.take("period_ms", milliseconds(MINUTES_MS)),
        answer_s=poll.take("answer_ms", milliseconds(), 0.1),
        misses=poll.take("misses", whole(1, 100), 3),
    )
    poll.finish()
    return parsed


class _Templates:
    """Parsers of what is sent, which must go with the framing that carries it."""

    def __init__(self, framing: Framing | None) -> None:
        self._framing = framing
        self._names = [one.name for one in framing.row if one.kind is Kind.NUMBER] if framing else []

    def all(self, value: Any) -> tuple[Template, ...]:
        return tuple(list_of(self._one)(value))

    def answer(self, value: Any) -> tuple[Template, ...] | None:
        return ECHO if value == "echo" else self.all(value)

    def numbered(self, value: Any) -> str:
        """The name of a field that a frame has."""
        if value not in self._names:
            names = "、".join(self._names) or "（无）"
            raise WrongError(f"帧中没有这个字段；有：{names}", f"is no field of the frame; there are: {names}")
        return str(value)

    def _one(self, value: Any) -> Template:
        words = dict(mapping(value))
        if self._framing is None:
            raise WrongError("报告式设备不能发送", "cannot be sent to a device of reports")
        if "raw" in words and len(words) == 1:
            return Template({}, raw=octets(words["raw"]))
        data = tuple(_token(word) for word in string(words.pop("data", "")).split())
        template = Template({self.numbered(name): number(value) for name, value in words.items()}, data)
        return self._sendable(template, self._framing)

    @staticmethod
    def _sendable(template: Template, framing: Framing) -> Template:
        """What a frame cannot hold is found now and not when a citizen waits."""
        if not any(token.kind == "same" for token in template.data):
            try:
                template.said(framing, 0)
            except ValueError as error:
                raise WrongError("装不进这种帧", f"does not fit the frame: {error}") from None
        return template


def _token(word: str) -> Token:
    kind, _, places = word.partition(":")
    if kind in VALUES and re.fullmatch("0?[1-9]|1[0-6]", places):
        return Token(VALUES[kind], width=int(places))
    return Token("same") if word == "same" else Token("fixed", octets(word))


_at: Parser[At] = only(
    lambda value: value in ("end", "whole") or (type(value) is int and 0 <= value <= 255),
    "应是 “whole”、“end” 或从 0 数起的位置",
    'should be "whole", "end" or a place counted from 0',
)


def _key_code(value: Any) -> int:
    if value not in KEY_CODES:
        raise WrongError(
            "应是数字键、小键盘或 F 键，如 KEY_1、KEY_KP1、KEY_F1",
            "should be a digit, keypad or F-key such as KEY_1, KEY_KP1, KEY_F1",
        )
    return KEY_CODES[value]
