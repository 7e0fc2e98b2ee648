"""The rule book of a touch, whole, and the journal that it is read from."""

import dataclasses
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import issuing
from kiosk.issuing import Job, PaperResult, Refusal, Step, next_step, replay, stage
from kiosk.spool import Spool, SpoolBusyError, SpoolError, read_records
from server.contract.tickets import Lane, PrintState, Ticket, TicketState

NOW = 1_780_000_000.0
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TICKET = Ticket(
    "t-1", "A012", "A", "个人综合", None, "", Lane.NORMAL, TicketState.WAITING, None, date(2026, 3, 2),
    AT, None, 3, 0, PrintState.PENDING, 0, "清禾市社会保险经办服务大厅", "1楼 01-06窗",
)  # fmt: skip
PAPER = PaperResult(PrintState.PRINTED, "fence")
INTENT = Job("press-0001", NOW, "A")
ISSUED = dataclasses.replace(INTENT, ticket=TICKET)
PRINTING = dataclasses.replace(ISSUED, printing=True)
RESULT = dataclasses.replace(PRINTING, result=PAPER)
NO_PAPER = PaperResult(PrintState.FAILED, "status", "paper_out")
HELD = dataclasses.replace(ISSUED, held=NO_PAPER)
TOLD = dataclasses.replace(HELD, told=True)

TABLE = [
    (INTENT, Step.ISSUE, Step.ASK),
    (dataclasses.replace(INTENT, abandoned=True), Step.ASK, Step.ASK),
    (ISSUED, Step.PRINT, Step.CANCEL),
    (dataclasses.replace(ISSUED, abandoned=True), Step.CANCEL, Step.CANCEL),
    (PRINTING, Step.MARK_UNKNOWN, Step.MARK_UNKNOWN),
    (dataclasses.replace(ISSUED, result=PAPER), Step.REPORT, Step.REPORT),
    (RESULT, Step.REPORT, Step.REPORT),
    (dataclasses.replace(RESULT, ended="reported"), Step.NOTHING, Step.NOTHING),
    (dataclasses.replace(RESULT, ticket=None), Step.ASK, Step.ASK),
    (HELD, Step.TELL, Step.TELL),
    (dataclasses.replace(TOLD, printing=True), Step.MARK_UNKNOWN, Step.MARK_UNKNOWN),
    (dataclasses.replace(TOLD, result=PAPER), Step.REPORT, Step.REPORT),
    (dataclasses.replace(RESULT, late=True), Step.REPORT, Step.REPORT),
]


@pytest.mark.parametrize(("job", "young", "old"), TABLE)
def test_what_comes_next(job: Job, young: Step, old: Step) -> None:
    assert next_step(job, NOW + 1) is young
    assert next_step(job, NOW + 120) is young
    assert next_step(job, NOW + 121) is old
    assert next_step(job, NOW - 3600) is old, "the clock was set back: nobody knows how old it is"


@given(st.permutations(["abandoned", "printing", "result", "issued"]), st.integers(0, 4), st.floats(0, 1e6))
def test_once_a_byte_may_be_out_nothing_prints(steps: list[str], known: int, age: float) -> None:
    records = [issuing.intent("press-0001", NOW, "A", None)]
    make = {
        "abandoned": issuing.abandoned(INTENT),
        "printing": issuing.printing(INTENT),
        "result": issuing.result(INTENT, PAPER),
        "issued": issuing.issued(INTENT, TICKET),
    }
    records += [make[step] for step in steps[:known]]
    job = replay(records)["press-0001"]
    if {"printing", "abandoned", "result"} & set(steps[:known]):
        assert next_step(job, NOW + age) not in (Step.PRINT, Step.ISSUE)


def test_a_ticket_is_held_for_paper_only_so_long() -> None:
    assert [next_step(TOLD, NOW + age) for age in (0, 600)] == [Step.HOLD, Step.HOLD]
    assert [next_step(TOLD, NOW + age) for age in (601, -3600)] == [Step.GIVE_UP, Step.GIVE_UP]


def test_held_takes_the_first_byte_back_and_the_next_attempt_counts_again() -> None:
    story = [*full_story()[:3], issuing.held(PRINTING, NO_PAPER), issuing.told(PRINTING)]
    assert replay(story)["press-0001"] == TOLD
    again = replay([*story, issuing.printing(TOLD)])["press-0001"]
    assert next_step(again, NOW) is Step.MARK_UNKNOWN and stage(again) == "printing"
    assert replay([*story, issuing.result(TOLD, PAPER)])["press-0001"].result == PAPER


def test_what_the_printer_says_late_stands_whatever_order_it_is_noted_in() -> None:
    unknown = issuing.result(PRINTING, PaperResult(PrintState.UNKNOWN))
    late = issuing.late(PRINTING, PAPER)
    for end in ([unknown, issuing.ended(RESULT, "reported"), late], [late, unknown]):
        job = replay([*full_story()[:3], *end])["press-0001"]
        assert (job.result, next_step(job, NOW)) == (PAPER, Step.REPORT)


def test_what_the_citizen_sees() -> None:
    refused = dataclasses.replace(INTENT, refusal=Refusal("queue_closed", "停", "closed"), ended="refused")
    failed = dataclasses.replace(ISSUED, result=PaperResult(PrintState.FAILED))
    unknown = dataclasses.replace(ISSUED, result=PaperResult(PrintState.UNKNOWN))
    away = dataclasses.replace(INTENT, abandoned=True)
    late = dataclasses.replace(TOLD, ended="no paper in time")
    jobs = (INTENT, ISSUED, PRINTING, RESULT, failed, unknown, refused, away, HELD, TOLD, late)
    assert [stage(job) for job in jobs] == [
        "issuing", "printing", "printing", "taken", "no_paper", "paper_unknown", "refused", "away", "waiting_paper",
        "waiting_paper", "no_paper",
    ]  # fmt: skip


def test_a_ticket_taken_back_or_not_known_any_more_is_not_said_to_be_coming() -> None:
    assert stage(dataclasses.replace(ISSUED, ended="cancelled")) == "away"
    assert stage(dataclasses.replace(RESULT, ticket=None)) == "issuing"
    assert stage(dataclasses.replace(RESULT, ticket=None, ended="dropped")) == "away"


def full_story() -> list[dict[str, object]]:
    return [
        issuing.intent("press-0001", NOW, "A", None),
        issuing.issued(INTENT, TICKET),
        issuing.printing(INTENT),
        issuing.result(INTENT, PAPER),
        issuing.ended(INTENT, "reported"),
    ]


def test_a_journal_tells_the_same_story_again() -> None:
    assert replay(full_story())["press-0001"] == dataclasses.replace(RESULT, ended="reported")


def test_records_without_sense_are_passed_over() -> None:
    odd = [{"id": "x"}, {"step": "intent"}, {"id": "press-0001", "step": "fly"}, {"id": [], "step": "printing"}]
    odd += [{"id": "z", "step": "intent", "at": 10**400, "queue": "A", "item": None}]
    assert replay([*odd, *full_story(), *odd])["press-0001"].ended == "reported"


@pytest.mark.parametrize("lost", range(5))
def test_after_damage_nothing_prints_and_what_is_open_is_unknown(lost: int) -> None:
    story = full_story()
    for known in range(1, 6):
        records = [record for at, record in enumerate(story[:known]) if at != lost]
        job = replay(records, damaged=lost < known).get("press-0001")
        if job and lost < known:
            assert next_step(job, NOW + 1) not in (Step.PRINT, Step.ISSUE, Step.CANCEL)
            assert job.request_id == "press-0001"


@given(st.data())
def test_a_journal_torn_anywhere_keeps_all_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    lines = [json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in full_story()]
    whole = b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    noise = data.draw(st.binary(max_size=20)).replace(b"\n", b"")
    path = tmp_path_factory.mktemp("torn") / "tickets.jsonl"
    path.write_bytes(whole[:cut] + noise)
    kept, damaged = read_records(path)
    assert damaged == 0, "a torn end is no damage"
    ends = whole[:cut].count(b"\n")
    assert kept[:ends] == full_story()[:ends]
    spool = Spool(path)
    spool.append({"id": "after"})
    spool.close()
    assert read_records(path) == ([*spool.opened_with, {"id": "after"}], 0)


def test_garbage_between_lines_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "tickets.jsonl"
    path.write_bytes(b'{"id":1}\n\0\0\0\0\n[1]\n\xff\xfe\n' + b"[" * 100_000 + b'\n{"id":2}\n')
    assert read_records(path) == ([{"id": 1}, {"id": 2}], 4)


def test_one_process_owns_a_journal(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "a.jsonl")
    with pytest.raises(SpoolBusyError):
        Spool(tmp_path / "a.jsonl")
    spool.close()
    Spool(tmp_path / "a.jsonl").close()


def test_a_failed_write_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    spool = Spool(tmp_path / "a.jsonl")
    spool.append({"id": 1})
    write = os.write

    def full(fd: int, data: bytes) -> int:
        write(fd, data[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(SpoolError):
        spool.append({"id": 2})
    monkeypatch.undo()
    spool.append({"id": 3})
    spool.close()
    assert read_records(tmp_path / "a.jsonl") == ([{"id": 1}, {"id": 3}], 0)


def test_after_a_compaction_that_half_failed_nothing_more_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new file is in place, only its folder could not be synced: later records must go to the new one."""
    spool = Spool(tmp_path / "a.jsonl")
    spool.append({"id": 1})

    def broken(folder: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("kiosk.spool._sync_folder", broken)
    spool.compact(lambda record: True)
    monkeypatch.undo()
    spool.append({"id": 2})
    spool.close()
    assert read_records(tmp_path / "a.jsonl")[0] == [{"id": 1}, {"id": 2}]


def test_compaction_keeps_what_is_wanted(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "a.jsonl")
    for number in range(20):
        spool.append({"id": number})
    spool.compact(lambda record: record["id"] > 17)
    spool.append({"id": 20})
    spool.close()
    assert read_records(tmp_path / "a.jsonl")[0] == [{"id": 18}, {"id": 19}, {"id": 20}]
