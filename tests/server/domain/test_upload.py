"""Keys, fields and waits of the upload: plain values."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.numbers import number
from server.domain.upload import LONGEST_S, delay_s, is_hall_code, is_task_code, project_no

tickets = st.tuples(
    st.from_regex("[0-9A-Za-z]{1,32}", fullmatch=True),
    st.dates(),
    st.from_regex("[A-Z]{1,2}", fullmatch=True),
    st.integers(1, 100_000),
)


def key(ticket):
    code, day, series, n = ticket
    assert is_hall_code(code)
    return project_no(code, day, number(series, n))


@given(tickets, tickets)
def test_two_tickets_never_share_a_project_number(one, other):
    assert (key(one) == key(other)) == (one == other)


def test_a_project_number_as_it_is_read():
    assert project_no("QH01", date(2026, 3, 2), "A001") == "QH01-20260302-A001"


@pytest.mark.parametrize("code", ["", "QH-01", "大厅", "a" * 33, "Q H", "QH01\n", "１"])
def test_what_is_no_code_of_a_hall(code):
    assert not is_hall_code(code)


@pytest.mark.parametrize(
    ("text", "good"),
    [("", True), ("1" * 31, True), ("1A" * 15 + "b", True), ("1" * 30, False), ("1" * 30 + "\n", False)],
)
def test_codes_of_items_are_whole_or_empty(text, good):
    assert is_task_code(text, 31) is good


@given(st.integers(1, 10**9), st.floats(0, 1))
def test_waits_stay_within_their_bounds(faults, chance):
    assert 1 <= delay_s(faults, chance) <= LONGEST_S
    assert delay_s(faults, chance) <= delay_s(faults + 1, chance)
    assert delay_s(faults, 0) * 2 == delay_s(faults, 1)


def test_waits_double():
    assert [delay_s(n, 1) for n in (1, 2, 3, 9, 10, 11)] == [2, 4, 8, 512, 600, 600]
    assert delay_s(50, 1, longest_s=60) == 60
