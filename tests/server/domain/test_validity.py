"""From when to when: a table, and that the three standings share all days between them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.validity import Standing, standing

DAY = date(2028, 2, 29)
EVE, MORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)
DAYS = st.none() | st.dates()


@pytest.mark.parametrize(
    ("from_day", "to_day", "expected"),
    [
        (None, None, Standing.ON), (DAY, DAY, Standing.ON), (DAY, None, Standing.ON), (None, DAY, Standing.ON),
        (MORROW, None, Standing.FUTURE), (None, EVE, Standing.OVER), (EVE, EVE, Standing.OVER),
    ],
)  # fmt: skip
def test_both_days_belong_to_it(from_day: date | None, to_day: date | None, expected: Standing) -> None:
    assert standing(from_day, to_day, DAY) is expected


@given(DAYS, DAYS, st.dates(), st.dates())
def test_it_begins_once_and_ends_once(from_day: date | None, to_day: date | None, one: date, other: date) -> None:
    if from_day is not None and to_day is not None and to_day < from_day:
        from_day, to_day = to_day, from_day
    order = list(Standing)
    earlier, later = (order.index(standing(from_day, to_day, day)) for day in sorted((one, other)))
    assert earlier <= later
