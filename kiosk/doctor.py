"""Looks at this machine and says in a sentence what is wrong and what to do. Changes nothing and prints nothing.

What answers is found out by the same drivers as in service, each run for a moment: so this knows no protocol.
"""

import fcntl
import getpass
import grp
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from devices.base import Device, DeviceState, DeviceStatus, ReceivedSms
from devices.escpos.driver import EscPosPrinter
from devices.escpos.glyphs import has_glyph
from devices.evaluator import open_evaluator
from devices.evaluator.pad import LinePad
from devices.scanner import open_scanner
from devices.setting_error import SettingError
from devices.sms.modem import AtModem
from devices.supervisor import Supervisor
from kiosk.bound import BoundDevices
from kiosk.client import Away, Client, Refused
from kiosk.config import ConfigError, KioskConfig, SmsBox, SmsConfig, load_machine
from kiosk.pads import owners
from kiosk.sms import MODEM
from machine.ports import Machine, nodes
from server.contract.devices import HealthReport

ANSWER_S = 5.0
CAUSE_S = 1.0
RAREST = "𠀀"
"""Of CJK extension B, which common Chinese fonts leave out."""
RULES = "deploy/udev/70-jiaohao.rules"


@dataclass(frozen=True)
class Finding:
    """`what` names the thing; the sentences say how it is, and what to do when it is not `well`."""

    well: bool
    what: str
    zh: str
    en: str


def examine(config: Path | None, env: Mapping[str, str], machine: Machine | None = None) -> list[Finding]:
    """All findings, devices first. Without a configuration only what is plugged in is looked at."""
    findings = list(_plugged(machine or Machine()))
    if config is None:
        return findings
    no_token: list[ConfigError] = []
    try:
        settings = load_machine(config, env, no_token)
    except ConfigError as error:
        return [*findings, *_mistakes([*no_token, error], config)]
    if isinstance(settings, KioskConfig) and settings.managed:
        settings = BoundDevices(settings).remembered().config
    journal = _journal(settings.data_dir)
    fonts = [] if isinstance(settings, SmsBox) else [_fonts()]
    findings += [*_mistakes(no_token, config), *_servers(settings), journal, *fonts]
    return findings + (_RUNNING if journal.zh == _IN_USE.zh else _answering(settings))


# ── what is plugged in ──


def _plugged(machine: Machine) -> Iterator[Finding]:
    there = list(nodes(machine))
    for node, url in there:
        yield _access(node, url)
    if not there:
        yield Finding(
            True,
            "USB",
            "没有插着串口、USB 打印机或按键设备（网络设备不在此列）。",
            "No serial port, USB printer or pad is plugged in (devices on the network are not listed here).",
        )


def _access(node: Path, url: str) -> Finding:
    if os.access(node, os.R_OK | os.W_OK):
        return Finding(True, str(node), f"可用，配置写作 {url}", f"can be used; write {url}")
    try:
        group = grp.getgrgid(node.stat().st_gid).gr_name
    except (OSError, KeyError):
        group = "root"
    return _forbidden(node, url, group)


def _forbidden(node: Path, url: str, group: str) -> Finding:
    user = getpass.getuser()
    if group == "root" or not url.startswith("serial:"):
        return Finding(
            False,
            str(node),
            f"账号 {user} 无权读写（{url}）。请安装 {RULES}，把其中的端口改为这个设备的，然后拔下再插上。",
            f"The account {user} may not use it ({url}). Install {RULES} with this device's port in it, then plug it"
            " in again.",
        )
    return Finding(
        False,
        str(node),
        f"账号 {user} 无权读写（{url}）。请执行 sudo usermod -aG {group} {user}，再重启取号机程序。",
        f"The account {user} may not use it ({url}). Run sudo usermod -aG {group} {user}, then restart the kiosk.",
    )


# ── server and journal ──


def _servers(config: KioskConfig | SmsBox) -> Iterator[Finding]:
    """The server by each token there is."""
    tokens = {} if isinstance(config, SmsBox) else _tokens(config)
    for what, token in tokens.items():
        if token:
            yield _server(what, Client(config.server, token), config.server)
    if config.sms and config.sms.token:
        yield _server("sms token", Client(config.server, config.sms.token), config.server, _is_known)


def _tokens(config: KioskConfig) -> dict[str, str]:
    tokens = {"server": config.token}
    tokens |= {f"evaluator {entry.window} token": entry.token for entry in config.evaluators}
    return tokens | {f"call pad {entry.window} token": entry.token for entry in config.call_pads}


def _is_known(client: Client) -> None:
    """A gateway may not see the board; a report of no device changes nothing."""
    client.health(HealthReport("doctor-looks", ()))


def _server(what: str, client: Client, url: str, ask: Callable[[Client], object] = Client.board) -> Finding:
    try:
        ask(client)
    except Refused as refused:
        return Finding(
            False,
            what,
            f"服务器 {url} 不接受令牌（{refused.zh}）请在管理页重新生成令牌。",
            f"The server {url} refuses the token ({refused.en}) Make a new one on the admin page.",
        )
    except Away as away:
        return Finding(
            False,
            what,
            f"连不上服务器 {url}（{away}）。请检查网址、网线和服务器是否在运行。",
            f"The server {url} does not answer ({away}). Check the address, the cable, and that it runs.",
        )
    finally:
        client.close()
    return Finding(True, what, f"服务器 {url} 有应答，令牌有效。", f"The server {url} answers and takes the token.")


def _fonts() -> Finding:
    """No fault: the ticket prints all the same, with a box in the name."""
    if has_glyph(RAREST):
        return Finding(True, "fonts", "生僻字可以打印。", "Rare characters of names can be printed.")
    return Finding(
        True,
        "fonts",
        "本机没有生僻字字体，少数姓名用字会印成带编号的方框；执行 sudo apt install fonts-hanazono 即可补齐。",
        "No font here has the rarest characters of names, which print as a numbered box; sudo apt install"
        " fonts-hanazono brings them.",
    )


_IN_USE = Finding(True, "journal", "取号机程序正在运行并使用日志。", "The kiosk program runs and holds the journal.")
_RUNNING = [
    Finding(
        True,
        "devices",
        "取号机程序正占用设备，不去打扰；设备状态请看管理页“设备”，或停止程序后再检查。",
        "The kiosk program has the devices, which are left alone: see Devices on the admin page, or stop it and look"
        " again.",
    )
]


def _journal(folder: Path) -> Finding:
    """Whether it could be written. It is not opened, for that would rewrite it, perhaps as another account's file."""
    if _held(folder / "tickets.lock") or _held(folder / "sms-in.lock"):
        return _IN_USE
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    try:
        with tempfile.TemporaryFile(dir=there) as attempt:
            attempt.write(b"journal")
            os.fsync(attempt.fileno())
    except OSError as error:
        return Finding(
            False,
            "journal",
            f"数据目录 {folder} 写不进去（{error.strerror}）。请检查磁盘空间和目录权限；修好前不能取号。",
            f"The data folder {folder} cannot be written ({error.strerror}). Check disk space and permissions: no"
            " tickets until then.",
        )
    return Finding(True, "journal", f"数据目录 {folder} 可写。", f"The data folder {folder} can be written.")


def _held(lock: Path) -> bool:
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # not there, or not ours to read: then it is not for us to say
        return False
    return False


# ── what answers ──


def _answering(config: KioskConfig | SmsBox) -> list[Finding]:
    """Each configured device, run by its driver until it is known how it is."""
    devices, findings = [], []
    makers = {} if isinstance(config, SmsBox) else _makers(config)
    if config.sms:
        makers[MODEM] = partial(_modem, config.sms)
    for what, make in makers.items():
        try:
            devices.append(make())
        except SettingError as error:
            findings.append(_wrong(what, error.zh, error.en))
    statuses = _statuses(devices)
    return findings + [_answer(device, statuses[device.name]) for device in devices]


def _mistakes(errors: list[ConfigError], config: Path) -> Iterator[Finding]:
    for error in errors:
        yield _wrong(str(config), f"{error.key}：{error.zh}", f"{error.key}: {error.en}")


def _wrong(what: str, zh: str, en: str) -> Finding:
    return Finding(False, what, f"设置有误，{zh}。", f"A setting is wrong: {en}.")


def _makers(config: KioskConfig) -> dict[str, Callable[[], Device]]:
    makers: dict[str, Callable[[], Device]] = {}
    if printer := config.printer:
        makers["printer"] = lambda: EscPosPrinter("printer", printer.url, printer.profile)
    evaluators = {(e.url, e.address): (f"evaluator {e.window}", e) for e in config.evaluators}
    call_pads = {(e.url, e.address): (f"call pad {e.window}", e) for e in config.call_pads}
    for name, e in (call_pads | evaluators).values():  # one device may be both
        makers[name] = partial(
            open_evaluator, name, e.url, e.profile, lambda press: None, address=e.address, folder=config.profiles
        )
    for n, one in enumerate(config.scanners, start=1):
        name = f"scanner {n}"
        makers[name] = partial(open_scanner, name, one.url, lambda text: None, end=one.end)
    return makers


def _modem(config: SmsConfig) -> Device:
    """It reads its card, as in service; what it reads is handed to nobody, so nothing is cleared."""
    return AtModem(MODEM, config.url, _left_on_the_card)


def _left_on_the_card(message: ReceivedSms) -> None:
    raise RuntimeError("the doctor takes nothing")


def _statuses(devices: list[Device]) -> dict[str, DeviceStatus]:
    """As each was known; what is at fault gets a moment more, for the cause is told behind the effect."""
    known: dict[str, DeviceStatus] = {}
    told = threading.Event()

    def hear(name: str, status: DeviceStatus) -> None:
        if name not in known or status.state is not DeviceState.ABSENT:
            known[name] = status
        if len(known) == len(devices):
            told.set()

    supervisor = Supervisor(owners(devices), hear)
    supervisor.start()
    told.wait(ANSWER_S if devices else 0.0)
    if any(status.state is DeviceState.FAULT for status in list(known.values())):
        time.sleep(CAUSE_S)
    supervisor.stop()
    return {device.name: known.get(device.name, DeviceStatus(DeviceState.ABSENT)) for device in devices}


_FAULTS = {
    "paper_out": ("缺纸，请装纸。", "is out of paper: put a roll in."),
    "cover_open": ("上盖没有合好，请合上。", "has its cover open: close it."),
    "cutter": ("切刀卡住，请关机清理后再开。", "has a jammed cutter: switch it off, clear it, switch it on."),
    "offline": ("处于脱机状态，请按打印机上的联机键。", "is off-line: press its on-line key."),
    "error": (
        "报告故障，请关机再开；仍不行请报修。",
        "reports an error: switch it off and on, else have it repaired.",
    ),
}


def _answer(device: Device, status: DeviceStatus) -> Finding:
    name, url = device.name, device.url
    if status.state is DeviceState.ONLINE and isinstance(device, LinePad) and device.mute:
        return Finding(
            True,
            name,
            f"{url} 线路已打开；这种评价器无法询问，请按一下键确认。",
            f"{url}: the line is open; this make cannot be asked: press a key to be sure.",
        )
    if status.state is DeviceState.ONLINE:
        return Finding(True, name, f"{url} 已连上。", f"{url} is connected.")
    if status.state is DeviceState.FAULT and isinstance(device, AtModem):
        zh, _, en = status.detail.partition(" / ")
        return Finding(False, name, f"{url} {zh}。", f"{url}: {en}.")
    fault = next((word for word in _FAULTS if word in status.faults), "error")
    if status.state is DeviceState.FAULT:
        return Finding(False, name, f"{url} {_FAULTS[fault][0]}", f"{url} {_FAULTS[fault][1]}")
    return Finding(
        False,
        name,
        f"{url} 没有应答（{status.detail}）。请检查电源、接线、地址和波特率，并看上面的设备清单里有没有它。",
        f"{url} does not answer ({status.detail}). Check power, cable, address and baud rate, and whether it is in"
        " the list of devices above.",
    )
