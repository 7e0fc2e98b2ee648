"""`python -m firmware_stubs DEVICE …`: run a device at the far end of a cable."""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from firmware_stubs.bytelog import ByteLog
from firmware_stubs.control import Controlled, ControlServer
from firmware_stubs.device import Device
from firmware_stubs.evaluator import DIALECTS, EvaluatorStub, pads_on
from firmware_stubs.faults import split_option
from firmware_stubs.keypad import KeypadStub, NoUinputError
from firmware_stubs.ledbar import PROFILES, LedBarStub, bars_on
from firmware_stubs.lines import End, PtyEnd, TcpEnd, parse_endpoint
from firmware_stubs.modem import ModemStub
from firmware_stubs.printer import PrinterStub
from firmware_stubs.province import ProvinceStub
from firmware_stubs.province.envelopes import Keys
from firmware_stubs.refusal import RefusedError
from firmware_stubs.scanner import ScannerStub
from firmware_stubs.scanner.gun import ENDINGS

NO_UINPUT = 3
ENDS = (signal.SIGTERM, signal.SIGINT)
EPILOG = """\
每个端点在标准输出打印一行 JSON。One line of JSON on standard output for each endpoint.
Ctrl-C 或 SIGTERM 停止，退出码 0；参数有误为 2。
Ctrl-C or SIGTERM stops it with exit code 0; bad arguments give 2.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run until told to stop. The exit code: 0 stopped, 2 refused, 3 no uinput for the keypad."""
    try:
        options = parser().parse_args(argv)
        return WITHOUT_CABLE.get(options.device, run_wired)(options)
    except RefusedError as error:
        sys.stderr.write(f"{error}\n")
        return NO_UINPUT if isinstance(error, NoUinputError) else 2
    except OSError as error:
        sys.stderr.write(f"无法使用 {error.filename}：{error.strerror}。 Cannot use it: {error.strerror}.\n")
        return 2


def run_wired(options: argparse.Namespace) -> int:
    """The devices that hang on a pty or TCP port."""
    ends: list[End] = options.ends or []
    if not ends or (options.device == "printer" and len(ends) > 1):
        raise RefusedError(
            "请用 --pty 或 --tcp 指定端点（打印机只能一个）。", "Give --pty or --tcp (a printer has one)."
        )
    devices = [device for index, end in enumerate(ends) for device in make_devices(options, end, index)]
    for name, value in map(split_option, options.fault):
        for device in devices:
            device.set_fault(name, value)
    return serve(options, devices)


def make_devices(options: argparse.Namespace, end: End, index: int) -> Sequence[Device]:
    """What hangs on one end."""
    match options.device:
        case "ledbar":
            seed = options.seed + index * len(options.addresses)
            return bars_on(end, options.addresses, options.profile, seed=seed, log=options.bytelog)
        case "evaluator":
            addresses = options.addresses or [1]
            seed = options.seed + index * len(addresses)
            return pads_on(end, addresses, options.profile, seed=seed, log=options.bytelog)
        case "scanner":
            return [ScannerStub(end, ending=options.ending, seed=options.seed + index, log=options.bytelog)]
        case "modem":
            return [ModemStub(end, seed=options.seed + index, log=options.bytelog)]
        case _:
            return [make_printer(options, end)]


def make_printer(options: argparse.Namespace, end: End) -> PrinterStub:
    return PrinterStub(
        end,
        paper_mm=options.width,
        cutter=not options.no_cutter,
        speed=0.0 if options.fast else 150.0,
        paper_dir=options.paper_dir,
        seed=options.seed,
        log=options.bytelog,
    )


def run_keypad(options: argparse.Namespace) -> int:
    return serve(options, [KeypadStub()])


def run_province(options: argparse.Namespace) -> int:
    keys = Keys(options.app_id, options.public_key, options.sm4_key)
    province = ProvinceStub(keys, *options.tcp)
    for name, value in map(split_option, options.fault):
        province.set_fault(name, value)
    return serve(options, [province])


WITHOUT_CABLE = {"keypad": run_keypad, "province": run_province}


def serve(options: argparse.Namespace, devices: Sequence[Device | KeypadStub | ProvinceStub]) -> int:
    """Start all, say where, wait for a signal, take all down."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # waited for: a handler could come while its lock is taken
    control = ControlServer(options.device, devices, options.control) if options.control else None
    try:
        for device in devices:
            device.start()
        if control:
            control.start()
        announce(options.device, devices, control)
        signal.sigwait(ENDS)
    finally:
        if control:
            control.stop()
        for device in devices:
            device.stop()
    return 0


def announce(kind: str, devices: Sequence[Controlled], control: ControlServer | None) -> None:
    """One line for each endpoint, for programs that started us with port 0."""
    for index, device in enumerate(devices):
        state = device.state()
        line = {"kind": kind, "device": index} | {
            key: state[key] for key in ("pty", "tcp", "evdev", "address") if key in state
        }
        if control:
            line["control"] = control.address
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m firmware_stubs",
        description="虚拟设备：真实字节，可切换故障。Virtual devices with real bytes and faults on a switch.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = top.add_subparsers(dest="device", required=True, metavar="DEVICE")
    add_printer(kinds)
    add_evaluator(kinds)
    add_ledbar(kinds)
    add_scanner(kinds)
    add_modem(kinds)
    add_keypad(kinds)
    add_province(kinds)
    return top


Kinds: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_printer(kinds: Kinds) -> None:
    one = add_kind(kinds, "printer", "ESC/POS 小票打印机 / ticket printer")
    add_wire(one, PrinterStub)
    one.add_argument("--width", type=int, choices=(80, 58), default=80, help="纸宽毫米 / paper width in mm (80)")
    one.add_argument("--no-cutter", action="store_true", help="无切刀，用手撕 / no cutter: a hand tears")
    one.add_argument("--fast", action="store_true", help="不模拟机械速度 / no mechanical delays (tests)")
    one.add_argument(
        "--paper-dir", type=Path, metavar="DIR", help="保存每张小票 / keep NNNN.png, NNNN.json, papers.jsonl"
    )


def add_evaluator(kinds: Kinds) -> None:
    one = add_kind(kinds, "evaluator", "三键评价器 / three-button rating pads")
    add_wire(one, EvaluatorStub)
    one.add_argument("--profile", choices=tuple(DIALECTS), default="ff68", help="协议 / protocol (ff68)")
    one.add_argument(
        "--address",
        dest="addresses",
        action="append",
        type=int,
        choices=range(256),
        metavar="N",
        help="总线地址，可多个 / bus address (1); several share the line",
    )


def add_ledbar(kinds: Kinds) -> None:
    one = add_kind(kinds, "ledbar", "窗口条屏 / window LED bars")
    add_wire(one, LedBarStub)
    one.add_argument("--profile", choices=PROFILES, default="bx5", help="协议 / protocol (bx5)")
    one.add_argument(
        "--addresses",
        type=addresses,
        default=[1],
        metavar="N,N…",
        help="一条线上各屏的地址 / addresses of the bars on each line (1)",
    )


def add_scanner(kinds: Kinds) -> None:
    one = add_kind(kinds, "scanner", "串口扫码器 / QR and bar-code scanners on serial lines")
    add_wire(one, ScannerStub)
    one.add_argument("--ending", choices=tuple(ENDINGS), default="cr", help="结束符 / what ends a scan (cr)")


def add_modem(kinds: Kinds) -> None:
    add_wire(add_kind(kinds, "modem", "短信模块 / GSM modems for short messages"), ModemStub)


def add_keypad(kinds: Kinds) -> None:
    one = add_kind(kinds, "keypad", "USB 数字键盘（需 /dev/uinput）/ USB number pad (needs /dev/uinput)")
    one.add_argument("--mode", choices=("digits",), default="digits", help="按键集 / set of keys (digits)")
    add_control(one)


def add_province(kinds: Kinds) -> None:
    one = add_kind(kinds, "province", "省好差评平台 / the province's platform for ratings")
    one.add_argument(
        "--tcp", type=parse_endpoint, default=("127.0.0.1", 0), metavar="HOST:PORT",
        help="监听端口，0 为任选 / port to listen on, 0 for any",
    )  # fmt: skip
    one.add_argument("--app-id", default="jiaohao", help="应用编号 / the hall's application id (jiaohao)")
    one.add_argument(
        "--public-key", type=hex_of(65), default=bytes(65), metavar="HEX", help="大厅的 SM2 公钥 / its SM2 public key"
    )
    one.add_argument("--sm4-key", type=hex_of(16), default=bytes(16), metavar="HEX", help="SM4 密钥 / the SM4 key")
    faults = ", ".join(ProvinceStub.FAULTS)
    one.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help=f"开始时的故障 / faults at start: {faults}",
    )
    add_control(one)


def hex_of(size: int) -> Callable[[str], bytes]:
    def read(text: str) -> bytes:
        try:
            data = bytes.fromhex(text)
        except ValueError:
            data = b""
        if len(data) != size:
            raise RefusedError(f"密钥应为 {size} 字节的十六进制。", f"The key must be {size} bytes in hex.")
        return data

    return read


def add_kind(kinds: Kinds, name: str, text: str) -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    return kinds.add_parser(name, help=text, description=text, epilog=EPILOG, formatter_class=raw)


def add_wire(one: argparse.ArgumentParser, kind: type[Device]) -> None:
    """What all cabled devices take. The ends keep the order in which they were given."""
    faults = ", ".join(kind.known_faults())
    one.add_argument(
        "--pty",
        dest="ends",
        action="append",
        metavar="PATH",
        type=PtyEnd,
        help="虚拟串口链接 / link to a virtual serial port",
    )
    one.add_argument(
        "--tcp",
        dest="ends",
        action="append",
        metavar="HOST:PORT",
        type=tcp_end,
        help="监听端口，0 为任选 / port to listen on, 0 for any",
    )
    one.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help=f"开始时的故障 / faults at start: {faults}",
    )
    one.add_argument("--seed", type=int, default=0, metavar="N", help="随机故障的种子 / seed of random faults (0)")
    one.add_argument("--log", dest="bytelog", type=byte_log, metavar="FILE", help="收发字节日志 / log of all bytes")
    add_control(one)


def add_control(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--control", metavar="HOST:PORT", help="控制与观察端口（HTTP）/ HTTP port to watch and switch faults"
    )


def tcp_end(text: str) -> TcpEnd:
    return TcpEnd(*parse_endpoint(text))


def addresses(text: str) -> list[int]:
    """`1,2,5`: whole numbers that differ."""
    numbers = [int(part) if part.isascii() and part.isdigit() else -1 for part in text.split(",")]
    if min(numbers) < 0 or max(numbers) > 0xFFFD or len(set(numbers)) < len(numbers):
        raise RefusedError(f"地址须为互不相同的数，如 1,2,3，收到：{text}", f"Addresses are like 1,2,3, not: {text}")
    return numbers


def byte_log(text: str) -> ByteLog:
    return ByteLog(Path(text))


if __name__ == "__main__":
    sys.exit(main())
