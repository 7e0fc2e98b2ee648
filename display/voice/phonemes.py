"""How the words of a call are written for Kokoro 1.0: its phonemes, and the numbers that stand for them. Pure.

Kokoro learnt Mandarin from IPA without marks on vowels, the tone as an arrow behind the vowels and before a closing n
or ŋ: 窗 is ꭧʰwa→ŋ. Facts from the vocabulary of its config.json and from the transcription that it was trained with.
"""

import re
from functools import lru_cache
from itertools import pairwise

from pypinyin.contrib.tone_convert import to_finals, to_initials

from display.voice.pinyin import left_out, words

INITIALS = {
    "": "", "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ",
    "h": "x", "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ",
    "z": "ʦ", "c": "ʦʰ", "s": "s",
}  # fmt: skip
FINALS = {
    "a": "a_", "o": "wo_", "e": "ɤ_", "ai": "ai_", "ei": "ei_", "ao": "au_", "ou": "ou_", "er": "ɚ_",
    "an": "a_n", "en": "ə_n", "ang": "a_ŋ", "eng": "ə_ŋ", "ong": "ʊ_ŋ",
    "i": "i_", "ia": "ja_", "ie": "je_", "iao": "jau_", "iou": "jou_",
    "ian": "jɛ_n", "in": "i_n", "iang": "ja_ŋ", "ing": "i_ŋ", "iong": "jʊ_ŋ",
    "u": "u_", "ua": "wa_", "uo": "wo_", "uai": "wai_", "uei": "wei_",
    "uan": "wa_n", "uen": "wə_n", "uang": "wa_ŋ", "ueng": "wə_ŋ",
    "v": "y_", "ve": "ɥe_", "van": "ɥɛ_n", "vn": "y_n",
}  # fmt: skip
"""Of a whole syllable, as pypinyin cuts it: you is iou, yu is v. The tone goes where _ is."""
HISSING = {"zh", "ch", "sh", "r", "z", "c", "s"}
"""After these an i is no [i]: 四, 十."""
TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
LETTERS = {
    "A": "ei→", "B": "pi↘", "C": "sei→", "D": "ti↘", "E": "i↘", "F": "ai↗fu", "G": "ʨi↘", "H": "ei↗ꭧʰɨ", "I": "ai↘",
    "J": "ꭧei↘", "K": "kʰei↘", "L": "ai↗lu", "M": "ai↗mu", "N": "ə→n", "O": "ou→", "P": "pʰi↘", "Q": "kʰjou→",
    "R": "a↗ɻ", "S": "ai↗sɨ", "T": "tʰi↘", "U": "jou→", "V": "wei→", "W": "ta↗pu ljou", "X": "ai↗kʰɤsɨ", "Y": "wai↘",
    "Z": "ʦei↘",
}  # fmt: skip
"""As people here say them, in Mandarin's own sounds: its Chinese voices never learnt English ones."""
IDS = {
    ",": 3, ".": 4, " ": 16, "ʦ": 20, "ʨ": 21, "ꭧ": 23, "a": 43, "e": 47, "f": 48, "i": 51, "j": 52, "k": 53,
    "l": 54, "m": 55, "n": 56, "o": 57, "p": 58, "s": 61, "t": 62, "u": 63, "w": 65, "x": 66, "y": 67, "ɕ": 77,
    "ə": 83, "ɚ": 85, "ɛ": 86, "ɥ": 99, "ɨ": 101, "ŋ": 112, "ɻ": 126, "ʂ": 130, "ʊ": 135, "ɤ": 140,
    "ʰ": 162, "↓": 169, "→": 171, "↗": 172, "↘": 173,
}  # fmt: skip
"""What Kokoro's config.json calls vocab, as far as Mandarin needs it."""
MOST_SYMBOLS = 510
"""That it says at once."""


class UnreadableError(ValueError):
    """There is something in the text that has no reading here. Nothing is left out instead: 1204 would become 124."""


def token_ids(text: str) -> list[int]:
    """As the model takes them, without the zeros around; one at least. Raises UnreadableError."""
    return [IDS[symbol] for symbol in phonemes(text)]


def phonemes(text: str) -> str:
    """请，A → ʨʰi↓ŋ, ei→. (with a full stop, so that it is said to its end). Raises UnreadableError."""
    if left := left_out(text):
        raise UnreadableError(f"{left!r} of {text!r} is no word")
    said = " ".join(_phonemes(word) for word in _third_tones(words(text)))
    written = re.sub(" ([,.])", r"\1", said).strip(",. ") + "."
    if not 1 < len(written) <= MOST_SYMBOLS:
        raise UnreadableError(f"{text!r} has nothing to say, or too much")
    return written


def _third_tones(spelt: list[str]) -> list[str]:
    """Before a third tone another becomes a second, as everybody says it: 九五 jiu2 wu3, 五九五 wu2 jiu2 wu3.

    Between digits too: they are said on end. A comma ends it.
    """
    return [f"{word[:-1]}2" if word[-1] + after[-1] == "33" else word for word, after in pairwise([*spelt, "."])]


@lru_cache(4096)
def _phonemes(word: str) -> str:
    if word in (",", "."):
        return word
    if word in LETTERS:
        return LETTERS[word]
    syllable, tone = word[:-1], word[-1]
    initial, final = to_initials(syllable), to_finals(syllable)
    whole = "ɨ_" if final == "i" and initial in HISSING else FINALS.get(final)
    if not whole or initial not in INITIALS or tone not in TONES:
        raise UnreadableError(f"{word!r} is no syllable of Mandarin")
    return INITIALS[initial] + whole.replace("_", TONES[tone])
