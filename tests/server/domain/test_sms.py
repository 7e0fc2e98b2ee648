"""What a message says and how long it is; what a reply says, and about which service."""

from datetime import UTC, date, datetime, timedelta

import pytest

from devices.sms.pdu import encode_submit
from server.contract.ratings import Label
from server.domain import sms, sms_text
from server.domain.sms import Asked, Outcome, Written

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
V, S, B, D, W = Label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("5", V), ("4", S), ("3", B), ("2", D), ("1", W), ("２", D), (" 5 ", V), ("5\n", V), ("　４　", S),
        ("5非常满意", V), ("5 非常满意", V), ("4.满意", S), ("3、基本满意", B), ("2，不满意", D), ("满意", S),
        ("不满意。", D), ("非常不满意", W), ("5分", V), ("1!", W), ("⑤", V),
    ],
)  # fmt: skip
def test_a_level_is_read(text, label):
    assert sms.said(text) is label


@pytest.mark.parametrize(
    "text",
    ["", " ", "0", "6", "55", "5 4", "5不满意", "满意5", "很满意", "不", "好", "4 满意 谢谢", "我不满意", "五", "5.5",
     "-5", "😀", "5非常满意 4满意", "TD", "1２", "4" * 400],
)  # fmt: skip
def test_what_is_no_level_is_none(text):
    assert sms.said(text) is None


@pytest.mark.parametrize(
    "text",
    ["TD", "td", "Td ", "ＴＤ", "T", "退订", " 退订 ", "0000", "回TD", "回复TD", "stop", "T D", "TD。", "退订。",
     "TD!", "ＴＤ！", "退订，", "TD..", "回复TD退订", "回复TD退订。"],
)  # fmt: skip
def test_who_wants_no_more(text):
    assert sms.wants_no_more(text) and sms.said(text) is None


@pytest.mark.parametrize(
    "text", ["", "5", "不退订", "退订吗", "退订?", "000", "TDD", "请勿退订", "T恤", "。", "TD。5"]
)
def test_who_did_not_say_so(text):
    assert not sms.wants_no_more(text)


@pytest.mark.parametrize(
    "sender",
    [
        "13812345678",
        "+8613812345678",
        "008613812345678",
        "8613812345678",
        "+86 138 1234 5678",
        "１３８１２３４５６７８",
    ],
)
def test_one_phone_however_it_is_written(sender):
    assert sms.phone(sender) == "13812345678"


@pytest.mark.parametrize(
    "sender",
    ["", "10086", "106900001234", "BANK", "+4915112345678", "12812345678", "1381234567", "11010519491231002X"],
)
def test_what_is_no_mobile_phone(sender):
    assert sms.phone(sender) is None


@pytest.mark.parametrize(
    "text",
    ["号", "号" * 70, "号" * 71, "号" * 134, "号" * 135, "号" * 66 + "😀" + "到" * 5, "😀" * 35, "😀" * 36,
     "号" * 69 + "😀", sms.UNREADABLE, sms.OPTED_OUT,
     sms_text.invitation("", "清禾市社会保险经办服务大厅", "城乡居民养老保险参保", date(2026, 3, 2)),
     sms_text.invitation("", "厅" * 60, "事" * 80, date(2026, 12, 31))],
)  # fmt: skip
def test_parts_are_counted_as_the_modem_makes_them(text):
    assert sms.parts(text) == len(encode_submit("13812345678", text))


def test_the_message_names_hall_item_and_day_and_every_way_to_answer():
    text = sms_text.invitation("", "清禾大厅", "社保卡办理", date(2026, 3, 2))
    for words in (
        "清禾大厅",
        "社保卡办理",
        "3 月 2 日",
        "5 非常满意",
        "4 满意",
        "3 基本满意",
        "2 不满意",
        "1 非常不满意",
        "退订回 TD",
    ):
        assert words in text
    assert sms.parts(text) == 2 and sms.parts(sms.UNREADABLE) == 1 and sms.parts(sms.OPTED_OUT) == 1


def asked(n, minutes, hours=48, rated=False, went_out=True):
    at = NOW + timedelta(minutes=minutes)
    return Asked(n, at, at + timedelta(hours=hours), rated, went_out)


def minute(n):
    return NOW + timedelta(minutes=n)


@pytest.mark.parametrize(
    ("sent", "age_s", "at", "latest"),
    [
        (None, 0, 0, 0), (None, 600, -10, -10), (None, None, None, 0), (None, -1, None, 0),
        (None, 30 * 86400, None, 0), (0, 0, 0, 0), (-60, 0, -60, -45), (-60, 3000, -60, -50), (-5, 600, -10, -10),
        (-60, None, -60, -45), (-5, 3600, -5, 0), (10, 0, 0, 0), (10, 600, 0, 0), (16, 600, -10, -10),
        (-30 * 1440, 600, -10, -10), (16, None, None, 0),
    ],
)  # fmt: skip
def test_when_a_reply_was_written(sent, age_s, at, latest):
    """By network and gateway, in minutes from now; who is impossible is not believed."""
    found = sms.written(NOW, None if sent is None else minute(sent), age_s)
    assert found == Written(None if at is None else minute(at), minute(latest))


def test_a_reply_is_about_the_latest_question_before_it_and_about_no_older_one():
    first, second = asked(1, 0), asked(2, 10)
    assert sms.about([first, second], Written(minute(5), minute(5))) == [first]
    assert sms.about([second, first], Written(minute(11), minute(11))) == [second]
    assert sms.about([], Written(NOW, NOW)) == []
    assert sms.about([second, first], Written(minute(-1), minute(-1))) == []
    done = asked(2, 10, rated=True)
    assert sms.about([first, done], Written(minute(11), minute(11))) == [done]


def test_a_reply_may_be_about_either_while_it_is_not_known_what_the_phone_had_read():
    first, second, lost = asked(1, 0), asked(2, 10), asked(2, 10, went_out=False)
    assert sms.about([first, second], Written(minute(5), minute(20))) == [second, first]
    assert sms.about([first, second], Written(None, minute(20))) == [second, first]
    assert sms.about([first, lost], Written(minute(20), minute(20))) == [lost, first]
    assert sms.about([lost], Written(minute(20), minute(20))) == [lost]


def test_of_one_question_a_clock_may_be_wrong_by_its_zone_and_no_more():
    assert sms.about([asked(1, 0)], Written(minute(-8 * 60), minute(-8 * 60))) == [asked(1, 0)]
    assert sms.about([asked(1, 0)], Written(minute(-25 * 60), minute(-25 * 60))) == []


@pytest.mark.parametrize(
    ("one", "label", "came"),
    [
        (None, S, Outcome.NOT_ASKED), (None, None, Outcome.NOT_ASKED), (asked(1, -5), S, Outcome.RATED),
        (asked(1, -5), None, Outcome.UNREADABLE), (asked(1, -5, rated=True), S, Outcome.ALREADY_RATED),
        (asked(1, -5, rated=True), None, Outcome.ALREADY_RATED), (asked(1, -120, hours=1), S, Outcome.LATE),
        (asked(1, -60, hours=1), S, Outcome.RATED), (asked(1, -120, hours=1), None, Outcome.LATE),
    ],
)  # fmt: skip
def test_what_comes_of_a_reply(one, label, came):
    assert sms.outcome([one] if one else [], label, NOW) is came


def test_what_may_be_about_two_rates_none():
    assert sms.outcome([asked(2, -5), asked(1, -60)], S, NOW) is Outcome.UNCLEAR


def test_nobody_is_asked_at_night_by_the_halls_own_clock():
    def hours(zone):
        return [h for h in range(24) if sms.by_day(datetime(2026, 3, 2, h, 30, tzinfo=UTC), zone)]

    assert hours("Asia/Shanghai") == list(range(12))
    assert hours("Asia/Urumqi") == list(range(2, 14))
