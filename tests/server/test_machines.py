"""Devices bound on the page: what is refused and where, what a machine is told, its jobs, and who may see what."""

import threading
from collections import Counter
from pathlib import Path

import pytest

from server import background
from server.app import create_app
from server.config import Config
from server.contract.device_address import AddressError, end_of
from server.db import Tx
from server.models import DeviceBinding

PRINTER = {"kind": "printer", "url": "usb-lp:///dev/usb/lp0", "profile": "generic-80"}
PAD = {"kind": "evaluator", "url": "serial:///dev/ttyUSB0?baudrate=9600", "profile": "ff68", "window": "01"}
SEEN = {
    "version": "1", "source": "server", "printers": ["generic-80", "generic-58"], "pads": ["ff68", "ascii"],
    "ports": [
        {"url": "usb-lp:///dev/usb/lp0", "node": "/dev/usb/lp0", "usb": "1-1.2", "product": "EPSON TM-T88"},
        {"url": "serial:///dev/serial/by-path/pci-0:1?baudrate=9600", "node": "/dev/ttyUSB0"},
    ],
}  # fmt: skip


@pytest.fixture
def stand(hall):
    """A kiosk that told what it has, another, and an admin."""
    kiosk, other, boss = hall.device("kiosk", "k1"), hall.device("kiosk", "k2"), hall.person("boss", "admin")
    for machine in (kiosk, other):
        assert machine.do("/machine/report", **SEEN)[0] == 200
    return kiosk, other, boss


def bind(boss, machine="k1", **form):
    return boss.do(f"/admin/machines/{machine}/devices", **form)


def card(answer, name="k1"):
    return next(one for one in answer["machines"] if one["name"] == name)


def test_a_binding_reaches_its_machine_and_no_other(hall, stand):
    kiosk, other, boss = stand
    status, answer = bind(boss, **PRINTER, columns=42, name="大厅打印机")
    assert status == 201 and card(answer)["devices"][0]["name"] == "大厅打印机"
    (told,) = kiosk.get("/machine/devices")[1]["devices"]
    assert (told["kind"], told["url"], told["columns"], told["claimed"]) == (
        "printer", "usb-lp:///dev/usb/lp0", 42, False,
    )  # fmt: skip
    assert other.get("/machine/devices")[1] == {"devices": [], "profiles": [], "jobs": []}
    ports = card(boss.get("/admin")[1])["ports"]
    assert ports[0]["taken"] == "k1 的打印机“大厅打印机”" and ports[1]["taken"] == ""
    hall.restart()
    assert kiosk.__class__(hall.app.test_client(), kiosk.headers).get("/machine/devices")[1]["devices"] == [told]


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        ({**PRINTER, "url": "usb-lp:///dev/usb/lp1"}, "kind", "已经有 k1 的打印机"),
        ({**PAD, "url": "serial:///dev/ttyUSB7"}, "window", "已经有 k1 的评价器（01 号窗口）"),
        ({**PAD, "window": "02"}, "url", "已由 k1 的评价器（01 号窗口）占用"),
        ({**PAD, "window": "02", "address": 2, "url": "serial:///dev/ttyUSB0?baudrate=4800"}, "url", "占用"),
        ({**PAD, "window": "02", "url": "serial:///dev/serial/by-path/pci-0:1"}, "url", "占用"),  # the same port
        ({**PAD, "window": "02", "url": "serial:///dev/ttyUSB1", "profile": "x"}, "profile", "没有这个型号配置"),
        ({**PAD, "window": "99", "url": "serial:///dev/ttyUSB1"}, "window", "没有 99 号窗口"),
        ({**PAD, "window": None, "url": "serial:///dev/ttyUSB1"}, "window", "必须指定窗口"),
        ({**PAD, "window": "02", "url": "serial:///dev/ttyUSB1", "address": -1}, "address", "应为 0"),
        ({**PAD, "window": "02", "url": "tcp://192.168.1.50:9100", "columns": 42}, "columns", "应为 16 到 80"),
        ({"kind": "scanner", "url": "usb-lp:///dev/usb/lp3"}, "url", "看不懂这个地址"),
        ({"kind": "scanner", "url": "serial:///dev/ttyACM0", "scan_end": "x"}, "scan_end", "只能是"),
        ({"kind": "scanner", "url": "usb-lp:///dev/usb/lp0"}, "url", "看不懂"),
        ({"kind": "toaster", "url": "serial:///dev/ttyACM0"}, "kind", "只能是"),
        ({**PAD, "kind": "call_pad", "url": "serial:///dev/ttyUSB4", "transfer_queue": "Q"},
         "transfer_queue", "没有 Q"),
        ({**PAD, "kind": "call_pad", "url": "serial:///dev/ttyUSB4", "transfer_queue": "A", "transfer_window": "02"},
         "transfer_window", "只能填一个"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_saved(hall, stand, form, field, sentence):
    kiosk, _, boss = stand
    assert bind(boss, **PRINTER)[0] == bind(boss, **PAD)[0] == 201
    before = hall.rows("SELECT * FROM device_binding"), kiosk.get("/machine/devices")
    status, problem = bind(boss, **form)
    assert (status, problem["code"], problem["field"]) == (422, "bad_field", field), problem
    assert sentence in problem["detail"]
    assert (hall.rows("SELECT * FROM device_binding"), kiosk.get("/machine/devices")) == before


def test_a_line_is_shared_at_addresses_of_their_own_and_by_one_device_that_is_both(stand):
    _, _, boss = stand
    assert bind(boss, **PAD)[0] == 201
    assert bind(boss, **{**PAD, "window": "02", "address": 2})[0] == 201
    assert bind(boss, **{**PAD, "kind": "call_pad"})[0] == 201
    stranger = bind(boss, **{**PAD, "kind": "call_pad", "window": "03"})[1]
    assert stranger["field"] == "url" and "评价器（01 号窗口）" in stranger["detail"]


def test_a_network_printer_is_one_machines(stand):
    _, _, boss = stand
    printer = {**PRINTER, "url": "tcp://192.168.1.50:9100"}
    assert bind(boss, **printer)[0] == 201
    taken = bind(boss, "k2", **printer)[1]
    assert taken["field"] == "url" and "已由 k1 的打印机占用" in taken["detail"]
    assert bind(boss, "k2", **PRINTER)[0] == 201  # a port of its own, whatever the other machine has


@pytest.mark.parametrize(
    "url",
    ["tcp://169.254.169.254:80", "tcp://[::ffff:169.254.169.254]:80", "tcp://[fe80::1]:9100", "tcp://0.0.0.0:9100",
     "tcp://127.0.0.1:5432", "tcp://8.8.8.8:53", "tcp://metadata.google.internal:80", "tcp://localhost:9100",
     "tcp://2852039166:80", "tcp://user@192.168.1.5:9100", "tcp://192.168.1.5:9100/x", "tcp://192.168.1.5",
     "tcp://192.168.1.5:99999", "tcp://[::1]:9100", "serial:///dev/sda", "serial:///etc/passwd",
     "serial:///dev/ttyUSB0?baudrate=0", "serial:///dev/../etc/x",
     "usb-lp:///dev/mem", "serial:///dev/serial/by-path/..",
     "usb-lp:///dev/usb/lp0?x=1", "evdev:../event0", "evdev:event3", "hidraw:/dev/sda", "file:///etc/passwd", "",
     "x"],
)  # fmt: skip
def test_a_machine_opens_its_own_devices_and_the_local_network_and_nothing_else(url):
    for kind in ("printer", "evaluator", "scanner"):
        with pytest.raises(AddressError):
            end_of(url, kind)


def test_the_machines_own_file_may_allow_more_but_never_link_local():
    assert end_of("tcp://127.0.0.1:9100", "printer", ["127.0.0.1"]) == "127.0.0.1:9100"
    assert end_of("tcp://printer.hall:9100", "printer", ["printer.hall"]) == "printer.hall:9100"
    with pytest.raises(AddressError):
        end_of("tcp://169.254.169.254:80", "printer", ["169.254.169.254"])


def test_two_admins_of_two_servers_cannot_give_one_port_twice(tmp_path: Path, hall, stand):
    again = create_app(Config(hall.data_dir, ""), clock=hall.clock).extensions["jiaohao"]
    outcomes: Counter[str] = Counter()

    def work(tx: Tx) -> None:
        tx.add(DeviceBinding, code=f"c{id(tx)}", hall_id=1, machine_id=1, kind="printer", name="", url="u", end="e",
               profile="p", window_id=None, address=1, columns=None, scan_end="line", transfer_queue=None,
               transfer_window=None, token_id=None, live_place="same", live_role=None, made_at=tx.now, made_by="x",
               ended_at=None)  # fmt: skip

    def attempt(store) -> None:
        try:
            store.write(work)
            outcomes["made"] += 1
        except Exception:  # noqa: BLE001 - whatever the database calls it
            outcomes["refused"] += 1

    threads = [threading.Thread(target=attempt, args=(store,)) for store in (hall.store, again.store)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again.close()
    assert outcomes == {"made": 1, "refused": 1}


def test_replacing_keeps_the_past_and_the_token_and_a_refusal_keeps_all(hall, stand):
    kiosk, _, boss = stand
    bind(boss, **PAD, name="旧的")
    bind(boss, **PRINTER)
    code = kiosk.get("/machine/devices")[1]["devices"][0]["code"]
    token = kiosk.do(f"/machine/devices/{code}/token")[1]["token"]
    pad = type(kiosk)(kiosk.client, {"Authorization": f"Bearer {token}"})
    path = f"/admin/machines/k1/devices/{code}/replace"
    no = boss.do(path, **{**PAD, "url": "usb-lp:///dev/usb/lp0"})
    assert no[1]["field"] == "url" and kiosk.get("/machine/devices")[1]["devices"][0]["code"] == code
    status, answer = boss.do(path, **{**PAD, "url": "serial:///dev/ttyUSB5"}, name="新的")
    assert status == 200
    (past,) = card(answer)["past"]
    assert (past["name"], past["url"], past["by"]) == ("旧的", PAD["url"], "admin:boss")
    assert boss.do(path, **PAD)[1]["code"] == "device_not_found"  # the old one is replaced once
    new = next(one for one in kiosk.get("/machine/devices")[1]["devices"] if one["kind"] == "evaluator")
    assert new["claimed"] and new["url"] == "serial:///dev/ttyUSB5"
    assert pad.get("/board")[0] == 200
    assert boss.do(f"/admin/machines/k1/devices/{new['code']}/remove")[0] == 200
    assert pad.get("/board")[1]["code"] == "sign_in_required"


def test_a_machine_gets_the_tokens_of_its_own_devices_alone(hall, stand):
    kiosk, other, boss = stand
    bind(boss, **PAD)
    bind(boss, **PRINTER)
    pad, printer = (one["code"] for one in kiosk.get("/machine/devices")[1]["devices"])
    assert other.do(f"/machine/devices/{pad}/token")[1]["code"] == "device_not_found"
    assert kiosk.do(f"/machine/devices/{printer}/token")[1]["code"] == "device_not_found"
    first, second = (kiosk.do(f"/machine/devices/{pad}/token")[1]["token"] for _ in range(2))
    said = [type(kiosk)(kiosk.client, {"Authorization": f"Bearer {one}"}).get("/board")[0] for one in (first, second)]
    assert said == [401, 200]
    everything = " ".join(
        str(row) for row in hall.rows("SELECT * FROM client_request") + hall.rows("SELECT * FROM news")
    )
    assert second not in everything
    assert boss.do("/admin/devices/k1:evaluator:01/revoke")[0] == 200
    assert kiosk.do(f"/machine/devices/{pad}/token")[1]["code"] == "forbidden"  # that is for an admin to undo


def test_a_token_made_by_hand_is_not_taken_over(hall, stand):
    kiosk, _, boss = stand
    hall.token("evaluator", "k1:evaluator:01", "01")
    bind(boss, **PAD)
    (pad,) = kiosk.get("/machine/devices")[1]["devices"]
    assert kiosk.do(f"/machine/devices/{pad['code']}/token")[1]["code"] == "code_taken"


def test_a_revoked_machine_takes_its_devices_along(hall, stand):
    kiosk, _, boss = stand
    bind(boss, **PAD)
    (pad,) = kiosk.get("/machine/devices")[1]["devices"]
    token = kiosk.do(f"/machine/devices/{pad['code']}/token")[1]["token"]
    boss.do("/admin/devices/k1/revoke")
    assert type(kiosk)(kiosk.client, {"Authorization": f"Bearer {token}"}).get("/board")[0] == 401
    again = hall.device("kiosk", "k1")
    assert again.get("/machine/devices")[1]["devices"][0]["claimed"] is False
    status, fresh = again.do(f"/machine/devices/{pad['code']}/token")
    assert status == 200, fresh
    assert type(kiosk)(kiosk.client, {"Authorization": f"Bearer {fresh['token']}"}).get("/board")[0] == 200


def test_a_token_that_a_machine_fetched_is_renewed_by_the_machine(hall, stand):
    kiosk, _, boss = stand
    bind(boss, **PAD)
    (pad,) = kiosk.get("/machine/devices")[1]["devices"]
    token = kiosk.do(f"/machine/devices/{pad['code']}/token")[1]["token"]
    refused = boss.do("/admin/devices/k1:evaluator:01/rotate")
    assert (refused[0], refused[1]["code"]) == (409, "token_of_machine")
    hall.clock.forward(minutes=61)
    assert type(kiosk)(kiosk.client, {"Authorization": f"Bearer {token}"}).get("/board")[0] == 200


def test_what_the_machine_itself_names_counts(stand):
    kiosk, _, boss = stand
    kiosk.do("/machine/report", **{**SEEN, "source": "machine"})
    status, problem = bind(boss, **PRINTER)
    assert (status, problem["code"]) == (409, "set_on_machine") and "kiosk.toml" in problem["detail"]


def test_a_machine_that_never_spoke_has_no_ports(hall, stand):
    _, _, boss = stand
    hall.token("kiosk", "k3")
    assert bind(boss, "k3", **PRINTER)[1]["code"] == "machine_not_seen"
    assert card(boss.get("/admin")[1], "k3")["heard"] is False
    assert bind(boss, "nowhere", **PRINTER)[1]["code"] == "device_not_found"


# ── jobs ──


HUNG = {**SEEN, "devices": [
    {"name": "printer", "kind": "printer", "url": "usb-lp:///dev/usb/lp0", "profile": "generic-80"},
    {"name": "evaluator-01", "kind": "evaluator", "url": PAD["url"], "profile": "ff68", "window": "01"},
]}  # fmt: skip
LEARN = {"kind": "learn", "url": "serial:///dev/ttyUSB9", "title": "新评价器"}


@pytest.fixture
def hung(stand):
    stand[0].do("/machine/report", **HUNG)
    return stand


def ask(boss, **form):
    return boss.do("/admin/machines/k1/jobs", **form)


def test_a_job_is_fetched_done_once_and_shown(hung):
    kiosk, other, boss = hung
    status, job = ask(boss, kind="print", device="printer")
    assert (status, job["state"]) == (201, "asked")
    assert other.get("/machine/devices")[1]["jobs"] == []
    (told,) = kiosk.get("/machine/devices")[1]["jobs"]
    assert (told["code"], told["kind"], told["device"]) == (job["code"], "print", "printer")
    path = f"/machine/jobs/{job['code']}"
    assert other.do(f"{path}/take")[1]["code"] == "job_over"
    assert kiosk.do(f"{path}/take") == (200, {"on": True})
    assert kiosk.do(f"{path}/take")[1]["code"] == "job_over" and kiosk.get("/machine/devices")[1]["jobs"] == []
    assert kiosk.do(f"{path}/progress", lines=[{"word": "satisfied", "raw": "ff68"}]) == (200, {"on": True})
    assert boss.get(f"/admin/jobs/{job['code']}")[1]["seen"] == [{"word": "satisfied", "raw": "ff68"}]
    assert other.do(f"{path}/result", well=True, zh="x", en="x")[1]["code"] == "job_over"
    kiosk.do(f"{path}/result", well=True, zh="已打印。", en="Printed.")
    kiosk.do(f"{path}/result", well=False, zh="晚了。", en="Late.")
    seen = boss.get(f"/admin/jobs/{job['code']}")[1]
    assert (seen["state"], seen["zh"]) == ("done", "已打印。")


def test_a_machine_has_one_job_at_a_time_and_each_ends_by_the_clock(hall, hung):
    kiosk, _, boss = hung
    job = ask(boss, kind="print", device="printer")[1]
    assert ask(boss, kind="print", device="printer")[1]["code"] == "job_under_way"
    hall.clock.forward(seconds=21)
    assert kiosk.do(f"/machine/jobs/{job['code']}/take")[1]["code"] == "job_over"  # too late, whoever fetched it
    background.tick(hall.store)
    lost = boss.get(f"/admin/jobs/{job['code']}")[1]
    assert lost["state"] == "lost" and "没有应答" in lost["zh"]
    job = ask(boss, kind="print", device="printer")[1]
    kiosk.do(f"/machine/jobs/{job['code']}/take")
    hall.clock.forward(seconds=76)
    assert ask(boss, kind="print", device="printer")[0] == 201  # an old one stands in nobody's way
    assert "没有说结果" in boss.get(f"/admin/jobs/{job['code']}")[1]["zh"]


def test_a_job_that_nobody_watches_is_stopped(hung):
    kiosk, _, boss = hung
    job = ask(boss, kind="keys", device="evaluator-01")[1]
    kiosk.do(f"/machine/jobs/{job['code']}/take")
    assert boss.do(f"/admin/jobs/{job['code']}/stop")[1]["state"] == "stopped"
    assert kiosk.do(f"/machine/jobs/{job['code']}/progress", lines=[]) == (200, {"on": False})


@pytest.mark.parametrize(
    ("form", "field"),
    [({"kind": "print", "device": "evaluator-01"}, "device"), ({"kind": "keys", "device": "printer"}, "device"),
     ({"kind": "light", "device": "nothing"}, "device"), ({**LEARN, "title": ""}, "title"),
     ({**LEARN, "url": PAD["url"]}, "url"), ({**LEARN, "url": "tcp://169.254.169.254:80"}, "url")],
)  # fmt: skip
def test_a_job_that_cannot_be_is_refused_at_its_field(hung, form, field):
    _, _, boss = hung
    assert ask(boss, **form)[1]["field"] == field


def test_keys_are_not_tested_while_somebody_is_served_or_asked_to_rate(hall, hung):
    kiosk, _, boss = hung
    clerk = hall.clerk_at("01")
    kiosk.take()
    for step in ("call-next", "begin", "finish"):
        clerk.do(f"/windows/01/{step}")
        for kind in ("keys", "light"):
            assert ask(boss, kind=kind, device="evaluator-01")[1]["code"] == "window_not_free", step
    hall.clock.forward(seconds=61)
    background.tick(hall.store)
    assert ask(boss, kind="keys", device="evaluator-01")[0] == 201


def test_what_was_learned_gets_a_name_and_every_machine_has_it(hung):
    kiosk, other, boss = hung
    job = ask(boss, **LEARN)[1]
    keep = {"job": job["code"], "name": "acme"}
    assert boss.do("/admin/device-profiles", **keep)[1]["code"] == "nothing_learned"
    kiosk.do(f"/machine/jobs/{job['code']}/take")
    kiosk.do(
        f"/machine/jobs/{job['code']}/result", well=True, zh="学会了。", en="Learned.", lines=['kind = "serial"', ""]
    )
    for name in ("ff68", "../x", "", "A"):
        assert boss.do("/admin/device-profiles", **{**keep, "name": name})[1]["field"] == "name"
    assert boss.do("/admin/device-profiles", **keep)[0] == 201
    assert boss.do("/admin/device-profiles", **keep)[1]["field"] == "name"
    assert other.get("/machine/devices")[1]["profiles"] == [{"name": "acme", "lines": ['kind = "serial"', ""]}]
    assert bind(boss, "k2", **{**PAD, "profile": "acme"})[0] == 201
