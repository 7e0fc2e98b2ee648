"""The second factor against the vectors of its RFCs."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from server.domain import totp

SECRET = b"12345678901234567890"
RFC_6238 = [
    (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
    (2000000000, "69279037"), (20000000000, "65353130"),
]  # fmt: skip
"""Appendix B, SHA-1: seconds since 1970, eight digits."""
RFC_4226 = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
"""Appendix D: counters 0 to 9, six digits."""
NOW = datetime(2026, 3, 2, 1, 0, 14, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "code"), RFC_6238)
def test_the_vectors_of_rfc_6238(seconds, code):
    step = totp.step_of(datetime.fromtimestamp(seconds, UTC))
    assert totp.code_at(SECRET, step, 8) == code


def test_the_vectors_of_rfc_4226():
    assert [totp.code_at(SECRET, n) for n in range(10)] == RFC_4226


@pytest.mark.parametrize(("late", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_either_way_counts(late, good):
    step = totp.step_of(NOW) + late
    assert totp.matched(SECRET, totp.code_at(SECRET, step), NOW, 0) == (step if good else None)


def test_a_code_that_was_used_and_any_before_it_count_no_more():
    step = totp.step_of(NOW)
    assert totp.matched(SECRET, totp.code_at(SECRET, step), NOW, step) is None
    assert totp.matched(SECRET, totp.code_at(SECRET, step - 1), NOW, step) is None
    assert totp.matched(SECRET, totp.code_at(SECRET, step + 1), NOW, step) == step + 1


def test_a_clock_of_another_zone_says_the_same():
    other = NOW.astimezone(ZoneInfo("Asia/Shanghai"))
    assert totp.step_of(other) == totp.step_of(NOW) == totp.step_of(NOW + timedelta(seconds=15))


@pytest.mark.parametrize(
    ("said", "plain"),
    [("123 456", "123456"), ("123-456", "123456"), ("abcd-2345-wxyz-7777", "ABCD2345WXYZ7777"), ("0118", "OIIB"),
     ("", ""), ("１２３", ""), ("\ud800", "")],
)  # fmt: skip
def test_what_people_type(said, plain):
    assert totp.typed(said) == plain


def test_recovery_codes_come_back_as_typed():
    code = totp.recovery_code()
    assert totp.typed(code.lower()) == code.replace("-", "") and not totp.is_code(totp.typed(code))


def test_the_link_names_hall_and_user():
    link = urlsplit(totp.link(SECRET, "李/lin", "清禾 大厅"))
    assert (link.scheme, link.netloc) == ("otpauth", "totp")
    said = parse_qs(link.query)
    assert totp.from_base32(said["secret"][0]) == SECRET and said["issuer"] == ["清禾 大厅"]


@pytest.mark.parametrize("text", ["", "AAAA", "not base32!", "é", "A" * 500, "\ud800"])
def test_no_other_text_is_a_secret(text):
    assert totp.from_base32(text) is None


def test_sealed_it_is_not_there_and_opens_only_under_its_key():
    key = b"k" * 32
    text = totp.sealed(key, SECRET)
    assert SECRET.hex() not in text and totp.sealed(key, SECRET) != text
    assert totp.opened(key, text) == SECRET != totp.opened(b"x" * 32, text)
