"""The hall's own words of the message that asks for a rating: what may stand in them and what must."""

from datetime import date

import pytest

from server.domain import sms, sms_text

DAY = date(2026, 3, 2)
GOOD = "{大厅}：您{日期}办的“{事项}”，请回复 {选项}。{退订}"


def test_the_usual_words_are_good_and_as_they_always_were():
    assert sms_text.wrong(sms_text.DEFAULT) is None and sms_text.wrong("") is None
    usual = sms_text.invitation("", "清禾大厅", "社保卡办理", DAY)
    assert usual == sms_text.invitation(sms_text.DEFAULT, "清禾大厅", "社保卡办理", DAY) == (
        "【清禾大厅】您 3 月 2 日在本厅办理“社保卡办理”，请评价："
        "回复 5 非常满意 4 满意 3 基本满意 2 不满意 1 非常不满意，退订回 TD"
    )  # fmt: skip


def test_names_are_filled_in_once_whatever_the_braces():
    wide = GOOD.replace("{", "｛").replace("}", "｝")
    said = sms_text.invitation(GOOD, "{事项}大厅", "办" * 30, DAY)
    assert said == sms_text.invitation(wide, "{事项}大厅", "办" * 30, DAY)
    assert said.startswith("{事项}大厅：您3 月 2 日办的“" + "办" * 23 + "…”") and said.endswith("退订回 TD")
    assert sms.LEGEND in said and sms_text.wrong(wide) is None and sms_text.wrong("{ 大厅 }{选项}{退订}") is None


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        (GOOD + "{地点}", "没有 {地点} 这一项，可用 {大厅}{选项}{退订}{日期}{事项}", "has no {地点}"),
        (GOOD + "{}", "没有 {} 这一项", "has no {}"),
        (GOOD + "{0.__class__}", "没有 {0.__class__} 这一项", "has no"),
        (GOOD + "{", "花括号不成对", "brace"),
        (GOOD + "}", "花括号不成对", "brace"),
        ("{{大厅}}{选项}{退订}", "花括号不成对", "brace"),
        (GOOD.replace("{大厅}", "大厅"), "缺少 {大厅}：要让人知道谁发的短信", "who asks"),
        (GOOD.replace("{选项}", "数字"), "缺少 {选项}：要让人知道回复哪个数字是什么意思", "which digit means what"),
        (GOOD.replace("{退订}", ""), "缺少 {退订}", "left alone"),
        (GOOD + "{选项}", "{选项} 只能出现一次", "more than once"),
        (GOOD + "1 最好", "单独的数字 1", "digit 1"),
        (GOOD + "回复５即可", "单独的数字 ５", "digit ５"),
        (GOOD + "长" * 150, "太长：厅名、事项名较长时要 5 条短信，最多 4 条，每条都计费", "at most 4; each"),
        ("好", "缺少 {大厅}", "who asks"),
    ],
)  # fmt: skip
def test_the_first_thing_that_is_wrong_is_said(text, zh, en):
    said = sms_text.wrong(text)
    assert said is not None and zh in said[0] and en in said[1]


@pytest.mark.parametrize("more", ["咨询电话 12345", "24 小时", "6", "您好！", "Rate us.", "０８７１"])
def test_what_a_hall_may_add(more):
    assert sms_text.wrong(GOOD + more) is None


def test_no_message_of_a_hall_is_longer_than_was_judged():
    text = GOOD
    while sms_text.wrong(text + "长") is None:
        text += "长"
    longest = sms_text.invitation(text, "厅" * 60, "事" * 90, date(2026, 12, 31))
    assert sms.parts(longest) == sms_text.MOST_PARTS == sms.parts(longest + "长") - 1
