from datetime import UTC, date, datetime

import pytest

from server.domain.service_day import service_day


@pytest.mark.parametrize(
    ("utc", "rollover", "day"),
    [
        (datetime(2026, 3, 1, 15, 59, tzinfo=UTC), 0, date(2026, 3, 1)),
        (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), 0, date(2026, 3, 2)),
        (datetime(2026, 3, 1, 19, 59, tzinfo=UTC), 4, date(2026, 3, 1)),
        (datetime(2026, 3, 1, 20, 0, tzinfo=UTC), 4, date(2026, 3, 2)),
        (datetime(2028, 2, 28, 16, 0, tzinfo=UTC), 0, date(2028, 2, 29)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), 0, date(2027, 1, 1)),
    ],
)
def test_the_day_turns_in_the_halls_own_zone(utc, rollover, day):
    assert service_day(utc, "Asia/Shanghai", rollover) == day
