"""How a modem is, from what it answers. No I/O."""

import re
from dataclasses import dataclass

from devices.sms.at import Answer
from devices.sms.errors import words

_REGISTERED = frozenset({1, 5, 6, 7})
"""Home, roaming, and both for short messages only: 27.007, 7.2."""
_LOCKED = {
    "SIM PIN": ("SIM 卡要求输入 PIN，请先用手机取消 PIN", "The SIM card wants its PIN; take it off with a phone"),
    "SIM PUK": ("SIM 卡已锁，要求输入 PUK", "The SIM card is locked and wants its PUK"),
}
_SIM_ERRORS = {"+CME ERROR: 10": "sim_missing", "+CMS ERROR: 310": "sim_missing"} | dict.fromkeys(
    ("+CME ERROR: 11", "+CME ERROR: 12", "+CMS ERROR: 311", "+CMS ERROR: 316"), "pin_wanted"
)


@dataclass(frozen=True)
class Health:
    """`faults` are words of `DeviceStatus`; none, and it can send."""

    faults: frozenset[str] = frozenset()
    zh: str = ""
    en: str = ""

    @property
    def detail(self) -> str:
        return f"{self.zh} / {self.en}" if self.faults else ""


def sim_health(asked: Answer) -> Health:
    """Of the answer to `AT+CPIN?`."""
    said = asked.value("CPIN")
    if said == "READY":
        return Health()
    if said:
        zh, en = _LOCKED.get(said, (f"SIM 卡被锁：{said}", f"The SIM card is locked: {said}"))
        return Health(frozenset({"pin_wanted"}), zh, en)
    zh, en = words(asked.final)
    return Health(frozenset({_SIM_ERRORS.get(asked.final, "sim_error")}), zh, en)


def network_health(registrations: list[Answer], signal: Answer) -> Health:
    """Of the answers to `AT+CREG?` and `AT+CEREG?`, one of which is enough, and to `AT+CSQ`."""
    if any(_state(asked) in _REGISTERED for asked in registrations):
        return Health()
    if re.match(r"(0|99)\b", signal.value("CSQ")):
        return Health(
            frozenset({"not_registered", "no_signal"}), "没有信号，请检查天线", "No signal; look at the aerial"
        )
    if any(_state(asked) == 3 for asked in registrations):
        return Health(frozenset({"not_registered"}), "网络拒绝登记此 SIM 卡", "The network denies this SIM card")
    return Health(frozenset({"not_registered"}), "尚未登记到网络", "Not registered with the network")


def _state(asked: Answer) -> int | None:
    said = re.match(r"\d+ *, *(\d+)", asked.value("CREG") or asked.value("CEREG"))
    return int(said[1]) if said else None
