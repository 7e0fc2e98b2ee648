import copy
import tomllib

import pytest

from devices.evaluator.keys import KEY_CODES
from devices.evaluator.profile import (
    SHIPPED,
    KeyboardProfile,
    ProfileError,
    SerialProfile,
    load_profile,
    parse_profile,
)


def test_the_shipped_profiles():
    ff68 = load_profile("ff68")
    assert isinstance(ff68, SerialProfile)
    assert ff68.labels == {1: "satisfied", 2: "basically_satisfied", 3: "dissatisfied"}
    keyboard = load_profile("hid_keyboard")
    assert isinstance(keyboard, KeyboardProfile)
    assert keyboard.labels[2] == keyboard.labels[79] == keyboard.labels[59] == "satisfied"


def test_key_codes_are_the_kernels():
    ecodes = pytest.importorskip("evdev").ecodes
    assert {name: ecodes.ecodes[name] for name in KEY_CODES} == KEY_CODES


def test_a_halls_own_file(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text((SHIPPED / "ff68.toml").read_text(encoding="utf-8"), encoding="utf-8")
    assert load_profile(str(path)) == load_profile("ff68")


@pytest.mark.parametrize("content", [None, b"kind = ", b"\xff\xfe"])
def test_a_file_that_cannot_be_read(tmp_path, content):
    path = tmp_path / "own.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ProfileError, match=r"评价器配置.*Evaluator profile"):
        load_profile(str(path))


DELETE = object()
MISTAKES = [
    ("kind", "usb"),
    ("kind", DELETE),
    ("title", 5),
    ("colour", "red"),
    ("frame", "ff"),
    ("frame.fields", "ff"),
    ("frame.fields", ["ff", "length", "address", "command", "data"]),
    ("frame.fields", ["ff", "data", "length", "address", "command", "sum8"]),
    ("frame.fields", ["length", "address", "command", "data", "sum8"]),
    ("frame.fields", ["ff", "length", "address", "sum8", "command", "data"]),
    ("frame.fields", ["fff", "length", "address", "command", "data", "sum8"]),
    ("frame.max_data", 0),
    ("frame.max_data", 251),
    ("frame.max_data", True),
    ("frame.gap_ms", -1),
    ("rating.command", 11),
    ("rating.comand", "11"),
    ("rating.labels", {}),
    ("rating.labels.01", "great"),
    ("rating.labels.1", "satisfied"),
    ("key.command", DELETE),
    ("key.ack", "x"),
    ("send.prompt", "01 0b"),
    ("send.prompt", [""]),
    ("send.prompt", ["01 0"]),
    ("send.prompt", [1]),
    ("send.thanks", DELETE),
]


@pytest.mark.parametrize(("key", "value"), MISTAKES)
def test_a_mistake_is_named(key, value):
    table = copy.deepcopy(tomllib.loads((SHIPPED / "ff68.toml").read_text(encoding="utf-8")))
    *path, last = key.split(".")
    part = table
    for name in path:
        part = part[name]
    if value is DELETE:
        del part[last]
    else:
        part[last] = value
    named = "key" if key == "key.command" else key
    with pytest.raises(ProfileError) as error:
        parse_profile(table, "own.toml")
    assert "own.toml" in str(error.value) and named in str(error.value)


def test_a_profile_without_call_keys():
    table = tomllib.loads((SHIPPED / "ff68.toml").read_text(encoding="utf-8"))
    del table["key"]
    assert parse_profile(table, "own").key_command is None


def test_a_keyboard_profile_with_an_unknown_key():
    table = {"kind": "keyboard", "title": "t", "debounce_ms": 300, "keys": {"KEY_Q": "satisfied"}}
    with pytest.raises(ProfileError, match=r"keys\.KEY_Q"):
        parse_profile(table, "own")
