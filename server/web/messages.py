"""Forms of the sign-in pages; no device sends these, so they are not in the contract."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SignInForm:
    """`code`: of the telephone or a recovery code; asked for by `code_required` where the account wants one."""

    username: str
    password: str
    code: str = ""


@dataclass(frozen=True)
class SetUp:
    code: str
    username: str
    password: str
    name: str = ""


@dataclass(frozen=True)
class ChangePassword:
    old: str
    password: str


@dataclass(frozen=True)
class Prove:
    """The password once more, before something is shown or changed by which one signs in."""

    old: str


@dataclass(frozen=True)
class SwitchOnTotp:
    """The secret as it was offered, and a first code of it."""

    old: str
    secret: str
    code: str
