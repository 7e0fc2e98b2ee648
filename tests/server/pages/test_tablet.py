"""平板评价 in a real browser: what is pressed is counted once, for the right service, and shown to nobody."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
import requests
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.server.pages.conftest import PASSWORD, Live, until

Tab = Callable[..., Page]
SOON_MS = 30_000


class Clerk:
    """Somebody at a window, over HTTP."""

    def __init__(self, live: Live, no: str) -> None:
        self._live, self._no, self._http = live, no, requests.Session()
        self.username = live.clerk()
        form = {"username": self.username, "password": PASSWORD}
        answer = self._http.post(f"{live.url}/api/v1/session", json=form, timeout=20)
        self._http.headers["X-CSRF-Token"] = answer.json()["csrf"]
        self.do("sign-in")

    def do(self, action: str) -> None:
        url = f"{self._live.url}/api/v1/windows/{self._no}/{action}"
        answer = self._http.post(url, json={"request_id": uuid4().hex}, timeout=20)
        assert answer.ok, answer.text

    def serve(self) -> str:
        """One citizen, from ticket to finish; returns the number."""
        number = self._live.take("A")
        for action in ("call-next", "begin", "finish"):
            self.do(action)
        return number


@pytest.fixture
def paired(fresh: Live, tab: Tab) -> tuple[Live, Clerk, Page]:
    """A hall of its own, a clerk at window 03, and a tablet there whose code was typed."""
    fresh.set_up()
    settings = {"name": "大厅", "open": True, "invitation_seconds": 600, "change_seconds": 10}
    fresh.do("/admin/hall", method="PUT", **settings)
    return fresh, Clerk(fresh, "03"), pair(fresh, tab)


def pair(live: Live, tab: Tab, window: str = "03") -> Page:
    page = tab(f"{live.url}/tablet")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.fill("#code", live.do("/admin/devices", name=f"tab{window}", kind="tablet", window=window)["token"].lower())
    page.get_by_role("button", name="绑定").click()
    expect(page.locator("[data-step]")).to_be_visible(timeout=SOON_MS)
    return page


def step(page: Page, name: str) -> None:
    expect(page.locator(f"[data-step={name}]")).to_be_visible(timeout=SOON_MS)


def press(page: Page, label: str) -> None:
    page.locator(f"[data-label={label}]").click()


def rows(live: Live, sql: str) -> list[Any]:
    with closing(sqlite3.connect(live.folder / "jiaohao.db")) as db:
        return db.execute(sql).fetchall()


def given(live: Live) -> list[Any]:
    """Number, label, tags and whether reasons were declined, of every rating."""
    return rows(
        live,
        "SELECT t.number, r.label, r.tags, r.reason_declined FROM rating r"
        " JOIN invitation i ON i.id = r.invitation_id JOIN ticket t ON t.id = i.ticket_id"
        " WHERE r.source = 'tablet' ORDER BY r.id",
    )


def all_words(page: Page) -> None:
    """From now on the page keeps whatever it shows, however shortly, but for the seconds that are left."""
    page.evaluate("""() => {
      window.shown = [];
      const look = () => {
        const words = document.querySelector("main").innerText.replace(/[0-9]+/g, "");
        if (words !== window.shown.at(-1)) window.shown.push(words);
      };
      look();
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    }""")


def strays(live: Live) -> int:
    return int(rows(live, "SELECT count(*) FROM stray_press")[0][0])


def test_a_press_is_one_rating_and_the_next_citizen_is_asked_anew(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    step(page, "idle")
    seen = []
    for label in ("very_satisfied", "very_dissatisfied"):
        number = clerk.serve()
        expect(page.locator(".left")).to_contain_text(number, timeout=SOON_MS)
        press(page, label)
        step(page, "thanks")
        seen.append(page.locator(".word > :not(.quiet)").all_inner_texts())  # but for the seconds that are left
        assert "满意" not in page.locator("body").inner_text()
    assert seen[0] == seen[1]  # nobody beside can tell what was pressed
    assert [row[1] for row in given(live)] == ["very_satisfied", "very_dissatisfied"]
    assert strays(live) == 0


def test_two_fingers_at_once_are_one_press(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    clerk.serve()
    step(page, "ask")
    expect(page.locator(".faces button").first).to_be_enabled(timeout=SOON_MS)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.evaluate("() => { for (const face of document.querySelectorAll('.faces button')) face.click(); }")
    step(page, "thanks")
    assert len([url for url in sent if url.endswith("/ratings")]) == 1
    assert [row[1] for row in given(live)] == ["very_satisfied"] and strays(live) == 0


def test_reasons_are_asked_for_and_may_be_declined(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    for more in (["服务态度生硬", "没有提供材料清单"], []):
        clerk.serve()
        step(page, "ask")
        press(page, "dissatisfied")
        step(page, "thanks")
        if more:
            page.get_by_role("button", name="说说原因").click()
            for words in more:
                page.get_by_role("button", name=words).click()
            page.get_by_role("button", name="提交 Send").click()
        else:
            page.get_by_role("button", name="不说了").click()
        step(page, "done")
    # The page does not wait for the second answer.
    until(lambda: [row[2:] for row in given(live)] == [('["214", "208"]', 0), ("[]", 1)])


def test_declining_looks_the_same_whatever_was_pressed(paired: tuple[Live, Clerk, Page]) -> None:
    _, clerk, page = paired
    held: list[Route] = []
    page.route("**/api/v1/ratings/reasons", lambda route: held.append(route))
    seen = []
    for label in ("very_satisfied", "very_dissatisfied"):
        clerk.serve()
        step(page, "ask")
        press(page, label)
        step(page, "thanks")
        all_words(page)
        page.get_by_role("button", name="不说了").click()
        step(page, "done")
        for route in held:
            route.abort()  # whether it fails is nobody's business here either
        step(page, "idle")
        seen.append(page.evaluate("window.shown"))
    assert len(held) >= 1 and seen[0] == seen[1]


def test_reasons_that_are_being_chosen_stay(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    page.clock.install()
    page.reload()
    clerk.serve()
    step(page, "ask")
    press(page, "dissatisfied")
    page.get_by_role("button", name="说说原因").click(timeout=SOON_MS)
    for words in ("服务态度生硬", "没有提供材料清单", "没有提供材料清单"):
        page.clock.run_for(30_000)
        page.get_by_role("button", name=words).click(timeout=SOON_MS)
    page.get_by_role("button", name="提交 Send").click(timeout=SOON_MS)
    step(page, "done")
    assert [row[2] for row in given(live)] == ['["214"]']


def test_reasons_close_before_the_server_refuses_them(paired: tuple[Live, Clerk, Page]) -> None:
    _, clerk, page = paired
    page.clock.install()
    page.reload()
    clerk.serve()
    step(page, "ask")
    press(page, "dissatisfied")
    page.get_by_role("button", name="说说原因").click(timeout=SOON_MS)
    for passed in (30_000, 30_000, 30_000, 12_000):
        page.clock.run_for(passed)
        page.get_by_role("button", name="服务态度生硬").click(timeout=SOON_MS)
    page.clock.run_for(10_000)
    expect(page.locator("[data-step=reasons]")).to_have_count(0, timeout=10_000)  # by the last touch alone: 30 s


def test_a_finger_on_the_reasons_does_not_rate_for_the_next(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    clerk.serve()
    step(page, "ask")
    press(page, "dissatisfied")
    page.get_by_role("button", name="说说原因").click(timeout=SOON_MS)
    step(page, "reasons")
    page.evaluate("""() => new MutationObserver((_, observer) => {
      const face = document.querySelector(".faces button");
      if (!face) return;
      observer.disconnect();
      face.click();
      document.body.dataset.touched = "yes";
    }).observe(document.body, { subtree: true, childList: true })""")
    number = clerk.serve()
    expect(page.locator("[data-touched]")).to_be_attached(timeout=SOON_MS)
    press(page, "basically_satisfied")
    step(page, "thanks")
    assert [row[:2] for row in given(live)][1:] == [(number, "basically_satisfied")]


def test_what_is_counted_is_not_said_to_be_lost(paired: tuple[Live, Clerk, Page]) -> None:
    """A change of choice travels after a rating that counts already, and that no code on paper can give again."""
    live, clerk, page = paired
    page.clock.install()
    page.reload()
    clerk.serve()
    step(page, "ask")
    press(page, "very_dissatisfied")
    page.get_by_role("button", name="选错了").click(timeout=SOON_MS)
    step(page, "again")
    page.route("**/api/v1/ratings**", lambda route: route.abort())
    all_words(page)
    press(page, "very_satisfied")
    expect(page.get_by_role("heading")).to_contain_text("正在重试", timeout=SOON_MS)
    page.clock.run_for(70_000)
    step(page, "idle")
    pages = page.evaluate("window.shown")
    said = "".join(
        words for words in pages if "连接中断" not in words
    )  # a minute that runs in a moment has no heartbeat
    assert "没有确认是否改评" in said and "whether it was changed is not confirmed" in said
    assert not [words for words in ("不算", "not counted", "二维码", "QR", "没有送到") if words in said]
    assert [row[1] for row in given(live)] == ["very_dissatisfied"]


def test_reasons_on_their_way_do_not_unmake_the_rating(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    clerk.serve()
    step(page, "ask")
    press(page, "dissatisfied")
    page.get_by_role("button", name="说说原因").click(timeout=SOON_MS)
    page.get_by_role("button", name="服务态度生硬").click()
    page.route("**/api/v1/ratings/reasons", lambda route: route.abort())
    all_words(page)
    page.get_by_role("button", name="提交 Send").click()
    expect(page.get_by_role("heading")).to_contain_text("正在重试", timeout=SOON_MS)
    page.unroute("**/api/v1/ratings/reasons")
    step(page, "done")
    said = "".join(page.evaluate("window.shown"))
    assert "不算" not in said and "not counted" not in said
    assert [row[2] for row in given(live)] == ['["214"]']


def test_who_pressed_the_wrong_face_may_choose_again(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    clerk.serve()
    step(page, "ask")
    press(page, "very_dissatisfied")
    page.get_by_role("button", name="选错了").click(timeout=SOON_MS)
    step(page, "again")
    press(page, "very_satisfied")
    step(page, "thanks")
    assert [row[1] for row in given(live)] == ["very_satisfied"]


def test_a_press_that_does_not_arrive_is_not_shown_as_counted(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    clerk.serve()
    step(page, "ask")
    port = live.port
    live.stop()
    press(page, "satisfied")
    expect(page.get_by_role("heading")).to_contain_text("不算评价", timeout=SOON_MS)
    assert page.locator("[data-step=thanks]").count() == 0
    live.start(port)
    step(page, "thanks")
    assert [row[1] for row in given(live)] == ["satisfied"]


def test_an_answer_that_is_lost_makes_no_second_rating(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    clerk.serve()
    step(page, "ask")
    seen: list[Any] = []

    def lose(route: Route) -> None:
        answer = route.fetch()
        seen.append(route.request.post_data_json)
        route.abort() if len(seen) == 1 else route.fulfill(response=answer)

    page.route("**/api/v1/ratings", lose)
    press(page, "satisfied")
    step(page, "thanks")
    assert seen[0] == seen[1]  # the same id, the same invitation
    assert len(given(live)) == 1 and strays(live) == 0


def test_a_press_that_arrives_late_never_rates_the_next_service(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    clerk.serve()
    step(page, "ask")
    held: list[Route] = []
    page.route("**/api/v1/ratings", lambda route: held.append(route))
    with page.expect_request("**/api/v1/ratings"):
        press(page, "very_dissatisfied")
    number = clerk.serve()
    held[0].continue_()
    page.unroute("**/api/v1/ratings")
    expect(page.locator(".left")).to_contain_text(number, timeout=SOON_MS)  # its own citizen is asked
    assert given(live) == [] and strays(live) == 1
    press(page, "satisfied")
    step(page, "thanks")
    assert [row[:2] for row in given(live)] == [(number, "satisfied")]


def test_it_comes_back_by_itself_after_a_restart_of_either(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    step(page, "idle")
    port = live.port
    live.stop()
    step(page, "away")
    live.start(port)
    step(page, "idle")
    clerk.serve()
    step(page, "ask")
    page.reload()
    step(page, "ask")
    page = page.context.new_page()  # the power came back
    page.goto(f"{live.url}/tablet")
    press(page, "satisfied")
    step(page, "thanks")
    assert len(given(live)) == 1


def test_revoked_it_asks_for_a_code_at_once(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    clerk.serve()
    step(page, "ask")
    live.do("/admin/devices/tab03/revoke")
    expect(page.locator("#code")).to_be_visible(timeout=SOON_MS)
    expect(page.locator(".problem")).to_contain_text("已停用")


def test_the_card_follows_who_sits_there(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    name = rows(live, "SELECT username FROM account WHERE role = 'clerk'")[0][0]
    live.do(f"/admin/screens/staff/{name}", method="PUT", name="王丽", position="综合服务岗", badges=["服务标兵"])
    expect(page.locator(".who")).to_contain_text("王丽", timeout=SOON_MS)
    clerk.do("sign-out")
    step(page, "closed")
    expect(page.locator(".who")).to_have_count(0)


def test_the_card_has_the_photo_of_who_sits_there(paired: tuple[Live, Clerk, Page]) -> None:
    live, clerk, page = paired
    live.do(f"/admin/screens/staff/{clerk.username}", method="PUT", name="王丽", position="综合服务岗")
    out = BytesIO()
    Image.new("RGB", (600, 800), "navy").save(out, "JPEG")
    live.put_file(f"/admin/screens/staff/{clerk.username}/photo", out.getvalue())
    photo = page.locator(".who img")
    expect(photo).to_be_visible(timeout=SOON_MS)
    assert photo.evaluate("one => one.naturalHeight") == 640
    live.do(f"/admin/screens/staff/{clerk.username}/photo/remove")
    expect(photo).to_have_count(0, timeout=SOON_MS)
    expect(page.locator(".who")).to_contain_text("王丽")
