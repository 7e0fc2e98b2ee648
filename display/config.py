"""What this machine is, from one small TOML file. Each of `KEYS` may be overridden by JIAOHAO_DISPLAY_<KEY>.

The token stands in a file of its own or in JIAOHAO_DISPLAY_TOKEN, never in the TOML.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from devices.ledbar import load_profile, open_bar
from devices.ledbar.profile import KIND
from devices.transport import parse_url
from display.led import PLACEHOLDERS, Brightness, Words

PREFIX = "JIAOHAO_DISPLAY_"
WORDS = ("closed", "paused", "open")
ENGINES = ("espeak-ng", "none")
VOICE_KEYS = ("engine", "recordings", "kokoro", "cache", "cache_mb", "repeats", "pause_ms", "zones")
KEYS = ("server", "token_file", "host", "port", "zone", "frame_ancestors", "data_dir", "profiles")


class ConfigError(ValueError):
    """A setting is wrong. `key` names it; the message says it in Chinese and in English."""

    def __init__(self, key: str, zh: str, en: str) -> None:
        super().__init__(f"{key}: {zh} / {en}")
        self.key, self.zh, self.en = key, zh, en


@dataclass(frozen=True)
class LedBar:
    """The bar over window number `window`, at `url` as `devices.transport` understands it. Bars of the same `url`
    hang on one line and have an `address` each; None for a make that knows no addresses."""

    window: str
    url: str
    profile: str = "bx5"
    address: int | None = 1
    words: Words = field(default_factory=Words)


@dataclass(frozen=True)
class VoiceSettings:
    """`recordings` and `kokoro` are folders, of sounds and of a model; `engine` says what these cannot. `zones`:
    whose walls speak on this machine, None for all. `volume`: from when on how loud, in percent."""

    cache: Path
    engine: str = ENGINES[0]
    recordings: Path | None = None
    kokoro: Path | None = None
    cache_mb: int = 64
    repeats: int = 2
    pause_ms: int = 800
    zones: tuple[str, ...] | None = None
    volume: Brightness = ()


@dataclass(frozen=True)
class Config:
    """`server` has no slash at its end. `zone` is for pages that have no `?zone=`. `led_bars` are those of the file;
    the server may name others, at hosts beyond the local network only if they are of `allow_hosts`. `led_words`
    are for these too. In `data_dir` they are kept. `makes` are the bar profiles by name, as `open_bar` takes them."""

    server: str
    token: str
    voice: VoiceSettings
    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8090
    zone: str = ""
    frame_ancestors: str = "'none'"
    led_bars: tuple[LedBar, ...] = ()
    led_brightness: Brightness = ()
    led_words: Words = field(default_factory=Words)
    makes: Mapping[str, str] = field(default_factory=dict)
    allow_hosts: tuple[str, ...] = ()


def load(path: Path, env: Mapping[str, str]) -> Config:
    """Read and check everything at once, so that a wrong setting is known at start. Raises ConfigError.

    A relative `token_file` is looked for beside the TOML file.
    """
    raw = _overridden(_read(path), env)
    words, makes = _hall_words(raw), _makes(raw, path.parent)
    _refuse_unknown(raw, (*KEYS, "allow_hosts", "led_bar", "led_text", "led_brightness", "voice", "voice_volume"), "")
    return Config(
        server=_url(raw, "server", ("http", "https")).rstrip("/"),
        token=_token(raw, path.parent, env),
        voice=_voice(raw, path.parent, env),
        host=_text(raw, "host", "127.0.0.1"),
        port=_port(raw),
        zone=_text(raw, "zone", ""),
        frame_ancestors=_frame_ancestors(raw),
        data_dir=path.parent / (_text(raw, "data_dir", "") or _usual_folder(env, ".", "display-data")),
        led_bars=_led_bars(raw.get("led_bar", []), words, makes, path.parent),
        led_brightness=_by_hour(raw, "led_brightness", 1),
        led_words=words,
        makes=makes,
        allow_hosts=_hosts(raw),
    )


def bound_bar(config: Config, table: Mapping[str, Any], there: Iterable[LedBar]) -> LedBar:
    """A bar that the server names, in the words of the file, beside those that are `there`. Raises ConfigError."""
    if table["profile"] not in config.makes:  # a path of the server's choice is not opened
        raise ConfigError("led_bar.profile", "这台机器没有这个型号配置。", "is unknown to this machine.")
    bar = _led_bar(table, config.led_words, config.makes, Path(), "led_bar.")
    for other in there:
        _check_line(bar, other, "led_bar.")
    return bar


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), "读不到配置文件，请检查。", f"cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), "不是有效的 TOML，请改正。", f"is not valid TOML: {error}.") from None


def _overridden(raw: dict[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    found = {key: env[PREFIX + key.upper()] for key in KEYS if PREFIX + key.upper() in env}
    return {**raw, **found}


def _refuse_unknown(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            words = "、".join(known)
            raise ConfigError(f"{where}{key}", f"没有这个设置，可用：{words}。", "is not a known setting.")


def _text(table: Mapping[str, Any], key: str, default: str, where: str = "") -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or len(value) > 300 or any(ord(c) < 32 for c in value):
        raise ConfigError(where + key, "应为不超过 300 字的文本。", "must be text of at most 300 characters.")
    return value.strip()


def _url(table: Mapping[str, Any], key: str, schemes: tuple[str, ...], where: str = "") -> str:
    value = _text(table, key, "", where)
    try:
        parts = urlsplit(value)
        good = parts.scheme in schemes and (parts.hostname or parts.path) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        words = " / ".join(f"{scheme}://" for scheme in schemes)
        raise ConfigError(where + key, f"应为 {words} 开头的地址。", f"must be an address with {words}.")
    return value


def _port(raw: Mapping[str, Any]) -> int:
    value = raw.get("port", 8090)
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 65535:
        raise ConfigError("port", "应为 0 到 65535 的整数。", "must be a whole number from 0 to 65535.")
    return value


def _frame_ancestors(raw: Mapping[str, Any]) -> str:
    """A CSP source list. Anything that could end the directive is refused."""
    value = _text(raw, "frame_ancestors", "") or "'none'"
    if not re.fullmatch(r"[A-Za-z0-9:/.*'\[\] _-]+", value):
        raise ConfigError(
            "frame_ancestors",
            "应为允许嵌入本页的网址，用空格分开。",
            "must list the addresses that may embed the wall, separated by spaces.",
        )
    return value


def _token(raw: Mapping[str, Any], folder: Path, env: Mapping[str, str]) -> str:
    if env.get(PREFIX + "TOKEN"):
        return env[PREFIX + "TOKEN"].strip()
    name = _text(raw, "token_file", "")
    if not name:
        raise ConfigError("token_file", "请写明存放令牌的文件。", "must name the file with the device token.")
    try:
        token = (folder / name).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("token_file", "读不到令牌文件，请检查。", f"cannot be read: {error}.") from None
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            "token_file",
            "文件里没有有效的令牌，请重新生成一个。",
            "holds no valid token; make a new one with jiaohao-server device-token.",
        )
    return token


def _table(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = raw.get(key, {})
    if not isinstance(table, dict):
        raise ConfigError(key, f"应写作 [{key}] 表。", f"must be written as a [{key}] table.")
    return table


def _makes(raw: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Those of the hall's own folder stand before the shipped ones."""
    own = _folder(raw, "profiles", folder, "")
    files = own.glob("*.toml") if own else ()
    makes = {name: name for name in KIND.names()} | {file.stem: str(file) for file in files}
    for make in makes.values():
        with _refused("profiles"):
            load_profile(make)
    return makes


def _led_bars(tables: Any, words: Words, makes: Mapping[str, str], folder: Path) -> tuple[LedBar, ...]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError("led_bar", "应写作 [[led_bar]] 表。", "must be written as [[led_bar]] tables.")
    bars = tuple(_led_bar(table, words, makes, folder, f"led_bar[{i}].") for i, table in enumerate(tables))
    for i, bar in enumerate(bars):
        for other in bars[:i]:
            _check_line(bar, other, f"led_bar[{i}].")
    return bars


def _led_bar(table: Mapping[str, Any], words: Words, makes: Mapping[str, str], folder: Path, where: str) -> LedBar:
    _refuse_unknown(table, ("window", "url", "profile", "address", *WORDS), where)
    window = _text(table, "window", "", where)
    if not window:
        raise ConfigError(f"{where}window", "请写明窗口号。", "must name the window.")
    url = _url(table, "url", ("tcp", "serial"), where)
    with _refused(f"{where}url"):
        parse_url(url)
    said = _text(table, "profile", "bx5", where)
    profile = makes.get(said, said)
    if said.endswith(".toml"):
        profile = str(folder / said)
    with _refused(f"{where}profile"):
        addressed = load_profile(profile).highest_address > 0
    address = _address(table, url, profile, where) if addressed else None
    return LedBar(window, url, profile, address, _words(table, words, where))


def _address(table: Mapping[str, Any], url: str, profile: str, where: str) -> int:
    address = table.get("address", 1)
    if type(address) is not int:
        raise ConfigError(f"{where}address", "应为整数。", "must be a whole number.")
    with _refused(f"{where}address"):
        open_bar("", url, profile, address=address)
    return address


def _check_line(bar: LedBar, other: LedBar, where: str) -> None:
    """Two bars on one line are told apart by their addresses, and both must mean the same speed."""
    if bar.url.partition("?")[0] != other.url.partition("?")[0]:
        return
    if bar.url != other.url:
        raise ConfigError(
            f"{where}url", f"同一条线应写成一样的地址：{other.url}。", f"must be {other.url}, as above."
        )
    if bar.address is None or other.address is None:
        raise ConfigError(
            f"{where}url", "这种条屏没有地址，不能共用一条线。", "is shared, and one of these bars has no address."
        )
    if bar.address == other.address:
        raise ConfigError(
            f"{where}address",
            f"{bar.url} 上的地址 {bar.address} 写了两次。",
            f"{bar.address} is used twice on {bar.url}.",
        )


def _hall_words(raw: Mapping[str, Any]) -> Words:
    table = _table(raw, "led_text")
    _refuse_unknown(table, WORDS, "led_text.")
    return _words(table, Words(), "led_text.")


def _words(table: Mapping[str, Any], default: Words, where: str) -> Words:
    """What a bar does not say for itself it takes from the hall's."""
    return Words(**{key: _word(table, key, where) if key in table else getattr(default, key) for key in WORDS})


def _word(table: Mapping[str, Any], key: str, where: str) -> str:
    text = _text(table, key, "", where)
    for placeholder in re.findall(r"{[^}]*}?|}", text):
        if placeholder not in PLACEHOLDERS:
            raise ConfigError(
                where + key,
                f"不认识 {placeholder}，可用：{'、'.join(PLACEHOLDERS)}。",
                f"has {placeholder}, which is not one of {', '.join(PLACEHOLDERS)}.",
            )
    return text


def _by_hour(raw: Mapping[str, Any], table: str, least: int) -> Brightness:
    return tuple(
        sorted(
            (_hour(f"{table}.{key}", key), _whole(f"{table}.{key}", value, least, 100))
            for key, value in _table(raw, table).items()
        )
    )


def _hour(where: str, key: str) -> time:
    if not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", key):
        raise ConfigError(where, "应为时刻，如 18:00。", "must be a time of day such as 18:00.")
    return time.fromisoformat(key)


def _whole(where: str, value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ConfigError(
            where, f"应为 {least} 到 {most} 的整数。", f"must be a whole number from {least} to {most}."
        )
    return value


def _voice(raw: Mapping[str, Any], folder: Path, env: Mapping[str, str]) -> VoiceSettings:
    table = _table(raw, "voice")
    _refuse_unknown(table, VOICE_KEYS, "voice.")
    engine = _text(table, "engine", ENGINES[0], "voice.")
    if engine not in ENGINES:
        words = "、".join(ENGINES)
        raise ConfigError("voice.engine", f"可用：{words}。", f"must be one of {', '.join(ENGINES)}.")
    return VoiceSettings(
        cache=folder / (_text(table, "cache", "", "voice.") or _usual_folder(env, "voice", "voice-cache")),
        engine=engine,
        recordings=_folder(table, "recordings", folder, "voice."),
        kokoro=_folder(table, "kokoro", folder, "voice."),
        cache_mb=_whole("voice.cache_mb", table.get("cache_mb", 64), 8, 4096),
        repeats=_whole("voice.repeats", table.get("repeats", 2), 1, 5),
        pause_ms=_whole("voice.pause_ms", table.get("pause_ms", 800), 0, 10_000),
        zones=_zones(table),
        volume=_by_hour(raw, "voice_volume", 0),
    )


def _usual_folder(env: Mapping[str, str], within: str, beside: str) -> Path:
    """`within` what systemd gives a service to write to, if it is one; else `beside` the TOML file."""
    given = env.get("STATE_DIRECTORY", "").partition(":")[0]
    return Path(given) / within if given else Path(beside)


def _hosts(raw: Mapping[str, Any]) -> tuple[str, ...]:
    hosts = raw.get("allow_hosts", [])
    if not isinstance(hosts, list) or not all(isinstance(host, str) and host for host in hosts):
        raise ConfigError(
            "allow_hosts", '应为主机的列表，如 ["bars.hall"]。', 'must list hosts, such as ["bars.hall"].'
        )
    return tuple(hosts)


def _folder(table: Mapping[str, Any], key: str, folder: Path, where: str) -> Path | None:
    name = _text(table, key, "", where)
    if not name:
        return None
    if not (folder / name).is_dir():
        raise ConfigError(where + key, "没有这个文件夹，请检查。", f"{folder / name} is no folder.")
    return folder / name


def _zones(table: Mapping[str, Any]) -> tuple[str, ...] | None:
    zones = table.get("zones")
    if zones is None:
        return None
    if not isinstance(zones, list) or not all(isinstance(zone, str) for zone in zones):
        raise ConfigError("voice.zones", '应为分区名的列表，如 ["A区"]。', 'must list zones, such as ["A区"].')
    return tuple(zone.strip() for zone in zones)


@contextmanager
def _refused(key: str) -> Iterator[None]:
    """What `devices` refuses in a sentence of each language is this setting's mistake."""
    try:
        yield
    except ValueError as error:
        zh, _, en = str(error).partition("。 ")
        raise ConfigError(key, f"{zh}。", en) from None
