"""Who holds what: roles, grants from day to day, and what no hall may put together."""

from datetime import date, timedelta

import pytest

from server.domain import permissions as p
from server.domain.permissions import Grant

MONDAY = date(2026, 3, 2)


def test_every_word_of_the_table_has_a_name_and_every_role_can_serve():
    assert {word for held in p.ROLES.values() for word in held} == set(p.PERMISSIONS)
    assert all(p.SERVE in held for held in p.ROLES.values())
    assert not {*p.PERMISSIONS} & {*p.OF_DEVICES}


@pytest.mark.parametrize("role", p.ROLES)
@pytest.mark.parametrize("kind", p.OF_DEVICES)
def test_nobody_may_hold_what_a_device_holds(role, kind):
    assert p.barred(kind, role)
    assert p.in_force(role, [Grant(1, kind, MONDAY, None)], MONDAY) == []


def test_who_serves_may_not_be_given_ratings_or_the_tokens_that_rate():
    found = {(role, word) for role in p.ROLES for word in p.PERMISSIONS if p.barred(word, role)}
    assert found == {(role, word) for role in ("clerk", "guide") for word in ("supervise", "administer")}


@pytest.mark.parametrize("word", ["", "system", "citizen", "desk", "robot"])
def test_a_word_that_is_no_role_and_no_device_holds_nothing(word):
    assert p.of_role(word) == frozenset()


def test_a_device_holds_its_kind_and_nothing_else():
    assert {kind: p.of_role(kind) for kind in p.OF_DEVICES} == {kind: {kind} for kind in p.OF_DEVICES}


@pytest.mark.parametrize(
    ("first", "last", "revoked", "holds"),
    [(0, 0, False, True), (-3, 4, False, True), (0, None, False, True), (1, 9, False, False), (-9, -1, False, False),
     (-3, 4, True, False), (1, None, False, False)],
)  # fmt: skip
def test_a_grant_holds_from_its_first_to_its_last_day(first, last, revoked, holds):
    to_day = None if last is None else MONDAY + timedelta(days=last)
    grant = Grant(7, p.DESK, MONDAY + timedelta(days=first), to_day, revoked)
    assert grant.holds(MONDAY) == holds
    assert p.in_force("clerk", [grant], MONDAY) == ([grant] if holds else [])


def test_a_grant_of_what_the_role_holds_adds_nothing():
    assert p.in_force("guide", [Grant(7, p.DESK, MONDAY, None)], MONDAY) == []


def test_one_gives_what_ones_role_holds_and_who_serves_gives_nothing():
    gives = {role: {word for word in (*p.PERMISSIONS, *p.OF_DEVICES) if p.may_give(role, word)} for role in p.ROLES}
    assert gives == {"admin": set(p.PERMISSIONS), "supervisor": {"serve", "desk", "supervise"}, "clerk": set(),
                     "guide": set()}  # fmt: skip


@pytest.mark.parametrize("why", ["", "家里有事", "pausiert\nzweite Zeile", "[grant 1 desk] and more"])
def test_a_reason_and_its_grant_are_told_apart_again(why):
    told = p.under(why, 12, "desk")
    assert p.apart(told) == (why, ("授权 12：导办台与预约", "grant 12: guide desk and appointments"))
    assert p.apart(why) == (why, None)
