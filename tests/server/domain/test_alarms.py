"""Alarms by the clock: raised once, never flapping, escalated once, whatever is found and however the clock goes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.contract.alarms import AlarmKind
from server.domain.alarms import KINDS, QUIET, SETTLED, Finding, Move, Rules, Standing, sentence, turns

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TICK = timedelta(seconds=5)
WAIT = Finding(AlarmKind.LONGEST_WAIT, "A", 31, "A023", "A023")
FAULT = Finding(AlarmKind.DEVICE_FAULT, "kiosk · bar")


class Played:
    """Plays the moves as the service does, and keeps a list of them."""

    def __init__(self, rules=Rules()):  # noqa: B008 - frozen
        self.rules, self.standing, self.did, self.now = rules, {}, [], START

    def tick(self, *findings, by=TICK):
        self.now += by
        for turn in turns(list(self.standing.values()), findings, self.rules, self.now):
            self.did.append((self.now, turn.move))
            self._play(turn)
        return [move for at, move in self.did if at == self.now]

    def _play(self, turn):
        one = turn.standing
        changes = {
            Move.RAISE: {"raised_at": self.now}, Move.GONE: {"gone_at": self.now}, Move.BACK: {"gone_at": None},
            Move.ESCALATE: {"escalated": True},
        }  # fmt: skip
        if one is None:
            key = len(self.did)
            self.standing[key] = Standing(key, turn.finding.kind, turn.finding.subject, self.now)
        elif turn.move in (Move.END, Move.FORGET):
            del self.standing[one.key]
        else:
            was = vars(self.standing[one.key])
            self.standing[one.key] = Standing(**{**was, **changes[turn.move]})

    def acknowledge(self):
        self.standing = {key: Standing(**{**vars(one), "acknowledged": True}) for key, one in self.standing.items()}

    def count(self, move):
        return sum(done is move for _, done in self.did)


def test_what_lasts_is_raised_once_and_ends_once():
    hall = Played()
    assert hall.tick(WAIT) == [Move.SEE]
    for _ in range(200):
        hall.tick(WAIT)
    raised = next(at for at, move in hall.did if move is Move.RAISE)
    assert raised - (START + TICK) >= SETTLED and hall.count(Move.RAISE) == 1
    assert hall.tick() == [Move.GONE]
    gone = hall.now
    while not hall.count(Move.END):
        hall.tick()
    assert hall.now - gone >= QUIET and hall.standing == {}


def test_what_is_over_at_once_is_no_alarm():
    hall = Played()
    hall.tick(WAIT)
    for _ in range(100):
        hall.tick()
    assert [move for _, move in hall.did] == [Move.SEE, Move.GONE, Move.FORGET]


def test_what_comes_and_goes_every_look_is_one_alarm():
    hall = Played()
    for n in range(1000):
        hall.tick(*[FAULT] * (n % 2))
    assert (hall.count(Move.RAISE), hall.count(Move.END)) == (1, 0)


def test_a_limit_in_minutes_of_lasting_is_waited_for():
    hall = Played(Rules(limits={AlarmKind.DEVICE_FAULT: 7}))
    while not hall.count(Move.RAISE):
        hall.tick(FAULT)
    assert hall.now - (START + TICK) == timedelta(minutes=7)


def test_who_nobody_acknowledged_is_escalated_once():
    hall = Played(Rules(escalate_minutes=3))
    for _ in range(200):
        hall.tick(WAIT)
    assert hall.count(Move.ESCALATE) == 1
    told = [at for at, move in hall.did if move in (Move.RAISE, Move.ESCALATE)]
    assert told[1] - told[0] == timedelta(minutes=3)


def test_who_somebody_acknowledged_is_not_escalated():
    hall = Played(Rules(escalate_minutes=3))
    while not hall.count(Move.RAISE):
        hall.tick(WAIT)
    hall.acknowledge()
    for _ in range(200):
        hall.tick(WAIT)
    assert hall.count(Move.ESCALATE) == 0


def test_a_kind_that_is_switched_off_ends_and_does_not_begin():
    hall = Played()
    for _ in range(10):
        hall.tick(WAIT)
    hall.rules = Rules(off=frozenset({AlarmKind.LONGEST_WAIT}))
    for _ in range(30):
        hall.tick(WAIT)
    assert hall.standing == {} and hall.count(Move.END) == 1


def test_a_clock_that_was_set_far_ahead_and_back_holds_nothing_up():
    hall = Played()
    hall.tick(WAIT, by=timedelta(days=400))
    hall.tick(WAIT, by=-timedelta(days=400))
    assert hall.count(Move.RAISE) == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=120))
def test_no_alarm_ends_while_it_is_found_nor_lives_less_than_its_time(looks):
    hall = Played()
    last_found, first_found = None, None
    for found, seconds in looks:
        did = hall.tick(*[WAIT] * found, by=timedelta(seconds=seconds))
        if found:
            last_found, first_found = hall.now, first_found or hall.now
        assert not (found and Move.END in did) and did.count(Move.RAISE) <= 1
        if Move.END in did or Move.FORGET in did:
            assert hall.now - last_found >= QUIET
            first_found = None
        if Move.RAISE in did:
            assert found and hall.now - first_found >= SETTLED
        assert len(hall.standing) <= 1


def test_the_same_thing_found_twice_is_one():
    hall = Played()
    assert hall.tick(WAIT, WAIT, FAULT) == [Move.SEE, Move.SEE]


@pytest.mark.parametrize("kind", list(AlarmKind))
def test_every_kind_has_its_words_and_bounds(kind):
    of = KINDS[kind]
    zh, en = sentence(kind, "A", 7, "多", "more")
    assert zh and en and "{" not in zh + en
    assert of.limit is None or of.limit.least <= of.limit.usual <= of.limit.most
    assert [one.rank for one in KINDS.values()].count(of.rank) == 1
