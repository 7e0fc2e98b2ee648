"""Phone numbers: which can be dialled, and how they are shown where nothing personal may be."""

import re

from devices.setting_error import SettingError

_DIALLED = re.compile(r"\+?[0-9*#]{1,20}")
_HIDDEN = 4


class UnsendableError(SettingError):
    """A number or a text that can be no short message. It holds neither, so that it may be logged."""


def check_number(number: str) -> str:
    """`number` as it is: "+" for an international one, then digits, 20 at most. Raises `UnsendableError`."""
    if not _DIALLED.fullmatch(number):
        raise UnsendableError(
            "手机号码只能是数字，最多 20 位，国际号码前加 +",
            "A phone number has digits only, 20 at most, with + before an international one",
        )
    return number


def masked(number: str) -> str:
    """`138****5678`: for logs and screens."""
    return number[: -2 * _HIDDEN][:6] + "****" + number[-_HIDDEN:] if len(number) >= 2 * _HIDDEN else "****"
