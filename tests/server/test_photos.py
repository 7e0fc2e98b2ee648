"""Photographs on staff cards: what is taken, what is kept of it, who gets it. Through HTTP, and one real server."""

import hashlib
import io
import json
import os
import socket
import subprocess
import sys
import zlib
from pathlib import Path
from struct import pack
from types import SimpleNamespace

import pytest
import requests
from PIL import Image


def picture(size=(600, 900), form="JPEG", colour="navy", **more):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form, **more)
    return out.getvalue()


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


@pytest.fixture
def seated(hall, boss):
    clerk = hall.clerk_at("01")
    assert boss.do("/admin/screens/staff/clerk-01", method="PUT", name="王老师", position="综合岗")[0] == 200
    return clerk


def send(caller, data, username="clerk-01", **more):
    path = f"/api/v1/admin/screens/staff/{username}/photo"
    answer = caller.client.put(path, data=data, headers=caller.headers, **more)
    return answer.status_code, answer.json


def card(hall):
    (one,) = hall.device("display").get("/board")[1]["staff"]
    return one


def fetch(caller, digest):
    return caller.client.get(f"/api/v1/staff-photos/{digest}", headers=caller.headers)


def test_a_photo_is_on_the_card_of_walls_and_tablet_until_it_is_removed(hall, boss, seated):
    heard = []
    hall.store.on_commit = lambda news: heard.extend(n.kind.value for n in news)
    status, answer = send(boss, picture())
    assert (status, heard) == (200, ["hall.changed"])
    digest = card(hall)["photo"]
    assert next(one for one in answer["screens"]["staff"] if one["username"] == "clerk-01")["photo"] == digest
    tablet = hall.device("tablet", "tab", "01")
    assert tablet.get("/tablet")[1]["card"]["photo"] == digest
    for caller in (hall.device("display"), tablet, boss, seated):
        got = fetch(caller, digest)
        assert (got.status_code, got.mimetype) == (200, "image/jpeg")
        assert got.headers["X-Content-Type-Options"] == "nosniff" and "immutable" in got.headers["Cache-Control"]
        assert hashlib.sha256(got.data).hexdigest() == digest
    assert Image.open(io.BytesIO(got.data)).size == (480, 640)
    send(boss, picture(colour="maroon"))
    assert card(hall)["photo"] != digest
    assert fetch(boss, digest).status_code == 404
    hall.restart()
    boss, digest = hall.sign_in("boss"), card(hall)["photo"]
    assert boss.do("/admin/screens/staff/clerk-01/photo/remove")[0] == 200
    assert card(hall)["photo"] == "" and fetch(boss, digest).status_code == 404
    assert boss.do("/admin/screens/staff/clerk-01/photo/remove")[1]["code"] == "photo_not_found"
    assert hall.rows("SELECT count(*) FROM staff_photo") == [(0,)]


def test_nobody_without_the_right_to_cards_gets_one(hall, boss, seated):
    send(boss, picture())
    digest = card(hall)["photo"]
    stranger = type(boss)(hall.app.test_client(), {})
    assert fetch(stranger, digest).status_code == 401
    assert fetch(hall.device("sms_gateway", "gw"), digest).status_code == 403
    assert fetch(boss, "0" * 64).status_code == 404
    assert send(seated, picture())[0] == 403
    assert boss.do("/admin/users/clerk-01", method="PUT", active=False)[0] == 200
    assert fetch(boss, digest).status_code == 404
    assert send(boss, picture(), "nobody")[1]["code"] == "user_not_found"
    del boss.headers["X-CSRF-Token"]
    assert send(boss, picture())[1]["code"] == "bad_csrf"


@pytest.mark.parametrize(("orientation", "corner"), [(1, "left"), (3, "right"), (6, "top"), (8, "bottom")])
def test_nothing_of_the_file_stays_but_the_picture_upright(hall, boss, seated, orientation, corner):
    found = Image.new("RGB", (800, 800), "white")
    found.paste("red", (0, 0, 100, 800))  # a stripe at the left of the sensor
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "SecretPhone"
    out = io.BytesIO()
    found.save(out, "JPEG", exif=exif, comment=b"hidden words")
    assert b"SecretPhone" in out.getvalue()
    assert send(boss, out.getvalue())[0] == 200
    data = fetch(boss, card(hall)["photo"]).data
    assert not any(word in data for word in (b"SecretPhone", b"hidden", b"Exif"))
    kept = Image.open(io.BytesIO(data)).convert("RGB")
    edges = {"left": (5, 320), "right": (474, 320), "top": (240, 20), "bottom": (240, 620)}
    seen = {name for name, place in edges.items() if kept.getpixel(place)[1] < 128}
    # What is wider than the card is cut at both sides; a stripe at the top or the foot is there in full.
    assert seen == ({corner} if corner in ("top", "bottom") else set())


def test_what_hides_behind_a_png_is_not_kept_and_clear_is_white(hall, boss, seated):
    out = io.BytesIO()
    Image.new("RGBA", (400, 600), (255, 0, 0, 0)).save(out, "PNG")
    assert send(boss, out.getvalue() + b"<script>hidden</script>")[0] == 200
    data = fetch(boss, card(hall)["photo"]).data
    assert b"hidden" not in data
    assert Image.open(io.BytesIO(data)).convert("RGB").getpixel((240, 320)) == (255, 255, 255)


def huge_png(width, height):
    """A few bytes that say they are a great picture."""

    def chunk(kind, body):
        return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))

    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no picture", b"GIF89a" + bytes(100), picture()[:500], picture(form="GIF"), picture(form="BMP"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", huge_png(600, 900), huge_png(5000, 5000),
        huge_png(60000, 60000), huge_png(0, 0), picture((199, 300)), picture((4001, 4000)),
    ],
    ids=["empty", "text", "gif-head", "cut", "gif", "bmp", "svg", "no-data", "25-million", "bomb", "none", "small",
         "wide"],
)  # fmt: skip
def test_what_is_no_good_picture_is_refused_at_its_field(hall, boss, seated, data):
    status, problem = send(boss, data)
    assert (status, problem["code"], problem["field"]) == (422, "bad_field", "photo")
    assert "照片" in problem["detail"]
    assert hall.rows("SELECT count(*) FROM staff_photo") == [(0,)]


def test_other_routes_take_no_more_than_before(boss):
    answer = boss.client.put("/api/v1/admin/screens/ticker", data=bytes(100_000), headers=boss.headers)
    assert answer.status_code in (413, 415)


# ── a real server: what is never to be in its memory ──


class Raw:
    """HTTP spoken by hand to a real server process."""

    def __init__(self, live):
        self.live = live

    def send(self, head, pieces):
        with socket.create_connection(("127.0.0.1", self.live.port), timeout=60) as line:
            line.sendall(head)
            for piece in pieces:
                line.sendall(piece)
            answer = b""
            while b"\r\n\r\n" not in answer or b"}" not in answer:
                got = line.recv(65536)
                if not got:
                    break
                answer += got
            return answer.decode()

    def forget_peak(self):
        """Hashing the first admin's password took more than any picture would."""
        Path(f"/proc/{self.live.pid}/clear_refs").write_text("5")

    def peak_kb(self):
        status = Path(f"/proc/{self.live.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0])


def head(live, *more):
    session = live.session
    cookie = "; ".join(f"{one.name}={one.value}" for one in session.cookies)
    lines = (
        "PUT /api/v1/admin/screens/staff/boss/photo HTTP/1.1", f"Host: 127.0.0.1:{live.port}", f"Cookie: {cookie}",
        f"X-CSRF-Token: {session.headers['X-CSRF-Token']}", "Content-Type: image/jpeg", *more,
    )  # fmt: skip
    return "\r\n".join((*lines, "", "")).encode()


@pytest.fixture
def served(tmp_path):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", "from server.main import main; main()", "serve", "--data", str(tmp_path),
               "--port", "0"]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(root)}
    )  # fmt: skip

    served = SimpleNamespace(pid=process.pid, session=requests.Session())
    url = json.loads(process.stdout.readline())["server"]
    served.port = int(url.rsplit(":", 1)[1])
    process.stdout.readline()
    code = process.stdout.readline().strip().partition("#")[2]
    form = {"code": code, "username": "boss", "password": "a boss's long password"}
    answer = served.session.post(f"{url}/api/v1/setup", json=form, timeout=20)
    assert answer.ok, answer.text
    served.session.headers["X-CSRF-Token"] = answer.json()["csrf"]
    try:
        yield served
    finally:
        served.session.close()
        process.terminate()
        process.communicate(timeout=20)


TWENTY_MB = [bytes(1024 * 1024)] * 20


def test_twenty_megabytes_get_a_sentence_and_no_memory(served):
    raw = Raw(served)
    small = raw.send(head(served, "Content-Length: 2", "Connection: close"), [b"no"])
    assert "不是完整的 JPEG 或 PNG" in small
    raw.forget_peak()
    before = raw.peak_kb()
    said = raw.send(head(served, f"Content-Length: {20 << 20}", "Connection: close"), TWENTY_MB)
    chunked = raw.send(
        head(served, "Transfer-Encoding: chunked", "Connection: close"),
        [*(b"100000\r\n" + piece + b"\r\n" for piece in TWENTY_MB), b"0\r\n\r\n"],
    )
    for answer in (said, chunked):
        assert answer.startswith("HTTP/1.1 422") and "不能超过 2 MB" in answer and '"field": "photo"' in answer
    unsaid = raw.send(head(served, "Connection: close"), [])
    assert "HTTP/1.1 422" in unsaid
    # One that reads a whole body takes 42 MB; what is below the limit is the server's own work.
    assert raw.peak_kb() - before < 16_000
