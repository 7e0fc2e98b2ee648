"""What this machine is, from one small TOML file. Each key may be overridden by JIAOHAO_DISPLAY_<KEY>.

The token stands in a file of its own or in JIAOHAO_DISPLAY_TOKEN, never in the TOML.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "JIAOHAO_DISPLAY_"
KEYS = ("server", "token_file", "host", "port", "zone", "frame_ancestors")


class ConfigError(ValueError):
    """A setting is wrong. `key` names it; the message says it in Chinese and in English."""

    def __init__(self, key: str, zh: str, en: str) -> None:
        super().__init__(f"{key}: {zh} / {en}")
        self.key = key


@dataclass(frozen=True)
class LedBar:
    """The bar over window number `window`, at `url` as `devices.transport` understands it (tcp://host:port)."""

    window: str
    url: str


@dataclass(frozen=True)
class Config:
    """`server` has no slash at its end. `zone` is for pages that have no `?zone=`."""

    server: str
    token: str
    host: str = "127.0.0.1"
    port: int = 8090
    zone: str = ""
    frame_ancestors: str = "'none'"
    led_bars: tuple[LedBar, ...] = ()


def load(path: Path, env: Mapping[str, str]) -> Config:
    """Read and check everything at once, so that a wrong setting is known at start. Raises ConfigError.

    A relative `token_file` is looked for beside the TOML file.
    """
    raw = _overridden(_read(path), env)
    _refuse_unknown(raw, (*KEYS, "led_bar"), "")
    return Config(
        server=_url(raw, "server", ("http", "https")).rstrip("/"),
        token=_token(raw, path.parent, env),
        host=_text(raw, "host", "127.0.0.1"),
        port=_port(raw),
        zone=_text(raw, "zone", ""),
        frame_ancestors=_frame_ancestors(raw),
        led_bars=_led_bars(raw.get("led_bar", [])),
    )


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


def _led_bars(tables: Any) -> tuple[LedBar, ...]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError("led_bar", "应写作 [[led_bar]] 表。", "must be written as [[led_bar]] tables.")
    bars = tuple(_led_bar(table, f"led_bar[{i}].") for i, table in enumerate(tables))
    for bar in bars:
        if sum(bar.url == other.url for other in bars) > 1:
            raise ConfigError("led_bar", f"地址 {bar.url} 写了两次。", f"names {bar.url} twice.")
    return bars


def _led_bar(table: Mapping[str, Any], where: str) -> LedBar:
    _refuse_unknown(table, ("window", "url"), where)
    window = _text(table, "window", "", where)
    if not window:
        raise ConfigError(f"{where}window", "请写明窗口号。", "must name the window.")
    return LedBar(window, _url(table, "url", ("tcp", "serial"), where))
