"""The contract's codec: what goes out comes back, and rubbish is named."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.contract.board import Board, Call, ItemView, QueueStatus, WindowStatus
from server.contract.codec import ContractError, from_json, to_json
from server.contract.desk import AskReprint, ChangeLane, Desk, PrintWishes, Reprint, Story
from server.contract.devices import HealthReport
from server.contract.machines import BindDevice, JobProgress, JobResult, JobView, MachineReport, Orders
from server.contract.news import News
from server.contract.problems import PROBLEMS, ProblemError
from server.contract.ratings import SubmitRating
from server.contract.tickets import PrintResult, TakeTicket, Ticket
from server.contract.windows import OwnDay, Transfer, WindowView

text = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=20)
moments = st.datetimes(timezones=st.just(UTC))
for kind, strategy in ((str, text), (datetime, moments), (date, st.dates()), (int, st.integers(-(2**53), 2**53))):
    st.register_type_strategy(kind, strategy)
MESSAGES = [Board, Call, ItemView, QueueStatus, WindowStatus, SubmitRating, TakeTicket, PrintResult, Ticket, Transfer,
            WindowView, OwnDay, HealthReport, AskReprint, ChangeLane, Desk, PrintWishes, Reprint, Story, BindDevice,
            JobProgress, JobResult, JobView, MachineReport, Orders]  # fmt: skip


@pytest.mark.parametrize("cls", MESSAGES)
@given(data=st.data())
def test_there_and_back(cls, data):
    message = data.draw(st.from_type(cls))
    assert from_json(cls, json.loads(json.dumps(to_json(message)))) == message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@pytest.mark.parametrize("cls", MESSAGES)
@given(value=json_values)
def test_rubbish_is_refused_by_name(cls, value):
    with pytest.raises(ContractError):
        from_json(cls, value)


@given(value=json_values, field=st.sampled_from(["request_id", "queue", "lane", "item"]))
def test_one_bad_field_is_named(value, field):
    try:
        from_json(TakeTicket, {"request_id": "x" * 8, field: value})
    except ContractError as error:
        assert error.field == field


def test_a_client_passes_over_what_a_newer_server_adds():
    assert from_json(News, {"hall": "HQ", "seq": 1, "kind": "hall.changed", "at": "2026-03-02T01:00:00+00:00",
                            "new": 1}, strict=False).seq == 1  # fmt: skip


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_speaks_both_languages(code):
    problem = PROBLEMS[code]
    assert (any("\u4e00" <= c <= "\u9fff" for c in problem.zh) and problem.en.isascii()) or "“" in problem.en
    assert 400 <= problem.status < 600
    words = {"field": "f", "problem": "p", "name": "n", "number": "A001", "seconds": 3, "minutes": 3,
             "reason": "r", "next": "n", "part": "p", "day": "d", "most": 3, "lines": "l",
             "window": "01", "state": "s", "count": 2, "first": "f", "said": "s", "people": 3,
             "format": 2, "known": 1, "who": "w", "post": "p"}  # fmt: skip
    body = ProblemError(code, **words).body()
    assert "{" not in f"{body['detail']}{body['detail_en']}"
