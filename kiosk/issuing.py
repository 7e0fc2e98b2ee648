"""One touch on its way to paper: what is known of it, and what to do next. Pure; the doing is `ticketing`.

"held" is noted only when it is certain that no whole paper came or ever will: nothing was sent, or the printer said
that it dropped the rest. It takes "printing" back, and the next attempt notes "printing" again.

Every fact is a journal record before anything rests on it. Because `next_step` reads nothing but those facts
and the clock, going on after a `kill -9` is the same as going on:

| the journal says | young (2 minutes, somebody may stand there) | older, or the page gave it up |
|---|---|---|
| intent | ISSUE: post again, same request_id | ASK; cancel what the server has |
| issued | PRINT | CANCEL, "never_printed" |
| printing, no result | MARK_UNKNOWN: never printed again blindly | the same |
| held, the server not told | TELL: report "failed" | the same |
| held and told | HOLD: print when there is paper, unless the number was called | GIVE_UP after 10 minutes |
| result | REPORT until the server has it | the same |
| late: printed after all | REPORT, as a second report | the same |
| result, but the line with the ticket is damaged | ASK for it, then REPORT | the same |

A paper that the guide desk asks for (`Job.wish`) goes the same road from "take this wish" on, with two differences:
it is never held for paper, and what surely is not printed is reported as failed, for somebody stands at the desk who
can ask another machine:

| the journal says of a wish | young | older, or given up |
|---|---|---|
| intent | ISSUE: take it, same request_id | DROP, then REPORT |
| issued | PRINT | DROP, then REPORT |
| printing, no result | MARK_UNKNOWN | the same |
| result | REPORT until the server has it | the same |
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal

from server.contract.codec import from_json, to_json
from server.contract.desk import PrintWish, Reprint
from server.contract.tickets import PrintState, Ticket

YOUNG_S = 120.0
HOLD_S = 600.0
"""How long after the touch a ticket that found no paper is still printed: then nobody stands there any more."""
CLOCK_SLACK_S = 5.0
"""How far a clock may be set back without making a fresh touch look like one of another day."""


class Step(StrEnum):
    """What a job needs next."""

    ISSUE = "issue"
    PRINT = "print"
    MARK_UNKNOWN = "mark_unknown"
    REPORT = "report"
    ASK = "ask"
    CANCEL = "cancel"
    TELL = "tell"
    HOLD = "hold"
    GIVE_UP = "give_up"
    DROP = "drop"
    NOTHING = "nothing"


@dataclass(frozen=True)
class PaperResult:
    """What became of the paper; see `devices.base.PrintOutcome`."""

    state: PrintState
    confidence: str = "none"
    detail: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why there is no ticket, for the citizen's eyes."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Job:
    """What the journal knows of one touch. `pressed_at` is Unix time, which outlives a restart."""

    request_id: str
    pressed_at: float
    queue: str | None = None
    item: str | None = None
    appointment: str | None = None
    """The code of a booking, or the id in its link; then queue and item are the server's to know."""
    lane_reason: str = ""
    """Why the priority lane was asked for; "" for the normal one."""
    wish: PrintWish | None = None
    """What the guide desk asked for; None for a touch."""
    ticket: Ticket | None = None
    copy: int = 0
    """Which copy of the ticket's paper; 0 for its first."""
    abandoned: bool = False
    """The page told the citizen that it did not work: never print for this touch any more."""
    printing: bool = False
    """The first byte may have gone to the printer."""
    held: PaperResult | None = None
    """Surely no whole paper came, and why: to be printed when there is paper."""
    told: bool = False
    """The server knows that it is held."""
    late: bool = False
    """The printer went on after all, when the result had been noted; `result` is what it said then."""
    result: PaperResult | None = None
    refusal: Refusal | None = None
    ended: str = ""
    """How the job ended, empty while something is left to do."""


def next_step(job: Job, now: float) -> Step:
    """The whole rule book, top to bottom: later facts win."""
    if job.ended:
        return Step.NOTHING
    if job.result:
        return Step.REPORT if job.ticket or job.wish else Step.ASK
    if job.printing:
        return Step.MARK_UNKNOWN
    if job.held:
        return _held_step(job, now)
    if is_young(job, now) and not job.abandoned:
        return Step.PRINT if job.ticket else Step.ISSUE
    if job.wish:
        return Step.DROP
    return Step.CANCEL if job.ticket else Step.ASK


def _held_step(job: Job, now: float) -> Step:
    if not job.told:
        return Step.TELL
    return Step.HOLD if _within(job, now, HOLD_S) else Step.GIVE_UP


def is_young(job: Job, now: float) -> bool:
    """True while the citizen may still stand there. A touch "from the future" is not: the clock was set."""
    return _within(job, now, YOUNG_S)


def _within(job: Job, now: float, seconds: float) -> bool:
    return -CLOCK_SLACK_S <= now - job.pressed_at <= seconds


Stage = Literal[
    "issuing", "printing", "taken", "waiting_paper", "no_paper", "paper_unknown", "away", "refused"
]  # fmt: skip
_PAPER_STAGE: dict[PrintState, Stage] = {
    PrintState.PRINTED: "taken",
    PrintState.FAILED: "no_paper",
    PrintState.UNKNOWN: "paper_unknown",
}


def stage(job: Job) -> Stage:
    """What the citizen should see."""
    if job.refusal:
        return "refused"
    if job.result and job.ticket:
        return _PAPER_STAGE[job.result.state]
    if job.held and not job.printing:
        return "no_paper" if job.ended else "waiting_paper"
    if job.abandoned or job.ended:
        return "away"
    return "printing" if job.ticket else "issuing"


# ── journal records ──


def intent(
    request_id: str,
    now: float,
    queue: str | None,
    item: str | None,
    appointment: str | None = None,
    lane_reason: str = "",
) -> dict[str, Any]:
    wish = {"queue": queue, "item": item, "appointment": appointment, "lane_reason": lane_reason}
    return {"id": request_id, "step": "intent", "at": now, **wish}


def wished(request_id: str, now: float, wish: PrintWish) -> dict[str, Any]:
    """The intent of a wish."""
    return {**intent(request_id, now, None, None), "wish": to_json(wish)}


def taken(job: Job, paper: Reprint) -> dict[str, Any]:
    """The issued of a wish."""
    return {**issued(job, paper.ticket), "copy": paper.copy}


def issued(job: Job, ticket: Ticket) -> dict[str, Any]:
    return {"id": job.request_id, "step": "issued", "ticket": to_json(ticket)}


def abandoned(job: Job) -> dict[str, Any]:
    return {"id": job.request_id, "step": "abandoned"}


def printing(job: Job) -> dict[str, Any]:
    return {"id": job.request_id, "step": "printing"}


def held(job: Job, why: PaperResult) -> dict[str, Any]:
    return {"id": job.request_id, "step": "held", "paper": to_json(why)}


def told(job: Job) -> dict[str, Any]:
    return {"id": job.request_id, "step": "told"}


def late(job: Job, paper: PaperResult) -> dict[str, Any]:
    return {"id": job.request_id, "step": "late", "paper": to_json(paper)}


def result(job: Job, paper: PaperResult) -> dict[str, Any]:
    return {"id": job.request_id, "step": "result", "paper": to_json(paper)}


def refused(job: Job, refusal: Refusal) -> dict[str, Any]:
    return {"id": job.request_id, "step": "refused", "refusal": to_json(refusal)}


def ended(job: Job, how: str) -> dict[str, Any]:
    return {"id": job.request_id, "step": "ended", "how": how}


def replay(records: list[dict[str, Any]], damaged: bool = False) -> dict[str, Job]:
    """All jobs of a journal, oldest first. Records that make no sense are passed over, never fatal.

    With `damaged`, lines are missing, and any of them may have said that a ticket was being printed: nothing of
    this journal is printed any more, and what is still open becomes unknown, for a person to decide.
    """
    jobs: dict[str, Job] = {}
    for record in records:
        try:
            job = noted(jobs.get(record["id"]), record)
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        jobs[job.request_id] = replace(job, printing=True) if damaged else job
    return jobs


def noted(job: Job | None, record: dict[str, Any]) -> Job:
    """The job with one more fact; one whose intent was on a damaged line began long ago.

    What a printer says late stands above the result that was still being noted then. Raises KeyError, TypeError,
    ValueError or OverflowError for a record without sense.
    """
    if job and job.late and record["step"] == "result":
        return job
    return replace(job or Job(str(record["id"]), 0.0), **_FACTS[record["step"]](record))


def _paper(record: dict[str, Any]) -> PaperResult:
    return from_json(PaperResult, record["paper"], strict=False)


_FACTS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "intent": lambda record: {
        "pressed_at": float(record["at"]),
        "queue": record["queue"],
        "item": record["item"],
        "appointment": record.get("appointment"),  # not in the journals of older agents
        "lane_reason": str(record.get("lane_reason", "")),  # nor this
        "wish": from_json(PrintWish, record["wish"], strict=False) if "wish" in record else None,
    },
    "issued": lambda record: {
        "ticket": from_json(Ticket, record["ticket"], strict=False),
        "copy": int(record.get("copy", 0)),
    },
    "abandoned": lambda record: {"abandoned": True},
    "printing": lambda record: {"printing": True},
    "held": lambda record: {"held": _paper(record), "printing": False},
    "told": lambda record: {"told": True},
    "result": lambda record: {"result": _paper(record)},
    "late": lambda record: {"result": _paper(record), "late": True, "ended": ""},
    "refused": lambda record: {
        "refusal": from_json(Refusal, record["refusal"], strict=False),
        "ended": "refused",
    },
    "ended": lambda record: {"ended": str(record["how"])},
}
