"""Looking up a service item by characters, by whole pinyin, by initials, or by any mixture.

Pages have the same rule (`server/contract/faces/search.mjs`), and one table of examples tests both.
"""

import unicodedata
from collections.abc import Sequence
from typing import Protocol, TypeVar


class Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def pinyin(self) -> str:
        """As `services.pinyin.pinyin` gives it."""


Item = TypeVar("Item", bound=Named)


def search(items: Sequence[Item], asked: str) -> list[Item]:
    """The items that `asked` means, those whose names begin with it first, else in the order given. All of them when
    nothing is asked."""
    wanted = _plain(asked)
    found = [(place, item) for item in items if (place := _place(item, wanted)) is not None]
    return [item for place, item in sorted(found, key=lambda one: one[0] > 0)]


def _plain(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).lower() if sign.isalnum())


def _place(item: Named, wanted: str) -> int | None:
    """At which character of its name the item says what is wanted."""
    written = _plain(item.name).find(wanted)
    if written >= 0:
        return written
    syllables = item.pinyin.split()
    return next((at for at in range(len(syllables)) if _reads(syllables[at:], wanted)), None)


def _reads(syllables: Sequence[str], letters: str) -> bool:
    """Whether `letters` are beginnings of the syllables, none left out: "ylbx", "yanglao", "yanglbx"."""
    if not letters or not syllables:
        return not letters
    readings = syllables[0].split("/")
    begun = {n for n in range(1, len(letters) + 1) if any(one.startswith(letters[:n]) for one in readings)}
    return any(_reads(syllables[1:], letters[n:]) for n in begun)
