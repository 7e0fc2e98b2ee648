"""LED bars bound on the page to a display: what is refused and where, what the display is told, and its tests."""

import pytest

BX5 = {"kind": "ledbar", "url": "tcp://192.168.1.61:5005", "profile": "bx5", "window": "01"}
LINE = {**BX5, "url": "serial:///dev/ttyUSB0?baudrate=57600"}
SUM8 = {**BX5, "url": "serial:///dev/ttyUSB3?baudrate=9600", "profile": "text_sum8", "window": "07"}
FIXED = {"name": "led-08-0", "kind": "ledbar", "url": "serial:///dev/ttyUSB1?baudrate=9600", "profile": "bx5",
         "window": "08", "address": 4, "fixed": True}  # fmt: skip
SEEN = {
    "version": "1", "source": "server", "devices": [FIXED],
    "ports": [{"url": "serial:///dev/serial/by-path/pci-0:1?baudrate=9600", "node": "/dev/ttyUSB0"}],
    "bars": [{"name": "bx5", "highest": 65533, "never": []}, {"name": "text_sum8", "highest": 255, "never": [2, 3]},
             {"name": "plain", "highest": 0, "never": []}],
}  # fmt: skip
KIOSK = {"version": "1", "source": "server", "printers": ["generic-80"], "pads": ["ff68"]}


@pytest.fixture
def stand(hall):
    """A display that told what it has, another, a kiosk, and an admin."""
    wall, other = hall.device("display", "w1"), hall.device("display", "w2")
    kiosk, boss = hall.device("kiosk", "k1"), hall.person("boss", "admin")
    assert [one.do("/machine/report", **said)[0] for one, said in ((wall, SEEN), (other, SEEN), (kiosk, KIOSK))] == [
        200, 200, 200,
    ]  # fmt: skip
    return wall, other, kiosk, boss


def bind(boss, machine="w1", **form):
    return boss.do(f"/admin/machines/{machine}/devices", **form)


def card(answer, name="w1"):
    return next(one for one in answer["machines"] if one["name"] == name)


def test_a_bar_reaches_its_display_and_no_other_machine_and_brings_no_token(stand):
    wall, other, kiosk, boss = stand
    status, answer = bind(boss, **BX5, name="一号条屏", address=2)
    assert status == 201
    hung, fixed = card(answer)["devices"]
    assert (hung["name"], hung["window"], hung["address"], fixed["window"], fixed["fixed"]) == (
        "一号条屏", "01", 2, "08", True,
    )  # fmt: skip
    (told,) = wall.get("/machine/devices")[1]["devices"]
    assert (told["kind"], told["url"], told["profile"], told["window"], told["address"], told["claimed"]) == (
        "ledbar", BX5["url"], "bx5", "01", 2, False,
    )  # fmt: skip
    assert other.get("/machine/devices")[1]["devices"] == kiosk.get("/machine/devices")[1]["devices"] == []
    status, refusal = wall.do(f"/machine/devices/{told['code']}/token")
    assert status == 403, refusal


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        ({**BX5, "url": "tcp://192.168.1.62:5005"}, "window", "已经有 w1 的条屏（01 号窗口），请在那里更换"),
        ({**BX5, "url": "tcp://192.168.1.62:5005", "window": "08"}, "window", "w1 的条屏“写在本机”（08 号窗口）"),
        ({**BX5, "window": "99"}, "window", "没有 99 号窗口"),
        ({**BX5, "window": None}, "window", "必须指定窗口"),
        ({**BX5, "window": "02"}, "url", "已由 w1 的条屏（01 号窗口）占用"),  # the same address on the line
        ({**BX5, "window": "02", "address": 2, "profile": "plain"}, "url", "占用"),  # that knows no address
        ({**LINE, "window": "02", "address": 2, "url": "serial:///dev/ttyUSB0?baudrate=9600"}, "url", "占用"),
        ({**LINE, "window": "02", "url": "serial:///dev/serial/by-path/pci-0:1?baudrate=57600"}, "url", "占用"),
        ({**BX5, "window": "02", "url": FIXED["url"], "address": 4}, "url", "“写在本机”（08 号窗口）占用"),
        ({**BX5, "window": "02", "url": "tcp://192.168.1.50:9100"}, "url", "已由 k1 的打印机占用"),
        ({**BX5, "window": "02", "address": 65534}, "address", "应为 0 到 65533"),
        ({**SUM8, "window": "02", "address": 256}, "address", "应为 0 到 255"),
        ({**SUM8, "window": "02", "address": 3}, "address", "起止字节"),
        ({**SUM8, "window": "02", "address": -1}, "address", "应为 0 到 255"),
        ({**BX5, "window": "02", "profile": "ff68"}, "profile", "可选 bx5、text_sum8、plain"),
        ({**BX5, "window": "02", "profile": "/etc/own.toml"}, "profile", "没有这个型号配置"),
        ({**BX5, "window": "02", "url": "usb-lp:///dev/usb/lp0"}, "url", "看不懂这个地址"),
        ({**BX5, "window": "02", "url": "tcp://169.254.169.254:80"}, "url", "不连接"),
        ({**BX5, "window": "02", "url": "tcp://bars.hall:5005"}, "url", "display.toml"),
        ({"kind": "printer", "url": "usb-lp:///dev/usb/lp0", "profile": "generic-80"}, "kind", "只能是 条屏"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_saved(hall, stand, form, field, sentence):
    wall, _, _, boss = stand
    assert bind(boss, **BX5)[0] == bind(boss, **{**LINE, "window": "03"})[0] == 201
    printer = {"kind": "printer", "url": "tcp://192.168.1.50:9100", "profile": "generic-80"}
    assert bind(boss, "k1", **printer)[0] == 201
    before = hall.rows("SELECT * FROM device_binding"), wall.get("/machine/devices")
    status, problem = bind(boss, **form)
    assert (status, problem["code"], problem["field"]) == (422, "bad_field", field), problem
    assert sentence in problem["detail"], problem["detail"]
    assert (hall.rows("SELECT * FROM device_binding"), wall.get("/machine/devices")) == before


def test_bars_share_a_line_at_addresses_of_their_own_at_one_display(stand):
    _, _, _, boss = stand
    assert bind(boss, **LINE)[0] == 201
    assert bind(boss, **{**LINE, "window": "02", "address": 2})[0] == 201
    assert bind(boss, **{**LINE, "window": "03", "address": 3, "profile": "bx5"})[0] == 201
    assert bind(boss, **{**BX5, "window": "04", "url": FIXED["url"], "address": 5})[0] == 201  # beside the file's
    assert bind(boss, **{**BX5, "window": "05"})[0] == 201
    taken = bind(boss, "w2", **{**BX5, "window": "06", "address": 2})[1]  # one line has one owner
    assert taken["field"] == "url" and "已由 w1 的条屏（05 号窗口）占用" in taken["detail"]


def test_each_display_may_have_a_bar_over_a_window(stand):
    """As on either side of a counter."""
    _, _, _, boss = stand
    assert bind(boss, **BX5)[0] == bind(boss, "w2", **{**BX5, "url": "tcp://192.168.1.71:5005"})[0] == 201


def test_no_bar_hangs_at_a_kiosk(stand):
    _, _, _, boss = stand
    refused = bind(boss, "k1", **BX5)[1]
    assert refused["field"] == "kind" and "打印机、评价器、呼叫器、扫码器" in refused["detail"]


def test_replacing_keeps_the_past_and_ends_the_health_of_what_was_there(hall, stand):
    wall, _, _, boss = stand
    bind(boss, **BX5)
    (told,) = wall.get("/machine/devices")[1]["devices"]
    wall.do("/devices/health", devices=[{"name": "bar-01", "kind": "ledbar", "state": "online"}])
    path = f"/admin/machines/w1/devices/{told['code']}"
    assert boss.do(f"{path}/replace", **{**BX5, "window": "08"})[1]["field"] == "window"
    assert wall.get("/machine/devices")[1]["devices"] == [told]
    status, answer = boss.do(f"{path}/replace", **{**BX5, "window": "02"})
    assert status == 200 and [one["window"] for one in card(answer)["past"]] == ["01"]
    assert hall.rows("SELECT * FROM device_health WHERE kind = 'ledbar'") == []
    (told,) = wall.get("/machine/devices")[1]["devices"]
    assert boss.do(f"/admin/machines/w1/devices/{told['code']}/remove")[0] == 200
    assert wall.get("/machine/devices")[1]["devices"] == []


# ── the test of a bar ──


@pytest.fixture
def hung(stand):
    bar = {**FIXED, "name": "bar-01", "window": "01", "fixed": False}
    stand[0].do("/machine/report", **{**SEEN, "devices": [FIXED, bar]})
    return stand


def ask(boss, machine="w1", **form):
    return boss.do(f"/admin/machines/{machine}/jobs", **form)


def test_a_bar_is_tested_by_its_display(hung):
    wall, other, _, boss = hung
    status, job = ask(boss, kind="show", device="bar-01")
    assert (status, job["state"]) == (201, "asked")
    assert other.get("/machine/devices")[1]["jobs"] == []
    (told,) = wall.get("/machine/devices")[1]["jobs"]
    assert (told["kind"], told["device"]) == ("show", "bar-01")
    path = f"/machine/jobs/{job['code']}"
    assert wall.do(f"{path}/take") == (200, {"on": True})
    assert wall.do(f"{path}/progress", lines=[]) == (200, {"on": True})
    assert wall.do(f"{path}/result", well=True, zh="已显示。", en="Shown.")[0] == 200
    assert boss.get(f"/admin/jobs/{job['code']}")[1]["state"] == "done"
    assert ask(boss, kind="show", device="led-08-0")[0] == 201  # the file's own as well


@pytest.mark.parametrize(
    ("form", "field"),
    [({"kind": "show", "device": "nothing"}, "device"), ({"kind": "keys", "device": "bar-01"}, "device"),
     ({"kind": "learn", "url": "serial:///dev/ttyUSB9", "title": "x"}, "kind")],
)  # fmt: skip
def test_a_job_that_cannot_be_is_refused_at_its_field(hung, form, field):
    assert ask(hung[3], **form)[1]["field"] == field


def test_no_bar_is_tested_while_a_number_stands_at_its_window(hall, hung):
    _, _, kiosk, boss = hung
    clerk = hall.clerk_at("01")
    kiosk.take()
    for step in ("call-next", "begin"):
        clerk.do(f"/windows/01/{step}")
        assert ask(boss, kind="show", device="bar-01")[1]["code"] == "window_not_free", step
