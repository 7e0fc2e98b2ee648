"""Short messages that ask for a rating: their words, how long they are, when they may go, and what a reply says."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from server.contract.ratings import Label
from server.domain.people import normalised
from server.domain.rating import LEVELS

FROM_HOUR, TO_HOUR = 8, 20
"""Nobody is asked at night, by the hall's own clock."""

GOOD_FOR = timedelta(hours=24)
"""A message that no gateway took in this time is dropped: weeks later nobody knows what it is about."""

CLOCKS_APART = timedelta(minutes=15)
"""So far the network's clock and the hall's may differ."""

ZONES_APART = timedelta(days=1)
"""So far they may be when one of them mistakes its zone."""

LONGEST_WAY = timedelta(days=30)
"""No reply is older: what says so comes from a clock that is wrong."""

HASH_KEPT = timedelta(days=7)
"""So long after the time for replies a phone is still known, so that a late reply is told from a stranger's."""

MOST_OPEN = 3
"""Services for which one phone may be asked at a time. A phone that stands for the whole hall is nobody's."""

MOST_TRIES = 3
"""Of a message of which surely nothing went out."""
TRY_AGAIN = timedelta(minutes=10)

LONGEST_ITEM = 24
WHOLE, PART = 70, 67
"""UTF-16 units of a message in one piece, and of each of several: 3GPP TS 23.040."""

WORDS = {
    Label.VERY_SATISFIED: "非常满意",
    Label.SATISFIED: "满意",
    Label.BASICALLY_SATISFIED: "基本满意",
    Label.DISSATISFIED: "不满意",
    Label.VERY_DISSATISFIED: "非常不满意",
}
LEGEND = " ".join(f"{LEVELS[label]} {words}" for label, words in WORDS.items())
OPTED_OUT = "您已退订评价短信，今后不再向本号码发送。"
UNREADABLE = f"没有看懂您的回复。评价请只回复一个数字：{LEGEND}。退订回 TD"
_BY_WORDS = {words: label for label, words in WORDS.items()}
_BY_DIGIT = {str(LEVELS[label]): label for label in WORDS}
_STOPS = {"TD", "T", "退订", "0000", "回TD", "回复TD", "回复TD退订", "STOP"}
_REPLY = re.compile(r"([1-5]?)[.,:、,。分]?(\w*)[。.!]*")


class Kind(StrEnum):
    """Of a message that goes out. Of each kind a service has one at most."""

    INVITATION = "invitation"
    UNREADABLE = "unreadable"
    OPTED_OUT = "opted_out"


class Outcome(StrEnum):
    """What came of a received message."""

    RATED = "rated"
    OPT_OUT = "opt_out"
    NOT_ASKED = "not_asked"
    ALREADY_RATED = "already_rated"
    LATE = "late"
    UNCLEAR = "unclear"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Asked:
    """A service about which a phone was asked; `id` is of its row. `went_out`: surely, and whole."""

    id: int
    asked_at: datetime
    reply_until: datetime
    rated: bool
    went_out: bool


@dataclass(frozen=True)
class Written:
    """When a reply was written: `at`, None when nobody knows; and surely not after `latest`."""

    at: datetime | None
    latest: datetime


def parts(text: str) -> int:
    """How many short messages a text with Chinese in it is. An emoji counts twice and is not cut in two."""
    units = [1 + (ord(sign) > 0xFFFF) for sign in text]
    if sum(units) <= WHOLE:
        return 1
    count, room = 1, PART
    for width in units:
        if width > room:
            count, room = count + 1, PART
        room -= width
    return count


def phone(said: str) -> str | None:
    """The 11 digits of a mobile number, with or without +86, 0086 or 86 before it; None for any other sender."""
    number = normalised(re.sub(r"^86(?=1[0-9]{10}$)", "", said.strip()))
    return number if number is not None and len(number) == 11 else None


def said(text: str) -> Label | None:
    """The level that a reply gives: its digit, its exact words, or both when they agree; None for anything else."""
    found = _REPLY.fullmatch(_plain(text))
    if found is None or not any(found.groups()):
        return None
    by_digit, by_words = _BY_DIGIT.get(found[1]), _BY_WORDS.get(found[2])
    if found[1] and found[2]:
        return by_digit if by_digit is by_words else None
    return by_digit or by_words


def wants_no_more(text: str) -> bool:
    """退订."""
    return _plain(text).rstrip("。.!,") in _STOPS


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def written(now: datetime, sent_at: datetime | None, age_s: int | None) -> Written:
    """When a reply that came `now` was written: by the network's clock `sent_at`, or else `age_s` seconds ago by the
    gateway's, which had read it then. Either may be wrong, and then is not believed."""
    ages = range(int(LONGEST_WAY / timedelta(seconds=1)))
    read_at = now - timedelta(seconds=age_s) if age_s is not None and age_s in ages else None
    if sent_at is None or not now - LONGEST_WAY < sent_at <= now + CLOCKS_APART:
        return Written(read_at, read_at or now)
    by_network = min(sent_at + CLOCKS_APART, now)
    if read_at is None or read_at < sent_at - CLOCKS_APART:  # nobody reads what is not written yet
        return Written(min(sent_at, now), by_network)
    return Written(min(sent_at, read_at), min(by_network, read_at))


def about(asked: Sequence[Asked], reply: Written) -> list[Asked]:
    """Which services a reply may be about: the latest that its phone had been asked about when it was written, and
    only that one. A second answer never becomes the rating of an older service. More than one when that question
    may not have gone out, or not have come yet; none when nobody had asked."""
    possible = []
    for one in sorted(asked, key=lambda one: (one.asked_at, one.id), reverse=True):
        if one.asked_at <= reply.latest or (len(asked) == 1 and one.asked_at <= reply.latest + ZONES_APART):
            possible.append(one)
        if one.went_out and reply.at is not None and one.asked_at <= reply.at:
            break
    return possible


def outcome(asked: Sequence[Asked], label: Label | None, at: datetime) -> Outcome:
    """What a reply of `at` about one of these becomes, which is no wish to be left alone."""
    if len(asked) != 1:
        return Outcome.UNCLEAR if asked else Outcome.NOT_ASKED
    if asked[0].rated:
        return Outcome.ALREADY_RATED
    if at > asked[0].reply_until:
        return Outcome.LATE
    return Outcome.UNREADABLE if label is None else Outcome.RATED


def by_day(now: datetime, zone: str) -> bool:
    """Whether somebody may be asked now."""
    return FROM_HOUR <= now.astimezone(ZoneInfo(zone)).hour < TO_HOUR
