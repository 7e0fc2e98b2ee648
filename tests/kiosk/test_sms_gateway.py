"""短信评价 by all its parts: the server over HTTP, the agent as a process, the modem's stub at the end of a TCP line.

The server's clock is in the test's hand, because nobody is asked at night.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.serving import BaseWSGIServer, make_server

from firmware_stubs.lines import TcpEnd
from firmware_stubs.modem import ModemStub
from firmware_stubs.modem.tpdu import write_deliver
from kiosk.config import ConfigError, SmsBox, load_machine
from kiosk.doctor import Machine, examine
from tests.kiosk.conftest import ENV, ROOT, Desk, Kiosk, PrinterStub, RealServer, until
from tests.kiosk.test_road import limit_file_size
from tests.server.conftest import Hall
from tests.server.test_audit import verify
from tests.server.test_sms import PHONE, Office, bytes_of

READ = 1
"""Of a message on the card: the modem has given it away once."""
ASKED = "【清禾市社会保险经办服务大厅】您 3 月 2 日在本厅办理"


class Server:
    """A hall of the test's own clock behind a port that stays, up or down."""

    def __init__(self, hall: Hall) -> None:
        self.office = Office(hall)
        self.hall = hall
        self._port = 0
        self._http: BaseWSGIServer | None = None
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        self._http = make_server("127.0.0.1", self._port, self.hall.app, threaded=True)
        self._port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def down(self) -> None:
        if self._http:
            self._http.shutdown()
            self._http.server_close()
            self._http = None


class Gateway:
    """`jiaohao-kiosk run` with nothing but [sms]. Its log is kept over all its lives."""

    def __init__(self, folder: Path, server: str, token: str, modem: str) -> None:
        folder.mkdir()
        (folder / "token").write_text(token)
        self.config = folder / "kiosk.toml"
        sections = f'[sms]\nurl = "tcp://{modem}"\ntoken_file = "token"\n'
        self.config.write_text(f'server = "{server}"\ndata_dir = "data"\n{sections}')
        self.journals = folder / "data"
        self.log = folder / "log"
        self.process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "kiosk.cli", "run", "--verbose", "--config", str(self.config)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT, env=ENV)
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        assert set(json.loads(line)) == {"sms"}

    def kill(self) -> None:
        """kill -9, harmless to one that was."""
        if self.process and self.process.stdout:
            self.process.kill()
            self.process.wait(10)
            self.process.stdout.close()
            self.process = None

    def written(self) -> str:
        return "".join(file.read_text() for file in self.journals.glob("*.jsonl"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "hall"
    folder.mkdir()
    hall = Hall(folder)
    server = Server(hall)
    try:
        yield server
    finally:
        server.down()
        hall.server.close()


@pytest.fixture
def modem() -> Iterator[ModemStub]:
    with ModemStub(TcpEnd()) as stub:
        yield stub


@pytest.fixture
def gateway(tmp_path: Path, server: Server, modem: ModemStub) -> Iterator[Gateway]:
    token = server.hall.token("sms_gateway", "gw1")
    gateway = Gateway(tmp_path / "box", server.url, token, modem.end.address)
    try:
        yield gateway
        assert PHONE not in gateway.log.read_text()
    finally:
        gateway.kill()


def sent(modem: ModemStub) -> list[tuple[str, str, int]]:
    return [(str(one["number"]), str(one["text"]), int(str(one["parts"]))) for one in modem.state()["sent"]]  # type: ignore[attr-defined]


def asked(server: Server, modem: ModemStub, phone: str = PHONE) -> Any:
    """A service that was not rated, and whose message came out of the radio."""
    before = len(sent(modem))
    ticket = server.office.unrated(phone)
    until(lambda: len(sent(modem)) > before, 30)
    until(lambda: server.office.states()[-1] == ("invitation", "sent"), 30)
    return ticket


def replied(server: Server, count: int) -> list[str]:
    until(lambda: len(server.office.outcomes()) >= count, 30)
    return server.office.outcomes()


def reports(server: Server) -> list[Any]:
    return server.hall.rows("SELECT state, faults FROM device_health WHERE name = 'modem'")


def test_from_an_unrated_service_to_a_rating(server: Server, modem: ModemStub, gateway: Gateway) -> None:
    asked(server, modem)
    ((number, text, parts),) = sent(modem)
    assert (number, parts) == (PHONE, 2) and text.startswith(ASKED) and "回复 5 非常满意" in text
    modem.receive("+8613987654321", "5")
    assert replied(server, 1) == ["not_asked"] and server.office.ratings() == []
    modem.receive("+86" + PHONE, "２")
    assert replied(server, 2) == ["not_asked", "rated"] and server.office.ratings() == [(2, "sms")]
    until(lambda: modem.stored == {} and "message" not in gateway.written())
    on_disk = b"".join(file.read_bytes() for file in gateway.journals.iterdir())
    assert PHONE.encode() not in on_disk

    def gone():
        server.hall.store.checkpoint()  # passes over a log that somebody is writing
        return PHONE.encode() not in bytes_of(server.hall)

    until(gone)
    assert verify(server.hall).exit_code == 0
    assert [row[0] for row in reports(server)] == ["online"]


def test_killed_between_receiving_and_delivering_nothing_is_lost_or_doubled(
    server: Server, modem: ModemStub, gateway: Gateway
) -> None:
    asked(server, modem)
    server.down()
    modem.receive("+86" + PHONE, "4")
    until(lambda: modem.stored == {}, 30)  # the card was cleared, so it stands on the disk
    assert '"text":"4"' in gateway.written()
    gateway.kill()
    gateway.start()
    server.up()
    assert replied(server, 1) == ["rated"]
    gateway.kill()
    gateway.start()
    until(lambda: "message" not in gateway.written(), 30)
    assert server.office.ratings() == [(4, "sms")] and server.office.outcomes() == ["rated"]


def test_what_the_network_or_the_card_gives_again_is_one_reply(
    server: Server, modem: ModemStub, gateway: Gateway
) -> None:
    asked(server, modem)
    pdus = write_deliver("+86" + PHONE, "5", datetime.fromisoformat("2026-03-02T10:00:00+08:00"), 7)
    for n in range(3):
        modem.deliver(*pdus)
        until(lambda: modem.stored == {}, 30)
        if n == 1:
            gateway.kill()  # as if it had been killed before the card was cleared: the same lies there again
            modem.deliver(*pdus)
            gateway.start()
            until(lambda: modem.stored == {}, 30)
    modem.receive("+86" + PHONE, "1")
    assert replied(server, 2) == ["rated", "already_rated"] and server.office.ratings() == [(5, "sms")]


def test_killed_while_the_modem_has_it_the_message_is_unknown_and_never_sent_again(
    server: Server, modem: ModemStub, gateway: Gateway
) -> None:
    until(lambda: reports(server), 30)
    modem.set_fault("no_result", True)
    server.office.unrated()
    until(lambda: modem.counters["parts"] == 1, 30)
    gateway.kill()
    modem.set_fault("no_result", False)
    gateway.start()
    until(lambda: server.office.states() == [("invitation", "unknown")], 30)
    server.office.later(hours=1)
    server.office.serve("13700000001")
    server.office.later(seconds=61)
    server.office.later(minutes=11)
    until(lambda: [number for number, _, _ in sent(modem)] == ["13700000001"], 30)
    until(lambda: server.office.states() == [("invitation", "unknown"), ("invitation", "sent")], 30)


def test_sent_while_the_server_went_down_and_killed_then_it_is_reported_and_not_sent_twice(
    server: Server, modem: ModemStub, gateway: Gateway
) -> None:
    until(lambda: reports(server), 30)
    modem.set_fault("slow_prompt", 3.0)
    server.office.unrated()
    until(lambda: server.office.states() == [("invitation", "leased")], 30)
    server.down()
    until(lambda: len(sent(modem)) == 1, 30)
    until(lambda: '"report"' in gateway.written(), 30)
    gateway.kill()
    server.up()
    gateway.start()
    until(lambda: server.office.states() == [("invitation", "sent")], 30)
    assert len(sent(modem)) == 1


def test_an_unplugged_modem_is_seen_and_what_waits_goes_when_it_is_back(
    server: Server, modem: ModemStub, gateway: Gateway
) -> None:
    until(lambda: [row[0] for row in reports(server)] == ["online"], 30)
    modem.set_fault("no_sim", True)
    until(lambda: [row[1] for row in reports(server)] == ['["sim_missing"]'], 30)
    host, port = modem.end.address.split(":")
    modem.stop()
    until(lambda: [row[0] for row in reports(server)] == ["absent"], 30)
    server.office.unrated()
    assert server.office.states() == [("invitation", "waiting")]
    with ModemStub(TcpEnd(host, int(port))) as back:
        until(lambda: len(sent(back)) == 1, 60)
        until(lambda: server.office.states() == [("invitation", "sent")], 30)


def test_who_opts_out_by_phone_is_told_once(server: Server, modem: ModemStub, gateway: Gateway) -> None:
    asked(server, modem)
    modem.receive("+86" + PHONE, "TD")
    until(lambda: len(sent(modem)) == 2, 30)
    assert "已退订" in sent(modem)[1][1]
    modem.receive("+86" + PHONE, "退订")
    assert replied(server, 2) == ["opt_out", "opt_out"]
    assert server.office.contact(server.office.kiosk.take())[1]["code"] == "sms_opted_out"
    until(lambda: server.office.numbers() == [], 30)
    assert len(sent(modem)) == 2


def test_with_a_full_disk_the_card_keeps_its_message(server: Server, modem: ModemStub, gateway: Gateway) -> None:
    """No journal, no clearing: here a limit on the size of files stands for the full disk."""
    asked(server, modem)
    gateway.kill()
    command = [sys.executable, "-m", "kiosk.cli", "run", "--config", str(gateway.config)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env=ENV)
    try:
        assert process.stdout and process.stdout.readline()
        limit_file_size(process.pid, (gateway.journals / "sms-in.jsonl").stat().st_size)
        modem.receive("+86" + PHONE, "3")
        until(lambda: [state for state, _ in modem.stored.values()] == [READ], 60)
        heard = modem.counters["commands"]
        until(lambda: modem.counters["commands"] > heard + 1, 30)  # to clear it would have been the next
        assert [state for state, _ in modem.stored.values()] == [READ] and process.poll() is None
    finally:
        process.kill()
        process.wait(10)
        assert process.stdout
        process.stdout.close()
    gateway.start()
    assert replied(server, 1) == ["rated"] and server.office.ratings() == [(3, "sms")]


def test_a_kiosk_may_have_the_modem_beside_its_printer(
    real_server: RealServer, printer: PrinterStub, make_kiosk: Callable[..., Kiosk], modem: ModemStub, tmp_path: Path
) -> None:
    (tmp_path / "gw").write_text(real_server.token("gw", "--kind", "sms_gateway"))
    section = f'[sms]\nurl = "tcp://{modem.end.address}"\ntoken_file = "../gw"\n'
    kiosk = make_kiosk(real_server.url, printer.url, section)
    kiosk.until_ready()
    desk = Desk(real_server)
    try:
        devices = until(lambda: [d for d in desk.get("/admin")["devices"] if d["name"] == "gw" and d["health"]])
        assert devices[0]["kind"] == "sms_gateway" and devices[0]["health"][0]["kind"] == "sms_modem"
        modem.receive("+8613666666666", "TD")  # answered at any hour, for it is an answer
        until(lambda: len(sent(modem)) == 1, 30)
        assert sent(modem)[0][0] == "13666666666"
        press = "sms-press-1"
        kiosk.touch(press)
        kiosk.until_stage(press, "taken")
    finally:
        desk.close()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[sms]\n", "sms.url"), ('[sms]\nurl = "COM3"\ntoken_file = "t"\n', "sms.url"),
        ('[sms]\nurl = "tcp://h:1"\n', "sms.token_file"), ('sms = 1\n', "sms"),
        ('port = 1\n[sms]\nurl = "tcp://h:1"\ntoken_file = "t"\n', "port"),
        ('[sms]\nurl = "tcp://h:1"\ntoken_file = "t"\npin = 1\n', "sms.pin"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "t").write_text("a-token-of-the-gateway")
    path = tmp_path / "kiosk.toml"
    path.write_text(f'server = "http://h"\ndata_dir = "data"\n{text}')
    with pytest.raises(ConfigError) as caught:
        load_machine(path, {})
    assert caught.value.key == key


def test_the_doctor_looks_at_a_gateway_and_leaves_its_messages_alone(
    server: Server, modem: ModemStub, tmp_path: Path
) -> None:
    (tmp_path / "t").write_text(server.hall.token("sms_gateway", "gw1"))
    path = tmp_path / "kiosk.toml"
    section = f'[sms]\nurl = "tcp://{modem.end.address}"\ntoken_file = "t"\n'
    path.write_text(f'server = "{server.url}"\ndata_dir = "data"\n{section}')
    assert isinstance(load_machine(path, {}), SmsBox)
    modem.receive("+86" + PHONE, "5")

    def look() -> dict[str, tuple[bool, str]]:
        found = examine(path, {}, Machine(Path("/none"), Path("/none")))
        return {finding.what: (finding.well, finding.zh) for finding in found}

    found = look()
    assert [found[what][0] for what in ("sms token", "journal", "modem")] == [True] * 3
    assert len(modem.stored) == 1 and not (tmp_path / "data").exists()
    modem.set_fault("pin", True)
    assert not look()["modem"][0] and "PIN" in look()["modem"][1]
    (tmp_path / "t").write_text("a-token-that-nobody-made")
    assert not look()["sms token"][0]


def test_a_gateways_token_is_worth_nothing_else(real_server: RealServer) -> None:
    token = real_server.token("gw2", "--kind", "sms_gateway")
    for path in ("/board", "/tickets/0123456789abcdef", "/desk", "/admin"):
        answer = requests.get(
            f"{real_server.url}/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, timeout=5
        )
        assert answer.status_code == 403
