"""The first-run guide: what it asks, what it offers, and how far a hall has come."""

from dataclasses import dataclass
from enum import StrEnum

from server.contract.admin import SessionSettings
from server.contract.desk import DeskPrinter


class Step(StrEnum):
    """In the order in which the guide asks."""

    HALL = "hall"
    WINDOWS = "windows"
    ITEMS = "items"
    PEOPLE = "people"
    KIOSK = "kiosk"
    TEST = "test"


class StepState(StrEnum):
    OPEN = "open"
    SKIPPED = "skipped"
    DONE = "done"


@dataclass(frozen=True)
class Hours:
    """Opening hours to choose from. `cutoff_minutes` belongs to them."""

    name: str
    zh: str
    en: str
    sessions: tuple[SessionSettings, ...]
    cutoff_minutes: int


@dataclass(frozen=True)
class QueueRow:
    code: str
    name: str
    name_en: str = ""


@dataclass(frozen=True)
class WindowRow:
    """Windows `first` to `last`, both included, serve these queues."""

    first: int
    last: int
    queues: tuple[str, ...]
    zone: str = ""
    floor: int = 1


@dataclass(frozen=True)
class Template:
    name: str
    zh: str
    en: str
    queues: tuple[QueueRow, ...]
    windows: tuple[WindowRow, ...]


@dataclass(frozen=True)
class ItemTemplate:
    """`queues`: the first of these that the hall has is the item's."""

    code: str
    name: str
    queues: tuple[str, ...]
    legal_basis: str


@dataclass(frozen=True)
class NameHall:
    request_id: str
    name: str
    sessions: tuple[SessionSettings, ...]
    cutoff_minutes: int


@dataclass(frozen=True)
class FoundWindows:
    request_id: str
    queues: tuple[QueueRow, ...]
    windows: tuple[WindowRow, ...]


@dataclass(frozen=True)
class ChooseItems:
    """Codes of templates."""

    request_id: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class SkipStep:
    request_id: str
    step: Step


@dataclass(frozen=True)
class PrintTest:
    """A test ticket, at the kiosk whose token is named `device`."""

    request_id: str
    device: str


@dataclass(frozen=True)
class TestPrint:
    """The last test ticket. `state` as `contract.desk.PaperState`."""

    __test__ = False  # no test, whatever pytest takes its name for

    number: str
    device: str
    state: str


@dataclass(frozen=True)
class StepView:
    """`zh` and `en`: what is still missing, or what there is."""

    step: Step
    state: StepState
    zh: str
    en: str


@dataclass(frozen=True)
class FirstRun:
    """`done`: nobody is sent here any more. `kiosks` with their printers, as the guide desk sees them."""

    done: bool
    steps: tuple[StepView, ...]
    hall: str
    sessions: tuple[SessionSettings, ...]
    cutoff_minutes: int
    queues: tuple[QueueRow, ...]
    windows: int
    items: tuple[str, ...]
    clerks: tuple[str, ...]
    kiosks: tuple[DeskPrinter, ...]
    test: TestPrint | None
    hours_offered: tuple[Hours, ...]
    templates: tuple[Template, ...]
    items_offered: tuple[ItemTemplate, ...]
