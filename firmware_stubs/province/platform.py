"""The province's server: keeps one record for each key, remembers what came in order, and fails as it is told to."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from firmware_stubs.faults import FaultValue, Reader, read_fault, seconds, switch
from firmware_stubs.province.envelopes import ENVELOPES, BadEnvelopeError, Envelope, Fields, Keys
from firmware_stubs.refusal import RefusedError

Key = tuple[str, int]
LARGEST_BODY = 64 * 1024
REFUSAL = "事项编码不存在，请核对后重新上报"


def some(value: object) -> FaultValue:
    """How many; 0 is off."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
        raise RefusedError("该故障的值须为整数。", "This fault takes a whole number.")
    return value


class ProvinceStub:
    """There from `start` to `stop`, on the same port through any fault. `port` 0 takes a free one."""

    kind = "province"
    KEYS: ClassVar[tuple[str, ...]] = ()
    FAULTS: ClassVar[Mapping[str, Reader]] = {
        "down": switch,  # nobody listens
        "slow": seconds,  # stored at once, answered so much later
        "flapping": some,  # so many requests fail, so many do not, and again
        "error_500": switch,
        "refuse": some,  # 4xx for every nth project number, always the same ones
        "lose_answer": some,  # the next n are stored, and the connection is cut before the answer
    }

    def __init__(self, keys: Keys, host: str = "127.0.0.1", port: int = 0) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self.faults: dict[str, FaultValue] = {}
        self.counters = Counter(requests=0, failed=0, bad_envelopes=0, refused=0, duplicates=0)
        self.store: dict[Key, Fields] = {}
        self.came: list[Key] = []
        self._keys, self._host, self._port = keys, host, port
        self._lock = threading.RLock()
        self._server: Server | None = None

    def start(self) -> None:
        self._listen()
        if self.faults.get("down"):
            self._hang_up()

    def stop(self) -> None:
        self._hang_up()

    @property
    def address(self) -> str:
        return f"{self._host}:{self._port}"

    def set_fault(self, name: str, value: object = True) -> None:
        name, read = read_fault(self.FAULTS, name, value)
        self.faults[name] = read
        if name == "down":
            self._hang_up() if read else self._listen()
        self.on_change()

    def press(self, key: str) -> None:
        raise RefusedError("该设备没有按键。", "This device has no keys.")

    def state(self) -> dict[str, object]:
        with self._lock:
            return {
                "kind": self.kind,
                "tcp": self.address,
                "faults": {name: self.faults.get(name, False) for name in self.FAULTS},
                "keys": [],
                "counters": dict(self.counters),
                "records": len(self.store),
            }

    def records(self) -> list[dict[str, object]]:
        """What is stored, in the order in which each came first."""
        with self._lock:
            return [{"key": list(key), "fields": fields} for key, fields in self.store.items()]

    def answer(self, envelope: Envelope, body: bytes) -> tuple[int, bytes] | None:
        """HTTP status and body; None cuts the connection."""
        with self._lock:
            self.counters["requests"] += 1
            failed = self._failing()
            self.counters["failed"] += bool(failed)
            answer = (failed, envelope.answer(envelope.busy, "系统繁忙")) if failed else self._judged(envelope, body)
        time.sleep(float(self.faults.get("slow", 0)))  # the fault itself: a far side that takes its time
        return answer

    def _failing(self) -> int:
        turn = int(self.faults.get("flapping", 0))
        if self.faults.get("error_500") or (turn and (self.counters["requests"] - 1) // turn % 2 == 0):
            return 500
        return 0

    def _judged(self, envelope: Envelope, body: bytes) -> tuple[int, bytes] | None:
        try:
            fields = envelope.open(body, self._keys)
        except BadEnvelopeError as error:
            self.counters["bad_envelopes"] += 1
            return 401, envelope.answer(envelope.refused, str(error))
        key = (fields["projectNo"], int(fields["serviceNumber"]))
        if self._refused(key):
            self.counters["refused"] += 1
            return 400, envelope.answer(envelope.refused, REFUSAL)
        return self._stored(envelope, key, fields)

    def _refused(self, key: Key) -> bool:
        every = int(self.faults.get("refuse", 0))
        digits = "".join(sign for sign in key[0].rpartition("-")[2] if sign.isdecimal())
        return bool(every) and int(digits or 0) % every == 0

    def _stored(self, envelope: Envelope, key: Key, fields: Fields) -> tuple[int, bytes] | None:
        again = key in self.store
        self.came.append(key)
        self.store[key] = fields
        self.counters["duplicates"] += again
        self.on_change()
        if self.faults.get("lose_answer"):
            self.faults["lose_answer"] = int(self.faults["lose_answer"]) - 1
            return None
        code, words = (envelope.duplicate, "重复上报") if again else (envelope.taken, "成功")
        return 200, envelope.answer(code, words)

    def _listen(self) -> None:
        if self._server is None:
            try:
                self._server = Server((self._host, self._port), Handler)
            except OSError as error:
                raise RefusedError(
                    f"端口 {self.address} 无法使用：{error.strerror}。",
                    f"Cannot use {self.address}: {error.strerror}.",
                ) from None
            self._server.province = self
            self._port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    province: ProvinceStub


class Handler(BaseHTTPRequestHandler):
    """One request a connection, so that "down" is down for who was connected too."""

    server: Server

    def log_message(self, *_: object) -> None:
        """Silent: standard output carries the endpoint lines only."""

    def do_POST(self) -> None:
        envelope = ENVELOPES.get(self.path)
        size = self.headers.get("Content-Length", "")
        if envelope is None or not size.isdecimal() or int(size) > LARGEST_BODY:
            self.send_error(404)
            return
        answer = self.server.province.answer(envelope, self.rfile.read(int(size)))
        if answer is not None:  # else the connection ends without a word
            status, body = answer
            self.send_response(status)
            self.send_header("Content-Type", envelope.media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
