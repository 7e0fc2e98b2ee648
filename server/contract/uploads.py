"""How the upload of ratings to the province stands, for admins. No level, no text and nobody's name is in it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Trouble:
    """What is wrong with the setup, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class DeadLetter:
    """A record that the province will not take as it is. `reason` is its own sentence, `item` our name of the
    business, empty where the ticket had none."""

    id: int
    project_no: str
    service_number: int
    item: str
    reason: str
    refused_at: datetime
    attempts: int


@dataclass(frozen=True)
class ItemCodes:
    """What the province calls a service item; empty while nobody has said."""

    code: str
    name: str
    task_code: str
    task_handle_item: str


@dataclass(frozen=True)
class Uploads:
    """`on`: whether ratings of this hall are kept for upload. `oldest_at`: when the oldest waiting one was given;
    `fault`: why the last try of it failed: timeout, unreachable, internal, "http 503" or the province's own words.
    `letters`: at most a hundred, the newest first; `dead` counts all. All counts, `oldest_at` and `fault` are of
    ratings from before this hour; only `dead` has those of `letters` too."""

    on: bool
    trouble: tuple[Trouble, ...]
    waiting: int
    oldest_at: datetime | None
    fault: str
    sent_today: int
    dead: int
    letters: tuple[DeadLetter, ...]
    items: tuple[ItemCodes, ...]


@dataclass(frozen=True)
class TaskCodes:
    """实施编码 (31 characters) and 业务办理项编码 (33), as the province published them; empty for unknown."""

    request_id: str
    task_code: str
    task_handle_item: str


@dataclass(frozen=True)
class Retried:
    count: int
