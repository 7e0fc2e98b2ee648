"""Days in addresses, at the ends of the calendar and such as there are none: refused in words, never an error of the
server."""

import pytest

from server.models import Hall as HallRow

DAYS = ("0001-01-01", "0001-01-02", "1999-12-31", "2100-01-01", "9999-12-30", "9999-12-31", "2026-02-30", "2026", "x")
ADDRESSES = (
    "/reports/out-of-order?day={day}",
    "/reports/rating-patterns?day={day}",
    "/reports/estimates?day={day}",
    "/reports/ratings?by=day&from={day}&to={day}",
    "/reports/ratings.xlsx?from={day}&to={day}",
    "/statistics?by=day&from={day}&to={day}",
    "/statistics.xlsx?from={day}&to={day}",
    "/ledger.csv?from={day}&to={day}",
    "/tickets/numbered/A001?day={day}",
    "/ratings/entered/{day}/A001",
    "/appointments/days/{day}",
)
PAGES = (
    "/book?queue=A&mode=hall&day={day}",
    "/book?queue=A&mode=hall&at={day}T09:00:00%2B08:00",
    "/book?queue=A&mode=hall&at={day}T00:00:00%2B14:00",
)


@pytest.fixture(params=["Asia/Shanghai", "America/New_York"])
def boss(hall, request):
    """East and west of Greenwich the calendar ends on different sides."""
    hall.store.write(lambda tx: tx.change(HallRow, 1, zone=request.param))
    hall.device("kiosk").take()
    return hall.person("boss", "admin")


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_day_out_of_reach_is_refused_with_a_sentence(boss, address):
    for day in DAYS:
        asked = address.format(day=day)
        status, problem = boss.get(asked)
        assert status < 500, asked
        assert (status, problem.get("code")) == (422, "bad_field"), asked
        assert problem["detail"] and problem["detail_en"]


def test_a_period_that_ends_out_of_reach_ends_yesterday_or_is_refused(boss):
    for day in DAYS:
        assert boss.get(f"/reports/ratings?by=day&from=2026-03-01&to={day}")[0] in (200, 422), day


def test_the_booking_page_and_the_calendar_bear_any_day(hall, boss):
    for day in DAYS:
        for page in PAGES:
            assert hall.app.test_client().get(page.format(day=day)).status_code == 200, page
        special = f"/admin/hours/days/{day}"
        assert boss.do(special, method="PUT", kind="holiday", name="元旦")[0] in (200, 422)
        assert boss.do(f"{special}/remove")[0] in (200, 422)


def test_every_other_day_is_answered(boss):
    for day in ("2000-01-01", "2026-03-02", "2026-03-04", "2099-12-31"):
        for address in ("out-of-order", "rating-patterns", "estimates"):
            assert boss.get(f"/reports/{address}?day={day}")[0] == 200
        assert boss.get(f"/appointments/days/{day}")[0] == 200
