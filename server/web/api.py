"""The API as one table: path, who may, what goes in, what comes out, which service does it.

A command runs in the writer under its `request_id`; a query reads one consistent picture. The OpenAPI
document and the role matrix of the tests are made from the same table.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import RequestEntityTooLarge

from server.backup.folder import check_folder
from server.contract import admin as adm
from server.contract import alarms as alm
from server.contract import cover as cov
from server.contract import first_run as fst
from server.contract import machines as mac
from server.contract import people as ppl
from server.contract import screens as scr
from server.contract import settings_document as doc
from server.contract import settings_drafts as drf
from server.contract import windows as win
from server.contract.appointments import Appointment, BookAppointment, FindAppointment, SlotPlan
from server.contract.board import Board
from server.contract.books import BookCheck, BookDone
from server.contract.codec import ContractError, from_json, to_json
from server.contract.desk import AskReprint, ChangeLane, Desk, PrintWish, PrintWishes, Reprint, Story
from server.contract.devices import HealthReport
from server.contract.items import Item, Items, ItemSettings, ShownOn
from server.contract.monitor import Monitor
from server.contract.operations import AskRun, AuditPage, OperationsSettings, Upkeep
from server.contract.problems import ProblemError, bad_field
from server.contract.ratings import (
    Enterable,
    EnteredReport,
    EnterRating,
    GiveReasons,
    RatingAnswer,
    SubmitRating,
    Tablet,
)
from server.contract.rectifications import CaseStory, Rectifications, StepTaken, TakeStep
from server.contract.reports import EstimateReport, RatingPatterns, RatingReport
from server.contract.sms import (
    SmsContact,
    SmsContactView,
    SmsKept,
    SmsReceived,
    SmsReport,
    SmsSettings,
    SmsTaken,
    TakeSms,
)
from server.contract.statistics import Statistics
from server.contract.tickets import CancelTicket, PrintResult, TakeTicket, Ticket
from server.contract.uploads import ItemCodes, Retried, TaskCodes, Uploads
from server.db import Record, Store, Tx
from server.domain import permissions
from server.domain.paper_key import paper_key
from server.domain.settings import field_name
from server.services import (
    admin,
    alarms_admin,
    appointments,
    audit_view,
    calls,
    cover_admin,
    desk,
    device_tokens,
    duty,
    entered_ratings,
    first_run,
    grants,
    grants_admin,
    hall_alarms,
    handovers,
    hours_admin,
    item_book,
    items_admin,
    ledger,
    line,
    machine_jobs,
    machines,
    monitor,
    own_day,
    papers,
    people_admin,
    photos,
    rating_report,
    rating_sheets,
    ratings,
    rectification_list,
    rectifications,
    replay,
    reports,
    requests,
    screens_admin,
    settings_drafts,
    settings_history,
    sheet_cells,
    slots,
    sms,
    sms_admin,
    sms_gateway,
    sms_replies,
    staff_book,
    statistics,
    statistics_sheets,
    stories,
    tablet,
    test_prints,
    tickets,
    upkeep,
    uploads,
    windows,
)
from server.services.actors import Actor
from server.services.board import LatestBoard
from server.services.estimate_truth import estimate_report
from server.services.files import File, Picture, Stream
from server.services.halls import hall_of
from server.services.paper_ratings import TAGS
from server.web import intakes
from server.web.identity import actor_of

BREATH_S = 0.001
"""Between two pieces of a long report: whoever waits is answered meanwhile."""
CLERKS = frozenset({permissions.SERVE})
DESK = frozenset({permissions.DESK})
SUPERVISORS = frozenset({permissions.SUPERVISE})
ADMIN = frozenset({permissions.ADMINISTER})
MAX_DOCUMENT = 1024 * 1024
KIOSK = frozenset({"kiosk"})
MACHINES = frozenset(mac.HANGS)
"""At which an admin binds devices."""
EVALUATOR = frozenset({"evaluator"})
CALL_PAD = frozenset({"call_pad"})
SMS_GATEWAY = frozenset({"sms_gateway"})
TABLET = frozenset({"tablet"})
DEVICES = KIOSK | EVALUATOR | CALL_PAD | TABLET | {"display"}
ANY = DEVICES | CLERKS
AT_DESK = CLERKS | CALL_PAD
"""What a clerk does at a window, by the console or by the keys of the window's call pad."""


@dataclass(frozen=True)
class Command:
    """A write. `who`: any of these permissions (`domain.permissions`) lets the caller in. `run(tx, actor, body,
    **path words)`; `made` is the status of a fresh answer.

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
    long: bool = False
    """Whether the body holds a whole document of settings, and may be as long as one."""


@dataclass(frozen=True)
class Intake:
    """A file that comes as the body of the request, of at most `most` bytes: one that is larger is refused with
    `too_large` before it is in memory. `take(server, actor, data, **path words)`; sent again, it does the same again,
    so that it needs no `request_id`."""

    method: str
    path: str
    who: frozenset[str]
    most: int
    too_large: Callable[[], ProblemError]
    answer: type | None
    take: Callable[..., Any]

    @property
    def run(self) -> Callable[..., Any]:
        return self.take


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


def _ratings(conn: Any, actor: Actor) -> RatingReport:
    """Rating figures of the days `from` to `to`, by window, staff, item, queue, channel, day or month"""
    said = request.args
    by = rating_report.grouping(said.get("by"))
    hall, period = rating_report.asked_of(conn, actor, said.get("from"), said.get("to"), _store().clock())
    told = rating_report.report(conn, hall, period, by, _breathe)
    return replace(told, handling=rating_report.handling(conn, hall, told, _breathe))


def _ratings_file(conn: Any, actor: Actor) -> File:
    """The rating figures of the days `from` to `to` in every grouping, as a workbook"""
    said = request.args
    hall, period = rating_report.asked_of(conn, actor, said.get("from"), said.get("to"), _store().clock())
    return rating_sheets.ratings_file(conn, hall, period, _breathe)


def _appraisal_file(conn: Any, actor: Actor) -> File:
    """The monthly appraisal of `month` (YYYY-MM), per staff and window, as a workbook"""
    said = request.args.get("month")
    return rating_sheets.appraisal_file(conn, hall_of(conn, actor.hall_id), said, _store().clock(), _breathe)


def _breathe() -> None:
    time.sleep(BREATH_S)


def _overview(conn: Any, actor: Actor) -> dict[str, Any]:
    return admin.overview(conn, actor, _store().clock())


def _day_book(conn: Any, actor: Actor, day: str) -> dict[str, Any]:
    return appointments.day_book(conn, actor, day, _store().clock())


def _desk_slots(conn: Any, actor: Actor, queue: str, mode: str) -> dict[str, Any]:
    return slots.desk_slots(conn, actor, queue, mode, _store().clock())


def _estimates(conn: Any, actor: Actor) -> EstimateReport:
    return estimate_report(conn, actor, request.args.get("day"), _store().clock())


def _work_list(conn: Any, actor: Actor) -> Rectifications:
    """Rectifications of bad ratings: mine, overdue, all or closed"""
    return rectification_list.work_list(conn, actor, request.args.get("filter", "all"), _store().clock())


def _case(conn: Any, actor: Actor, rectification: str) -> CaseStory:
    """One rectification with all that happened"""
    return rectification_list.story(conn, actor, rectification, _store().clock())


def _desk(conn: Any, actor: Actor) -> Desk:
    """Today's no-shows and the ticket printers"""
    return desk.overview(conn, actor, _store().clock())


def _numbered(conn: Any, actor: Actor, number: str) -> Ticket:
    """The ticket with this number, of today or of `day`"""
    return desk.numbered(conn, actor, number, request.args.get("day", ""), _store().clock())


def _story(conn: Any, actor: Actor, ticket: str) -> Story:
    """Everything that happened to a ticket"""
    return stories.ticket_story(conn, actor, ticket, _store().clock())


def _tablet(conn: Any, actor: Actor) -> Tablet:
    """What the tablet at a window shows now"""
    return tablet.tablet_view(conn, actor, _store().clock())


def _rating_tags(conn: Any, actor: Actor) -> dict[int, dict[str, str]]:
    """The national reasons of each level"""
    return TAGS


def _entered(conn: Any, actor: Actor) -> EnteredReport:
    """Who entered how many ratings of late"""
    return entered_ratings.entered_report(conn, actor, _store().clock())


def _enterable(conn: Any, actor: Actor, day: str, number: str) -> Enterable:
    """A service whose rating is to be entered"""
    return entered_ratings.enterable(conn, actor, day, number, _store().clock())


def _uploads(conn: Any, actor: Actor) -> Uploads:
    """How the upload of ratings to the province stands"""
    return uploads.overview(conn, actor, _store().clock(), current_app.extensions["jiaohao"].upload_trouble)


def _cover(conn: Any, actor: Actor) -> dict[str, Any]:
    """Posts, leave, covers and the weeks from `from` on"""
    return duty.plan_of(conn, actor, request.args.get("from"), request.args.get("weeks"), _store().clock())


def _duty(conn: Any, actor: Actor) -> dict[str, Any]:
    """One's own posts of today; for who leads, all of now and how `day` was kept"""
    return duty.duty(conn, actor, request.args.get("day"), _store().clock())


def _takers(conn: Any, actor: Actor, no: str) -> dict[str, Any]:
    """To whom this window may be handed over"""
    return handovers.takers(conn, actor, no, _store().clock())


def _people(conn: Any, actor: Actor) -> ppl.People:
    """Everybody of the hall with their sessions"""
    return people_admin.overview(conn, actor, _store().clock())


def _grants(conn: Any, actor: Actor) -> ppl.Grants:
    """The grants that are one's own to see, and who may get which"""
    return grants_admin.overview(conn, actor, _store().clock())


def _monitor(conn: Any, actor: Actor) -> Monitor:
    """The hall now: queues, windows, people, devices, alarms"""
    return monitor.monitor(conn, actor, _store().clock())


def _alarm_history(conn: Any, actor: Actor) -> alm.AlarmHistory:
    """Alarms of the days `from` to `to`, of a `kind` and a `state`"""
    return hall_alarms.history(conn, actor, request.args.to_dict(), _store().clock())


def _replay(conn: Any, actor: Actor) -> File:
    """The hour `hour` of a service day once more, or the whole day; today without `day`"""
    said = request.args
    reel = replay.reel(conn, actor, said.get("day"), said.get("hour"), _store().clock(), _breathe)
    return File("replay.json", "application/json", lambda: json.dumps(to_json(reel.develop())).encode())


def _items_file(conn: Any, actor: Actor) -> File:
    """Every item, as a workbook that can be changed and brought back"""
    return item_book.file(conn, actor, _store().clock())


def _staff_file(conn: Any, actor: Actor) -> File:
    """Every account with its staff card, as a workbook that can be changed and brought back"""
    return staff_book.file(conn, actor, _store().clock())


def _upkeep(conn: Any, actor: Actor) -> Upkeep:
    """Backups, retention, and what came of each run"""
    return upkeep.overview(conn, actor, _store().clock())


def _audit(conn: Any, actor: Actor) -> AuditPage:
    """Settings, backups and purges on the audit chain, by `kind`, `day`, `actor` and `page`; nothing of ratings"""
    return audit_view.page(conn, actor, request.args.to_dict(), _store().clock())


def _with_folder(body: OperationsSettings) -> OperationsSettings:
    """The form, whose folder was looked at on the disk: beside the writer, outside of the app. Raises bad_field."""
    admin.refuse_bad(body)
    if body.backup_on or body.backup_folder:
        check_folder(body.backup_folder)
    return body


def _statistics(conn: Any, actor: Actor) -> Statistics:
    """Service figures of the days `from` to `to`, by queue, window, staff, item, lane, day or month"""
    said = request.args
    by = statistics.grouping(said.get("by"))
    hall, period = statistics.asked_of(conn, actor, said.get("from"), said.get("to"), _store().clock())
    return statistics.statistics(conn, hall, period, by, _breathe)


def _statistics_file(conn: Any, actor: Actor) -> File:
    """The service figures of the days `from` to `to` in every grouping, as a workbook"""
    said = request.args
    hall, period = statistics.asked_of(conn, actor, said.get("from"), said.get("to"), _store().clock())
    return statistics_sheets.statistics_file(conn, hall, period, _breathe)


def _ledger(conn: Any, actor: Actor) -> Stream:
    """服务台账: every ticket of the days `from` to `to`, as a workbook"""
    return _ledger_as(conn, actor, csv=False)


def _ledger_csv(conn: Any, actor: Actor) -> Stream:
    """服务台账: every ticket of the days `from` to `to`, as CSV"""
    return _ledger_as(conn, actor, csv=True)


def _ledger_as(conn: Any, actor: Actor, *, csv: bool) -> Stream:
    said, store = request.args, _store()
    hall, period = statistics.asked_of(conn, actor, said.get("from"), said.get("to"), store.clock())
    return ledger.ledger_file(conn, store.read, hall, period, _breathe, csv=csv)


def _orders(conn: Any, actor: Actor) -> mac.Orders:
    """The devices and jobs of the machine that asks"""
    return machines.orders(conn, actor)


def _job(conn: Any, actor: Actor, job: str) -> mac.JobView:
    """How a test at a machine goes"""
    return machine_jobs.view(conn, actor, job)


def _first_run(conn: Any, actor: Actor) -> fst.FirstRun:
    """How far the hall is set up"""
    return first_run.first_run(conn, actor, _store().clock())


AT = "/windows/<no>/"
W = win.WindowCommand
V = win.WindowView
BOOK = (sheet_cells.MAX_BYTES, sheet_cells.too_large)

ROUTES: tuple[Command | Query | Intake, ...] = (
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
    Command("POST", "/devices/health", DEVICES | SMS_GATEWAY, HealthReport, None, admin.report_health, kept=False),
    Command(
        "POST", "/ratings", EVALUATOR | TABLET, SubmitRating, RatingAnswer, ratings.submit_rating, _rating_status
    ),
    Query("/tablet", TABLET, Tablet, _tablet),
    Command("POST", "/ratings/reasons", TABLET, GiveReasons, None, tablet.give_reasons),
    Query("/ratings/tags", TABLET | SUPERVISORS, None, _rating_tags),
    Query("/ratings/entered", SUPERVISORS, EnteredReport, _entered),
    Query("/ratings/entered/<day>/<number>", SUPERVISORS, Enterable, _enterable),
    Command("POST", "/ratings/entered", SUPERVISORS, EnterRating, None, entered_ratings.enter_rating, _created),
    Command("POST", "/ratings/entered/unnumbered", SUPERVISORS, W, None, entered_ratings.count_unnumbered, _created),
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
    Query("/reports/ratings", SUPERVISORS, RatingReport, _ratings),
    Query("/reports/ratings.xlsx", SUPERVISORS, File, _ratings_file),
    Query("/reports/appraisal.xlsx", SUPERVISORS, File, _appraisal_file),
    Query("/reports/estimates", SUPERVISORS, EstimateReport, _estimates),
    Query("/rectifications", SUPERVISORS, Rectifications, _work_list),
    Query("/rectifications/<rectification>", SUPERVISORS, CaseStory, _case),
    Command(
        "POST", "/rectifications/<rectification>/steps", SUPERVISORS, TakeStep, StepTaken, rectifications.take_step
    ),
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
    # What holds a telephone number is not kept for repeats: each of these does the same again by itself.
    Query("/tickets/<ticket>/sms", DESK, SmsContactView, sms.contact_of),
    Command("PUT", "/tickets/<ticket>/sms", DESK, SmsContact, SmsContactView, sms.set_contact, kept=False),
    Command("POST", "/sms/take", SMS_GATEWAY, TakeSms, SmsTaken, sms_gateway.take, kept=False),
    Command("POST", "/sms/<message>/report", SMS_GATEWAY, SmsReport, None, sms_gateway.report),
    Command("POST", "/sms/received", SMS_GATEWAY, SmsReceived, SmsKept, sms_replies.received, kept=False),
    Command("PUT", "/admin/sms", ADMIN, SmsSettings, None, sms_admin.change_settings),
    Query("/slot-plans", DESK, None, slots.plan_list),
    Command("POST", "/admin/slot-plans", ADMIN, SlotPlan, None, slots.add_plan, _created),
    Command("PUT", "/admin/slot-plans/<plan>", ADMIN, SlotPlan, None, slots.change_plan),
    Command("POST", "/admin/slot-plans/<plan>/remove", ADMIN, W, None, slots.remove_plan),
    Query("/uploads", ADMIN, Uploads, _uploads),
    Command("POST", "/uploads/retry", ADMIN, W, Retried, uploads.retry_all),
    Command("POST", "/uploads/<upload>/retry", ADMIN, W, Retried, uploads.retry),
    Command("PUT", "/uploads/items/<code>", ADMIN, TaskCodes, ItemCodes, uploads.change_codes),
    Query("/me/handovers", CLERKS, None, handovers.open_offers),
    Query(AT + "takers", CLERKS, None, _takers),
    Command("POST", AT + "hand-over", CLERKS, cov.HandOver, V, handovers.hand_over),
    Command("POST", AT + "withdraw", CLERKS, W, V, handovers.withdraw),
    Command("POST", AT + "receive", CLERKS, W, V, handovers.receive),
    Query("/cover", CLERKS, None, _cover),
    Command("PUT", "/admin/cover/settings", ADMIN, cov.CoverSettings, None, cover_admin.change_settings),
    Command("POST", "/admin/cover/posts", ADMIN, cov.PostSettings, None, cover_admin.add_post, _created),
    Command("PUT", "/admin/cover/posts/<post>", ADMIN, cov.PostSettings, None, cover_admin.change_post),
    Command("POST", "/admin/cover/posts/<post>/remove", ADMIN, W, None, cover_admin.remove_post),
    Command("POST", "/cover/leaves", CLERKS, cov.NewLeave, None, cover_admin.add_leave, _created),
    Command("POST", "/cover/leaves/<leave>/remove", CLERKS, W, None, cover_admin.remove_leave),
    Command("POST", "/cover/posts/<post>/covers", CLERKS, cov.NameCover, None, cover_admin.name_cover, _created),
    Command("POST", "/cover/covers/<cover>/remove", CLERKS, W, None, cover_admin.remove_cover),
    Command("PUT", "/cover/rota", CLERKS, cov.Rota, None, cover_admin.change_rota),
    Query("/duty", CLERKS, None, _duty),
    Command("POST", "/duty/posts/<post>/sign-in", CLERKS, W, None, duty.sign_in_at),
    Command("POST", "/duty/posts/<post>/sign-out", CLERKS, W, None, duty.sign_out_at),
    # What shows a password or a token is not kept for repeats.
    Query("/admin/people", ADMIN, ppl.People, _people),
    Command(
        "POST", "/admin/people", ADMIN, ppl.NewPerson, ppl.StartPassword, people_admin.add_person, _created, False,
        people_admin.started,
    ),
    Command("PUT", "/admin/people/rule", ADMIN, ppl.SecondFactorRule, ppl.People, people_admin.change_rule),
    Command("PUT", "/admin/people/<username>/role", ADMIN, ppl.ChangeRole, ppl.People, people_admin.change_role),
    Command(
        "POST", "/admin/people/<username>/password", ADMIN, ppl.ResetPassword, ppl.StartPassword,
        people_admin.reset_password, kept=False, prepare=people_admin.started,
    ),
    Command("POST", "/admin/people/<username>/sessions/end", ADMIN, W, ppl.People, people_admin.end_sessions),
    Command(
        "POST", "/admin/people/<username>/sessions/<session>/end", ADMIN, W, ppl.People, people_admin.end_session
    ),
    Command(
        "POST", "/admin/people/<username>/totp/remove", ADMIN, W, ppl.People, people_admin.remove_second_factor
    ),
    Query("/grants", SUPERVISORS, ppl.Grants, _grants),
    Command("POST", "/grants", SUPERVISORS, ppl.GiveGrant, ppl.Grants, grants_admin.give, _created),
    Command("POST", "/grants/<grant>/revoke", SUPERVISORS, ppl.RevokeGrant, ppl.Grants, grants_admin.revoke),
    Command(
        "POST", "/admin/devices/<name>/rotate", ADMIN, W, ppl.RotatedToken, device_tokens.rotate, kept=False
    ),
    Query("/monitor", SUPERVISORS, Monitor, _monitor),
    Query("/replay", SUPERVISORS, File, _replay),
    Query("/alarms", SUPERVISORS, alm.AlarmHistory, _alarm_history),
    Command(
        "POST", "/alarms/<alarm>/acknowledge", SUPERVISORS, alm.AcknowledgeAlarm, alm.Alarm, hall_alarms.acknowledge
    ),
    Command("PUT", "/admin/alarms", ADMIN, alm.AlarmSettings, None, alarms_admin.change_settings),
    Query("/admin/items", ADMIN, Items, items_admin.items),
    Query("/admin/items/<code>", ADMIN, Item, items_admin.item),
    Query("/admin/items/<code>/shown/<day>", ADMIN, ShownOn, items_admin.shown_on),
    Command("PUT", "/admin/items/<code>", ADMIN, ItemSettings, Item, items_admin.change_item),
    Command("POST", "/admin/items/<code>/versions/<version>/restore", ADMIN, W, Item, items_admin.bring_back),
    Intake(
        "PUT", "/admin/screens/staff/<username>/photo", ADMIN, photos.MAX_BYTES, photos.too_large, None, intakes.photo
    ),
    Command("POST", "/admin/screens/staff/<username>/photo/remove", ADMIN, W, None, photos.remove_photo),
    Query("/staff-photos/<digest>", ANY, Picture, photos.photo),
    Query("/admin/items.xlsx", ADMIN, File, _items_file),
    Intake("POST", "/admin/items/import/check", ADMIN, *BOOK, BookCheck, intakes.check_items),
    Intake("POST", intakes.APPLY_ITEMS, ADMIN, *BOOK, BookDone, intakes.apply_items),
    Query("/admin/staff.xlsx", ADMIN, File, _staff_file),
    Intake("POST", "/admin/staff/import/check", ADMIN, *BOOK, BookCheck, intakes.check_staff),
    Intake("POST", "/admin/staff/import/<plan>", ADMIN, *BOOK, BookDone, intakes.apply_staff),
    Query("/operations", ADMIN, Upkeep, _upkeep),
    Command(
        "PUT", "/operations", ADMIN, OperationsSettings, Upkeep, upkeep.change_settings, prepare=_with_folder
    ),
    Command("POST", "/operations/runs", ADMIN, AskRun, Upkeep, upkeep.ask, _created),
    Query("/audit", SUPERVISORS, AuditPage, _audit),
    Command("POST", "/audit/verify", SUPERVISORS, W, None, audit_view.ask_to_verify, _created),
    Query("/statistics", SUPERVISORS, Statistics, _statistics),
    Query("/statistics.xlsx", SUPERVISORS, File, _statistics_file),
    Query("/ledger.xlsx", SUPERVISORS, Stream, _ledger),
    Query("/ledger.csv", SUPERVISORS, Stream, _ledger_csv),
    Query("/machine/devices", MACHINES, mac.Orders, _orders),
    Command("POST", "/machine/report", MACHINES, mac.MachineReport, None, machines.report, kept=False),
    Command("POST", "/machine/devices/<binding>/token", KIOSK, W, mac.DeviceSecret, machines.claim, kept=False),
    Command("POST", "/machine/jobs/<job>/take", MACHINES, W, mac.JobGoes, machine_jobs.take),
    Command("POST", "/machine/jobs/<job>/progress", MACHINES, mac.JobProgress, mac.JobGoes, machine_jobs.progress),
    Command("POST", "/machine/jobs/<job>/result", MACHINES, mac.JobResult, None, machine_jobs.finish),
    Command("POST", "/admin/machines/<machine>/devices", ADMIN, mac.BindDevice, None, machines.bind, _created),
    Command(
        "POST", "/admin/machines/<machine>/devices/<binding>/replace", ADMIN, mac.BindDevice, None, machines.replace
    ),
    Command("POST", "/admin/machines/<machine>/devices/<binding>/remove", ADMIN, W, None, machines.unbind),
    Command("POST", "/admin/machines/<machine>/jobs", ADMIN, mac.AskJob, mac.JobView, machine_jobs.ask, _created),
    Query("/admin/jobs/<job>", ADMIN, mac.JobView, _job),
    Command("POST", "/admin/jobs/<job>/stop", ADMIN, W, mac.JobView, machine_jobs.stop),
    Command("POST", "/admin/device-profiles", ADMIN, mac.KeepProfile, None, machine_jobs.keep_profile, _created),
    Query("/admin/settings.json", ADMIN, File, settings_drafts.settings_file),
    Query("/admin/settings/history", ADMIN, doc.SettingsHistory, settings_history.history),
    Command("POST", "/admin/settings/undo", ADMIN, doc.Undo, doc.Applied, settings_history.undo),
    Query("/admin/draft", ADMIN, drf.DraftState, settings_drafts.state),
    Command("POST", "/admin/draft", ADMIN, W, drf.DraftState, settings_drafts.begin, kept=False),
    # A draft's version makes a repeat harmless: the second finds it moved on.
    Command(
        "PUT", "/admin/draft", ADMIN, drf.KeepDraft, drf.DraftState, settings_drafts.keep, kept=False, long=True
    ),
    Command(
        "POST", "/admin/draft/import", ADMIN, doc.ImportDocument, drf.DraftState, settings_drafts.bring,
        kept=False, long=True,
    ),
    Command("POST", "/admin/draft/catch-up", ADMIN, drf.DraftCommand, drf.DraftState, settings_drafts.catch_up),
    Command("POST", "/admin/draft/discard", ADMIN, drf.DraftCommand, drf.DraftState, settings_drafts.discard),
    Command("POST", "/admin/draft/go-live", ADMIN, drf.GoLive, doc.Applied, settings_drafts.go_live),
    Query("/admin/start", ADMIN, fst.FirstRun, _first_run),
    Command("PUT", "/admin/start/hall", ADMIN, fst.NameHall, fst.FirstRun, first_run.name_hall),
    Command("PUT", "/admin/start/windows", ADMIN, fst.FoundWindows, fst.FirstRun, first_run.found_windows),
    Command("POST", "/admin/start/items", ADMIN, fst.ChooseItems, fst.FirstRun, first_run.choose_items),
    Command("POST", "/admin/start/skip", ADMIN, fst.SkipStep, fst.FirstRun, first_run.skip),
    Command("POST", "/admin/start/test", ADMIN, fst.PrintTest, fst.TestPrint, test_prints.print_test, _created),
    Command("POST", "/admin/start/finish", ADMIN, W, fst.FirstRun, first_run.finish),
)  # fmt: skip


def make_blueprint() -> Blueprint:
    """Every row of ROUTES under /api/v1."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    for i, route in enumerate(ROUTES):
        handler = HANDLERS[type(route)](route)
        api.add_url_rule(route.path, f"r{i}", handler, methods=[route.method])
    return api


def _command(route: Command) -> Callable[..., Response]:
    run = settings_history.noting(route.path, route.run)

    def handle(**words: str) -> Response:
        store = _store()
        actor = _allowed(store, route.who, writes=True)
        body = _parse_long(route.body) if route.long else parse_body(route.body)
        requests.check_id(body.request_id)
        ready = current_app.extensions["jiaohao"].aside(route.prepare, body) if route.prepare else body
        print_ = requests.fingerprint(request.path, request.get_data())

        def work(tx: Tx) -> Any:
            answer = to_json(run(tx, _acting(tx.conn, actor, words), ready, **words))
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


def _intake(route: Intake) -> Callable[..., Response]:
    def handle(**words: str) -> Response:
        actor = _allowed(_store(), route.who, writes=True)
        answer = route.take(current_app.extensions["jiaohao"], actor, _sent_file(route), **words)
        return json_response(to_json(answer))

    return handle


def _sent_file(route: Intake) -> bytes:
    """The body. Of one without a Content-Length (chunked) no more is read than shows that it is too large."""
    if (request.content_length or 0) > route.most:
        raise route.too_large()
    request.max_content_length = route.most + 1
    data = request.stream.read(route.most + 1)
    if len(data) > route.most:
        raise route.too_large()
    return data


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
            found = route.run(conn, _acting(conn, actor, words), **words)
        if isinstance(found, File):
            return _file_response(found)
        if isinstance(found, Picture):
            return _picture_response(found)
        if isinstance(found, Stream):
            return _as_attachment(Response(found.chunks(), mimetype=found.media_type), found.name)
        return json_response(_papered(store, actor, route, to_json(found)), 200)

    return handle


def _file_response(file: File) -> Response:
    """Its bytes are made beside all other work."""
    made = current_app.extensions["jiaohao"].aside(file.make)
    return _as_attachment(Response(made, mimetype=file.media_type), file.name)


def _as_attachment(response: Response, name: str) -> Response:
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _picture_response(picture: Picture) -> Response:
    response = Response(picture.data, mimetype=picture.media_type)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


HANDLERS: dict[type, Callable[[Any], Callable[..., Response]]] = {
    Command: _command, Query: _query, Intake: _intake,
}  # fmt: skip


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
    return actor if actor.may & who else grants.under_grant(store, actor, who)


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


def _parse_long(cls: type) -> Any:
    """As `parse_body`, of a document of settings. Raises document_too_large."""
    request.max_content_length = MAX_DOCUMENT
    try:
        return parse_body(cls)
    except (RequestEntityTooLarge, ProblemError) as refusal:
        if isinstance(refusal, ProblemError) and refusal.problem.code != "body_too_large":
            raise
        raise ProblemError("document_too_large") from None


def _whole_body() -> bytes:
    data = request.get_data()
    # Without a Content-Length (chunked), werkzeug cuts the body at the limit and says nothing.
    if request.content_length is None and len(data) >= (request.max_content_length or 0):
        raise ProblemError("body_too_large")
    return data


def json_response(answer: Any, status: int = HTTPStatus.OK) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), status, mimetype="application/json")


def _store() -> Store:
    store: Store = current_app.extensions["jiaohao"].store
    return store
