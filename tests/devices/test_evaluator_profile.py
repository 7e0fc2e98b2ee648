import copy
import functools
import re
import tomllib

import pytest

from devices.evaluator.keys import KEY_CODES
from devices.evaluator.profile import (
    KIND,
    SHIPPED,
    KeyboardProfile,
    LineProfile,
    load_profile,
    parse_profile,
)
from devices.profile_file import ProfileError, Table


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_profile_can_be_loaded(path):
    assert load_profile(path.stem).title


def test_the_kinds_of_profiles():
    assert isinstance(load_profile("ff68"), LineProfile)
    assert load_profile("hid_raw").framing is None
    keyboard = load_profile("hid_keyboard")
    assert isinstance(keyboard, KeyboardProfile)
    assert keyboard.words[2] == keyboard.words[79] == keyboard.words[59] == "satisfied"


def test_key_codes_are_the_kernels():
    ecodes = pytest.importorskip("evdev").ecodes
    assert {name: ecodes.ecodes[name] for name in KEY_CODES} == KEY_CODES


def test_a_halls_own_file(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text((SHIPPED / "ff68.toml").read_text(encoding="utf-8"), encoding="utf-8")
    assert load_profile(str(path)) == load_profile("ff68")


DELETE = object()
DEEP = functools.reduce(lambda inner, _: {"a": inner}, range(5000), 1)
LONG = {"command": "01", "data": "00 " * 100}
MISTAKES = [
    ("kind", "usb"),
    ("kind", DELETE),
    ("title", 5),
    ("colour", "red"),
    ("frame", "ff"),
    ("frame.fields", "ff"),
    ("frame.fields", DELETE),
    ("frame.fields", ["fff", "length", "address", "command", "data", "check"]),
    ("frame.fields", ["ff", "length", "address", "command", "data", "data", "check"]),
    ("frame.fields", ["ff", "data", "length", "address", "command", "check"]),
    ("frame.fields", ["length", "command", "data", "address"]),
    ("frame.fields", ["ff", "address", "command", "data"]),
    ("frame.length.covers", DELETE),
    ("frame.length.covers", "address..command"),
    ("frame.length.covers", "nowhere..data"),
    ("frame.length.covers", "data..address"),
    ("frame.length.covers", "0..99"),
    ("frame.length.covers", "9" * 5000),
    ("frame.length.covers", DEEP),
    ("frame.length.bytes", 9),
    ("frame.length.endian", "middle"),
    ("frame.check.kind", "md5"),
    ("frame.check.covers", "address..check"),
    ("frame.check.colour", 1),
    ("frame.escape", {"7d": "7d 01"}),
    ("frame.escape", {"ff": "7d 01"}),
    ("frame.max_frame", 0),
    ("frame.max_frame", True),
    ("frame.gap_ms", -1),
    ("turnround_ms", "5"),
    ("rule", {}),
    ("rule", DELETE),
    ("rule.0.when", {"colour": "01"}),
    ("rule.0.when.command", 11),
    ("rule.0.at", "middle"),
    ("rule.0.keys.01", "great"),
    ("rule.0.keys.1", "satisfied"),
    ("rule.0.answer", "same"),
    ("rule.0.answer", [{"comand": "01"}]),
    ("rule.0.comand", "11"),
    ("send.prompt", "01 0b"),
    ("send.prompt", [{"data": "digits:0"}]),
    ("send.prompt", [{"data": "0"}]),
    ("send.prompt", [{"data": "digits:" + "9" * 5000}]),
    ("send.prompt", [{"data": DEEP}]),
    ("send.prompt", [{"command": "1234"}]),
    ("send.prompt", [LONG]),
    ("send.prompts", []),
    ("poll", {"send": []}),
]


OF_THE_ROW = ("frame.fields", "frame.length.covers", "frame.check.covers", "frame.escape")
"""What is wrong with these may be told of the row of fields as a whole."""


def named(key):
    """How a refusal writes the key: rule.0.at as rule[0].at."""
    return re.sub(r"\.(\d)\.", r"[\1].", key)


@pytest.mark.parametrize(("key", "value"), MISTAKES)
def test_a_mistake_is_named_in_both_languages(key, value):
    table = copy.deepcopy(tomllib.loads((SHIPPED / "ff68.toml").read_text(encoding="utf-8")))
    *path, last = key.split(".")
    part = table
    for name in path:
        part = part[int(name)] if name.isdigit() and isinstance(part, list) else part.setdefault(name, {})
    if value is DELETE:
        del part[last]
    else:
        part[last] = value
    with pytest.raises(ProfileError) as error:
        parse_profile(Table(table, KIND, "own.toml"))
    chinese, english = str(error.value).split(" Evaluator profile ")
    assert "own.toml" in chinese and "own.toml" in english
    words = key.split(".")[0] if key.startswith(OF_THE_ROW) else named(key)
    assert words in chinese and words in english and re.search("[一-鿿]", chinese)


def test_a_halls_folder_stands_before_the_shipped_ones(tmp_path):
    own = (SHIPPED / "ff68.toml").read_text(encoding="utf-8").replace("FF68 评价器", "我们的")
    (tmp_path / "ff68.toml").write_text(own, encoding="utf-8")
    assert "我们的" in load_profile("ff68", tmp_path).title
    assert "我们的" not in load_profile("ff68").title
    assert load_profile("jt905", tmp_path) == load_profile("jt905")


def test_a_keyboard_profile_with_an_unknown_key():
    table = {"kind": "keyboard", "title": "t", "debounce_ms": 300, "keys": {"KEY_Q": "satisfied"}}
    with pytest.raises(ProfileError, match=r"keys\.KEY_Q"):
        parse_profile(Table(table, KIND, "own"))
