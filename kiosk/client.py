"""The server as this machine sees it: commands over HTTP. Safe from several threads.

Two ways to fail, and callers decide by them: `Refused`, the server said no and will say it again; `Away`,
nobody knows whether the command arrived, repeat it with the same request_id.
"""

import json
import time
from typing import Any, TypeVar
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from server.contract.board import Board
from server.contract.codec import ContractError, from_json, to_json
from server.contract.desk import PrintWishes, Reprint
from server.contract.devices import HealthReport
from server.contract.problems import PROBLEMS
from server.contract.ratings import RatingAnswer, SubmitRating
from server.contract.tickets import CancelTicket, PrintResult, TakeTicket, Ticket
from server.contract.windows import WindowCommand, WindowView

CONNECT_S = 2.0
READ_S = 4.0
MAX_ANSWER = 4 * 1024 * 1024
"""Bytes of the longest answer taken in; a board of 40 windows has about 40 kB."""

T = TypeVar("T")


class Away(Exception):  # noqa: N818 - said of the server, not a mistake
    """No usable answer: network, time-out, 5xx, or an answer that follows no contract."""


class Refused(Exception):  # noqa: N818 - the server's answer, not a mistake
    """The server's no. `code` is from `server.contract.problems`, `zh` and `en` say it to a person."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.code, self.zh, self.en = code, zh, en


class Client:
    """One device's connection: its token goes with every request."""

    def __init__(self, server: str, token: str) -> None:
        self._base = server
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy in the environment has no place between kiosk and hall
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.mount(server, HTTPAdapter(pool_maxsize=8))

    def close(self) -> None:
        self._session.close()

    def board(self) -> Board:
        return _parsed(Board, self._ask("GET", "/api/v1/board"))

    def take(self, wish: TakeTicket, read_s: float = READ_S) -> Ticket:
        return _parsed(Ticket, self._ask("POST", "/api/v1/tickets", wish, read_s=read_s))

    def ticket(self, code: str) -> Ticket:
        """The ticket with this public id. `Refused` with ticket_not_found when there is none."""
        return _parsed(Ticket, self._ask("GET", f"/api/v1/tickets/{quote(code, safe='')}"))

    def wishes(self) -> PrintWishes:
        """What the guide desk asks this machine to print and nobody took yet."""
        return _parsed(PrintWishes, self._ask("GET", "/api/v1/tickets/reprints"))

    def take_wish(self, wish: str, request_id: str, read_s: float = READ_S) -> Reprint:
        path = f"/api/v1/tickets/reprints/{quote(wish, safe='')}/take"
        return _parsed(Reprint, self._ask("POST", path, WindowCommand(request_id), read_s=read_s))

    def find(self, request_id: str) -> Ticket | None:
        """The ticket that this request made, or None when the server never had the request."""
        try:
            answer = self._ask("GET", "/api/v1/tickets", params={"request_id": request_id})
        except Refused as refused:
            if refused.code == "ticket_not_found":
                return None
            raise
        return _parsed(Ticket, answer)

    def print_result(self, ticket_id: str, result: PrintResult) -> None:
        self._ask("POST", f"/api/v1/tickets/{quote(ticket_id, safe='')}/print-result", result)

    def cancel(self, ticket_id: str, command: CancelTicket) -> None:
        self._ask("POST", f"/api/v1/tickets/{quote(ticket_id, safe='')}/cancel", command)

    def rate(self, rating: SubmitRating) -> RatingAnswer:
        return _parsed(RatingAnswer, self._ask("POST", "/api/v1/ratings", rating))

    def window(self, no: str) -> WindowView:
        """The window of a call pad, as its clerk sees it."""
        return _parsed(WindowView, self._ask("GET", f"/api/v1/windows/{quote(no, safe='')}"))

    def at_window(self, no: str, command: str, body: Any) -> WindowView:
        """A call pad's key; `command` is the last word of the path, as in `docs/wire.md`."""
        return _parsed(WindowView, self._ask("POST", f"/api/v1/windows/{quote(no, safe='')}/{command}", body))

    def health(self, report: HealthReport) -> None:
        self._ask("POST", "/api/v1/devices/health", report)

    def _ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: dict[str, str] | None = None,
        read_s: float = READ_S,
    ) -> Any:
        try:
            with self._session.request(
                method,
                self._base + path,
                json=None if body is None else to_json(body),
                params=params,
                timeout=(CONNECT_S, read_s),
                allow_redirects=False,
                stream=True,
            ) as response:
                return _answer(response, time.monotonic() + read_s)
        except (requests.RequestException, HTTPError) as error:
            raise Away(type(error).__name__) from error


def _answer(response: requests.Response, deadline: float) -> Any:
    value = _json(response, deadline)
    if response.status_code in (200, 201):
        return value
    code = value.get("code") if isinstance(value, dict) else None
    if 400 <= response.status_code < 500 and isinstance(code, str) and code in PROBLEMS:
        raise _refusal(value)
    raise Away(f"HTTP {response.status_code}")


def _json(response: requests.Response, deadline: float) -> Any:
    """The time-out of `requests` is for each piece: an answer that trickles in needs a deadline of its own."""
    body = b""
    while chunk := response.raw.read1(65536, decode_content=True):
        body += chunk
        if len(body) > MAX_ANSWER:
            raise Away("the answer is too long")
        if time.monotonic() > deadline:
            raise Away("the answer does not end")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _refusal(problem: dict[str, Any]) -> Refused:
    """Our own words when the server's are missing: a citizen must read a sentence, never a code."""
    known = PROBLEMS[problem["code"]]
    zh, en = problem.get("detail"), problem.get("detail_en")
    return Refused(known.code, zh if isinstance(zh, str) else known.zh, en if isinstance(en, str) else known.en)


def _parsed(cls: type[T], value: Any) -> T:
    try:
        return from_json(cls, value, strict=False)
    except ContractError as error:
        raise Away(f"malformed answer: {error}") from error
