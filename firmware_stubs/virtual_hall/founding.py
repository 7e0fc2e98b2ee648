"""What an admin does once in a new hall, done for the demo over the same HTTP: accounts, tokens, settings files."""

import json
import secrets
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

WINDOWS = ("01", "02", "07", "11")
"""Windows that have an evaluator and an LED bar in the demo. The first is the visitor's own console."""
OTHERS = ("16", "20", "21", "27", "31", "32")
"""Windows without devices, one at least for each queue that WINDOWS do not serve."""


EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
PLANS: tuple[dict[str, Any], ...] = (
    {"queue": "A", "mode": "hall", "start_minute": 9 * 60, "end_minute": 17 * 60, "slot_minutes": 30, "capacity": 4},
    {"queue": "B", "mode": "extended_hours", "start_minute": 17 * 60 + 30, "end_minute": 20 * 60, "slot_minutes": 30,
     "capacity": 2},
)  # fmt: skip
"""What may be booked in the demo: the hall's business by day, another after hours."""

CARDS: tuple[dict[str, Any], ...] = (
    {"name": "小禾", "position": "综合窗口", "badges": ["党员示范岗", "服务之星"]},
    {"name": "小青", "position": "综合窗口", "badges": ["首席代表"]},
    {"name": "小舒", "position": "养老待遇", "badges": ["双语服务"]},
    {"name": "小原", "position": "医疗报销", "badges": []},
)
"""What the walls show of the clerks at WINDOWS (服务监督牌)."""


@dataclass(frozen=True)
class Account:
    username: str
    password: str


@dataclass(frozen=True)
class Clerk(Account):
    window: str


class FoundingError(Exception):
    """The data folder cannot be used; the message says what to do."""


class Person:
    """A signed-in person, as a browser is one."""

    def __init__(self, server: str, username: str, password: str) -> None:
        self.server = server
        self.session = requests.Session()
        self._enter("/api/v1/session", {"username": username, "password": password})

    @classmethod
    def first_admin(cls, server: str, code: str, password: str) -> "Person":
        person = cls.__new__(cls)
        person.server, person.session = server, requests.Session()
        person._enter("/api/v1/setup", {"code": code, "username": "admin", "password": password, "name": "管理员"})
        return person

    def command(self, path: str, method: str = "POST", **body: Any) -> Any:
        """Send a command with a new request_id; the answer, whether done or refused."""
        body["request_id"] = uuid.uuid4().hex
        return self.session.request(method, f"{self.server}/api/v1{path}", json=body, timeout=10).json()

    def waiting(self) -> int:
        """How many people wait in the hall."""
        board = self.session.get(f"{self.server}/api/v1/board", timeout=10).json()
        return sum(queue["waiting"] for queue in board["queues"])

    def plans(self) -> list[Any]:
        """What may be booked, as planned."""
        listed = self.session.get(f"{self.server}/api/v1/slot-plans", timeout=10).json()
        return list(listed["plans"])

    def _enter(self, path: str, form: dict[str, str]) -> None:
        answer = self.session.post(f"{self.server}{path}", json=form, timeout=30)
        if not answer.ok:
            raise FoundingError(answer.json().get("detail", answer.text))
        self.session.headers["X-CSRF-Token"] = answer.json()["csrf"]


class Founding:
    """The demo's own data folder: `secrets.json` (only its owner may read it) and one folder for each client."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._file = data / "secrets.json"
        self.known: dict[str, Any] = {}

    def found(self, server: str, setup_link: str | None) -> None:
        """First start: make everything, by the link that only a server without an admin gives. Later starts: read
        what was made."""
        if setup_link:
            self._make(server, setup_link.rsplit("#", 1)[1])
        elif not self._file.exists():
            raise FoundingError(
                f"{self.data} 里已有别的大厅，请用 --data 另选目录。"
                f" {self.data} holds another hall; choose another folder with --data."
            )
        self.known = json.loads(self._file.read_text("utf-8"))
        if "guide" not in self.known or "others" not in self.known:  # a folder of an earlier version of the demo
            self._add_people(Person(server, "admin", self.known["password"]))

    @property
    def guide(self) -> Account:
        """Who works at the guide desk and keeps the book of appointments."""
        return Account(self.known["guide"], self.known["password"])

    @property
    def clerks(self) -> list[Clerk]:
        """At WINDOWS, in their order, then at OTHERS."""
        return [Clerk(f"clerk{window}", self.known["password"], window) for window in (*WINDOWS, *OTHERS)]

    @property
    def admin(self) -> Account:
        return Account("admin", self.known["password"])

    def write_settings(self, urls: dict[str, str], addresses: "Addresses") -> None:
        """kiosk.toml and display.toml, as an installer would write them."""
        kiosk = [
            *_common("kiosk", urls), 'data_dir = "kiosk"', f'public_url = "{urls["server"]}"',
            "[printer]", f'url = "tcp://{addresses.printer}"', "columns = 48",
        ]  # fmt: skip
        for window, pty in zip(WINDOWS, addresses.evaluators, strict=True):
            kiosk += [
                "[[evaluator]]", f'window = "{window}"', 'profile = "ff68"',
                f'url = "serial://{quote(pty)}?baudrate=9600"',
                f'token_file = "evaluator-{window}.token"',
            ]  # fmt: skip
        display = _common("display", urls)
        for window, tcp in zip(WINDOWS, addresses.bars, strict=True):
            display += ["[[led_bar]]", f'window = "{window}"', f'url = "tcp://{tcp}"']
        for name, lines in (("kiosk", kiosk), ("display", display)):
            (self.data / f"{name}.toml").write_text("\n".join(lines) + "\n", "utf-8")

    def _make(self, server: str, setup_code: str) -> None:
        password = secrets.token_urlsafe(9)
        admin = Person.first_admin(server, setup_code, password)
        for window, card in zip(WINDOWS, CARDS, strict=True):
            _add_clerk(admin, window, password)
            admin.command(f"/admin/screens/staff/clerk{window}", "PUT", **card)
        self._token(admin, "kiosk", kind="kiosk")
        self._token(admin, "display", kind="display")
        for window in WINDOWS:
            self._token(admin, f"evaluator-{window}", kind="evaluator", window=window)
        self.known = {"password": password}
        self._add_people(admin)

    def _add_people(self, admin: Person) -> None:
        """The guide desk, what may be booked there, and clerks without devices. Written down last: a start that was
        cut short does it again, and what is there already is refused."""
        for window in OTHERS:
            _add_clerk(admin, window, self.known["password"])
        admin.command(
            "/admin/users", username="guide", role="guide", password=self.known["password"], name="演示导办",
        )  # fmt: skip
        if not admin.plans():
            for plan in PLANS:
                admin.command("/admin/slot-plans", weekdays=EVERY_DAY, **plan)
        self.known |= {"guide": "guide", "others": OTHERS}
        _write_private(self._file, json.dumps(self.known))

    def _token(self, admin: Person, name: str, **body: str) -> None:
        _write_private(self.data / f"{name}.token", admin.command("/admin/devices", name=name, **body)["token"])


@dataclass(frozen=True)
class Addresses:
    """Where the stubs are: host:port of the printer and the bars, pty paths of the evaluators."""

    printer: str
    evaluators: tuple[str, ...]
    bars: tuple[str, ...]


def _add_clerk(admin: Person, window: str, password: str) -> None:
    admin.command(
        "/admin/users", username=f"clerk{window}", role="clerk", password=password,
        name=f"演示{window}", staff_no=f"SB0{window}",
    )  # fmt: skip


def _common(name: str, urls: dict[str, str]) -> list[str]:
    port = urls[name].rsplit(":", 1)[1]
    return [
        f'server = "{urls["server"]}"', f'token_file = "{name}.token"', f"port = {port}",
        f'frame_ancestors = "{urls["page"]}"',
    ]  # fmt: skip


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, and for its owner's eyes only."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)
