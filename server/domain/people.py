"""How the numbers by which a person may be known are written."""

import re
import unicodedata

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
"""GB 11643-1999: the last character of a resident ID number."""


def normalised(said: str) -> str | None:
    """A mobile telephone number or a resident ID number in its one form; None when it is neither.

    Full-width digits, blanks, hyphens, +86 and a small x are how people type them.
    """
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", said)).upper()
    plain = re.sub(r"^(\+|00)86(?=1)", "", plain)
    if re.fullmatch("1[3-9][0-9]{9}", plain) or (re.fullmatch("[0-9]{17}[0-9X]", plain) and _id_check(plain)):
        return plain
    return None


def masked(phone: str) -> str:
    """138****5678, as a number may be shown to staff."""
    return f"{phone[:3]}****{phone[-4:]}"


def _id_check(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number, strict=False))
    return _ID_CHECKS[total % 11] == number[-1]
