"""A story's tables as a whole: each line is a sentence in both languages, and no word of the program's ever shows."""

import re

import pytest

from server.contract.news import NewsKind
from server.contract.tickets import Lane
from server.contract.windows import HoldKind, Outcome
from server.domain import story
from server.domain.ticket import NEWS
from server.services.hours import MAY_BE_OVERRIDDEN

DATA = {
    "number": "A001", "queue": "A", "window": "01", "device": "K1", "lane": "priority", "before": "normal",
    "result": "failed", "state": "arrived",
}  # fmt: skip
NAMES = {"li": "李四"}
LATIN = re.compile(r"[a-z_]{2,}")


@pytest.mark.parametrize("kind", sorted({*NEWS.values(), *story.EVENTS}))
def test_every_event_of_a_ticket_is_a_sentence(kind):
    (zh, en), why = story.told(kind, DATA, "", NAMES)
    assert not LATIN.search(zh) and "{" not in zh + en and kind.value not in en
    assert re.search("[A-Za-z]{3}", en) and not re.search("[\u4e00-\u9fff]", en) and why == ("", "")


@pytest.mark.parametrize(("kind", "word"), sorted(story.MORE))
@pytest.mark.parametrize("value", ["", "02"])
def test_every_word_of_the_programs_is_a_sentence_with_what_was_said(kind, word, value):
    why = word if word == story.DAY_OVER else story.because(word, value, "材料审核")
    (zh, en), (said, said_en) = story.told(kind, DATA, why, NAMES)
    assert not LATIN.search(zh) and "{" not in zh + en and not re.search("[\u4e00-\u9fff]", en)
    assert word not in zh + said + said_en and said == said_en
    assert said.endswith("材料审核") or word == story.DAY_OVER


def test_no_choice_of_the_contract_lacks_its_words():
    assert {word for kind, word in story.MORE if kind is NewsKind.TICKET_HELD} == set(HoldKind)
    assert {word for kind, word in story.MORE if kind is NewsKind.TICKET_FINISHED} == {*Outcome, story.DAY_OVER}
    assert set(story.LANES) == set(Lane) and set(story.PASSED) == MAY_BE_OVERRIDDEN


@pytest.mark.parametrize(
    ("kind", "why", "zh", "en"),
    [
        ("ticket.transferred", "window 02: 缴费", ("转移到 02 号窗口", "缴费"), ("Transferred to window 02", "缴费")),
        ("ticket.transferred", "queue B", ("转移到 B 队列", ""), ("Transferred to queue B", "")),
        ("ticket.transferred", "staff li", ("转移给 李四", ""), ("Transferred to 李四", "")),
        ("ticket.requeued", "missed 3", ("按过号规则自动回到队列，排到 3 位之后", ""), None),
        ("ticket.requeued", "reinstated end", ("过号后恢复排队，排到队尾", ""), None),
        ("ticket.held", "pending_step 缴费", ("挂起，等待其他环节", "缴费"), None),
        ("ticket.cancelled", "导办台", ("弃号", "导办台"), None),
        ("ticket.lane", "error 404", ("由普通改为绿色通道", "error 404"), None),
        ("ticket.lane", "老年人", ("由普通改为绿色通道", "老年人"),
         ("Lane changed from normal to green lane", "Elderly")),
        ("ticket.issued", "override: past_cutoff, quota_day_full",
         ("取号（绿色通道）", "破例取号（已过取号截止时间、今日号已取完）"), None),
        ("ticket.issued", "lane: 老年人\noverride quota_day_full: 远道而来",
         ("取号（绿色通道）", "老年人；破例取号（今日号已取完）：远道而来"),
         ("Ticket issued (green lane)", "Elderly; issued as an exception (beyond the day's quota): 远道而来")),
        ("ticket.called", story.both("普通", "normal"), ("叫号，请到 01 号窗口", "普通"),
         ("Called to window 01", "normal")),
        ("ticket.print", "paper_out, the printer dropped the rest", ("纸号打印（K1）：没有出纸", "缺纸"), None),
        ("ticket.print", "[Errno 111] Connection refused", ("纸号打印（K1）：没有出纸", ""), None),
    ],
)  # fmt: skip
def test_what_is_said_of(kind, why, zh, en):
    said, because = story.told(NewsKind(kind), DATA, why, NAMES)
    assert (said[0], because[0]) == zh
    assert en is None or (said[1], because[1]) == en


def test_what_is_in_no_table_shows_no_name_of_the_programs():
    assert story.told(NewsKind.HALL_CHANGED, {}, "", {})[0] == ("其他记录", "Something else")
    assert story.who("robot:x", {})[0] == "其他 x" and story.who("citizen:web", {}) == ("群众", "citizen")


def test_a_note_of_a_window_is_read_back():
    assert story.noted(story.because("transfer", "01", "缴费")) == (
        "由 01 号窗口转来：缴费", "sent on from window 01: 缴费",
    )  # fmt: skip
    assert story.sent_from("transfer 01: 缴费") == ("01", "缴费") and story.sent_from("hold 01") is None
    assert story.noted("由 01 号窗口转来") == ("由 01 号窗口转来",) * 2
