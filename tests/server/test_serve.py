"""The production server on a real port: what is not HTTP is refused in the same words as everything else."""

import json
import os
import select
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

START = "from server.main import main; main()"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    command = [sys.executable, "-c", START, "serve", "--port", "0", "--data", tmp_path_factory.mktemp("served")]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env) as process:
        try:
            yield int(json.loads(process.stdout.readline())["server"].rsplit(":", 1)[1])
        finally:
            process.terminate()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nand noise\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_in_both_languages(port, sent):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(sent)
        with client.makefile("rb") as answers:
            head, _, body = answers.read().rpartition(b"\r\n\r\n")
    assert b"HTTP/1.1 400" in head and b"application/problem+json" in head
    problem = json.loads(body)
    assert problem["code"] == "bad_request" and problem["detail"] and problem["detail_en"]


def test_nobody_waits_for_the_passwords_of_others(port):
    """Hashing one takes a fifth of a second; six at once are still at it when another question is answered."""
    wrong = json.dumps({"username": "nobody", "password": "not the password"}).encode()
    head = b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with ExitStack() as stack:
        signing_in = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(6)]
        for client in signing_in:
            client.sendall(head % len(wrong) + wrong)
        other = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        other.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert other.recv(65536).startswith(b"HTTP/1.1 200")
        answered = select.select(signing_in, [], [], 0)[0]
        assert len(answered) < len(signing_in)
        for client in signing_in:
            assert client.recv(65536).startswith(b"HTTP/1.1 401")
