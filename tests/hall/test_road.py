"""The whole road, as one visit: touch, paper, call, wall, light, service, rating. Real browser, real bytes."""

import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.hall.conftest import DESK, UPRIGHT, WALL
from tests.hall.parts import PASSWORD, PATIENCE_S, Device, Hall, name, until

OpenPage = Callable[..., Page]
SOON = {"timeout": PATIENCE_S * 1000}


def sign_in_at(page: Page, window: str, username: str) -> None:
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(f'.seat[data-no="{window}"]').click(**SOON)
    expect(page.locator(".desk")).to_be_visible(**SOON)


def test_from_a_touch_to_a_rating(hall: Hall, open_face: OpenPage) -> None:
    server = hall.server
    form = {"username": "wang", "role": "clerk", "password": PASSWORD, "name": "王", "staff_no": "SB7"}
    server.admin.do("/admin/users", **form)
    kiosk = open_face(hall.kiosk.url, UPRIGHT, has_touch=True)
    wall = open_face(hall.display.url, WALL)
    desk = open_face(server.url + "/console", DESK)
    sign_in_at(desk, "01", "wang")
    expect(wall.locator("main.live")).to_be_visible(**SOON)

    # From greeting to paper it may take two touches; it takes one.
    tile = kiosk.locator(".tile.mark-A")
    expect(tile).to_be_enabled(**SOON)
    tile.tap()
    expect(kiosk.locator(".paper")).to_contain_text("请取走您的号票", **SOON)
    number = kiosk.locator(".huge").inner_text()
    ticket = until(lambda: (row := server.ticket(number))["print_state"] == "printed" and row)
    check_paper(hall, number, ticket["code"])

    # The clerk's one key: the wall and the light over the window say so.
    desk.keyboard.press("F2")
    expect(desk.locator("#number")).to_have_text(number, **SOON)
    expect(wall.locator(".spot.fresh .who")).to_have_text(number, **SOON)
    expect(wall.locator(".spot .go b")).to_have_text("01")
    until(lambda: hall.bar_says(0, f"{number} 请到本窗口"))
    desk.keyboard.press("b")
    until(lambda: hall.bar_says(0, f"{number} 正在办理"))
    assert not hall.evaluators.state(0)["prompting"]
    expect(desk.locator(".hand.serving")).to_be_visible(**SOON)
    expect(desk.locator('.actions[aria-busy="false"]')).to_be_visible(**SOON)

    # Finished: this window's evaluator asks, and no other.
    desk.keyboard.press("f")
    until(lambda: hall.evaluators.state(0)["prompting"])
    assert [hall.evaluators.state(i)["prompting"] for i in (1, 2)] == [False, False]
    assert server.ticket(number)["rating_state"] == "invited"
    hall.evaluators.press("satisfied")
    until(lambda: server.ticket(number)["rating_state"] == "rated")
    until(lambda: hall.evaluators.state(0)["thanking"])
    expect(desk.locator(".chip.rating")).to_have_count(0, **SOON)
    (rating,) = server.rows(
        "SELECT rating.*, invitation.ticket_id FROM rating JOIN invitation ON invitation.id = invitation_id"
    )
    assert (rating["ticket_id"], rating["level"], rating["label"]) == (ticket["id"], 4, "satisfied")
    assert rating["raw_key"] == "ff680303680111011316" and rating["source"] == "evaluator"


def check_paper(hall: Hall, number: str, code: str) -> None:
    """One whole piece, in Chinese, with the number large and the citizen's own QR code; sent as ESC/POS."""
    (paper,) = hall.printer.papers()
    assert paper["complete"] and paper["restarts"] == 0
    assert paper["lines"][:2] == ["清禾市社会保险经办服务大厅", number]
    assert "个人综合" in paper["lines"] and "前面无人" in paper["lines"]
    assert any(item.get("text") == number and item["size"] >= 4 for item in paper["items"])
    assert re.fullmatch(re.escape(f"{hall.server.url}/t/{code}/") + "[a-z2-7]{8}", paper["qr"][0])
    sent = (hall.folder / "printer.bytes").read_text().replace(" ", "")
    begin, chinese, text, cut, fence = "1b40", "1c26", number.encode().hex(), "1d56", "1d28480600303"
    words = [begin, chinese, "清禾市".encode("gbk").hex(), text, cut, fence]
    places = [sent.rindex(word) for word in words]
    assert places == sorted(places), dict(zip(words, places, strict=True))


def test_no_press_stays_unrated(hall: Hall) -> None:
    server = hall.server
    server.change_hall(invitation_seconds=5)
    try:
        number = hall.kiosk.visit()["ticket"]["number"]
        assert server.clerk("02").serve_next() == number
        until(lambda: hall.evaluators.state(1)["prompting"])
        until(lambda: server.ticket(number)["rating_state"] == "unrated")
    finally:
        server.change_hall(invitation_seconds=60)
    before = ratings(hall)
    hall.evaluators.press("satisfied", device=1)
    until(lambda: server.rows("SELECT 1 FROM stray_press WHERE reason = 'expired'"))
    assert ratings(hall) == before and server.ticket(number)["rating_state"] == "unrated"


def ratings(hall: Hall) -> int:
    return len(hall.server.rows("SELECT id FROM rating"))


@pytest.mark.parametrize("who", ["clerk", "admin", "kiosk", "display", "nobody"])
def test_only_an_evaluator_rates(hall: Hall, who: str) -> None:
    """Not the clerk, not the admin, no other device, even with an invitation open at the window."""
    server = hall.server
    clerk = server.clerk("07")
    hall.kiosk.visit()
    number = clerk.serve_next()
    body = {"label": "satisfied"}
    match who:
        case "clerk":
            answer = clerk.person.send("/ratings", **body)
        case "admin":
            answer = server.admin.send("/ratings", **body)
        case "nobody":
            answer = requests.post(
                f"{server.url}/api/v1/ratings", json={"request_id": name(), **body}, timeout=PATIENCE_S
            )
        case device:
            token = (hall.folder / f"{device}.token").read_text()
            answer = Device(server.url, token).post("/ratings", **body)
    assert answer.status_code == (401 if who == "nobody" else 403)
    assert answer.json()["detail"] and answer.json()["detail_en"]
    assert server.ticket(number)["rating_state"] == "invited"
