"""Which passwords are refused, and that what is refused is said in both languages."""

import pytest

from server.domain.passwords import GUESSED, LEAST, start_password, weakness

KNOWN = ("wangli", "王丽", "清禾市社会保险经办服务大厅")


@pytest.mark.parametrize(
    ("password", "zh"),
    [
        ("short 1x", "至少要有 10 个字符"),
        ("", "至少要有 10 个字符"),
        ("aaaaaaaaaaaaaaa", "重复的字符太多"),
        ("abababababababab", "重复的字符太多"),
        ("1234567890", "连续的键"),
        ("9876543210", "连续的键"),
        ("Qwertyuiop123", "常见的密码"),
        ("1qaz2wsx3edc", "常见的密码"),
        ("woaini5201314", "常见的密码"),
        ("Admin@123456", "常见的密码"),
        ("P@ssw0rd2026", "常见的密码"),
        ("zhangwei19850312", "常见的密码"),
        ("１２３４５６７８９０", "连续的键"),  # full-width digits
        ("wangli123456", "用户名"),
        ("WangLi@2026!", "用户名"),
        ("王丽王丽王丽王丽123", "用户名"),
        ("清禾市社会保险经办服务大厅1", "用户名"),
    ],
)
def test_refused(password, zh):
    wrong = weakness(password, *KNOWN)
    assert wrong is not None and zh in wrong[0] and wrong[1].isascii()


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "春眠不觉晓处处闻啼鸟夜来", "x7k2-m4pq-9wer", "long enough 1", "wangli likes tea at 5"],
)
def test_taken(password):
    assert weakness(password, *KNOWN) is None


def test_every_guessed_word_alone_is_refused_however_often():
    for word in GUESSED:
        long = word * (LEAST // len(word) + 1)
        assert weakness(long) is not None, long


def test_a_name_of_one_character_and_an_empty_one_take_nothing_out():
    assert weakness("correct horse battery", "", "e", "王") is None


def test_start_passwords_are_strong_and_never_twice_the_same():
    made = {start_password() for _ in range(500)}
    assert len(made) == 500
    assert all(weakness(one) is None or len(one) == 14 for one in made)
