"""Lists of holidays as people type them."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.domain.calendar_import import parse_days
from server.domain.work_calendar import DayKind, SpecialDay


@pytest.mark.parametrize(
    "line",
    [
        "2027-10-01,holiday,国庆节", "2027/10/1，放假，国庆节", "2027年10月1日\t休\t国庆节",
        '\ufeff2027.10.1, Holiday ,"国庆节",,', " 2027-10-01 , 放假 , 国庆节 , ",
    ],
)  # fmt: skip
def test_one_day_in_many_hands(line: str) -> None:
    assert parse_days((line,)) == ({date(2027, 10, 1): SpecialDay(DayKind.HOLIDAY, "国庆节")}, {})


@pytest.mark.parametrize(
    ("word", "weekday"), [("", 1), ("周五", 5), ("星期五", 5), ("Fri", 5), ("5", 5), ("周日", 7)]
)
def test_a_workday_keeps_the_hours_of_a_weekday(word: str, weekday: int) -> None:
    days, _ = parse_days((f"2027-10-09,上班,调休,{word}",))
    assert days == {date(2027, 10, 9): SpecialDay(DayKind.WORKDAY, "调休", weekday)}


@pytest.mark.parametrize("run", ["2028-02-28~2028-03-01", "2028-02-28 至 2028-03-01", "2028/2/28～2028/3/1"])
def test_a_run_of_days_goes_over_a_leap_day(run: str) -> None:
    days, wrong = parse_days((f"{run},放假,停办",))
    assert list(days) == [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)] and not wrong


def test_headings_notes_and_empty_lines_are_passed_over() -> None:
    assert parse_days(("date,kind,name", "日期,类型,名称", "", " , ", "# 2027")) == ({}, {})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2027-02-29,放假,节", "日期"), ("明天,放假,节", "日期"), ("2027-10-01,开会,节", "类型"),
        ("2027-10-01,放假", "名称"), ("2027-10-01,放假," + "长" * 31, "名称"), ("2027-10-01,上班,班,周八", "周几"),
        ("2027-10-07~2027-10-01,放假,节", "1 到 31 天"), ("2027-01-01~2027-12-31,放假,节", "1 到 31 天"),
        ("2027-10-01,放假,节,1,多", "四项"), ("2027-10-01", "类型"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_and_the_others_still_read(line: str, said: str) -> None:
    days, wrong = parse_days(("2027-05-01,放假,劳动节", line))
    assert list(days) == [date(2027, 5, 1)]
    assert list(wrong) == [2] and said in wrong[2][0]


@given(st.lists(st.text() | st.text("0123456789-~/年月日,，放假上班周一\t \n\"'", max_size=40)))
@example(["\r0", "2027-05-01,放假,劳动节\r"])
@example(["9" * 200_000])
def test_rubbish_is_only_ever_named(lines: list[str]) -> None:
    days, wrong = parse_days(tuple(lines))
    assert all(1 <= number <= len(lines) for number in wrong)
    assert all(1 <= len(day.name) <= 30 for day in days.values())
