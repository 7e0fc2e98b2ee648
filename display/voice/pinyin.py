"""How the words of a call are read, for an engine that is fed with pinyin. Pure.

Tones are the dictionary's: a third tone before another third is the engine's own business. What it does not know is
that 一 is yì before 百.
"""

import re
import unicodedata

from pypinyin import Style, lazy_pinyin

READINGS = {
    "零": "ling2", "一": "yi1", "二": "er4", "三": "san1", "四": "si4", "五": "wu3", "六": "liu4", "七": "qi1",
    "八": "ba1", "九": "jiu3", "十": "shi2", "一百": "yi4 bai3", "百": "bai3", "请": "qing3", "号": "hao4",
    "到": "dao4", "窗": "chuang1", "口": "kou3", "办": "ban4", "理": "li3", "，": ",", "。": ".",
}  # fmt: skip
LETTERS = {"A": "ei1", "G": "ji4", "Z": "zei4"}
"""As people here say them, where the engine says something else; the others it says rightly by itself."""
_TOKEN = re.compile(r"一百|[，。]|[^\W\d_]")


def pinyin(text: str) -> str:
    """请，A · 零一号 → "qing3, ei1 ling2 yi1 hao4". What cannot be read is left out."""
    return re.sub(r" ([,.])", r"\1", " ".join(LETTERS.get(word, word) for word in words(text)))


def words(text: str) -> list[str]:
    """The same one by one, letters as capitals: 请，A → qing3 , A. Another script's letters stay what they are."""
    return " ".join(_reading(token) for token in _TOKEN.findall(text)).split()


def left_out(text: str) -> str:
    """What `words` passes over, save spaces and punctuation: figures, signs, characters newer than this Python."""
    return "".join(c for c in _TOKEN.sub("", text) if unicodedata.category(c)[0] not in "PZ")


def _reading(token: str) -> str:
    if token.isascii():
        return token.upper()
    return READINGS.get(token) or lazy_pinyin(token, style=Style.TONE3, neutral_tone_with_five=True)[0]
