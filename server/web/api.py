"""The API as one table: path, who may, what goes in, what comes out, which service does it.

A command runs in the writer under its `request_id`; a query reads one consistent picture. The OpenAPI
document and the role matrix of the tests are made from the same table.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import IntegrityError

from server.contract import admin as adm
from server.contract import screens as scr
from server.contract import windows as win
from server.contract.appointments import Appointment, BookAppointment, FindAppointment, SlotPlan
from server.contract.board import Board
from server.contract.codec import ContractError, from_json, to_json
from server.contract.desk import AskReprint, ChangeLane, Desk, PrintWish, PrintWishes, Reprint, Story
from server.contract.devices import HealthReport
from server.contract.problems import ProblemError, bad_field
from server.contract.ratings import RatingAnswer, SubmitRating
from server.contract.reports import EstimateReport, RatingPatterns
from server.contract.tickets import CancelTicket, PrintResult, TakeTicket, Ticket
from server.db import Record, Store, Tx
from server.domain.paper_key import paper_key
from server.domain.settings import field_name
from server.services import (
    admin,
    appointments,
    calls,
    desk,
    hours_admin,
    line,
    own_day,
    papers,
    ratings,
    reports,
    requests,
    screens_admin,
    slots,
    stories,
    tickets,
    windows,
)
from server.services.actors import Actor
from server.services.board import LatestBoard
from server.services.estimate_truth import estimate_report
from server.web.identity import actor_of

CLERKS = frozenset({"clerk", "guide", "supervisor", "admin"})
DESK = frozenset({"guide", "supervisor", "admin"})
SUPERVISORS = frozenset({"supervisor", "admin"})
ADMIN = frozenset({"admin"})
KIOSK = frozenset({"kiosk"})
EVALUATOR = frozenset({"evaluator"})
CALL_PAD = frozenset({"call_pad"})
DEVICES = KIOSK | EVALUATOR | CALL_PAD | {"display"}
ANY = DEVICES | CLERKS
AT_DESK = CLERKS | CALL_PAD
"""What a clerk does at a window, by the console or by the keys of the window's call pad."""


@dataclass(frozen=True)
class Command:
    """A write. `run(tx, actor, body, **path words)`; `made` is the status of a fresh answer.

    `prepare` turns the parsed body into what `run` takes, beside all other work: what is slow goes there.
    """

    method: str
    path: str
    who: frozenset[str]
    body: type
    answer: type | None
    run: Callable[..., Any]
    made: Callable[[Any], int] = lambda _: 200
    kept: bool = True
    """Whether the answer is stored for repeats; false only where it, or the body, holds a secret."""
    prepare: Callable[[Any], Any] | None = None
    refused: Callable[[Any, Actor, ProblemError], None] | None = None
    """`refused(tx, actor, refusal)` is written after a refusal, which by itself leaves no trace."""
    papered: bool = False
    """Whether a kiosk prints what it is answered."""


@dataclass(frozen=True)
class Query:
    """A read. `run(conn, actor, **path words)`."""

    path: str
    who: frozenset[str]
    answer: type | None
    run: Callable[..., Any]
    papered: bool = False
    method: str = "GET"


def _created(_: Any) -> int:
    return 201


def _rating_status(answer: Any) -> int:
    return 201 if answer["accepted"] else 200


def _find_ticket(conn: Any, actor: Actor) -> Ticket:
    code = requests.ticket_of_request(conn, actor, request.args.get("request_id", ""))
    if code is None:
        raise ProblemError("ticket_not_found")
    return tickets.get_ticket(conn, actor, code)


def _board(conn: Any, actor: Actor) -> Board:
    latest: LatestBoard = current_app.extensions["jiaohao"].boards
    return latest.at(conn, actor.hall_id, _store().clock())


def _line(conn: Any, actor: Actor, no: str) -> dict[str, Any]:
    return line.waiting_and_held(conn, actor, no, _store().clock())


def _own_day(conn: Any, actor: Actor) -> win.OwnDay:
    return own_day.own_day(conn, actor, _store().clock())


def _out_of_order(conn: Any, actor: Actor) -> dict[str, Any]:
    """Calls out of order (特呼) of a service day, today's without `day`."""
    return reports.out_of_order(conn, actor, request.args.get("day"), _store().clock())


def _rating_patterns(conn: Any, actor: Actor) -> RatingPatterns:
    """Windows whose ratings of a service day look suspicious, today's without `day`."""
    return reports.rating_patterns(conn, actor, request.args.get("day"), _store().clock())


def _overview(conn: Any, actor: Actor) -> dict[str, Any]:
    return admin.overview(conn, actor, _store().clock())


def _day_book(conn: Any, actor: Actor, day: str) -> dict[str, Any]:
    return appointments.day_book(conn, actor, day, _store().clock())


def _desk_slots(conn: Any, actor: Actor, queue: str, mode: str) -> dict[str, Any]:
    return slots.desk_slots(conn, actor, queue, mode, _store().clock())


def _estimates(conn: Any, actor: Actor) -> EstimateReport:
    return estimate_report(conn, actor, request.args.get("day"), _store().clock())


def _desk(conn: Any, actor: Actor) -> Desk:
    """Today's no-shows and the ticket printers"""
    return desk.overview(conn, actor, _store().clock())


def _numbered(conn: Any, actor: Actor, number: str) -> Ticket:
    """The ticket with this number, of today or of `day`"""
    return desk.numbered(conn, actor, number, request.args.get("day", ""), _store().clock())


def _story(conn: Any, actor: Actor, ticket: str) -> Story:
    """Everything that happened to a ticket"""
    return stories.ticket_story(conn, actor, ticket, _store().clock())


AT = "/windows/<no>/"
W = win.WindowCommand
V = win.WindowView

ROUTES: tuple[Command | Query, ...] = (
    Query("/board", ANY, Board, _board),
    Command(
        "POST", "/tickets", KIOSK | DESK, TakeTicket, Ticket, tickets.take_ticket, _created,
        refused=appointments.note_wrong_code, papered=True,
    ),
    Query("/tickets", KIOSK, Ticket, _find_ticket, papered=True),
    Query("/tickets/<ticket>", ANY, Ticket, tickets.get_ticket),
    Command("POST", "/tickets/<ticket>/print-result", KIOSK, PrintResult, Ticket, papers.record_print),
    Command("POST", "/tickets/<ticket>/cancel", KIOSK | DESK, CancelTicket, Ticket, tickets.cancel_ticket),
    Command("POST", "/tickets/<ticket>/reinstate", DESK, W, Ticket, tickets.reinstate_ticket),
    Command("POST", "/tickets/<ticket>/release", CLERKS, W, Ticket, tickets.release_ticket),
    Command("POST", "/tickets/<ticket>/lane", DESK, ChangeLane, Ticket, desk.change_lane),
    Command("POST", "/tickets/<ticket>/reprint", DESK, AskReprint, PrintWish, papers.ask_reprint, _created),
    Query("/tickets/<ticket>/story", DESK, Story, _story),
    Query("/tickets/numbered/<number>", DESK, Ticket, _numbered),
    Query("/tickets/reprints", KIOSK, PrintWishes, papers.wishes),
    Command("POST", "/tickets/reprints/<wish>/take", KIOSK, W, Reprint, papers.take_wish, papered=True),
    Query("/desk", DESK, Desk, _desk),
    Command("POST", "/devices/health", DEVICES, HealthReport, None, admin.report_health, kept=False),
    Command("POST", "/ratings", EVALUATOR, SubmitRating, RatingAnswer, ratings.submit_rating, _rating_status),
    Query("/windows", CLERKS, None, windows.seats),
    Query("/windows/<no>", AT_DESK, V, windows.window_view),
    Query("/windows/<no>/queue", CLERKS, None, _line),
    Query("/me/day", CLERKS, win.OwnDay, _own_day),
    Command("POST", AT + "sign-in", CLERKS, win.SignIn, V, windows.sign_in),
    Command("POST", AT + "sign-out", CLERKS, W, V, windows.sign_out),
    Command("POST", AT + "call-next", AT_DESK, W, V, calls.call_next),
    Command("POST", AT + "call/<ticket>", CLERKS, win.CallTicket, V, calls.call_specific),
    Command("POST", AT + "resume-ticket/<ticket>", CLERKS, W, V, calls.resume_ticket),
    Command("POST", AT + "recall", AT_DESK, W, V, calls.recall),
    Command("POST", AT + "begin", AT_DESK, W, V, calls.begin),
    Command("POST", AT + "finish", AT_DESK, win.Finish, V, calls.finish),
    Command("POST", AT + "no-show", CLERKS, W, V, calls.no_show),
    Command("POST", AT + "undo", CLERKS, W, V, calls.undo),
    Command("POST", AT + "hold", CLERKS, win.Hold, V, calls.hold),
    Command("POST", AT + "transfer", AT_DESK, win.Transfer, V, calls.transfer),
    Command("POST", AT + "pause", AT_DESK, win.Pause, V, windows.pause),
    Command("POST", AT + "resume", AT_DESK, W, V, windows.resume),
    Query("/reports/out-of-order", SUPERVISORS, None, _out_of_order),
    Query("/reports/rating-patterns", SUPERVISORS, RatingPatterns, _rating_patterns),
    Query("/reports/estimates", SUPERVISORS, EstimateReport, _estimates),
    Query("/admin", ADMIN, None, _overview),
    Command("PUT", "/admin/hall", ADMIN, adm.HallSettings, None, admin.change_hall),
    Command("PUT", "/admin/queues/<code>", ADMIN, adm.QueueSettings, None, admin.change_queue),
    Command("PUT", "/admin/windows/<no>", ADMIN, adm.WindowSettings, None, admin.change_window),
    Command("POST", "/admin/queues/<code>/remove", ADMIN, W, None, admin.remove_queue),
    Command("POST", "/admin/windows/<no>/remove", ADMIN, W, None, admin.remove_window),
    Command("POST", "/admin/devices", ADMIN, adm.NewDevice, adm.NewDeviceToken, admin.add_device, _created, False),
    Command("POST", "/admin/devices/<name>/revoke", ADMIN, W, None, admin.revoke_device),
    Command(
        "POST", "/admin/users", ADMIN, adm.NewUser, None, admin.add_user, _created, kept=False, prepare=admin.hashed
    ),
    Command("PUT", "/admin/users/<username>", ADMIN, adm.UserSettings, None, admin.change_user),
    Command("PUT", "/admin/hours", ADMIN, adm.HoursSettings, None, hours_admin.change_hours),
    Command("PUT", "/admin/hours/days/<day>", ADMIN, adm.DaySettings, None, hours_admin.change_day),
    Command("POST", "/admin/hours/days/<day>/remove", ADMIN, W, None, hours_admin.remove_day),
    Command("POST", "/admin/hours/import", ADMIN, adm.ImportDays, None, hours_admin.import_days),
    Command("PUT", "/admin/hours/queues/<code>", ADMIN, adm.QueueLimits, None, hours_admin.change_limits),
    Command("POST", "/admin/screens/notices", ADMIN, scr.NoticeSettings, None, screens_admin.add_notice, _created),
    Command("PUT", "/admin/screens/notices/<notice>", ADMIN, scr.NoticeSettings, None, screens_admin.change_notice),
    Command("POST", "/admin/screens/notices/<notice>/remove", ADMIN, W, None, screens_admin.remove_notice),
    Command("PUT", "/admin/screens/duty", ADMIN, scr.DutyRoster, None, screens_admin.change_duty),
    Command("PUT", "/admin/screens/staff/<username>", ADMIN, scr.StaffCardSettings, None, screens_admin.change_card),
    Command("PUT", "/admin/screens/playlist", ADMIN, scr.PlaylistSettings, None, screens_admin.change_playlist),
    Command("PUT", "/admin/screens/ticker", ADMIN, scr.TickerSettings, None, screens_admin.change_ticker),
    Query("/appointments/days/<day>", DESK, None, _day_book),
    Query("/appointments/slots/<queue>/<mode>", DESK, None, _desk_slots),
    # A booking holds a telephone number, so what was sent is not kept; the service itself books a request_id once.
    Command("POST", "/appointments", DESK, BookAppointment, Appointment, appointments.book_at_desk, _created, False),
    Command(
        "POST", "/appointments/find", DESK, FindAppointment, Appointment, appointments.find_appointment, kept=False,
        refused=appointments.note_wrong_code,
    ),
    Command("POST", "/appointments/<appointment>/cancel", DESK, W, Appointment, appointments.cancel_appointment),
    Command("POST", "/appointments/<appointment>/done", DESK, W, Appointment, appointments.finish_visit),
    Command("POST", "/appointments/<appointment>/missed", DESK, W, Appointment, appointments.miss_visit),
    Query("/slot-plans", DESK, None, slots.plan_list),
    Command("POST", "/admin/slot-plans", ADMIN, SlotPlan, None, slots.add_plan, _created),
    Command("PUT", "/admin/slot-plans/<plan>", ADMIN, SlotPlan, None, slots.change_plan),
    Command("POST", "/admin/slot-plans/<plan>/remove", ADMIN, W, None, slots.remove_plan),
)  # fmt: skip


def make_blueprint() -> Blueprint:
    """Every row of ROUTES under /api/v1."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    for i, route in enumerate(ROUTES):
        handler = _command(route) if isinstance(route, Command) else _query(route)
        api.add_url_rule(route.path, f"r{i}", handler, methods=[route.method])
    return api


def _command(route: Command) -> Callable[..., Response]:
    def handle(**words: str) -> Response:
        store = _store()
        actor = _allowed(store, route.who, writes=True)
        body = parse_body(route.body)
        requests.check_id(body.request_id)
        ready = current_app.extensions["jiaohao"].aside(route.prepare, body) if route.prepare else body
        print_ = requests.fingerprint(request.path, request.get_data())

        def work(tx: Tx) -> Any:
            answer = to_json(route.run(tx, _acting(tx.conn, actor, words), ready, **words))
            if route.kept:
                requests.keep(tx, actor, body.request_id, print_, answer)
            return answer

        try:
            answer = store.write(work)
        except (ProblemError, IntegrityError) as refusal:
            known = _answered(store, actor, body.request_id, print_) if route.kept else None
            if known is None:
                _keep_refusal(store, route, actor, refusal)
                raise
            answer = known.answer
        return json_response(_papered(store, actor, route, answer), route.made(answer))

    return handle


def _answered(store: Store, actor: Actor, request_id: str, print_: str) -> Record | None:
    with store.glance() as conn:
        return requests.answered(conn, actor, request_id, print_)


def _keep_refusal(store: Store, route: Command, actor: Actor, refusal: Exception) -> None:
    note = route.refused
    if note is not None and isinstance(refusal, ProblemError):
        store.write(lambda tx: note(tx, actor, refusal))


def _query(route: Query) -> Callable[..., Response]:
    def handle(**words: str) -> Response:
        store = _store()
        actor = _allowed(store, route.who, writes=False)
        with store.read() as conn:
            answer = to_json(route.run(conn, _acting(conn, actor, words), **words))
        return json_response(_papered(store, actor, route, answer), 200)

    return handle


def _papered(store: Store, actor: Actor, route: Command | Query, answer: Any) -> Any:
    """The answer with the key that the paper shall hold, where a kiosk is to print one. Here and not in the service:
    what a service answers is kept for repeats, and this key nowhere."""
    if not route.papered or actor.role not in KIOSK:
        return answer
    ticket = answer if route.answer is Ticket else answer["ticket"]
    ticket["paper_key"] = paper_key(store.key, ticket["id"])
    return answer


def _allowed(store: Store, who: frozenset[str], *, writes: bool) -> Actor:
    actor = actor_of(store, request, writes=writes)
    if actor.role not in who:
        raise ProblemError("forbidden")
    return actor


def _acting(conn: Any, actor: Actor, words: dict[str, str]) -> Actor:
    """A call pad acts as the clerk at its window; everyone else as themselves."""
    return windows.behind_pad(conn, actor, words["no"]) if actor.role in CALL_PAD and "no" in words else actor


def parse_body(cls: type) -> Any:
    """The request's JSON as `cls`; raises bad_media_type, bad_json or bad_field."""
    if not request.is_json:
        raise ProblemError("bad_media_type")
    try:
        data = json.loads(_whole_body())
    except (ValueError, RecursionError):
        raise ProblemError("bad_json") from None
    try:
        return from_json(cls, data)
    except ContractError as error:
        named = field_name(cls.__name__, error.field) or "请求内容"
        raise bad_field(error.field or "body", error.problem, error.problem_zh, named) from None


def _whole_body() -> bytes:
    data = request.get_data()
    # Without a Content-Length (chunked), werkzeug cuts the body at the limit and says nothing.
    if request.content_length is None and len(data) >= current_app.config["MAX_CONTENT_LENGTH"]:
        raise ProblemError("body_too_large")
    return data


def json_response(answer: Any, status: int = HTTPStatus.OK) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), status, mimetype="application/json")


def _store() -> Store:
    store: Store = current_app.extensions["jiaohao"].store
    return store
