"""What an admin sends and sees of service items (事项): each change is the whole item, and a version."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class ItemFields:
    """All that an admin says of an item, under the names of `contract.board.ItemView`; `queue` is a queue's code.

    One that is not `active` is shown to nobody and takes no numbers. `minutes`: how long it usually takes, 0 for
    unknown.
    """

    name: str
    queue: str
    legal_basis: str = ""
    handling_body: str = ""
    process: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    promise: str = ""
    fee: str = ""
    location: str = ""
    supervisor: str = ""
    complaint_tel: str = ""
    minutes: int = 0
    active: bool = True


PUBLIC = (
    "name", "legal_basis", "handling_body", "process", "materials", "promise", "fee", "location", "supervisor",
    "complaint_tel",
)  # fmt: skip
"""The ten public fields, in the order of the rules that ask for them."""


@dataclass(frozen=True)
class ItemSettings(ItemFields):
    """An item that is not there yet is made; `new` refuses a code that exists.

    `version` is the one that the form was filled from: when there is a newer one, nothing is saved. None asks for no
    such care.
    """

    request_id: str = ""
    new: bool = False
    version: int | None = None


@dataclass(frozen=True)
class ItemRow:
    """One line of the list. `version` counts from 1; `changed_at` is None of an item that was never changed;
    `lacking` are the public fields that are still empty."""

    code: str
    name: str
    queue: str
    active: bool
    pinyin: str
    version: int
    changed_at: datetime | None
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class Items:
    items: tuple[ItemRow, ...]


@dataclass(frozen=True)
class ItemVersion:
    """What was shown from `at` until `until`; both are None where that has no end. `by` is empty of how an item was
    before its first change. `changed` are the fields that differ from the version before, `copy_of` the version that
    was brought back."""

    n: int
    at: datetime | None
    until: datetime | None
    by: str
    copy_of: int | None
    changed: tuple[str, ...]
    shown: ItemFields


@dataclass(frozen=True)
class Item:
    """`versions`: newest first, the first is shown now."""

    code: str
    versions: tuple[ItemVersion, ...]


@dataclass(frozen=True)
class ShownOn:
    """What was shown on a service day, in order; more than one when the item changed on it, none of a day before the
    item was there."""

    code: str
    day: date
    versions: tuple[ItemVersion, ...]
