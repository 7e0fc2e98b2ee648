"""`python -m firmware_stubs.virtual_hall`, or `./run demo`: the whole hall until Ctrl-C."""

import argparse
import os
import signal
import sys
import threading
import webbrowser
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from firmware_stubs.virtual_hall.founding import FoundingError
from firmware_stubs.virtual_hall.hall import LOCAL, Hall
from firmware_stubs.virtual_hall.processes import ProcessError
from firmware_stubs.virtual_hall.web import create_app

DEFAULT_DATA = Path(__file__).parents[2] / "data" / "demo"
CANNOT_START = 1


class Quiet(WSGIRequestHandler):
    """The terminal is for the person who started the demo, not for a line per request."""

    def log_request(self, *_: object) -> None:
        pass


def main() -> int:
    """Exit codes: 0 stopped, 1 cannot start, 2 wrong usage."""
    options = _options()
    hall = Hall(options.data.resolve(), options.port, options.visitors)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: hall.family.request_stop())
    try:
        page = make_server(LOCAL, hall.port, create_app(hall), threaded=True, request_handler=Quiet)
        hall.start()
    except (OSError, SystemExit, ProcessError, FoundingError) as error:
        hall.family.stop()
        sys.stderr.write(f"虚拟大厅无法启动 The virtual hall cannot start: {_words(error, hall.port)}\n")
        return CANNOT_START
    threading.Thread(target=page.serve_forever, daemon=True).start()
    _greet(hall, options.visitors)
    hall.family.watch()
    hall.visitors.switch(0)
    page.shutdown()
    hall.family.stop()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run demo", description="虚拟大厅：一台电脑上的整座办事大厅。A whole service hall on one machine."
    )
    parser.add_argument(
        "--port", type=_port, default=8080, help="首页端口，其后三个端口也会用到；0 为自动 (default 8080)"
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="数据目录 data folder (default data/demo)")
    parser.add_argument(
        "--visitors",
        type=_count,
        default=0,
        metavar="N",
        help="一开始就有 N 位模拟群众 start with N simulated visitors",
    )
    return parser.parse_args()


def _port(text: str) -> int:
    port = int(text)
    if port and not 1024 <= port <= 65532:
        raise argparse.ArgumentTypeError("应为 1024 到 65532，或 0 | must be 1024 to 65532, or 0")
    return port


def _count(text: str) -> int:
    if not 0 <= int(text) <= 50:
        raise argparse.ArgumentTypeError("应为 0 到 50 | must be 0 to 50")
    return int(text)


def _words(error: BaseException, port: int) -> str:
    if isinstance(error, ProcessError | FoundingError):
        return str(error)
    return f"端口 {port} 已被占用，请用 --port 另选 port {port} is in use, choose another with --port"


def _greet(hall: Hall, visitors: int) -> None:
    clerk, guide, admin = hall.founding.clerks[0], hall.founding.guide, hall.founding.admin
    server, staff = hall.urls["server"], hall.urls["staff"]
    print(  # noqa: T201 - this is what the person at the terminal is waiting for
        f"虚拟大厅已开放，请用浏览器打开 The virtual hall is open: {hall.urls['page']}/\n"
        f"  取号机 kiosk   {hall.urls['kiosk']}/\n"
        f"  大屏   wall    {hall.urls['display']}/\n"
        f"  窗口   console {server}/console   ({clerk.username} / {clerk.password})\n"
        f"  导办台 desk    {staff}/desk   ({guide.username} / {guide.password})\n"
        f"  预约   book    {staff}/appointments   ({guide.username} / {guide.password})\n"
        f"  群众网上预约 citizens book {server}/book\n"
        f"  评价统计 reports {staff}/reports · 差评整改 rectifications {staff}/rectifications (admin)\n"
        f"  管理   admin   {staff}/admin     ({admin.username} / {admin.password})\n"
        f"  日志   logs    {hall.family.logs}\n"
        "按 Ctrl-C 结束 Press Ctrl-C to stop",
        flush=True,
    )
    if visitors:
        hall.visitors.switch(visitors)
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(hall.urls["page"])


if __name__ == "__main__":
    sys.exit(main())
