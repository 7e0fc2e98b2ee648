"""The whole road from touch to paper, with the real server, the real bytes and the faults of a real day."""

import threading
import time
import uuid
from collections.abc import Callable

import pytest
import requests

from tests.kiosk.conftest import Kiosk, PrinterStub, RealServer, Weather, Wire, until

MakeKiosk = Callable[..., Kiosk]


def press_id() -> str:
    return uuid.uuid4().hex


def test_a_touch_becomes_paper_and_the_server_hears_of_it(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    press = press_id()
    kiosk.touch(press)
    visit = kiosk.until_stage(press, "taken")
    number = visit["ticket"]["number"]
    assert printer.printed(number) == 1
    assert until(lambda: (real_server.ticket(press) or {}).get("print_state") == "printed")
