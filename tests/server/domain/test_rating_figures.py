"""Shares are as defined and never flattered; nobody is found by taking one published figure from another."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.rating import LEAST_RATED
from server.domain.rating_figures import (
    WEEK,
    Counts,
    Shares,
    closed_week,
    published_by,
    share,
    shares,
    withheld,
)

MONDAY = date(2026, 3, 2)


def test_each_share_by_its_definition():
    counts = Counts(20, (3, 4, 2, 1, 2), {"evaluator": 9, "qr": 3})
    assert (counts.rated, counts.unrated, counts.good) == (12, 8, 9)
    assert shares(counts) == Shares(good=750, rated=600, unrated=400, device=450)


def test_of_nothing_there_is_no_share():
    assert shares(Counts(0)) == Shares(None, None, None, None)
    assert shares(Counts(5)) == Shares(good=None, rated=0, unrated=1000, device=0)


def test_what_was_not_meant_is_left_out_of_the_share_of_the_content_alone():
    counts = Counts(20, (3, 4, 2, 1, 2), {"evaluator": 9, "qr": 3}, excluded=3)
    assert (counts.rated, counts.counted) == (12, 9)
    assert shares(counts) == Shares(good=1000, rated=600, unrated=400, device=450)
    with pytest.raises(ValueError):
        Counts(20, (3, 4, 2, 1, 2), excluded=4)


@pytest.mark.parametrize(
    ("asked", "levels", "sources"),
    [
        (1, (1, 1, 0, 0, 0), {}),
        (2, (1, 0, 0, 0), {}),
        (2, (1, 0, 0, 0, -1), {}),
        (-1, (0, 0, 0, 0, 0), {}),
        (2, (1, 0, 0, 0, 0), {"evaluator": 2}),
    ],
)
def test_counts_that_cannot_be_true_are_refused(asked, levels, sources):
    with pytest.raises(ValueError):
        Counts(asked, levels, sources)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_no_share_is_flattered(part, more):
    whole = part + more
    found = share(part, whole)
    if whole:
        assert found * whole <= part * 1000 and (found < 1000 or more == 0)
    else:
        assert found is None


@given(st.lists(st.integers(0, 60), min_size=5, max_size=5), st.integers(0, 100))
def test_who_did_not_rate_moves_only_what_is_said_of_them(levels, unrated):
    """未评 is never 好评 and never 差评."""
    levels = tuple(levels)
    some = shares(Counts(sum(levels) + unrated, levels))
    none = shares(Counts(sum(levels), levels))
    assert some.good == none.good
    assert some.rated is None or some.rated + some.unrated == 1000


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 30)))
def test_what_is_withheld_is_small_or_hides_what_is(rated):
    hidden = withheld(rated)
    assert all(key in hidden for key, n in rated.items() if 0 < n < LEAST_RATED)
    assert not any(rated[key] == 0 for key in hidden)
    together = sum(rated[key] for key in hidden)
    shown = [key for key, n in rated.items() if n and key not in hidden]
    assert together == 0 or together >= LEAST_RATED or not shown


def test_who_is_excluded_still_stands_behind_the_levels():
    """A group of ratings none of which was meant counts nobody, and tells of each of them."""
    assert Counts(1, (0, 0, 0, 0, 1), excluded=1).behind == 1
    assert Counts(20, (3, 4, 2, 1, 2), excluded=3).behind == 9
    assert Counts(5).behind == 0


def test_one_small_group_takes_the_smallest_other_with_it():
    assert withheld({"01": 40, "02": 3, "03": 12}) == {"02", "03"}
    assert withheld({"01": 40, "02": 3, "03": 7}) == {"02", "03"}
    assert withheld({"01": 40, "02": 0, "03": 10}) == frozenset()
    assert withheld({"01": 9, "02": 0}) == {"01"}


@pytest.mark.parametrize("days", range(7))
def test_only_a_week_that_is_over_is_published(days):
    assert closed_week(MONDAY + timedelta(days=days)) == MONDAY - WEEK


def test_windows_and_items_take_turns_for_ever():
    weeks = [published_by(MONDAY + n * WEEK) for n in range(200)]
    assert all(one != next_ for one, next_ in pairwise(weeks)) and set(weeks) == {
        "window",
        "item",
    }


CELLS = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
"""Week, window and item."""


@st.composite
def crowds(draw):
    """Raters, each by their cell; of some cells one or few, of others many."""
    counts = draw(st.dictionaries(CELLS, st.one_of(st.integers(1, 3), st.integers(8, 12), st.just(40)), max_size=20))
    return [cell for cell, n in counts.items() for _ in range(n)]


def publications(raters, by_week=lambda week: (published_by(MONDAY + week * WEEK),), hide=withheld):
    """The sets of raters of whom some figure is published, week after week."""
    column = {"window": 1, "item": 2}
    found = set()
    for week in range(4):
        ids = frozenset(n for n, one in enumerate(raters) if one[0] == week)
        if len(ids) >= LEAST_RATED:
            found.add(ids)
        for by in by_week(week):
            groups = {}
            for n in ids:
                groups.setdefault(raters[n][column[by]], set()).add(n)
            hidden = hide({key: len(group) for key, group in groups.items()})
            found |= {frozenset(group) for key, group in groups.items() if key not in hidden}
    return found


def by_subtraction(sets):
    """Whatever can be had by taking published sets from one another and from what is left."""
    known = set(sets)
    while True:
        more = {one - other for one in known for other in known if other < one} - known
        if not more:
            return known
        known |= more


@given(crowds())
@settings(max_examples=300)
def test_no_rater_is_found_by_subtraction(raters):
    assert all(len(found) >= LEAST_RATED for found in by_subtraction(publications(raters)))


CLEAR = [(0, 0, 0)] * 12 + [(0, 1, 0)] * 11 + [(0, 2, 0)]
CROSSED = [(0, 0, 0)] * 19 + [(0, 1, 0)] + [(0, 1, 1)] * 12


@pytest.mark.parametrize(
    ("raters", "careless"),
    [
        (CLEAR, {"hide": lambda rated: {key for key, n in rated.items() if n < LEAST_RATED}}),
        (CROSSED, {"by_week": lambda week: ("window", "item")}),
    ],
    ids=["only the small group hidden", "one week by window and by item"],
)
def test_the_attack_finds_somebody_where_the_rule_is_broken(raters, careless):
    """So that the test above is not blind."""
    assert min(map(len, by_subtraction(publications(raters, **careless)))) == 1
    assert min(map(len, by_subtraction(publications(raters)))) >= LEAST_RATED
