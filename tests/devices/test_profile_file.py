"""What is the same for every kind of profile: where its file is found, and how a file that is none is refused."""

import re

import pytest

from devices.escpos import profile as printers
from devices.evaluator import profile as evaluators
from devices.ledbar import profile as ledbars
from devices.profile_file import LARGEST_FILE, ProfileError

KINDS = {
    printers: r"打印机配置“.*”的 {key} .*[一-鿿].*。 Printer profile '.*', {key}: ",
    evaluators: r"评价器配置“.*”的 {key} .*[一-鿿].*。 Evaluator profile '.*', {key}: ",
    ledbars: r"条屏配置“.*”的 {key} .*[一-鿿].*。 LED bar profile '.*', {key}: ",
}
each_kind = pytest.mark.parametrize(("loader", "words"), KINDS.items(), ids=lambda one: getattr(one, "__name__", ""))


def refusal(loader, name):
    with pytest.raises(ProfileError) as refused:
        loader.load_profile(str(name))
    return str(refused.value)


@each_kind
@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"kind = ", b"#" * (LARGEST_FILE + 1), b"a = " + b"[" * 5000, b"a = " + b"9" * 5000],
    ids=["no text", "no TOML", "too large", "too deep", "too long a number"],
)
def test_a_file_that_is_none(loader, words, content, tmp_path):
    (tmp_path / "own.toml").write_bytes(content)
    assert re.match(words.format(key="file"), refusal(loader, tmp_path / "own.toml"))


@each_kind
@pytest.mark.parametrize("name", ["epson", "none/own.toml", "a\0b", "a\0b.toml", "."])
def test_a_file_that_is_not_there_and_what_there_is(loader, words, name):
    message = refusal(loader, name)
    assert re.match(words.format(key="file"), message, re.DOTALL)
    assert message.count(", ".join(loader.KIND.names())) == 2


@each_kind
@pytest.mark.parametrize("value", ["." + "a." * 5000 + "a = 1", " = 0x1" + "0" * 5000, " = '" + "x" * 5000 + "'"])
def test_a_value_too_long_to_be_shown(loader, words, value, tmp_path):
    key = "columns" if loader is printers else "kind"
    other = "" if loader is not printers else "title = 'x'"
    (tmp_path / "own.toml").write_text(f"{other}\n{key}{value}")
    message = refusal(loader, tmp_path / "own.toml")
    assert re.match(words.format(key=key), message) and len(message) < 600


@each_kind
def test_a_byte_order_mark_is_no_mistake(loader, words, tmp_path):
    shipped = next(iter(loader.SHIPPED.glob("*.toml")))
    (tmp_path / "own.toml").write_bytes(b"\xef\xbb\xbf" + shipped.read_bytes())
    assert loader.load_profile(str(tmp_path / "own.toml")) == loader.load_profile(shipped.stem)
