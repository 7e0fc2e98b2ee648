"""A photograph on its way to a wall, with real programs: it stays there while the server is away."""

import hashlib
import io
from typing import Any

import pytest
import requests
from PIL import Image

from tests.hall.parts import Display, Server, until


def drawn(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 800), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def parts(tmp_path: Any) -> Any:
    server = Server(tmp_path)
    running: list[Any] = [server]
    try:
        server.spawn()
        server.found()
        (tmp_path / "token").write_text(server.token("wall", kind="display"))
        lines = [f'server = "{server.url}"', 'token_file = "token"', "[voice]", 'engine = "none"']
        display = Display(tmp_path, lines)
        display.start()
        running.append(display)
        yield server, display
    finally:
        for one in reversed(running):
            one.kill()


def on_the_card(server: Server, colour: str) -> str:
    path = "/api/v1/admin/screens/staff/clerk03/photo"
    answer = server.admin.session.put(server.url + path, data=drawn(colour), timeout=60)
    assert answer.ok, answer.text
    staff = answer.json()["screens"]["staff"]
    return str(next(one["photo"] for one in staff if one["username"] == "clerk03"))


def at_wall(display: Display, digest: str) -> requests.Response:
    return requests.get(f"{display.url}photos/{digest}", timeout=10)


def test_a_wall_keeps_the_photo_while_the_server_is_away(parts: Any) -> None:
    server, display = parts
    server.clerk("03")
    digest = on_the_card(server, "navy")
    found = until(lambda: (answer := at_wall(display, digest)).ok and answer)
    assert hashlib.sha256(found.content).hexdigest() == digest
    assert found.headers["Content-Type"] == "image/jpeg" and found.headers["X-Content-Type-Options"] == "nosniff"
    server.kill()
    assert at_wall(display, digest).content == found.content
    server.spawn()
    server.ready()
    other = on_the_card(server, "maroon")
    until(lambda: at_wall(display, other).ok)
    assert at_wall(display, digest).status_code == 404, "the old one is let go"
    assert at_wall(display, "0" * 64).status_code == 404
