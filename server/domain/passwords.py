"""Which passwords are refused: short ones, and those of which little is left without what everybody guesses first."""

import re
import secrets
import unicodedata

LEAST = 10
LEAST_OWN = 6
"""So many characters must be left once the guessed parts are taken out."""
LEAST_DIFFERENT = 5

GUESSED = (
    "password", "passw0rd", "p@ssw0rd", "p@ssword", "admin", "administrator", "root", "guest", "test", "user",
    "login", "welcome", "letmein", "iloveyou", "sunshine", "dragon", "monkey", "master", "superman", "computer",
    "jiaohao", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh", "zxcvbnm", "zxcvbn", "qazwsxedc", "qazwsx",
    "1qaz2wsx3edc",
    "1qaz2wsx", "1q2w3e4r5t", "1q2w3e4r", "q1w2e3r4", "abcdefghij", "abcdefg", "abcdef", "abcd", "abc",
    "woaini", "woaizuguo", "woaiwojia", "caonima", "nihao", "zhongguo", "china", "beijing", "shebao", "zhengwu",
    "renshe", "dating", "chuangkou", "mima", "guanliyuan", "zhangwei", "wangwei", "wangfang", "liwei",
    "5201314", "520520", "1314520", "7758521", "7758258", "147258369", "147258", "159357", "741852963", "963852741",
    "66668888", "88888888", "666666", "888888", "999999", "000000", "123123", "112233", "321321", "123321", "520",
    "1314", "12333", "12345",
)  # fmt: skip
"""The commonest, with habits of Chinese keyboards: love numbers (520, 1314), lucky rows, keypad columns, pinyin."""

_RUNS = ("01234567890", "abcdefghijklmnopqrstuvwxyz")
_YEAR = re.compile(r"(19|20)\d\d([01]\d[0-3]\d)?")
_DULL = re.compile(r"[\s\W_]+")

Words = tuple[str, str]

START_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without signs that are taken for each other on paper."""
START_GROUPS = 3


def weakness(password: str, *known: str) -> Words | None:
    """What is wrong, as it continues “密码不够安全：…” and “… it …”; None when nothing is. `known`: names of the user
    and of the hall, which whoever guesses knows as well."""
    if len(password) < LEAST:
        return f"至少要有 {LEAST} 个字符", f"has fewer than {LEAST} characters"
    plain = _folded(password)
    if len(set(plain)) < LEAST_DIFFERENT:
        return "重复的字符太多", "repeats too few characters"
    for name in sorted((_folded(word) for word in known), key=len, reverse=True):
        without = plain.replace(name, "") if len(name) >= 2 else plain
        if without != plain and _own(without) < LEAST_OWN:
            return "除了用户名、姓名或大厅名称，几乎没有别的", "is little more than the name of the user or the hall"
        plain = without
    if _own(plain) < LEAST_OWN:
        return "是常见的密码、连续的键或日期", "is among the commonest: words, rows of keys or dates"
    return None


def start_password() -> str:
    """For one use: some sixty random bits, which a person can read out."""
    groups = ("".join(secrets.choice(START_SIGNS) for _ in range(4)) for _ in range(START_GROUPS))
    return "-".join(groups)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _own(plain: str) -> int:
    """How many characters are left of a folded password without what is guessed."""
    for word in sorted(GUESSED, key=len, reverse=True):  # or a short one would leave the rest of a long one
        plain = plain.replace(word, "")
    return len(_without_runs(_DULL.sub("", _YEAR.sub("", plain))))


def _without_runs(plain: str) -> str:
    """Without rows of three and more that count or spell on, either way, or repeat."""
    kept, start = [], 0
    while start < len(plain):
        end = start + 1
        while end < len(plain) and _goes_on(plain[start : end + 1]):
            end += 1
        if end - start < 3:
            kept.append(plain[start])
            end = start + 1
        start = end
    return "".join(kept)


def _goes_on(row: str) -> bool:
    return len(set(row)) == 1 or any(row in run or row[::-1] in run for run in _RUNS)
