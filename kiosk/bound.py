"""The devices that the server gives this machine, kept on the disk so that it starts while the server is away.

In the data folder: `bound/orders.json`, a token file for each evaluator and call pad, and the profiles. What the
server says is written as the sections of a kiosk.toml and read by the same rules; one device that cannot be is left
out, with a sentence, and the others are in use.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog

from devices.evaluator.profile import KIND
from devices.setting_error import SettingError
from kiosk.client import Refused
from kiosk.config import ConfigError, KioskConfig, with_devices
from kiosk.pads import placed
from machine.orders import Kept
from server.contract.device_address import AddressError, end_of
from server.contract.machines import Bound, Orders, OwnProfile, Trouble

log = structlog.get_logger(__name__)

Claim = Callable[[str], str]
"""Fetches the token of a binding. Raises `Away` or `Refused`."""


@dataclass(frozen=True)
class Taken:
    """The configuration with all that can be, and why the rest cannot."""

    config: KioskConfig
    trouble: tuple[Trouble, ...] = ()


class BoundDevices:
    def __init__(self, base: KioskConfig) -> None:
        self._base = base
        self._folder = base.data_dir / "bound"
        self._kept = Kept(self._folder)

    def remembered(self) -> Taken:
        """As they were when the server was last heard; without any when that is not known."""
        orders = self._kept.remember()
        return Taken(self._base) if orders is None else self._taken(orders)

    def differs(self, orders: Orders) -> bool:
        """Whether `adopt` has anything to do."""
        unclaimed = any(one.kind in ("evaluator", "call_pad") and not self._has_token(one) for one in orders.devices)
        return unclaimed or self._kept.differs(orders)

    def adopt(self, orders: Orders, claim: Claim) -> Taken:
        """Fetch the tokens that are wanting, write all down, and read it. Raises `Away`: then nothing is changed.
        Raises OSError when it cannot be written."""
        (self._folder / "profiles").mkdir(parents=True, exist_ok=True)
        refused = [why for one in orders.devices if (why := self._claimed(one, claim))]
        self._kept.keep(orders)
        self._forget_tokens(orders)
        self._write_profiles(orders.profiles)
        taken = self._taken(orders)
        return replace(taken, trouble=(*refused, *taken.trouble))

    def _claimed(self, one: Bound, claim: Claim) -> Trouble | None:
        if one.kind not in ("evaluator", "call_pad") or self._has_token(one):
            return None
        try:
            self._kept.write(self._token(one), claim(one.code))
        except Refused as no:
            return Trouble(one.code, no.zh, no.en)
        return None

    def _has_token(self, one: Bound) -> bool:
        """`claimed` is false again after this machine's own token was taken away."""
        return one.claimed and (self._folder / self._token(one)).exists()

    def _token(self, one: Bound) -> str:
        return f"{one.kind}-{one.window}.token"

    def _forget_tokens(self, orders: Orders) -> None:
        wanted = {self._token(one) for one in orders.devices}
        for file in self._folder.glob("*.token"):
            if file.name not in wanted:
                file.unlink(missing_ok=True)

    def _taken(self, orders: Orders) -> Taken:
        """One device after the other, so that the one that cannot be is known."""
        config, trouble = replace(self._base, profiles=self._folder / "profiles"), []
        sections: dict[str, Any] = {}
        for one in orders.devices:
            more = _with(sections, one, self._token(one))
            try:
                end_of(one.url, one.kind, self._base.allow_hosts)
                tried = with_devices(config, more, self._folder)
                placed(tried, lambda *_: None, lambda *_: None)
            except (AddressError, ConfigError, SettingError) as wrong:
                log.warning("a device of the server's is not in use", device=one.code, why=str(wrong))
                trouble.append(Trouble(one.code, wrong.zh, wrong.en))
                continue
            sections, config = more, tried
        return Taken(config, tuple(trouble))

    def _write_profiles(self, learned: tuple[OwnProfile, ...]) -> None:
        """The machine's own stand before those that the server hands out."""
        folder = self._folder / "profiles"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        for one in learned:
            if "/" not in one.name and not one.name.startswith("."):
                (folder / f"{one.name}.toml").write_text("\n".join(one.lines) + "\n", "utf-8")
        for file in sorted(self._base.profiles.glob("*.toml")) if self._base.profiles else []:
            shutil.copyfile(file, folder / file.name)


def pad_profiles(config: KioskConfig) -> list[str]:
    own = [file.stem for file in config.profiles.glob("*.toml")] if config.profiles else []
    return sorted({*KIND.names(), *own})


def _with(sections: dict[str, Any], one: Bound, token_file: str) -> dict[str, Any]:
    """`sections` with one device more."""
    section: dict[str, Any] = {"url": one.url}
    match one.kind:
        case "printer":
            section |= {"profile": one.profile, **({"columns": one.columns} if one.columns else {})}
            return {**sections, "printer": section}
        case "scanner":
            section |= {"end": one.scan_end}
        case _:
            section |= {
                "window": one.window, "profile": one.profile, "address": one.address, "token_file": token_file,
            }  # fmt: skip
            leads = {"transfer_queue": one.transfer_queue, "transfer_window": one.transfer_window}
            section |= {key: to for key, to in leads.items() if to} if one.kind == "call_pad" else {}
    return {**sections, one.kind: [*sections.get(one.kind, []), section]}
