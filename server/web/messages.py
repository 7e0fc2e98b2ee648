"""Forms of the sign-in pages; no device sends these, so they are not in the contract."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SignInForm:
    username: str
    password: str


@dataclass(frozen=True)
class SetUp:
    code: str
    username: str
    password: str
    name: str = ""
