"""The demo's front page, and the way from it to each stub's control port."""

from collections.abc import Iterator
from pathlib import Path

import requests
from flask import Flask, Response, jsonify, redirect, render_template, request, stream_with_context
from werkzeug.exceptions import BadGateway, NotFound
from werkzeug.wrappers import Response as AnyResponse

from firmware_stubs.virtual_hall.founding import WINDOWS, Person
from firmware_stubs.virtual_hall.hall import FACES, Hall

PAGE = Path(__file__).parent / "page"
GUARD = "X-Jiaohao-Hall"
"""Only our own page can send this header: another site's page would have to ask first, and is not answered."""


def create_app(hall: Hall) -> Flask:
    app = Flask(__name__, static_folder=str(PAGE / "static"), template_folder=str(PAGE))
    desk = Desk(hall)
    app.before_request(only_here)
    app.after_request(desk.protect)
    app.add_url_rule("/", view_func=desk.page)
    app.add_url_rule("/state", view_func=desk.state)
    for path, view in (("/sign-in", desk.sign_in), ("/visitors", desk.switch_visitors), ("/kill/<name>", desk.kill)):
        app.add_url_rule(path, view_func=view, methods=["POST"])
    app.add_url_rule("/faces/<path:path>", view_func=desk.faces)
    app.add_url_rule("/stub/<kind>/<path:path>", view_func=desk.stub, methods=["GET", "POST"])
    return app


def only_here() -> AnyResponse | None:
    """One name for one hall: the faces' cookies and frame rules are made for 127.0.0.1."""
    name, _, port = request.host.partition(":")
    if name == "localhost":
        return redirect(f"http://127.0.0.1:{port}{request.full_path}")
    if name != "127.0.0.1" or (request.method == "POST" and request.headers.get(GUARD) != "1"):
        raise NotFound
    return None


class Desk:
    """What the page can do with its hall."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall

    def page(self) -> str:
        made = self.hall.founding
        accounts = {"clerk": made.clerks[0], "guide": made.guide, "admin": made.admin}
        return render_template("index.html", urls=self.hall.urls, windows=WINDOWS, **accounts)

    def state(self) -> Response:
        alive = {name: child.alive() for name, child in self.hall.family.children.items()}
        return jsonify(visitors=self.hall.visitors.on, alive=alive)

    def sign_in(self) -> Response:
        """Sign the page's own clerk in, at the window in front: the demo's one convenience."""
        clerk = self.hall.founding.clerks[0]
        person = Person(self.hall.urls["server"], clerk.username, clerk.password)
        person.command(f"/windows/{clerk.window}/sign-in", take_over=True)
        response = jsonify({})
        cookie = person.session.cookies.get("jiaohao_session") or ""
        response.set_cookie("jiaohao_session", cookie, httponly=True, samesite="Strict")
        return response

    def switch_visitors(self) -> Response:
        self.hall.visitors.switch(self.hall.visitor_count if request.get_json().get("on") else 0)
        return jsonify(visitors=self.hall.visitors.on)

    def kill(self, name: str) -> Response:
        """A power cut of one process; the hall starts it again."""
        if name not in FACES:
            raise NotFound
        self.hall.family.children[name].kill()
        return jsonify({})

    def stub(self, kind: str, path: str) -> Response:
        """Pass a request on to the control port of the stubs of this kind."""
        if kind not in self.hall.controls:
            raise NotFound
        body = request.get_json() if request.method == "POST" else None
        url = f"http://{self.hall.controls[kind]}/{path}"
        try:
            answer = requests.request(request.method, url, json=body, timeout=15, stream=path == "events")
        except requests.RequestException:
            raise BadGateway from None
        if path == "events":
            return Response(stream_with_context(_stream(answer)), mimetype="text/event-stream")
        return Response(answer.content, answer.status_code, mimetype=answer.headers["Content-Type"].partition(";")[0])

    def faces(self, path: str) -> Response:
        """The product's design tokens and fonts, by way of its server: stubs import nothing of it."""
        answer = requests.get(f"{self.hall.urls['server']}/faces/{path}", timeout=15)
        response = Response(
            answer.content, answer.status_code, mimetype=answer.headers["Content-Type"].partition(";")[0]
        )
        response.headers["Cache-Control"] = "max-age=3600"
        return response

    def protect(self, response: Response) -> Response:
        urls = self.hall.urls
        response.headers["Content-Security-Policy"] = (
            f"default-src 'self'; base-uri 'none'; object-src 'none'; frame-src {' '.join(urls[f] for f in FACES)}"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _stream(answer: requests.Response) -> Iterator[bytes]:
    try:
        while piece := answer.raw.read1(65536):  # as it comes: waiting for more would hold the news back
            yield piece
    except requests.RequestException:
        return  # the stub went away; the browser asks again
    finally:
        answer.close()
