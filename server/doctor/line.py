"""What one look came to."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.sentence import Sentence


class Level(StrEnum):
    """WARN is for a quiet hour, FAIL is for now."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Line:
    """`said` holds what was found; `do` what to do about it, None where nothing is."""

    level: Level
    said: Sentence
    do: Sentence | None = None

    def __str__(self) -> str:
        return f"{self.level:4} {self.said}" + (f" → {self.do}" if self.do else "")


def ok(zh: str, en: str) -> Line:
    return Line(Level.OK, Sentence(zh, en))


def warn(zh: str, en: str, do_zh: str, do_en: str) -> Line:
    return Line(Level.WARN, Sentence(zh, en), Sentence(do_zh, do_en))


def fail(zh: str, en: str, do_zh: str, do_en: str) -> Line:
    return Line(Level.FAIL, Sentence(zh, en), Sentence(do_zh, do_en))
