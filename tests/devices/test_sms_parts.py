"""Messages made whole: any order, repeats, what is missing, and what is handed to be cleared."""

from datetime import datetime, timedelta, timezone
from itertools import permutations

import pytest

from devices.sms.parts import MOST_OPEN, PATIENCE_S, Parts
from devices.sms.pdu import Concat, Part

AT = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=8)))


def part(number, text, *, total=3, reference=7, sender="+8613812345678", wide=False):
    return Part(sender, AT + timedelta(seconds=number), text, Concat(reference, total, number, wide))


def fed(parts, *those, at=0.0):
    return [whole for slot, each in those for whole in parts.add(each, slot, at)]


def test_a_message_alone_is_whole():
    (whole,) = Parts().add(Part("10086", AT, "B"), 4, 0.0)
    assert (whole.message.text, whole.message.reference, whole.message.complete, whole.slots) == (
        "B",
        None,
        True,
        (4,),
    )
    (one,) = Parts().add(part(1, "B", total=1), 4, 0.0)
    assert one.message.text == "B" and one.message.complete


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
def test_any_order(order):
    """Cleared from the last part to the first, so that what a crash leaves is known by the first part's time."""
    pieces = {1: "请 \ud83d", 2: "\ude00 到", 3: "窗口"}
    (whole,) = fed(Parts(), *((n + 10, part(n, pieces[n])) for n in order))
    assert whole.message.text == "请 😀 到窗口"
    assert (whole.message.sent_at, whole.message.reference) == (AT + timedelta(seconds=1), 7)
    assert whole.slots == (13, 12, 11)


def test_a_repeat_of_a_part_counts_once_and_is_cleared_as_well():
    (whole,) = fed(Parts(), (1, part(1, "a")), (2, part(1, "a")), (3, part(2, "b")), (4, part(3, "c")))
    assert whole.message.text == "abc" and whole.slots == (4, 3, 2, 1)


def test_a_part_repeated_after_the_whole_gives_the_same_message_again():
    parts = Parts()
    (first,) = fed(parts, (1, part(1, "a", total=2)), (2, part(2, "b", total=2)))
    (again,) = fed(parts, (1, part(2, "b", total=2)))
    assert again.message == first.message and again.slots == (1,)
    assert parts.expired(PATIENCE_S) == []


def test_what_is_missing_is_given_up_after_a_time():
    parts = Parts(patience_s=60)
    assert fed(parts, (1, part(3, "c")), at=100.0) == fed(parts, (2, part(1, "a")), at=130.0) == []
    assert parts.expired(159.9) == []
    (whole,) = parts.expired(160.0)
    assert (whole.message.text, whole.message.complete, whole.slots) == ("ac", False, (1, 2))
    assert parts.expired(1000.0) == []
    assert fed(parts, (5, part(2, "b")), at=1000.0) == []


def test_the_same_reference_with_another_text_is_another_message():
    parts = Parts()
    fed(parts, (1, part(1, "old")))
    (given_up,) = fed(parts, (2, part(1, "new")))
    assert (given_up.message.text, given_up.message.complete, given_up.slots) == ("old", False, (1,))
    (whole,) = fed(parts, (3, part(2, "er")), (4, part(3, "!")))
    assert whole.message.text == "newer!" and whole.slots == (4, 3, 2)


def test_senders_references_totals_and_widths_are_apart():
    parts = Parts()
    others = [
        part(2, "b", total=2, sender="10086"), part(2, "b", total=2, reference=8), part(2, "b"),
        part(2, "b", total=2, wide=True),
    ]  # fmt: skip
    assert fed(parts, (1, part(1, "a", total=2)), *enumerate(others, 2)) == []
    (whole,) = fed(parts, (9, part(2, "z", total=2)))
    assert whole.message.text == "az"


def test_no_more_than_so_many_are_held():
    parts = Parts()
    given_up = fed(parts, *((n, part(1, "a", reference=n)) for n in range(MOST_OPEN + 2)))
    assert [whole.slots for whole in given_up] == [(0,), (1,)]


def test_half_a_character_and_nul_never_reach_a_database():
    (whole,) = Parts().add(Part("10086", AT, "a\0b\ud83d"), 1, 0.0)
    assert whole.message.text == "ab\ufffd"
