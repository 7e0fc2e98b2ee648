"""What an admin's page sends and gets of a draft of the settings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.contract.settings_document import Finding, Said, SettingsDocument


@dataclass(frozen=True)
class KeepDraft:
    """`version` is that of the draft as it was read: who changes an older one is told so."""

    request_id: str
    version: int
    document: dict[str, Any]


@dataclass(frozen=True)
class DraftCommand:
    """Bring it up to what is live now, or throw it away."""

    request_id: str
    version: int


@dataclass(frozen=True)
class GoLive:
    """`warnings`: whoever sends it has seen them, and means it."""

    request_id: str
    version: int
    warnings: bool = False


@dataclass(frozen=True)
class Draft:
    """`changes` are against what is live now; `moved` is what was changed live since the draft was begun."""

    version: int
    document: SettingsDocument
    who: str
    at: datetime
    findings: tuple[Finding, ...]
    changes: tuple[Said, ...]
    moved: tuple[Said, ...]


@dataclass(frozen=True)
class DraftState:
    """`draft` is None while there is none. `said`: of a draft just brought up to date, what both had changed."""

    draft: Draft | None
    said: tuple[Said, ...] = ()
