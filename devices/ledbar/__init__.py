"""LED bars over the windows: each make a profile, each line one owner."""

from devices.ledbar.bar import Bar
from devices.ledbar.bx5_speech import Bx5Speech
from devices.ledbar.profile import Bx5Profile, Profile, load_profile
from devices.ledbar.speech import Speech
from devices.ledbar.text_bar import TextBarProfile, TextBarSpeech

__all__ = ["Bar", "addresses", "load_profile", "open_bar"]


def open_bar(name: str, url: str, profile: str = "bx5", *, address: int = 1) -> Bar:
    """A bar to be given to `devices.bus.one_owner_per_line`, and that to the supervisor.

    `profile` is a shipped name or a path to a .toml file; `address` the number set in the bar ("screen" on a BX-5),
    of no use to makes without. Raises `ValueError` in Chinese and English for what cannot be; touches no device.
    """
    known = load_profile(profile)
    _check_address(address, known)
    speech = _speech(known, address)
    return Bar(name, url, speech, turnround_s=known.turnround_s, answer_s=known.answer_s)


def _speech(profile: Profile, address: int) -> Speech:
    if isinstance(profile, Bx5Profile):
        return Bx5Speech(address, profile.area)
    return TextBarSpeech(address, profile)


def addresses(profile: Profile) -> tuple[int, frozenset[int]]:
    """The highest address of this make, 0 where it knows none, and those that cannot be, as they are delimiters."""
    ends = profile.ends if isinstance(profile, TextBarProfile) and "address" in profile.show else ()
    return profile.highest_address, frozenset(ends)


def _check_address(address: int, profile: Profile) -> None:
    highest, never = addresses(profile)
    if highest and not 0 <= address <= highest:
        raise ValueError(f"地址 {address} 应在 0 到 {highest} 之间。 Address {address} must be from 0 to {highest}.")
    if address in never:
        raise ValueError(f"地址 {address} 与起止字节相同，请换一个。 Address {address} is a delimiter of this bar.")
