"""Bad days: noise on every line, cables pulled in the middle of a job, presses that nobody asked for, and people who
mean harm. Nothing crashes, nothing is lost, and each refusal says why in two languages."""

import os
import pty
import random
import socket
import time
import tty
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio

from server.news_client import NewsClient
from tests.hall.parts import PATIENCE_S, WINDOWS, Clerk, Device, Hall, name, until

NOISE = 64 * 1024
MB = 1024 * 1024


@pytest.fixture(autouse=True)
def _nothing_crashes(hall: Hall) -> Iterator[None]:
    """The same processes before and after, and no mistake of ours in any log."""
    before = {program.log.stem: program.pid for program in hall.programs}
    yield
    assert all(program.alive() for program in hall.programs)
    assert {program.log.stem: program.pid for program in hall.programs} == before
    assert {program.log.stem: program.complaints() for program in hall.programs if program.complaints()} == {}


@pytest.fixture(scope="module")
def clerk(hall: Hall) -> Clerk:
    return hall.server.clerk("01")


def state_of_paper(hall: Hall, number: str) -> str:
    return str(hall.server.ticket(number)["print_state"])


def check_paper(hall: Hall, number: str) -> None:
    """What the database says of this ticket is what lies in the tray."""
    until(lambda: state_of_paper(hall, number) != "pending")
    papers, state = hall.papers_with(number), state_of_paper(hall, number)
    assert len(papers) <= 1
    assert state != "printed" or papers[0]["complete"]
    assert state != "failed" or not papers


def prints_again(hall: Hall) -> None:
    """The printer is found well and the next ticket is a whole one."""
    until(lambda: hall.kiosk.picture()["printer"]["ready"])
    visit = hall.kiosk.visit()
    assert visit["stage"] == "taken"
    (paper,) = hall.papers_with(visit["ticket"]["number"])
    assert paper["complete"] and paper["lines"][0] == "清禾市社会保险经办服务大厅"


def test_noise_on_the_printers_line(hall: Hall) -> None:
    dice = random.Random(1)
    hall.printer.fault("garbage")
    visits = []
    for _ in range(4):
        for _ in range(16):
            hall.printer_wire.inject(dice.randbytes(NOISE // 64))
        visits.append(hall.kiosk.visit())
    hall.printer.fault("garbage", False)
    for visit in visits:
        assert visit["ticket"], visit
        check_paper(hall, visit["ticket"]["number"])
    prints_again(hall)


def test_noise_on_the_bars_line(hall: Hall, clerk: Clerk) -> None:
    dice = random.Random(2)
    hall.bars.fault("noise")
    hall.kiosk.visit()
    hall.bar_wires[0].inject(dice.randbytes(NOISE))
    number = clerk.call_next()
    hall.bar_wires[0].inject(dice.randbytes(NOISE))
    until(lambda: hall.bar_says(0, f"{number} 请到本窗口"))
    clerk.at("no-show")
    hall.bars.fault("noise", False)
    until(lambda: hall.bar_says(0, "01号窗口"))


def test_noise_on_the_evaluators_line(hall: Hall, clerk: Clerk) -> None:
    """A rating gets through the noise, and the noise makes none."""
    hall.evaluators.fault("noise")
    hall.kiosk.visit()
    number = clerk.serve_next()
    until(lambda: hall.evaluators.state(0)["prompting"])
    hall.evaluators.press("dissatisfied")
    until(lambda: hall.server.ticket(number)["rating_state"] == "rated")
    hall.evaluators.fault("noise", False)
    assert [row["label"] for row in ratings(hall, number)] == ["dissatisfied"]


def ratings(hall: Hall, number: str) -> list[dict[str, Any]]:
    return hall.server.rows(
        "SELECT rating.* FROM rating JOIN invitation i ON i.id = invitation_id"
        " JOIN ticket ON ticket.id = i.ticket_id WHERE number = ?",
        number,
    )


def test_a_pad_gone_mad(hall: Hall) -> None:
    """64 kB of anything on the serial line, broken frames of all kinds, then one good press: that one counts."""
    master = take_the_place_of_pad(hall, 1)
    try:
        clerk = hall.server.clerk("02")
        hall.kiosk.visit()
        number = clerk.serve_next()
        dice = random.Random(3)
        good = bytes.fromhex("ff680303680111011316")
        half, no_sum = good[:5], good[:-2] + b"\x00\x16"
        foreign = bytes.fromhex("ff680303680911011b16")  # of another window's pad
        long = b"\xff\x68\xff\xff\x68" + dice.randbytes(300)
        for rubbish in (dice.randbytes(NOISE), half, no_sum, foreign, long, b"\xff" * 500, b"\x68" * 500):
            pour(master, rubbish)
        assert ratings(hall, number) == []
        until(lambda: pour(master, good) or ratings(hall, number))
        (rating,) = ratings(hall, number)
        assert rating["raw_key"] == good.hex()
    finally:
        os.close(master)
        hall.evaluators.fault("unplug", device=1)
        hall.evaluators.fault("unplug", False, device=1)
    hall.kiosk.visit()
    clerk.serve_next()
    until(lambda: hall.evaluators.state(1)["prompting"])


def take_the_place_of_pad(hall: Hall, index: int) -> int:
    """Pull the pad out and plug another thing into its port; the far end of that line."""
    back = "SELECT 1 FROM device_health WHERE name = ? AND state = 'online' AND reconnects > ?"
    device = f"evaluator-{WINDOWS[index]}"
    (row,) = hall.server.rows("SELECT reconnects FROM device_health WHERE name = ?", device)
    hall.evaluators.fault("unplug", device=index)
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    Path(hall.pads[index]).symlink_to(os.ttyname(slave))
    until(lambda: hall.server.rows(back, device, row["reconnects"]))
    os.close(slave)
    return master


def pour(master: int, data: bytes) -> None:
    """Put all of it on the line, at the pace at which the agent reads."""
    while data:
        with suppress(BlockingIOError):
            data = data[os.write(master, data) :]
        with suppress(BlockingIOError):
            os.read(master, 4096)
        time.sleep(0.002)


def test_presses_that_nobody_asked_for(hall: Hall) -> None:
    """No rating, but facts for a later quarrel; the same after the one press that counted."""
    clerk = hall.server.clerk("07")
    strays = (
        'SELECT reason, label FROM stray_press s JOIN "window" w ON w.id = s.window_id'
        " WHERE no = '07' ORDER BY s.id"
    )
    before = len(hall.server.rows("SELECT id FROM rating"))
    hall.evaluators.press("satisfied", device=2)
    until(lambda: hall.server.rows(strays) == [{"reason": "no_invitation", "label": "satisfied"}])
    hall.kiosk.visit()
    number = clerk.serve_next()
    until(lambda: hall.evaluators.state(2)["prompting"])
    for key in ("basically_satisfied", "dissatisfied"):
        until(lambda: hall.evaluators.state(2)["pending"] is None)
        hall.evaluators.press(key, device=2)
    until(lambda: len(hall.server.rows(strays)) == 2)
    assert hall.server.rows(strays)[1] == {"reason": "already_rated", "label": "dissatisfied"}
    assert [row["label"] for row in ratings(hall, number)] == ["basically_satisfied"]
    assert len(hall.server.rows("SELECT id FROM rating")) == before + 1
    assert hall.server.rows("SELECT 1 FROM news WHERE kind = 'press.ignored'")


def test_the_printers_cable_pulled_in_the_middle_of_a_ticket(hall: Hall) -> None:
    hall.printer.fault("slow", 200)
    press_id = name()
    hall.kiosk.touch(press_id)
    until(lambda: hall.printer.state()["mouth"]["lines"])
    hall.printer.fault("unplug")
    until(lambda: hall.kiosk.touch(press_id)["stage"] == "paper_unknown")
    number = hall.kiosk.touch(press_id)["ticket"]["number"]
    until(lambda: state_of_paper(hall, number) == "unknown")
    hall.printer.fault("slow", 0)
    lost = hall.kiosk.visit()
    assert lost["stage"] == "waiting_paper"  # no printer is there: nothing was sent, and the number is kept
    hall.printer.fault("unplug", False)
    prints_again(hall)
    prints_again(hall)
    assert len(hall.papers_with(number)) <= 1
    until(lambda: state_of_paper(hall, lost["ticket"]["number"]) == "printed")
    check_paper(hall, lost["ticket"]["number"])


def test_paper_runs_out_and_the_hall_goes_on(hall: Hall, clerk: Clerk) -> None:
    """The number is not lost: it waits, and can be called."""
    hall.printer.fault("paper_out")
    until(lambda: "paper_out" in hall.kiosk.picture()["printer"]["faults"])
    visit = hall.kiosk.visit("A")
    assert visit["stage"] == "waiting_paper"
    number = visit["ticket"]["number"]
    until(lambda: state_of_paper(hall, number) == "failed")
    code = hall.server.ticket(number)["code"]
    assert clerk.at(f"call/{code}")["ticket"]["number"] == number
    clerk.at("no-show")
    hall.printer.fault("paper_out", False)
    prints_again(hall)
    assert hall.papers_with(number) == []


def test_a_pad_that_was_away_is_lit_when_it_is_back(hall: Hall, clerk: Clerk) -> None:
    hall.evaluators.fault("unplug")
    hall.kiosk.visit()
    number = clerk.serve_next()
    hall.evaluators.fault("unplug", False)
    until(lambda: hall.evaluators.state(0)["prompting"])
    hall.evaluators.press("satisfied")
    until(lambda: hall.server.ticket(number)["rating_state"] == "rated")


def test_a_bar_that_was_away_shows_what_holds_now(hall: Hall, clerk: Clerk) -> None:
    hall.bars.fault("unplug")
    hall.kiosk.visit()
    number = clerk.call_next()
    hall.bars.fault("unplug", False)
    until(lambda: hall.bar_says(0, f"{number} 请到本窗口"))
    clerk.at("no-show")


# ── bytes and bodies ──


def test_strangers_get_nothing(hall: Hall, clerk: Clerk) -> None:
    url = hall.server.url
    refused(Device(url, "no-such-token").post("/tickets", queue="A"), 401, "sign_in_required")
    refused(requests.get(f"{url}/api/v1/board", timeout=PATIENCE_S), 401, "sign_in_required")
    display = Device(url, (hall.folder / "display.token").read_text())
    refused(display.post("/tickets", queue="A"), 403, "forbidden")
    refused(clerk.person.send("/windows/02/call-next"), 403, "not_your_window")
    csrf = clerk.person.session.headers.pop("X-CSRF-Token")
    refused(clerk.person.send("/windows/01/call-next"), 403, "bad_csrf")
    clerk.person.session.headers["X-CSRF-Token"] = csrf
    client = NewsClient()
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(url, auth={"token": "no-such-token"}, namespaces=["/news"], transports=["websocket"])
    client.disconnect()


def refused(answer: requests.Response, status: int, code: str) -> None:
    """A problem with a stable code and a sentence in each language."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert any("一" <= char <= "鿿" for char in answer.json()["detail"])
    assert answer.json()["detail_en"] and "“”" not in answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_bodies_that_make_no_sense(hall: Hall) -> None:
    kiosk = Device(hall.server.url, (hall.folder / "kiosk.token").read_text())
    refused(kiosk.post("/tickets", queue="nope"), 404, "queue_not_found")
    closing = hall.server.admin
    closing.do("/admin/queues/N", method="PUT", name="办不成事", open=False)
    refused(kiosk.post("/tickets", queue="N"), 409, "queue_closed")
    closing.do("/admin/queues/N", method="PUT", name="办不成事", open=True)
    for body, status, code in (
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"[" * 60_000, 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b"[]", 422, "bad_field"),
        (b'{"request_id": 5, "queue": "A"}', 422, "bad_field"),
        (b'{"request_id": "short", "queue": "A"}', 422, "bad_field"),
        (b" " * 2 * MB, 413, "body_too_large"),
    ):
        answer = kiosk.session.post(
            f"{hall.server.url}/api/v1/tickets", data=body, headers={"Content-Type": "application/json"}, timeout=30
        )
        refused(answer, status, code)


@pytest.mark.parametrize("face", ["server", "kiosk", "display"])
def test_large_bodies_and_raw_bytes(hall: Hall, face: str) -> None:
    """What is too large is refused or hung up on, never kept; what is no HTTP at all harms nobody."""
    url = {"server": hall.server.url + "/", "kiosk": hall.kiosk.url, "display": hall.display.url}[face]
    program = {"server": hall.server, "kiosk": hall.kiosk, "display": hall.display}[face]
    before = resident(program.pid)
    for _ in range(4):
        pour_bodies(url)
    dice = random.Random(4)
    lying = b"POST /take HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n"
    for data in (dice.randbytes(NOISE), lying):
        host, port = url.removeprefix("http://").rstrip("/").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as line, suppress(OSError):
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
            line.recv(100)
    assert requests.get(url, timeout=PATIENCE_S).status_code == 200
    assert resident(program.pid) - before < 40 * MB, "of 320 that were sent"


def pour_bodies(url: str) -> None:
    """20 MB at every door."""
    for path in ("take", "events", "api/v1/tickets", ""):
        with suppress(requests.ConnectionError):  # hung up on in the middle
            answer = requests.post(url + path, data=bytes(20 * MB), headers={"X-Jiaohao-Kiosk": "1"}, timeout=30)
            assert 400 <= answer.status_code < 500


def resident(pid: int) -> int:
    """Bytes of memory in use."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
