"""How Chinese names are read, for those who look them up by letters."""

import functools
import os

# The library's words, which would tell the readings of a character apart, take 45 MB of a server of 100. Whoever
# looks something up is better served by all readings.
os.environ["PYPINYIN_NO_PHRASES"] = os.environ["PYPINYIN_NO_DICT_COPY"] = "true"

from pypinyin import Style, pinyin as readings  # noqa: I001 - the settings above must stand before it


@functools.cache
def pinyin(name: str) -> str:
    """The readings of `name`: lower case, no tones, between two characters a space and between two readings of one a
    slash (银行 is "yin hang/heng/xing"). Latin letters and digits stay single; signs are left out, as nobody types
    them.
    """
    each = (readings(sign, style=Style.NORMAL, heteronym=True, errors=_spaced) for sign in name)
    said = [one for found in each for one in found]
    return " ".join(" ".join("/".join(sorted(set(one))) for one in said).lower().split())


def _spaced(others: str) -> str:
    return " ".join(sign for sign in others if sign.isalnum())
