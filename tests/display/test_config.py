"""A wrong setting is refused with its key and a sentence in both languages."""

import re
from pathlib import Path

import pytest

from display.config import ConfigError, LedBar, load

GOOD = 'server = "http://127.0.0.1:8000/"\ntoken_file = "token"\n'


def write(folder: Path, text: str) -> Path:
    (folder / "token").write_text("abc123\n")
    (folder / "empty").write_text("\n")
    file = folder / "display.toml"
    file.write_text(text, "utf-8")
    return file


def test_all_settings(tmp_path: Path) -> None:
    bars = '[[led_bar]]\nwindow = "01"\nurl = "tcp://127.0.0.1:5005"\n'
    more = 'host = "0.0.0.0"\nport = 0\nzone = "A区"\nframe_ancestors = "http://127.0.0.1:8080"\n'
    config = load(write(tmp_path, GOOD + more + bars), {})
    assert (config.server, config.token, config.host) == ("http://127.0.0.1:8000", "abc123", "0.0.0.0")
    assert (config.port, config.zone, config.frame_ancestors) == (0, "A区", "http://127.0.0.1:8080")
    assert config.led_bars == (LedBar("01", "tcp://127.0.0.1:5005"),)


def test_environment_overrides(tmp_path: Path) -> None:
    env = {"JIAOHAO_DISPLAY_PORT": "8123", "JIAOHAO_DISPLAY_TOKEN": "secret", "JIAOHAO_DISPLAY_SERVER": "https://a"}
    config = load(write(tmp_path, GOOD), env)
    assert (config.port, config.token, config.server) == (8123, "secret", "https://a")
    assert config.frame_ancestors == "'none'"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("server = ", "display.toml"),
        ('token_file = "token"', "server"),
        ('server = "127.0.0.1:8000"\ntoken_file = "token"', "server"),
        ('server = "http://a:99999"\ntoken_file = "token"', "server"),
        ('server = "http://a"', "token_file"),
        ('server = "http://a"\ntoken_file = "absent"', "token_file"),
        ('server = "http://a"\ntoken_file = "empty"', "token_file"),
        (GOOD + "port = 70000", "port"),
        (GOOD + 'port = "x"', "port"),
        (GOOD + "port = true", "port"),
        (GOOD + "host = 1", "host"),
        (GOOD + "colour = 1", "colour"),
        (GOOD + "frame_ancestors = \"'self'; script-src *\"", "frame_ancestors"),
        (GOOD + "led_bar = 1", "led_bar"),
        (GOOD + '[[led_bar]]\nurl = "tcp://a:1"', "led_bar[0].window"),
        (GOOD + '[[led_bar]]\nwindow = "01"\nurl = "http://a:1"', "led_bar[0].url"),
        (GOOD + '[[led_bar]]\nwindow = "01"\nurl = "tcp://a:1"\nx = 1', "led_bar[0].x"),
        (GOOD + 2 * '[[led_bar]]\nwindow = "01"\nurl = "tcp://a:1"\n', "led_bar"),
    ],
)
def test_refused(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, text), {})
    assert refused.value.key.endswith(key)
    assert re.search(r"[一-鿿]", str(refused.value))
    assert re.search(r" / \w", str(refused.value))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load(tmp_path / "no.toml", {})
