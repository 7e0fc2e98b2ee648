"""Where a supervisor should look: presses in the same second, too many at once, all alike before closing."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.rating_patterns import Asked, Found, Pattern, patterns

OPENS = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
CLOSES = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def asked(minute: float, after_s: float | None = 10, level: int = 4) -> Asked:
    at = OPENS + timedelta(minutes=minute)
    return Asked(at) if after_s is None else Asked(at, at + timedelta(seconds=after_s), level)


def names(*day: Asked, closes: datetime | None = CLOSES) -> list[Pattern]:
    return [found.pattern for found in patterns(day, closes)]


def test_presses_within_a_second_of_finishing() -> None:
    day = [asked(10 * n, 1.0) for n in range(3)]
    at = [one.rated_at for one in day]
    assert patterns(day, CLOSES) == [Found(Pattern.HASTY, 3, at[0], at[-1])]  # type: ignore[arg-type]  # all are rated
    assert names(*day[:2]) == []
    assert names(*[asked(10 * n, 1.1) for n in range(9)]) == []


@pytest.mark.parametrize(("count", "gap_min", "found"), [(5, 0.5, 1), (5, 0.51, 0), (4, 0.1, 0), (9, 0.5, 1)])
def test_bursts(count: int, gap_min: float, found: int) -> None:
    bursts = patterns([asked(gap_min * n) for n in range(count)], CLOSES)
    assert [one.pattern for one in bursts] == [Pattern.BURST] * found
    assert [one.count for one in bursts] == [count] * found


def test_two_bursts_are_two() -> None:
    day = [asked(0.2 * n) for n in range(5)] + [asked(60 + 0.2 * n) for n in range(6)]
    assert [(one.pattern, one.count) for one in patterns(day, CLOSES)] == [(Pattern.BURST, 5), (Pattern.BURST, 6)]


def closing(level: int = 4, count: int = 8) -> list[Asked]:
    return [asked(450 + 3.5 * n, level=level) for n in range(count)]


def test_all_alike_before_closing_where_few_rated_before() -> None:
    quiet = [asked(10 * n, None) for n in range(40)]
    assert names(*quiet, *closing()) == [Pattern.CLOSING]
    assert names(*quiet, *closing(), closes=None) == []  # a hall without hours has no closing
    assert names(*quiet, *closing(count=7)) == []
    assert names(*quiet, *closing()[:-1], asked(479, level=2)) == []
    assert names(*quiet, *closing(), asked(479, None)) == []
    assert names(*[asked(10 * n) for n in range(40)], *closing()) == []  # as everybody did all day


def test_nothing_asked_is_nothing_found() -> None:
    assert patterns([], CLOSES) == []


def test_a_hall_of_honest_citizens_is_hardly_ever_named() -> None:
    rng = random.Random(1)
    named = 0
    for _ in range(500):
        minute, day = 0.0, []
        while minute < 475:
            minute += max(1.0, rng.gauss(7, 4))
            rates = rng.random() < 0.4
            level = rng.choices([4, 3, 2], [80, 15, 5])[0]
            day.append(asked(minute, max(0.6, rng.lognormvariate(1.6, 0.7)) if rates else None, level))
        named += bool(patterns(day, CLOSES))
    assert named <= 5
