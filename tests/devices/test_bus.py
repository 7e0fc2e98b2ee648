"""One line with several devices: everyone hears everything, answers go first, one status each."""

import pytest

from devices.base import DeviceState
from devices.bus import Bus, Member, Outgoing, one_owner_per_line
from devices.supervisor import Supervisor
from devices.transport import Lost


class Echo(Member):
    """Answers its own letter in upper case; says each wish when it is due."""

    def __init__(self, letter: bytes, url: str) -> None:
        super().__init__(f"echo-{letter.decode()}", url)
        self.letter = letter
        self.heard = b""
        self.wishes = []

    def feed(self, data, at):
        self.heard += data
        return [Outgoing(self.letter.upper())] * data.count(self.letter)

    def due(self, at):
        wishes, self.wishes = self.wishes, []
        return wishes


@pytest.fixture
def echoes(pty_peer, run, wait):
    def make(*letters, turnround_s=0.0, answer=lambda peer, data: None):
        peer = pty_peer(answer)
        members = [Echo(letter, peer.url) for letter in letters]
        members[0].turnround_s = turnround_s
        running = run(Bus(peer.url, members))
        wait(lambda: all(member.status.state is DeviceState.ONLINE for member in members))
        return peer, members, running

    return make


def test_everyone_hears_everything_and_answers_for_itself(echoes, wait):
    peer, (a, b), _ = echoes(b"a", b"b")
    peer.send(b"xbxax")
    wait(lambda: sorted(peer.got) == sorted(b"AB"))
    assert a.heard == b.heard == b"xbxax"


def test_answers_go_before_what_was_waiting(echoes, wait):
    peer, (a, _), _ = echoes(b"a", b"b", turnround_s=0.1)
    peer.send(b"x")
    wait(lambda: a.heard)
    a.wishes = [Outgoing(b"1"), Outgoing(b"2"), Outgoing(b"3")]
    wait(lambda: b"1" in peer.got)
    peer.send(b"a")
    wait(lambda: len(peer.got) == 4)
    assert peer.got == b"1A23"


def test_the_line_is_left_to_a_device_that_is_asked(echoes, wait):
    peer, (a,), _ = echoes(b"a")
    a.wishes = [Outgoing(b"?", answer_s=20.0), Outgoing(b"next")]
    wait(lambda: peer.got == b"?")
    peer.send(b"answer")  # lowers the line long before the 20 s
    wait(lambda: peer.got == b"?" + b"Anext")


def test_a_lost_line_takes_all_members_along_and_brings_them_back(echoes, run, wait):
    peer, members, running = echoes(b"a", b"b")
    peer.pull()
    wait(lambda: running.ended)
    assert {member.status.state for member in members} == {DeviceState.ABSENT}
    assert all(member.status.detail for member in members)
    peer.insert()
    run(running.device)
    wait(lambda: all(member.status.state is DeviceState.ONLINE for member in members))


def test_a_member_may_have_its_line_alone(pty_peer, run, wait):
    peer = pty_peer()
    alone = Echo(b"a", peer.url)
    run(alone)
    wait(lambda: alone.status.state is DeviceState.ONLINE)
    peer.send(b"a")
    wait(lambda: peer.got == b"A")


def test_the_supervisor_tells_of_members_and_not_of_the_bus(pty_peer, wait):
    peer, told = pty_peer(), []
    buses = one_owner_per_line([Echo(b"a", peer.url), Echo(b"b", peer.url)])
    assert len(buses) == 1
    supervisor = Supervisor(buses, lambda name, status: told.append((name, status.state)))
    supervisor.start()
    try:
        wait(lambda: len(told) == 2)
        assert set(supervisor.snapshot()) == {"echo-a", "echo-b"}
        assert dict(told) == dict.fromkeys(("echo-a", "echo-b"), DeviceState.ONLINE)
    finally:
        supervisor.stop()


def test_a_url_that_is_not_understood_is_refused_when_the_member_is_made():
    with pytest.raises(ValueError, match=r"[一-鿿]"):
        Echo(b"a", "COM1")


class Asker(Member):
    """Asks its own letter when it wishes to, and takes that letter in upper case for the answer."""

    def __init__(self, letter: bytes, url: str) -> None:
        super().__init__(f"asker-{letter.decode()}", url)
        self.letter = letter
        self.wish = False
        self.heard = b""
        self.given_up = 0
        self.answer_s = 20.0

    def feed(self, data, at):
        self.heard += data
        if self.letter.upper() in data:
            self.awaiting = False
        return ()

    def due(self, at):
        if not self.wish:
            return ()
        self.wish, self.awaiting = False, True
        return [Outgoing(self.letter, self.answer_s)]

    def unanswered(self, at):
        self.awaiting = False
        self.given_up += 1


@pytest.fixture
def askers(pty_peer, run, wait):
    def make(*letters):
        peer = pty_peer()
        members = [Asker(letter, peer.url) for letter in letters]
        running = run(Bus(peer.url, members))
        wait(lambda: all(member.status.state is DeviceState.ONLINE for member in members))
        return peer, members, running

    return make


def test_noise_does_not_take_the_line_from_whoever_awaits_an_answer(askers, wait):
    peer, (a, b), _ = askers(b"a", b"b")
    a.wish = True
    wait(lambda: peer.got == b"a")
    b.wish = True
    peer.send(b"noise")
    wait(lambda: b.heard == b"noise")
    peer.send(b"A")
    wait(lambda: peer.got == b"ab")
    assert a.given_up == 0


def test_an_answer_that_does_not_come_is_given_up_and_the_next_has_its_turn(askers, wait):
    peer, (a, b), _ = askers(b"a", b"b")
    a.answer_s = 0.05
    a.wish = b.wish = True
    wait(lambda: sorted(peer.got) == sorted(b"ab"))
    peer.send(b"B")
    wait(lambda: a.given_up == 1 and not b.awaiting)


def test_who_is_silent_comes_behind_all_others(askers, wait):
    peer, (a, b, c), _ = askers(b"a", b"b", b"c")
    c.wish = True
    wait(lambda: peer.got == b"c")
    a.silent = a.wish = b.wish = True
    peer.send(b"C")
    wait(lambda: peer.got == b"cb")
    peer.send(b"B")
    wait(lambda: peer.got == b"cba")


def test_a_line_on_which_all_are_silent_is_opened_anew(askers, wait):
    _, members, running = askers(b"a", b"b")
    for member in members:
        member.silent = True
    wait(lambda: running.ended)
    assert isinstance(running.error, Lost)
