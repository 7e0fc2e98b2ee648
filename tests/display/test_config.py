"""A wrong setting is refused with its key and a sentence in both languages."""

import re
from datetime import time
from pathlib import Path

import pytest

from display.config import ConfigError, LedBar, bound_bar, load
from display.led import Words

BAR = '[[led_bar]]\nwindow = "01"\nurl = "tcp://a:1"\n'
SERIAL = '[[led_bar]]\nwindow = "01"\nurl = "serial:///dev/x?baudrate=9600"\n'
PLAIN = 'kind = "text_bar"\nmax_bytes = 20\n[send]\ntext = ["02", "text", "03"]\n'
GOOD = 'server = "http://127.0.0.1:8000/"\ntoken_file = "token"\n'


def write(folder: Path, text: str) -> Path:
    (folder / "token").write_text("abc123\n")
    (folder / "empty").write_text("\n")
    (folder / "plain.toml").write_text(PLAIN)
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


def test_bars_on_one_line_with_words_and_brightness(tmp_path: Path) -> None:
    more = (
        SERIAL + "address = 7\n" + SERIAL + 'profile = "text_sum8"\naddress = 8\nopen = "{name}"\n'
        '[[led_bar]]\nwindow = "03"\nurl = "tcp://b:1"\nprofile = "plain.toml"\n'
        '[led_text]\nclosed = ""\nopen = "请刷身份证"\n[led_brightness]\n"18:00" = 40\n"07:30" = 100\n'
    )
    config = load(write(tmp_path, GOOD + more), {})
    assert [(bar.address, bar.words) for bar in config.led_bars] == [
        (7, Words("", None, "请刷身份证")),
        (8, Words("", None, "{name}")),
        (None, Words("", None, "请刷身份证")),
    ]
    assert config.led_bars[2].profile == str(tmp_path / "plain.toml")
    assert config.led_brightness == ((time(7, 30), 100), (time(18), 40))


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
        (GOOD + 2 * BAR, "led_bar[1].address"),
        (GOOD + BAR + "address = 1\n" + BAR + "address = '2'", "led_bar[1].address"),
        (GOOD + BAR + "address = 70000", "led_bar[0].address"),
        (GOOD + BAR + 'profile = "text_sum8"\naddress = 100', "led_bar[0].address"),
        (GOOD + BAR + 'profile = "text_at_cr"\naddress = 13', "led_bar[0].address"),  # 0D ends its frames
        (GOOD + BAR + 'profile = "nonsense"', "led_bar[0].profile"),
        (GOOD + BAR + 'profile = "absent.toml"', "led_bar[0].profile"),
        (GOOD + BAR + 'profile = "plain.toml"\n' + BAR + "address = 2", "led_bar[1].url"),
        (GOOD + '[[led_bar]]\nwindow = "01"\nurl = "serial:///dev/x?baudrate=0"', "led_bar[0].url"),
        (GOOD + SERIAL + SERIAL.replace("9600", "19200") + "address = 2", "led_bar[1].url"),
        (GOOD + BAR + 'paused = "{why}"', "led_bar[0].paused"),
        (GOOD + BAR + "open = 1", "led_bar[0].open"),
        (GOOD + 'led_text = "x"', "led_text"),
        (GOOD + '[led_text]\nidle = "x"', "led_text.idle"),
        (GOOD + '[led_text]\nclosed = "{"', "led_text.closed"),
        (GOOD + '[led_brightness]\n"25:00" = 50', "led_brightness.25:00"),
        (GOOD + '[led_brightness]\n"18:00" = 0', "led_brightness.18:00"),
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


def test_voice(tmp_path: Path) -> None:
    usual = load(write(tmp_path, GOOD), {}).voice
    assert (usual.engine, usual.recordings, usual.repeats, usual.zones) == ("espeak-ng", None, 2, None)
    assert usual.cache == tmp_path / "voice-cache"
    assert load(write(tmp_path, GOOD), {"STATE_DIRECTORY": "/var/lib/x:/y"}).voice.cache == Path("/var/lib/x/voice")
    (tmp_path / "hall").mkdir()
    more = (
        '[voice]\nengine = "none"\nrecordings = "hall"\nkokoro = "hall"\ncache = "c"\n'
        "cache_mb = 8\nrepeats = 3\npause_ms = 0\n"
        'zones = ["A区", ""]\n[voice_volume]\n"18:00" = 0\n"07:30" = 80\n'
    )
    voice = load(write(tmp_path, GOOD + more), {}).voice
    assert (voice.engine, voice.recordings, voice.cache) == ("none", tmp_path / "hall", tmp_path / "c")
    assert (usual.kokoro, voice.kokoro) == (None, tmp_path / "hall")
    assert (voice.cache_mb, voice.repeats, voice.pause_ms, voice.zones) == (8, 3, 0, ("A区", ""))
    assert voice.volume == ((time(7, 30), 80), (time(18), 0))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("voice = 1", "voice"),
        ("[voice]\nloud = 1", "voice.loud"),
        ('[voice]\nengine = "festival"', "voice.engine"),
        ('[voice]\nrecordings = "absent"', "voice.recordings"),
        ('[voice]\nkokoro = "absent"', "voice.kokoro"),
        ("[voice]\nrepeats = 0", "voice.repeats"),
        ("[voice]\npause_ms = 0.5", "voice.pause_ms"),
        ("[voice]\ncache_mb = 1", "voice.cache_mb"),
        ('[voice]\nzones = "A区"', "voice.zones"),
        ("[voice]\nzones = [1]", "voice.zones"),
        ('[voice_volume]\n"7:30" = 50', "voice_volume.7:30"),
        ('[voice_volume]\n"07:30" = 101', "voice_volume.07:30"),
    ],
)
def test_a_wrong_voice_is_refused(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, GOOD + text), {})
    assert refused.value.key == key
    assert re.search(r"[\u4e00-\u9fff].*/ .*[a-z]", str(refused.value))


def test_what_the_server_may_name_and_where_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/make.toml").write_text(PLAIN)
    (tmp_path / "own/bx5.toml").write_text(PLAIN)  # the hall's own stand before the shipped ones
    bar = '[[led_bar]]\nwindow = "01"\nurl = "tcp://a:1"\nprofile = "make"\n'
    config = load(write(tmp_path, GOOD + 'profiles = "own"\nallow_hosts = ["bars.hall"]\n' + bar), {})
    assert (config.allow_hosts, config.data_dir) == (("bars.hall",), tmp_path / "display-data")
    assert config.makes["make"] == str(tmp_path / "own/make.toml") and config.makes["text_sum8"] == "text_sum8"
    assert config.makes["bx5"] == str(tmp_path / "own/bx5.toml")
    assert config.led_bars[0].profile == str(tmp_path / "own/make.toml")
    assert load(write(tmp_path, GOOD), {"STATE_DIRECTORY": "/var/lib/x:/y"}).data_dir == Path("/var/lib/x")
    assert load(write(tmp_path, GOOD + 'data_dir = "here"\n'), {}).data_dir == tmp_path / "here"


@pytest.mark.parametrize(
    ("text", "key"),
    [('allow_hosts = "bars.hall"\n', "allow_hosts"), ("allow_hosts = [1]\n", "allow_hosts"),
     ('profiles = "nowhere"\n', "profiles"), ('profiles = "broken"\n', "profiles")],
)  # fmt: skip
def test_a_wrong_setting_of_the_servers_bars_is_refused(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/make.toml").write_text("kind = 1\n")
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, GOOD + text), {})
    assert refused.value.key == key


def test_a_bar_that_the_server_names_is_judged_as_one_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/plain.toml").write_text(PLAIN)
    config = load(write(tmp_path, GOOD + 'profiles = "own"\n' + SERIAL + '[led_text]\nopen = "请刷身份证"\n'), {})
    table = {"window": "02", "url": "serial:///dev/x?baudrate=9600", "profile": "bx5", "address": 2}
    assert bound_bar(config, table, config.led_bars).words.open == "请刷身份证"
    for wrong, key in (
        ({"address": 1}, "address"), ({"address": 65534}, "address"), ({"profile": "/etc/x.toml"}, "profile"),
        ({"url": "serial:///dev/x?baudrate=4800"}, "url"),
        ({"profile": "plain"}, "url"),  # that knows no address
        ({"window": None}, "window"),
    ):  # fmt: skip
        with pytest.raises(ConfigError) as refused:
            bound_bar(config, table | wrong, config.led_bars)
        assert refused.value.key == f"led_bar.{key}" and "。" in refused.value.zh
