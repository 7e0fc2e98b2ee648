"""What this machine is: one small TOML file, with environment variables above it. Wrong settings are refused.

Every key of the top level and of `[printer]` may be overridden: `JIAOHAO_KIOSK_SERVER`,
`JIAOHAO_KIOSK_PRINTER_URL` … The secret itself may come as `JIAOHAO_KIOSK_TOKEN` instead of `token_file`.
"""

import dataclasses
import re
import tomllib
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from devices.escpos.pictures import load_logo
from devices.escpos.profile import PrinterProfile, load_profile
from devices.input_device import SCHEME, input_path
from devices.paper import Logo
from devices.profile_file import ProfileError
from devices.setting_error import SettingError
from devices.transport import SerialAddress, parse_url

ENV_PREFIX = "JIAOHAO_KIOSK_"
DOTS_PER_COLUMN = 12


class ConfigError(ValueError):
    """A setting is missing or wrong. `key` names it; the message says what to do in Chinese and English."""

    def __init__(self, key: str, zh: str, en: str) -> None:
        super().__init__(f"{key}：{zh} / {key}: {en}")
        self.key, self.zh, self.en = key, zh, en


@dataclass(frozen=True)
class PrinterConfig:
    """`columns` of the file stands in the profile already; `logo` is None for a printer that prints none."""

    url: str
    profile: PrinterProfile
    logo: Logo | None
    profile_name: str = ""


@dataclass(frozen=True)
class PadConfig:
    """Buttons at one window. The token is their own, bound to that window by the server.

    `address` is the pad's own on its line (RS-485); 1 for most.
    """

    window: str
    url: str
    profile: str
    address: int
    token: str


class EvaluatorConfig(PadConfig):
    """The citizen's buttons."""


@dataclass(frozen=True)
class CallPadConfig(PadConfig):
    """The clerk's keys; may be the same device as its evaluator (same url, profile and address).

    `transfer` is the body of the transfer that its key asks for: a queue or a window, or empty when none is set.
    """

    transfer: Mapping[str, str]


P = TypeVar("P", bound=PadConfig)


@dataclass(frozen=True)
class ScannerConfig:
    """`end`: what ends a scan on a serial line, "line" (CR or LF) or "gap" (silence)."""

    url: str
    end: str


@dataclass(frozen=True)
class SmsConfig:
    """A modem for short messages. The token is the gateway's own."""

    url: str
    token: str


@dataclass(frozen=True)
class SmsBox:
    """A machine with a modem and nothing else: no page, no printer."""

    server: str
    data_dir: Path
    sms: SmsConfig


@dataclass(frozen=True)
class KioskConfig:
    """`frame_ancestors` (CSP sources) may embed our page; `public_url` heads the QR code, "" leaves it out.

    `managed`: the file names no device, so that they come from the server; until it told of one, `printer` is None.
    `allow_hosts` are then the hosts beyond the local network that the server may name.
    """

    server: str
    token: str
    data_dir: Path
    host: str
    port: int
    frame_ancestors: str
    public_url: str
    printer: PrinterConfig | None
    evaluators: tuple[EvaluatorConfig, ...]
    call_pads: tuple[CallPadConfig, ...] = ()
    profiles: Path | None = None
    """The hall's own folder of evaluator profiles, which stand before the shipped ones."""
    scanners: tuple[ScannerConfig, ...] = ()
    sms: SmsConfig | None = None
    managed: bool = False
    allow_hosts: tuple[str, ...] = ()


T = TypeVar("T")

TOP_KEYS = {
    "server", "token_file", "data_dir", "host", "port", "frame_ancestors", "public_url", "profiles", "allow_hosts",
}  # fmt: skip
NUMBERS = {"port", "columns"}
"""Settings that are numbers in the file; the environment has nothing but text."""
PRINTER_KEYS = {"url", "profile", "columns", "logo"}
EVALUATOR_KEYS = {"window", "url", "profile", "address", "token_file"}
CALL_PAD_KEYS = EVALUATOR_KEYS | {"transfer_queue", "transfer_window"}
MOST_ADDRESS = 2**32 - 1
SCANNER_KEYS = {"url", "end"}
SMS_KEYS = {"url", "token_file"}
DEVICES = {"printer", "evaluator", "call_pad", "scanner"}
SECTIONS = DEVICES | {"sms"}


def load_machine(
    path: Path, env: Mapping[str, str], no_token: list[ConfigError] | None = None
) -> "KioskConfig | SmsBox":
    """As `load`, or, of a file that has `[sms]` and no `[printer]`, what a gateway needs and no more."""
    there = _read(path)
    if "sms" not in there or "printer" in there or env.get(f"{ENV_PREFIX}PRINTER_URL"):
        return load(path, env, no_token)
    top = _Section("", there, {"server", "data_dir", "sms"}, path.parent, no_token)
    top.override(env, ENV_PREFIX, {"server", "data_dir"})
    server, data_dir = top.get("server", _http_url).rstrip("/"), path.parent / top.get("data_dir", _text)
    return SmsBox(server, data_dir, _sms(top, path.parent, no_token))


def load(path: Path, env: Mapping[str, str], no_token: list[ConfigError] | None = None) -> KioskConfig:
    """Read and check the settings. Paths in the file are relative to the file. Raises `ConfigError`.

    Where `no_token` is given, a token that cannot be read is told there instead, and is "" in what is returned.
    """
    top = _Section("", _read(path), TOP_KEYS | SECTIONS, path.parent, no_token)
    top.override(env, ENV_PREFIX, TOP_KEYS - {"allow_hosts"} | {"token"})
    managed = not (any(map(top.has, DEVICES)) or env.get(f"{ENV_PREFIX}PRINTER_URL"))
    config = KioskConfig(
        server=top.get("server", _http_url).rstrip("/"),
        token=top.get("token", _token) if env.get(ENV_PREFIX + "TOKEN") else top.secret("token_file"),
        data_dir=path.parent / top.get("data_dir", _text),
        host=top.get("host", _text, "127.0.0.1"),
        port=top.get("port", _port, 0),
        frame_ancestors=top.get("frame_ancestors", _ancestors, "'none'"),
        public_url=top.get("public_url", _optional_http_url, "").rstrip("/"),
        printer=None,
        evaluators=(),
        profiles=top.folder("profiles"),
        sms=_sms(top, path.parent, no_token) if top.has("sms") else None,
        managed=managed,
        allow_hosts=top.get("allow_hosts", _hosts, ()),
    )
    return config if managed else _with_devices(config, top, env, path.parent, no_token)


def with_devices(base: KioskConfig, sections: Mapping[str, Any], folder: Path) -> KioskConfig:
    """`base` with the devices of these sections, written as the file would write them. Raises `ConfigError`."""
    top = _Section("", dict(sections), DEVICES, folder, None)
    return _with_devices(base, top, {}, folder, None)


def _with_devices(
    base: KioskConfig, top: "_Section", env: Mapping[str, str], folder: Path, no_token: list[ConfigError] | None
) -> KioskConfig:
    """Only where the server names them may there be no printer."""
    printer = _Section("printer.", top.table("printer"), PRINTER_KEYS, folder, no_token)
    printer.override(env, ENV_PREFIX + "PRINTER_", PRINTER_KEYS)
    config = dataclasses.replace(
        base,
        printer=None if base.managed and not top.has("printer") else _printer(printer, folder),
        evaluators=_evaluators(top),
        call_pads=_call_pads(top),
        scanners=_scanners(top),
    )
    _refuse_shared_lines(config)
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))  # Windows' editor puts a mark in front
    except OSError as error:
        raise ConfigError(
            "config", f"读不到配置文件 {path}（{error.strerror}）", f"cannot read {path}: {error.strerror}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            "config", f"{path} 不是有效的 TOML 文件（{error}）", f"{path} is not valid TOML: {error}"
        ) from None


class _Section:
    """One table of the file; names keys in full when it refuses them."""

    def __init__(
        self,
        prefix: str,
        values: dict[str, Any],
        known: set[str],
        folder: Path,
        no_token: list[ConfigError] | None,
    ) -> None:
        self._prefix, self._values, self._folder, self._no_token = prefix, dict(values), folder, no_token
        for key in sorted(set(values) - known):
            raise ConfigError(
                prefix + key, "没有这个设置，请检查拼写", "there is no such setting; check its spelling"
            )

    def override(self, env: Mapping[str, str], prefix: str, keys: set[str]) -> None:
        for key in keys:
            if value := env.get(prefix + key.upper()):
                self._values[key] = int(value) if key in NUMBERS and re.fullmatch("[0-9]{1,9}", value) else value

    def has(self, key: str) -> bool:
        return key in self._values

    def table(self, key: str) -> dict[str, Any]:
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            raise ConfigError(self._prefix + key, f"应写成 [{key}] 一节", f"must be a section, [{key}]")
        return value

    def sections(self, key: str, known: set[str]) -> "list[_Section]":
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise ConfigError(self._prefix + key, f"应写成 [[{key}]] 小节", f"must be sections, [[{key}]]")
        return [
            _Section(f"{key}[{n}].", values, known, self._folder, self._no_token) for n, values in enumerate(value)
        ]

    def get(self, key: str, parse: Callable[[Any], T], default: T | None = None) -> T:
        if key not in self._values:
            if default is None:
                raise ConfigError(self._prefix + key, "必须填写", "is required")
            return default
        try:
            return parse(self._values[key])
        except _WrongError as wrong:
            raise ConfigError(self._prefix + key, wrong.zh, wrong.en) from None

    def one_of_two(self, first: str, second: str) -> dict[str, str]:
        """Whichever is there, by the last word of its name; both together are refused."""
        if first in self._values and second in self._values:
            raise ConfigError(self._prefix + first, f"与 {second} 只能填一个", f"and {second} exclude each other")
        return {key.rpartition("_")[2]: self.get(key, _text) for key in (first, second) if key in self._values}

    def folder(self, key: str) -> Path | None:
        """A folder that must be there, or None when the key is not."""
        if key not in self._values:
            return None
        path = self._folder / self.get(key, _text)
        if not path.is_dir():
            raise ConfigError(self._prefix + key, f"没有文件夹 {path}", f"there is no folder {path}")
        return path

    def secret(self, key: str) -> str:
        """The token in the file that `key` names; "" if it is not there and that is told in `no_token`."""
        try:
            return self._secret(key)
        except ConfigError as wrong:
            if self._no_token is None:
                raise
            self._no_token.append(wrong)
            return ""

    def _secret(self, key: str) -> str:
        path = self._folder / self.get(key, _text)
        try:
            return _token(path.read_text("utf-8-sig").strip())
        except (OSError, UnicodeDecodeError):
            raise ConfigError(self._prefix + key, f"读不到令牌文件 {path}", f"cannot read {path}") from None
        except _WrongError as wrong:
            raise ConfigError(self._prefix + key, wrong.zh, wrong.en) from None


def _printer(section: _Section, folder: Path) -> PrinterConfig:
    profile_name = section.get("profile", _text, "generic-80")
    profile = _profile(profile_name, folder)
    columns = section.get("columns", _columns, profile.columns)
    dots = min(profile.dots, columns * DOTS_PER_COLUMN // 8 * 8)
    profile = dataclasses.replace(profile, columns=columns, dots=dots)
    name = section.get("logo", _text, "")
    logo = _logo(folder / name, profile) if name else None
    return PrinterConfig(section.get("url", _line_url), profile, logo, profile_name)


def _profile(name: str, folder: Path) -> PrinterProfile:
    try:
        return load_profile(str(folder / name) if name.endswith(".toml") else name)
    except ProfileError as error:
        raise ConfigError("printer.profile", error.zh, error.en) from None


def _logo(path: Path, profile: PrinterProfile) -> Logo:
    if not profile.logo:
        zh, en = (
            "这种打印机的线路太慢，不打徽标；USB 或网口请用 fast-80",
            "this profile prints none; on USB use fast-80",
        )
        raise ConfigError("printer.logo", zh, en)
    try:
        return load_logo(path, profile.dots)
    except (OSError, ValueError):
        raise ConfigError("printer.logo", f"读不到图片 {path}", f"cannot read the picture {path}") from None


def _evaluators(top: _Section) -> tuple[EvaluatorConfig, ...]:
    sections = top.sections("evaluator", EVALUATOR_KEYS)
    return _one_a_window("evaluator", "评价器", [EvaluatorConfig(*_pad(section)) for section in sections])


def _call_pads(top: _Section) -> tuple[CallPadConfig, ...]:
    sections = top.sections("call_pad", CALL_PAD_KEYS)
    pads = [
        CallPadConfig(*_pad(section), section.one_of_two("transfer_queue", "transfer_window")) for section in sections
    ]
    return _one_a_window("call_pad", "呼叫器", pads)


def _pad(section: _Section) -> tuple[str, str, str, int, str]:
    """The fields of `PadConfig`, in their order."""
    return (
        section.get("window", _text),
        section.get("url", _input_url),
        section.get("profile", _text),
        section.get("address", _address, 1),
        section.secret("token_file"),
    )


def _one_a_window(key: str, zh: str, pads: Sequence[P]) -> tuple[P, ...]:
    if len({pad.window for pad in pads}) < len(pads):
        en = key.replace("_", " ")
        raise ConfigError(f"{key}.window", f"同一窗口配置了两个{zh}", f"a window may have only one {en}")
    return tuple(pads)


def _scanners(top: _Section) -> tuple[ScannerConfig, ...]:
    return tuple(
        ScannerConfig(section.get("url", _input_url), section.get("end", _scan_end, "line"))
        for section in top.sections("scanner", SCANNER_KEYS)
    )


def _sms(top: _Section, folder: Path, no_token: list[ConfigError] | None) -> SmsConfig:
    section = _Section("sms.", top.table("sms"), SMS_KEYS, folder, no_token)
    return SmsConfig(section.get("url", _line_url), section.secret("token_file"))


def _refuse_shared_lines(config: KioskConfig) -> None:
    """One line has one owner. Only pads may share one, and only where it is written alike: else one is lost."""
    first: dict[object, tuple[str, str]] = {}
    for name, url in _lines(config):
        other, its_url = first.setdefault(_end(url), (name, url))
        if other == name:
            continue
        if not (_is_pad(name) and _is_pad(other)):
            raise ConfigError(f"{name}.url", f"{url} 已用于 {other}", f"{url} is that of {other} already")
        if url != its_url:
            raise ConfigError(
                f"{name}.url",
                f"与 {other} 是同一串口或地址，却写了两种参数（{url}，{its_url}），请写成一样",
                f"is the same port as that of {other} with different settings ({url}, {its_url}): write them alike",
            )


def _lines(config: KioskConfig) -> Iterator[tuple[str, str]]:
    """Each device by the name of its section, with its URL."""
    if config.printer:
        yield "printer", config.printer.url
    yield from ((f"evaluator[{n}]", entry.url) for n, entry in enumerate(config.evaluators))
    yield from ((f"call_pad[{n}]", entry.url) for n, entry in enumerate(config.call_pads))
    yield from ((f"scanner[{n}]", entry.url) for n, entry in enumerate(config.scanners))
    if config.sms:
        yield "sms", config.sms.url


def _is_pad(name: str) -> bool:
    return name.startswith(("evaluator", "call_pad"))


def _end(url: str) -> object:
    """What a URL reaches, whatever its settings."""
    if url.startswith(SCHEME):
        return url
    match parse_url(url):
        case SerialAddress(path=path):
            return path
        case address:
            return address


class _WrongError(ValueError):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _WrongError("应是一行非空文字", "must be one line of text and not empty")
    return value


def _matching(pattern: str, zh: str, en: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise _WrongError(zh, en)
        return value

    return parse


def _hosts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise _WrongError('应是主机的列表，如 ["printer.hall"]', 'must be a list of hosts such as ["printer.hall"]')
    return tuple(value)


_address_of_web = _matching(
    r"https?://[^\s/?#]+(/[^\s?#]*)?",
    "应是 http:// 或 https:// 开头的网址",
    "must be an address that begins with http:// or https://",
)
_device_url = _matching(
    r"[a-z][a-z0-9-]*:\S+",
    "应是设备地址，如 serial:///dev/ttyUSB0 或 tcp://192.168.1.50:9100",
    "must be a device address such as serial:///dev/ttyUSB0 or tcp://192.168.1.50:9100",
)


def _line_url(value: Any) -> str:
    """Of a device on a line."""
    return _understood(value, parse_url)


def _input_url(value: Any) -> str:
    """Of a device that may also be a keyboard."""
    return _understood(value, input_path if str(value).startswith(SCHEME) else parse_url)


def _understood(value: Any, parse: Callable[[str], object]) -> str:
    url = _device_url(value)
    try:
        parse(url)
    except SettingError as wrong:
        raise _WrongError(wrong.zh, wrong.en) from None
    return url


_ancestors = _matching(
    r"'none'|'self'|https?://[\w.:*\[\]-]+( https?://[\w.:*\[\]-]+)*",
    "应是 'none'、'self' 或以空格分隔的网页来源，如 http://127.0.0.1:8080",
    "must be 'none', 'self' or origins such as http://127.0.0.1:8080, separated by spaces",
)
_scan_end = _matching(
    "line|gap",
    "只能是 line（回车或换行结束）或 gap（停顿结束）",
    "must be line (CR or LF ends a scan) or gap (silence does)",
)
_token = _matching(
    r"[\x21-\x7e]{8,512}",
    "里面应只有一个令牌（不含空格）；请用 jiaohao-server device-token 重新生成",
    "must hold one token without spaces; make one with jiaohao-server device-token",
)


def _http_url(value: Any) -> str:
    url = _address_of_web(value)
    try:
        good = urlsplit(url).hostname and urlsplit(url).port != 0
    except ValueError:
        good = False
    if not good:
        raise _WrongError("网址中的主机或端口不正确", "names a wrong host or port")
    return url


def _optional_http_url(value: Any) -> str:
    return "" if value == "" else _http_url(value)


def _number(allowed: Container[int], zh: str, en: str) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if isinstance(value, str):
            raise _WrongError(f"{zh}，不加引号", f"{en}, without quotes")
        if type(value) is not int or value not in allowed:
            raise _WrongError(zh, en)
        return value

    return parse


_address = _number(
    range(MOST_ADDRESS + 1), f"应是 0 到 {MOST_ADDRESS} 的地址", f"must be an address from 0 to {MOST_ADDRESS}"
)
_port = _number(
    range(65536), "应是 0 到 65535 的端口号（0 为自动）", "must be a port from 0 to 65535 (0 for any free one)"
)
_columns = _number(
    range(16, 81),
    "应是 16 到 80，如 32（58 毫米纸）或 48（80 毫米纸）",
    "must be from 16 to 80, such as 32 (58 mm paper) or 48 (80 mm paper)",
)
