"""How numbers and windows are read: the words, their pinyin, and what espeak-ng makes of it."""

import dataclasses
import functools
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.announce import clips, number_clips, spoken, window_clip, written
from display.led import led_text
from display.voice.engines import Espeak
from display.voice.pinyin import pinyin
from display.voice.sound import FULL, LEVEL, LONGEST_S, Sound, from_wav, joined, level, to_wav
from server.contract.board import Call, WindowStatus
from server.contract.windows import WindowState

ROOT = Path(__file__).resolve().parents[2]
AUDIO = ROOT / "build" / "voice"
CALL = Call(1, "A001", "03", "综合窗口", "A区", 1, "A", datetime(2026, 3, 2, tzinfo=UTC))
DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
SAY_DIGIT = "零一二三四五六七八九"


@pytest.mark.parametrize(
    ("number", "window", "said"),
    [
        ("A001", "03", "请，A|零零一号|到三号窗口办理"),
        ("B120", "10", "请，B|一二零号|到十号窗口办理"),
        ("C015", "12", "请，C|零一五号|到十二号窗口办理"),
        ("SB009", "20", "请，SB|零零九号|到二十号窗口办理"),
        ("A1000", "35", "请，A|一零零零号|到三十五号窗口办理"),
        ("G077", "40", "请，G|零七七号|到四十号窗口办理"),
        ("A001", "100", "请，A|零零一号|到一百号窗口办理"),
        ("A001", "102", "请，A|零零一号|到一百零二号窗口办理"),
        ("A001", "110", "请，A|零零一号|到一百一十号窗口办理"),
        ("A001", "111", "请，A|零零一号|到一百一十一号窗口办理"),
        ("A001", "220", "请，A|零零一号|到二百二十号窗口办理"),
        ("A001", "999", "请，A|零零一号|到九百九十九号窗口办理"),
        ("A001", "1204", "请，A|零零一号|到一二零四号窗口办理"),
        ("A001", "0", "请，A|零零一号|到零号窗口办理"),
        ("A001", "a3", "请，A|零零一号|到A三窗口办理"),
        ("A001", "12B", "请，A|零零一号|到十二B窗口办理"),
        ("A001", "VIP", "请，A|零零一号|到VIP窗口办理"),
        ("A001", "综合1", "请，A|零零一号|到综合一窗口办理"),
    ],
)
def test_a_call_in_its_pieces(number: str, window: str, said: str) -> None:
    assert "|".join(clips(dataclasses.replace(CALL, number=number, window=window))) == said


@given(
    st.from_regex("[A-Z]{1,2}", fullmatch=True), st.integers(1, 99999), st.from_regex("[0-9]{1,4}", fullmatch=True)
)
def test_every_number_is_read_digit_by_digit_and_every_window_counts_right(prefix: str, n: int, window: str) -> None:
    please, digits, where = clips(dataclasses.replace(CALL, number=f"{prefix}{n:03d}", window=window))
    assert please == f"请，{prefix}"
    assert digits == "".join(DIGITS[c] for c in f"{n:03d}") + "号"
    assert quantity(where.removeprefix("到").removesuffix("号窗口办理"), len(str(int(window)))) == int(window)


def quantity(read: str, digits: int) -> int:
    """The number that was meant, worked out the other way round."""
    if digits > 3:
        return int("".join(str(SAY_DIGIT.index(c)) for c in read))
    total, digit = 0, None
    for c in read:
        if c in "十百":
            total += (1 if digit is None else digit) * {"十": 10, "百": 100}[c]
            digit = None
        else:
            digit = SAY_DIGIT.index(c)
    return total + (digit or 0)


@given(st.from_regex("[0-9A-Za-z]{1,4}", fullmatch=True))
def test_ears_and_eyes_are_told_the_same(window: str) -> None:
    """号 is said where the wall and the bar write it, and nowhere else."""
    call = dataclasses.replace(CALL, window=window)
    over = WindowStatus(window, "", "", 1, WindowState.OPEN, "", "", False)
    said = "号窗口" in spoken(call)
    assert said == ("号窗口" in written(call)) == led_text(over).endswith("号窗口")
    assert spoken(call) == f"请，A零零一号，{window_clip(window)}"


def test_the_wall_says_hao_where_the_voice_does() -> None:
    """parts.mjs has the rule a second time, for it writes number and word apart."""
    assert '/^\\d+$/.test(no) ? "号窗口" : "窗口"' in (ROOT / "display/screen/parts.mjs").read_text("utf-8")


# Syllables and tones as a teacher would write them, apart from the product's own table.
READ = {
    "零": "ling2", "一": "yi1", "二": "er4", "三": "san1", "四": "si4", "五": "wu3", "六": "liu4", "七": "qi1",
    "八": "ba1", "九": "jiu3", "十": "shi2", "百": "bai3", "请": "qing3", "号": "hao4", "到": "dao4", "窗": "chuang1",
    "口": "kou3", "办": "ban4", "理": "li3",
}  # fmt: skip
# What espeak-ng's Mandarin calls each syllable, without stress and tone.
PHONEMES = {
    "ling": "liN", "yi": "ji", "er": "@r", "san": "san", "si": "si[", "wu": "wu", "liu": "liou", "qi": "tS;hi",
    "ba": "pA", "jiu": "tS;iou", "shi": "s.i.", "bai": "pai", "qing": "tS;hiN", "hao": "XAu", "dao": "tAu",
    "chuang": "ts.hwAN", "kou": "khou", "ban": "pan", "li": "li", "ei": "ei", "ji": "tS;i", "zei": "tsei",
}  # fmt: skip
LETTERS = {"A": "ei1", "G": "ji4", "Z": "zei4"}
SAID_LETTERS = {
    "B": "pi51", "C": "sei55", "D": "ti51", "E": "ji51", "F": "ai35f", "H": "ei35ts.h", "I": "ai51", "J": "ts.ei51",
    "K": "khei51", "L": "ai35l", "M": "ai35m", "N": "@55n", "O": "ou55", "P": "phi51", "Q": "khiou55", "R": "@r35",
    "S": "ai35s", "T": "thi51", "U": "jiou55", "V": "vei55", "W": "ta35pliou33", "X": "ai35ks", "Y": "wuai51",
}  # fmt: skip
TONES = {"1": "55", "2": "35", "4": "51"}

SAMPLE = [
    (f"{prefix}{n:03d}", window)
    for (prefix, n), window in zip(
        [("ABCDEGVNZ"[i % 9], n) for i, n in enumerate([*range(1, 12), *range(15, 1000, 25)][:49])] + [("SB", 1000)],
        [*(f"{n:02d}" for n in range(1, 43)), "100", "101", "102", "110", "119", "255", "999", "A5"],
        strict=True,
    )
]


def expected_phonemes(text: str) -> list[str]:
    """By the rules of Mandarin: a third tone before a third is a second, before others it stays low; 一百 is yì."""
    syllables = [(c, READ.get(c) or LETTERS.get(c, "")) for c in text if c != "，"]
    said = []
    for i, (c, syllable) in enumerate(syllables):
        if not syllable:
            said.append(SAID_LETTERS[c])
            continue
        sound, tone = syllable[:-1], syllable[-1]
        after = syllables[i + 1] if i + 1 < len(syllables) else None
        if c == "一" and after and after[0] == "百":
            tone = "4"
        if tone == "3":
            # A comma ends what tones look at, as it does for people.
            ends = after is None or (text.startswith("请，") and i == 0)
            contour = "214" if ends else "35" if after and after[1].endswith("3") else "21"
        else:
            contour = TONES[tone]
        said.append(with_tone(PHONEMES[sound], contour))
    return said


def with_tone(phonemes: str, contour: str) -> str:
    """espeak-ng writes the tone behind the vowels and before a closing n or ng."""
    whole = re.fullmatch(r"(.*?)([nN]?)", phonemes)
    assert whole
    return whole[1] + contour + whole[2]


def phonemes(text: str) -> list[str]:
    said = subprocess.run(
        ["espeak-ng", "-v", Espeak.VOICE, "-x", "-q", "--", pinyin(text)], capture_output=True, check=True, text=True
    )
    return said.stdout.replace("'", "").replace(",", "").replace("_|", " ").split()


def test_the_sample_is_fifty_calls_over_all_digits_and_prefixes() -> None:
    assert len(SAMPLE) == 50
    assert set("".join(number for number, _ in SAMPLE)) >= set("0123456789ABCDEGVNZS")


@pytest.mark.parametrize(("number", "window"), SAMPLE)
def test_fifty_calls_are_pronounced_right(number: str, window: str) -> None:
    for text in clips(dataclasses.replace(CALL, number=number, window=window)):
        assert phonemes(text) == expected_phonemes(text), text


@pytest.mark.parametrize("letter", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
def test_every_letter_is_said_as_people_say_it_here(letter: str) -> None:
    assert phonemes(f"请，{letter}")[1:] == expected_phonemes(letter)


def test_other_characters_are_read_too() -> None:
    assert pinyin("到综合一窗口办理") == "dao4 zong1 he2 yi1 chuang1 kou3 ban4 li3"
    assert pinyin("请，A") == "qing3, ei1"
    assert pinyin("<-&1 ") == ""


said = functools.cache(Espeak().speak)


@pytest.mark.parametrize(("number", "window"), SAMPLE)
def test_calls_are_loud_enough_and_never_clipped(number: str, window: str) -> None:
    """Fifty files to be listened to are left in build/voice/."""
    texts = clips(dataclasses.replace(CALL, number=number, window=window))
    AUDIO.mkdir(parents=True, exist_ok=True)
    (AUDIO / f"{number}-{window}.wav").write_bytes(to_wav(joined([said(text) for text in texts], 0.12)))
    assert from_wav((AUDIO / f"{number}-{window}.wav").read_bytes()).seconds < 8
    for text in texts:
        sound = said(text)
        syllables = sum(c not in "，" for c in text)
        assert syllables * 0.13 < sound.seconds < min(syllables * 0.5 + 0.4, LONGEST_S), text
        assert level(sound) == pytest.approx(LEVEL, rel=0.02), text
        assert max(map(abs, sound.samples)) < 0.92 * FULL, text
        assert silence_at_ends(sound) < 0.05, text


def test_the_engine_itself_cuts_nothing_off() -> None:
    """二 is its loudest syllable."""
    for text in ("二二二二号", "到二百二十二号窗口办理"):
        command = ["espeak-ng", "-v", Espeak.VOICE, "-a", str(Espeak.AMPLITUDE), "--stdout", "--", pinyin(text)]
        said = subprocess.run(command, capture_output=True, check=True).stdout
        assert max(map(abs, from_wav(said).samples)) < 0.8 * FULL


def silence_at_ends(sound: Sound) -> float:
    """Seconds at both ends that nobody would hear."""
    loud = [i for i, sample in enumerate(sound.samples) if abs(sample) > 0.02 * FULL]
    return max(loud[0], len(sound.samples) - 1 - loud[-1]) / sound.rate


def test_espeak_is_there() -> None:
    assert shutil.which("espeak-ng")
    assert Espeak().key("请，A") != Espeak().key("请，B")
    assert number_clips("A001")[0] == "请，A"
