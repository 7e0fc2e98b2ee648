"""The server as a machine sees it: commands over HTTP. Safe from several threads.

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

from server.contract.codec import ContractError, from_json, to_json
from server.contract.machines import DeviceSecret, JobGoes, JobLine, JobProgress, JobResult, MachineReport, Orders
from server.contract.problems import PROBLEMS
from server.contract.windows import WindowCommand

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


class MachineClient:
    """One machine's or device's connection: its token goes with every request."""

    def __init__(self, server: str, token: str) -> None:
        self._base = server
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy in the environment has no place between kiosk and hall
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.mount(server, HTTPAdapter(pool_maxsize=8))

    def close(self) -> None:
        self._session.close()

    def orders(self) -> Orders:
        """What hangs at this machine by the admin page, and what it is to do."""
        return parsed(Orders, self.ask("GET", "/api/v1/machine/devices"))

    def claim(self, binding: str, request_id: str) -> str:
        """The token of an evaluator or call pad of this machine; it ends the one before."""
        path = f"/api/v1/machine/devices/{quote(binding, safe='')}/token"
        return parsed(DeviceSecret, self.ask("POST", path, WindowCommand(request_id))).token

    def report_machine(self, report: MachineReport) -> None:
        self.ask("POST", "/api/v1/machine/report", report)

    def take_job(self, job: str, request_id: str) -> None:
        self.ask("POST", f"/api/v1/machine/jobs/{quote(job, safe='')}/take", WindowCommand(request_id))

    def job_goes(self, job: str, request_id: str, lines: tuple[JobLine, ...]) -> bool:
        """Tell what a device said; whether anybody still looks."""
        path = f"/api/v1/machine/jobs/{quote(job, safe='')}/progress"
        return parsed(JobGoes, self.ask("POST", path, JobProgress(request_id, lines))).on

    def end_job(self, job: str, result: JobResult) -> None:
        self.ask("POST", f"/api/v1/machine/jobs/{quote(job, safe='')}/result", result)

    def ask(
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


def parsed(cls: type[T], value: Any) -> T:
    try:
        return from_json(cls, value, strict=False)
    except ContractError as error:
        raise Away(f"malformed answer: {error}") from error
