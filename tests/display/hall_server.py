"""A small honest server for the display's tests: board, news and heartbeat of docs/wire.md, nothing else.

Run as a process, so that it can be killed and frozen. It keeps its hall in a file; `POST /do` makes things happen.
"""

import json
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from flask import Flask, abort, jsonify, request
from flask_socketio import SocketIO

TOKEN = "test-token-display"
ZONE = timezone(timedelta(hours=8))

NAMES = [
    ("A", "社会保险登记与缴费", "Social insurance"),
    ("B", "养老待遇", "Pensions"),
    ("C", "工伤与失业", "Injury"),
    ("D", "就业创业", "Employment"),
    ("E", "社保卡", "Social security card"),
]
WINDOW_NAMES = ["社保综合窗口", "养老待遇窗口", "就业创业窗口"]


def now() -> str:
    return datetime.now(ZONE).isoformat()


def item(code: str, name: str, promise: str, fee: str, materials: list[str]) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "queue": "A",
        "legal_basis": "《社会保险法》",
        "handling_body": "社会保险经办中心",
        "process": ["申请", "受理", "办结"],
        "materials": materials,
        "promise": promise,
        "fee": fee,
        "location": "1 楼 A 区",
        "supervisor": "行风监督科",
        "complaint_tel": "12333",
        "minutes": 8,
    }


def new_hall() -> dict[str, Any]:
    return {
        "hall": "demo",
        "hall_name": "滨江市政务服务中心社保大厅",
        "seq": 100,
        "at": now(),
        "open": True,
        "closed_reason": "",
        "calls": [],
        "windows": [
            {
                "no": f"{n:02}",
                "name": WINDOW_NAMES[n % 3],
                "zone": "A区" if n <= 6 else "B区",
                "floor": 1 if n <= 6 else 2,
                "state": "open",
                "pause_reason": "",
                "number": "",
                "serving": False,
                "staff_no": "",
                "inviting": False,
            }
            for n in range(1, 13)
        ],
        "queues": [
            {
                "code": code,
                "name": name,
                "name_en": en,
                "open": True,
                "waiting": 6,
                "windows": 2,
                "order": [f"{code}{n:03}" for n in range(1, 7)],
            }
            for code, name, en in NAMES
        ],
        "items": [
            item(
                "SB-01",
                "企业职工基本养老保险参保登记",
                "即时办结",
                "不收费",
                ["营业执照副本", "职工身份证复印件", "劳动合同"],
            ),
            item(
                "SB-02",
                "失业保险金申领",
                "10 个工作日",
                "不收费",
                ["身份证", "终止或解除劳动合同的证明", "失业登记凭证", "本人银行卡"],
            ),
        ],
        "notices": ["每周六上午提供延时服务，欢迎提前预约。"],
    }


class Hall:
    def __init__(self, file: Path) -> None:
        self.lock = threading.RLock()
        self.file = file
        self.board = json.loads(file.read_text()) if file.exists() else new_hall()

    def event(self, kind: str, **data: Any) -> dict[str, Any]:
        self.board["seq"] += 1
        self.board["at"] = now()
        return {"hall": "demo", "seq": self.board["seq"], "kind": kind, "at": now(), "data": data}

    def save(self) -> None:
        beside = self.file.with_suffix(".new")
        beside.write_text(json.dumps(self.board))
        beside.replace(self.file)

    def do(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        news = getattr(self, f"do_{what}")(**body)
        self.save()
        return news

    def window(self, no: str) -> dict[str, Any]:
        return next(w for w in self.board["windows"] if w["no"] == no)

    def do_issue(self, number: str) -> dict[str, Any]:
        """Behind all others, so that the board does not name it."""
        next(q for q in self.board["queues"] if q["code"] == number[0])["waiting"] += 10
        return self.event("ticket.issued", ticket_id="t", number=number, queue=number[0], window="")

    def do_call(self, window: str, number: str, recall: bool = False, age_s: float = 0.0) -> dict[str, Any]:
        where = self.window(window)
        where.update(number=number, serving=False)
        for queue in self.board["queues"]:
            if number in queue["order"]:
                queue["order"].remove(number)
                queue["waiting"] -= 1
        news = self.event(
            "ticket.recalled" if recall else "ticket.called",
            ticket_id="t",
            number=number,
            queue=number[0],
            window=window,
        )
        call = {
            "seq": news["seq"],
            "number": number,
            "window": window,
            "window_name": where["name"],
            "zone": where["zone"],
            "floor": where["floor"],
            "queue": number[0],
            "at": (datetime.now(ZONE) - timedelta(seconds=age_s)).isoformat(),
            "recall": recall,
        }
        news["data"]["call"] = call
        self.board["calls"] = [*self.board["calls"], call][-30:]
        return news

    def do_undo(self, window: str) -> dict[str, Any]:
        where = self.window(window)
        number = where["number"]
        where.update(number="", serving=False)
        self.board["calls"] = [call for call in self.board["calls"] if call["number"] != number]
        return self.event("ticket.requeued", ticket_id="t", number=number, queue="A", window=window)

    def do_serve(self, window: str) -> dict[str, Any]:
        where = self.window(window)
        where["serving"] = True
        return self.event("ticket.serving", ticket_id="t", number=where["number"], queue="A", window=window)

    def do_finish(self, window: str) -> dict[str, Any]:
        where = self.window(window)
        number = where["number"]
        where.update(number="", serving=False)
        return self.event("ticket.finished", ticket_id="t", number=number, queue="A", window=window)

    def do_pause(self, window: str, reason: str) -> dict[str, Any]:
        self.window(window).update(state="paused", pause_reason=reason)
        return self.event("window.changed", window=window)

    def do_set(self, **values: Any) -> dict[str, Any]:
        self.board.update(values)
        return self.event("hall.changed")


def create(hall: Hall) -> tuple[Flask, SocketIO]:
    app = Flask(__name__)
    sockets = SocketIO(app, async_mode="threading", cors_allowed_origins=[])
    fault = {"lose": 0, "revoked": 0}
    take_reports(app, fault)

    @app.get("/api/v1/board")
    def board() -> Any:
        if fault["revoked"] or request.headers.get("Authorization") != f"Bearer {TOKEN}":
            abort(401)
        with hall.lock:
            return jsonify(hall.board)

    @app.post("/do")
    def do() -> Any:
        """A list of [what, arguments]. With "lose" the news that follow are never sent, as over a bad line."""
        with hall.lock:
            return jsonify([seq for what, arguments in request.get_json() for seq in step(what, arguments)])

    def step(what: str, arguments: dict[str, Any]) -> list[int]:
        if what in fault:
            fault[what] = arguments["count"]
            return []
        news = hall.do(what, arguments)
        if fault["lose"]:
            fault["lose"] -= 1
        else:
            sockets.emit("news", news, namespace="/news")
        return [news["seq"]]

    @sockets.on("connect", namespace="/news")
    def connect(auth: Any) -> bool:
        return isinstance(auth, dict) and auth.get("token") == TOKEN

    sockets.start_background_task(beat, hall, sockets)
    return app, sockets


def take_reports(app: Flask, fault: dict[str, int]) -> None:
    reports: list[Any] = []

    @app.post("/api/v1/devices/health")
    def health() -> Any:
        if fault["revoked"]:
            abort(401)
        reports.append(request.get_json())
        return jsonify({})

    @app.get("/reports")
    def reported() -> Any:
        return jsonify(reports)


def beat(hall: Hall, sockets: SocketIO) -> None:
    while True:
        with hall.lock:
            message = {"hall": "demo", "seq": hall.board["seq"], "at": now()}
            sockets.emit("heartbeat", message, namespace="/news")
        time.sleep(2.0)


if __name__ == "__main__":
    made, with_sockets = create(Hall(Path(sys.argv[1])))
    with_sockets.run(made, host="127.0.0.1", port=int(sys.argv[2]), allow_unsafe_werkzeug=True)
