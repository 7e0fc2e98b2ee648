"""A wrong setting is refused with the key's name and a sentence in both languages."""

from pathlib import Path

import pytest
from PIL import Image

from devices.escpos.profile import SHIPPED, load_profile
from kiosk.config import ConfigError, PrinterConfig, load

GOOD = """
server = "http://hall.local:8080/"
token_file = "token"
data_dir = "data"
[printer]
url = "serial:///dev/ttyUSB0"
[[evaluator]]
window = "01"
url = "serial:///dev/ttyS1"
profile = "ff68"
token_file = "token"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "token").write_text("secret-token\n")
    path = folder / "kiosk.toml"
    path.write_text(text)
    return path


def test_a_good_file(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD), {})
    assert config.server == "http://hall.local:8080"
    assert config.token == "secret-token"
    assert config.data_dir == tmp_path / "data"
    assert (config.host, config.port, config.printer.profile.columns) == ("127.0.0.1", 0, 48)
    assert config.scanners == ()
    assert config.evaluators[0].window == "01" and config.evaluators[0].token == "secret-token"


def test_scanners(tmp_path: Path) -> None:
    text = GOOD + '[[scanner]]\nurl = "evdev:by-path/x"\n[[scanner]]\nurl = "tcp://h:1"\nend = "gap"\n'
    scanners = load(write(tmp_path, text), {}).scanners
    assert [(one.url, one.end) for one in scanners] == [("evdev:by-path/x", "line"), ("tcp://h:1", "gap")]


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    env = {
        "JIAOHAO_KIOSK_SERVER": "http://127.0.0.1:9000", "JIAOHAO_KIOSK_PORT": "8123",
        "JIAOHAO_KIOSK_PRINTER_URL": "tcp://127.0.0.1:9100", "JIAOHAO_KIOSK_TOKEN": "other-token",
    }  # fmt: skip
    config = load(write(tmp_path, GOOD), env)
    assert (config.server, config.port) == ("http://127.0.0.1:9000", 8123)
    assert (config.printer.url, config.token) == ("tcp://127.0.0.1:9100", "other-token")


WRONG = [
    ("http://hall.local:8080/", "hall", "server"),
    ('data_dir = "data"', "", "data_dir"),
    ('data_dir = "data"', 'data_dir = "data"\nport = "x"', "port"),
    ('data_dir = "data"', 'data_dir = "data"\nport = 70000', "port"),
    ('data_dir = "data"', 'data_dir = "data"\ncolour = 1', "colour"),
    ('data_dir = "data"', 'data_dir = "d"\nframe_ancestors = "\'none\'; script-src *"', "frame_ancestors"),
    ('token_file = "token"\ndata', 'token_file = "nowhere"\ndata', "token_file"),
    ("[printer]", "[printer]\ncolumns = 8", "printer.columns"),
    ("[printer]", "[printer]\ncolumns = true", "printer.columns"),
    ("hall.local:8080", "hall.local:80800", "server"),
    ("hall.local:8080", ":8080", "server"),
    ('token_file = "token"\ndata', 'token_file = "a\\u0000b"\ndata', "token_file"),
    ('data_dir = "data"', 'data_dir = "a\\nb"', "data_dir"),
    ("[printer]", '[printer]\ncolumns = "48"', "printer.columns"),
    ('url = "serial:///dev/ttyUSB0"', 'url = "COM1"', "printer.url"),
    ('url = "serial:///dev/ttyUSB0"', 'url = "evdev:by-path/x"', "printer.url"),
    ("ttyS1", "ttyS1?baud=9600", "evaluator[0].url"),
    ("[[evaluator]]", '[[scanner]]\nurl = "serial://tmp/x"\n[[evaluator]]', "scanner[0].url"),
    ("[[evaluator]]", '[[scanner]]\nurl = "evdev:"\n[[evaluator]]', "scanner[0].url"),
    ('window = "01"', "window = 1", "evaluator[0].window"),
    ('profile = "ff68"', "", "evaluator[0].profile"),
    ("[[evaluator]]", "[evaluator]", "evaluator"),
    ("[[evaluator]]", "[[scanner]]\n[[evaluator]]", "scanner[0].url"),
    ("[[evaluator]]", '[[scanner]]\nurl = "tcp://h:1"\nend = "tab"\n[[evaluator]]', "scanner[0].end"),
    ('profile = "ff68"', 'profile = "ff68"\naddress = -1', "evaluator[0].address"),
]


@pytest.mark.parametrize(("old", "new", "key"), WRONG)
def test_a_wrong_setting_is_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, GOOD.replace(old, new, 1)), {})
    assert caught.value.key == key
    chinese, english = str(caught.value).split(" / ", 1)
    assert any("一" <= char <= "鿿" for char in chinese) and english.isascii()


SECOND = '[[{kind}]]\nurl = "{url}"\n'
PAD = 'window = "02"\nprofile = "ff68"\naddress = 2\ntoken_file = "token"\n'


@pytest.mark.parametrize(
    ("kind", "url", "other"),
    [
        ("evaluator", "serial:///dev/ttyS1?baudrate=19200", "evaluator[0]"),
        ("call_pad", "serial:///dev/ttyS1?baudrate=9600", "evaluator[0]"),
        ("scanner", "serial:///dev/ttyS1", "evaluator[0]"),
        ("scanner", "serial:///dev/ttyUSB0?baudrate=19200", "printer"),
        ("evaluator", "serial:///dev/ttyUSB0", "printer"),
    ],
)
def test_one_port_is_written_in_one_way_and_by_one_kind(tmp_path: Path, kind: str, url: str, other: str) -> None:
    second = SECOND.format(kind=kind, url=url) + ("" if kind == "scanner" else PAD)
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, GOOD + second), {})
    name = "evaluator[1]" if kind == "evaluator" else f"{kind}[0]"
    assert caught.value.key == f"{name}.url"
    assert other in caught.value.zh and other in caught.value.en


def test_a_network_printer_and_a_pad_at_one_address_are_refused(tmp_path: Path) -> None:
    printer = GOOD.replace("serial:///dev/ttyUSB0", "tcp://h:9100")
    with pytest.raises(ConfigError, match=r"evaluator\[0\]\.url.* printer"):
        load(write(tmp_path, printer.replace("serial:///dev/ttyS1", "tcp://H:9100/")), {})


def test_pads_share_a_line_that_is_written_alike(tmp_path: Path) -> None:
    text = GOOD + SECOND.format(kind="evaluator", url="serial:///dev/ttyS1") + PAD
    assert len(load(write(tmp_path, text), {}).evaluators) == 2


@pytest.mark.parametrize("text", ["not = toml = at all", "\x00"])
def test_what_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        load(write(tmp_path, text), {})


def test_files_of_a_windows_editor_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    for file in (path, tmp_path / "token"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load(path, {}).token == "secret-token"


def test_a_setting_of_digits_is_text_where_text_is_asked_for(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD), {"JIAOHAO_KIOSK_TOKEN": "1234567890", "JIAOHAO_KIOSK_DATA_DIR": "2026"})
    assert (config.token, config.data_dir) == ("1234567890", tmp_path / "2026")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load(tmp_path / "kiosk.toml", {})


def test_the_printer_is_what_its_profile_says_and_columns_stand_above_it(tmp_path: Path) -> None:
    def printer(lines: str) -> PrinterConfig:
        return load(write(tmp_path, GOOD.replace("[printer]", f"[printer]\n{lines}")), {}).printer

    assert printer("").profile == load_profile("generic-80")
    assert printer('profile = "basic-58"').profile.charset == "gb2312"
    narrow = printer("columns = 32").profile
    assert (narrow.columns, narrow.dots, narrow.cutter) == (32, 384, True)
    own = (SHIPPED / "generic-58.toml").read_text("utf-8").replace("tickets_when_low = 20", "tickets_when_low = 9")
    (tmp_path / "own.toml").write_text(own, "utf-8")
    assert printer('profile = "own.toml"').profile.tickets_when_low == 9
    Image.new("1", (80, 40)).save(tmp_path / "logo.png")
    logo = printer('profile = "fast-80"\nlogo = "logo.png"').logo
    assert logo and (logo.width, logo.height) == (80, 40)


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ('profile = "none-such"', "printer.profile"),
        ('profile = "none-such.toml"', "printer.profile"),
        ('logo = "logo.png"', "printer.logo"),
        ('profile = "fast-80"\nlogo = "none.png"', "printer.logo"),
    ],
)
def test_a_wrong_printer_is_refused_in_two_languages(tmp_path: Path, lines: str, key: str) -> None:
    with pytest.raises(ConfigError, match=r"[\u4e00-\u9fff].* / .*[a-z]") as caught:
        load(write(tmp_path, GOOD.replace("[printer]", f"[printer]\n{lines}")), {})
    assert caught.value.key == key
    assert caught.value.zh not in caught.value.en and not caught.value.en.endswith(".")


def test_a_misspelt_profile_lists_the_names_there_are_in_each_language(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, GOOD.replace("[printer]", '[printer]\nprofile = "generic80"')), {})
    wrong = caught.value
    assert "没有这个文件" in wrong.zh and "generic-80" in wrong.zh
    assert "generic-80" in wrong.en and wrong.en.isascii()
