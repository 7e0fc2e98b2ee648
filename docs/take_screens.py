"""Take the pictures in `docs/screens` from a virtual hall: `python docs/take_screens.py`.

Needs the venv and the browser that `./run test` lays.
"""

import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import requests
from playwright.sync_api import Browser, Page, sync_playwright
from wall_screens import take_walls
from werkzeug.serving import make_server

from firmware_stubs.virtual_hall.__main__ import Quiet
from firmware_stubs.virtual_hall.founding import Person
from firmware_stubs.virtual_hall.hall import Hall
from firmware_stubs.virtual_hall.web import create_app

sys.path.insert(0, str(Path(__file__).parents[1]))
from server.contract.ratings import Label
from server.domain.rating import LEVELS
from server.services.paper_ratings import TAGS
from tests.kiosk.states import draw, states, still

UPRIGHT, LYING = (1080, 1920), (1280, 800)
SCREENS = Path(__file__).with_name("screens")
CHROMIUM = "/usr/bin/chromium"
SWITCHES = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
"""The second is the screen service's as well: the walls of a hall ask nobody to switch their sound on."""
ALL = [1, 2, 3, 4, 5, 6, 7]
"""Every day of the week."""
LIVELY_S = 45
"""How long visitors come and go before the pictures are taken."""


def main() -> None:
    """Everything on free ports and in a folder of its own; takes about a minute and a half."""
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        hall = Hall(Path(data), 0, 12)
        page = make_server("127.0.0.1", hall.port, create_app(hall), threaded=True, request_handler=Quiet)
        try:
            threading.Thread(target=page.serve_forever, daemon=True).start()
            hall.start()
            with playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES) as browser:
                take_all(hall, browser)
                take_walls(browser)
        finally:
            hall.visitors.switch(0)
            page.shutdown()
            hall.family.stop()


def take_all(hall: Hall, browser: Browser) -> None:
    hall.visitors.switch(12)
    time.sleep(LIVELY_S)
    shoot(opened(browser, hall.urls["display"], 1920, 1080), "wall")
    kiosk = opened(browser, hall.urls["kiosk"], 1080, 1920)
    shoot(kiosk, "kiosk")
    paper = taken(hall, kiosk)
    shoot(kiosk, "kiosk-taken")
    picture = requests.get(f"http://{hall.controls['printer']}/paper/{paper['no']}.png", timeout=5)
    (SCREENS / "ticket.png").write_bytes(picture.content)
    whole = opened(browser, hall.urls["page"], 1920, 1080)
    console = whole.frame_locator("#console")
    boss = Person(hall.urls["server"], hall.founding.admin.username, hall.founding.admin.password)
    for _ in range(12):  # somebody waits, however quick the other clerks are
        boss.command("/tickets", queue="A")
    console.locator("[data-action=next]").click()
    console.locator(".hand.called").wait_for()
    time.sleep(2)
    shoot(whole, "hall")
    take_console(hall, browser)
    take_monitor(hall, browser)
    hall.visitors.switch(0)
    take_kiosk(hall, browser)
    take_phone(hall, browser)
    take_rectifications(hall, browser)
    shoot(opened(browser, f"{hall.urls['server']}/styleguide", 1366, 1900), "styleguide")
    take_admin(hall, browser)
    take_duty(hall, browser)
    take_tablet(hall, browser)


def taken(hall: Hall, kiosk: Page) -> dict[str, Any]:
    """Touch the kiosk for a number; what its printer made of it."""
    kiosk.get_by_text("个人综合").first.click()
    kiosk.get_by_text("取走").first.wait_for()
    paper: dict[str, Any] = requests.get(f"http://{hall.controls['printer']}/papers", timeout=5).json()["papers"][0]
    return paper


KIOSK = [
    ("home", UPRIGHT, {}), ("home", LYING, {}), ("home", UPRIGHT, {"lang": "en"}),
    ("home", UPRIGHT, {"elder": True}), ("home", UPRIGHT, {"low": True}), ("items", UPRIGHT, {}),
    ("found", UPRIGHT, {}), ("found", LYING, {}), ("nothing-found", UPRIGHT, {}), ("item", UPRIGHT, {}),
    ("item", LYING, {"elder": True}), ("guide-sheet", UPRIGHT, {}), ("priority-reason", UPRIGHT, {}),
    ("priority", UPRIGHT, {}), ("appointment", UPRIGHT, {}), ("taken", UPRIGHT, {}),
    ("taken", LYING, {"elder": True}), ("waiting-paper", UPRIGHT, {}), ("no-paper", UPRIGHT, {}),
    ("refused", UPRIGHT, {}), ("away", UPRIGHT, {}), ("scan-called", UPRIGHT, {}), ("paper-out", UPRIGHT, {}),
    ("link-lost", UPRIGHT, {}), ("agent-lost", UPRIGHT, {}), ("starting", UPRIGHT, {}), ("closed", UPRIGHT, {}),
    ("closed", LYING, {"lang": "en"}), ("quiet-1", UPRIGHT, {}), ("quiet-2", UPRIGHT, {}),
]  # fmt: skip
"""States of `tests/kiosk/states.py`; the plain one upright in Chinese gives its file the bare name."""


def take_kiosk(hall: Hall, browser: Browser) -> None:
    """Every state of the kiosk's page, drawn from what the hall's kiosk shows now."""
    pages = {size: browser.new_page(viewport={"width": size[0], "height": size[1]}) for size in (UPRIGHT, LYING)}
    for page in pages.values():
        still(page, hall.urls["kiosk"])
    seen = states(picture_of(hall.urls["kiosk"]))
    (SCREENS / "kiosk").mkdir(exist_ok=True)
    for name, size, mode in KIOSK:
        picture, ui = seen[name]
        draw(pages[size], picture, ui | mode | {"lying": size == LYING})
        how = "".join(f"-{key if value is True else value}" for key, value in mode.items())
        shoot(pages[size], f"kiosk/{name}{'-lying' if size == LYING else ''}{how}")


def picture_of(kiosk: str) -> dict[str, Any]:
    """The first that the agent tells a page."""
    with urlopen(f"{kiosk}/events", timeout=10) as stream:  # noqa: S310 - our own
        line = next(line for line in stream if line.startswith(b'data: {"'))
    picture: dict[str, Any] = json.loads(line[6:])
    return picture


def take_phone(hall: Hall, browser: Browser) -> None:
    """A citizen's phone: waiting, asked whether to cancel, called, rating, and the public items."""
    clerk = hall.founding.clerks[0]
    person = Person(hall.urls["server"], clerk.username, clerk.password)
    link = str(taken(hall, opened(browser, hall.urls["kiosk"], 1080, 1920))["qr"][0])
    phone = opened(browser, link, 360, 740)
    shoot(phone, "phone/waiting")
    phone.goto(f"{link}/cancel")
    shoot(phone, "phone/cancel")
    person.command(f"/windows/{clerk.window}/finish")
    person.command(f"/windows/{clerk.window}/call/{link.split('/')[-2]}")
    phone.goto(link)
    shoot(phone, "phone/called")
    for action in ("begin", "finish", "call-next"):
        person.command(f"/windows/{clerk.window}/{action}")
    phone.goto(f"{link}/rate")
    shoot(phone, "phone/rate")
    phone.goto(f"{link}/rate?label=dissatisfied")
    shoot(phone, "phone/rate-why")
    phone.goto(f"{hall.urls['server']}/items?q=ylbx")
    shoot(phone, "phone/items")
    phone.goto(f"{hall.urls['server']}/items/SB-03")
    shoot(phone, "phone/item")


DONE = {
    "verify": "监控可见排队两小时",
    "reach": "群众说等候太久",
    "rectify": "高峰时段增开一个窗口",
    "feed_back": "您反映的等候时间过长属实。我们已在高峰时段增开一个窗口，给您添麻烦了。",
}
"""What is done about the first of them, and said."""
SAID = (("dissatisfied", "等了两个小时，问了三个窗口"), ("very_dissatisfied", "材料没有一次说清，跑了两趟"))


def take_rectifications(hall: Hall, browser: Browser) -> None:
    """Two bad ratings by paper, one of them put right; the work list, a case and the reply on a phone."""
    clerk, admin = hall.founding.clerks[0], hall.founding.admin
    person = Person(hall.urls["server"], clerk.username, clerk.password)
    boss = Person(hall.urls["server"], admin.username, admin.password)
    links = [rated_badly(hall, browser, person, clerk.window, *said) for said in SAID]
    case = boss.session.get(f"{boss.server}/api/v1/rectifications", timeout=5).json()["cases"][0]
    for n, (step, text) in enumerate(DONE.items()):
        how = {"kind": "simple"} if step == "verify" else {}
        boss.command(f"/rectifications/{case['number']}/steps", step=step, text=text, version=1 + n, **how)
    page = signed_in(browser, boss, 1366, 768)
    page.goto(f"{hall.urls['server']}/rectifications")
    page.locator(".case").first.wait_for()
    shoot(page, "rectifications")
    page.locator(".case", has_text=case["number"]).locator(".main").click()
    page.locator(".story li").first.wait_for()
    shoot(page, "rectification")
    shoot(opened(browser, f"{links[0]}/reply", 360, 740), "phone/reply")


def rated_badly(hall: Hall, browser: Browser, clerk: Person, window: str, label: str, text: str) -> str:
    """The link on the paper of somebody who was served and rates so."""
    link = str(taken(hall, opened(browser, hall.urls["kiosk"], 1080, 1920))["qr"][0])
    for action in ("sign-in", "begin", "finish"):  # whoever is at the window
        clerk.command(f"/windows/{window}/{action}")
    clerk.command(f"/windows/{window}/call/{link.split('/')[-2]}", reason="评价截图")
    for action in ("begin", "finish"):
        clerk.command(f"/windows/{window}/{action}")
    said = {"label": label, "tag": next(iter(TAGS[LEVELS[Label(label)]])), "text": text}
    requests.post(f"{link}/rate", data=said, headers={"Origin": hall.urls["server"]}, timeout=5)
    return link


def take_console(hall: Hall, browser: Browser) -> None:
    """The clerk's own screen, with a citizen at the window."""
    clerk = hall.founding.clerks[0]
    person = Person(hall.urls["server"], clerk.username, clerk.password)
    person.command(f"/windows/{clerk.window}/begin")
    page = signed_in(browser, person, 1366, 768)
    page.goto(f"{hall.urls['server']}/console")
    page.locator(".hand.serving").wait_for()
    shoot(page, "console")


def take_monitor(hall: Hall, browser: Browser) -> None:
    """The hall live, and the present hour once more at its end."""
    admin = hall.founding.admin
    page = signed_in(browser, Person(hall.urls["server"], admin.username, admin.password), 1920, 1080)
    page.goto(f"{hall.urls['server']}/monitor")
    page.locator(".picture").wait_for()
    shoot(page, "monitor/live")
    page.goto(f"{hall.urls['server']}/monitor#replay")
    page.locator("input.slider").press("End")
    shoot(page, "monitor/replay")


AS_THEY_OPEN = (
    ("/admin#screens", "form.notice", "admin-screens"),
    ("/admin#users", "main table", "admin-people"),
    ("/admin#alarms", "main form", "admin-alarms"),
    ("/admin#operations", "main form", "admin-operations"),
    ("/admin#sms", "main form", "admin-sms"),
    ("/statistics", "main table", "statistics"),
    ("/reports", "main :is(.none, table)", "reports"),
    ("/audit", ".audit tbody tr", "audit"),
    ("/account", "main form", "account"),
)


def take_admin(hall: Hall, browser: Browser) -> None:
    """Pages as they open, the editor of a service item, the guide, and a draft of the settings."""
    admin = hall.founding.admin
    page = signed_in(browser, Person(hall.urls["server"], admin.username, admin.password), 1440, 900)
    for path, there, name in AS_THEY_OPEN:
        page.goto(hall.urls["server"] + path)
        page.locator(there).first.wait_for()
        shoot(page, name)
    page.goto(f"{hall.urls['server']}/admin#items")
    page.locator(".items td button").nth(2).click()
    page.locator(".versions").wait_for()
    shoot(page, "admin-items")
    page.goto(f"{hall.urls['server']}/start#windows")
    page.get_by_role("button", name="重新建立").click()
    page.get_by_label("大型大厅").check()
    shoot(page, "start")
    page.goto(f"{hall.urls['server']}/admin#draft")
    page.get_by_role("button", name="从现在的设置新建草稿").click()
    page.get_by_label("12 C 权重").fill("0")
    page.get_by_label("13 B 权重").fill("2")
    page.locator(".findings li").filter(has_text="12 号窗口").wait_for()
    shoot(page, "admin-draft")
    page.get_by_role("button", name="丢弃草稿").click()
    page.keyboard.press("Enter")


def take_duty(hall: Hall, browser: Browser) -> None:
    """The posts of four windows and two desks: one kept by its primary, one by its backup."""
    admin, clerks = hall.founding.admin, hall.founding.clerks
    boss = Person(hall.urls["server"], admin.username, admin.password)
    for first, second in ((0, 1), (1, 0), (2, 3), (3, 2)):
        pair = {"primary": clerks[first].username, "backup": clerks[second].username}
        window = clerks[first].window
        boss.command(
            "/admin/cover/posts", kind="window", name=f"{window} 号窗口", window=window, weekdays=ALL, **pair
        )
    for kind, name in (("guide", "导办台"), ("leader", "值班领导")):
        boss.command("/admin/cover/posts", kind=kind, name=name, weekdays=ALL, primary=clerks[-1].username)
    for who, window in ((0, clerks[0].window), (3, clerks[2].window)):
        person = Person(hall.urls["server"], clerks[who].username, clerks[who].password)
        person.command(f"/windows/{window}/sign-in", take_over=True)
    page = signed_in(browser, boss, 1366, 768)
    page.goto(f"{hall.urls['server']}/duty")
    page.locator("table.now").wait_for()
    shoot(page, "duty")


def take_tablet(hall: Hall, browser: Browser) -> None:
    """The tablet of the third window through one citizen's rating; and where ratings are entered."""
    server, clerk, admin = hall.urls["server"], hall.founding.clerks[2], hall.founding.admin
    boss = Person(server, admin.username, admin.password)
    person = Person(server, clerk.username, clerk.password)
    person.command(f"/windows/{clerk.window}/sign-in", take_over=True)
    code = boss.command("/admin/devices", name="tablet", kind="tablet", window=clerk.window)["token"]
    page = opened(browser, f"{server}/tablet", *LYING)
    page.fill("#code", code)
    page.locator("main button").click()
    shown(page, "idle")
    boss.command("/tickets", queue="A")
    for action in ("call-next", "begin", "finish"):
        person.command(f"/windows/{clerk.window}/{action}")
    shown(page, "ask")
    page.set_viewport_size({"width": LYING[1], "height": LYING[0]})
    shown(page, "ask", "ask-upright")
    page.set_viewport_size({"width": LYING[0], "height": LYING[1]})
    with page.expect_response("**/api/v1/ratings"):
        page.locator("[data-label=dissatisfied]").click()
    shown(page, "thanks")
    page.locator(".choose .main").click()
    shown(page, "reasons")
    shoot(opened(browser, f"{server}/rating-form", 794, 1123), "rating-form")
    entry = signed_in(browser, boss, 1366, 900)
    entry.goto(f"{server}/rating-entry")
    entry.locator("input[name=number]").wait_for()
    shoot(entry, "rating-entry")


def shown(page: Page, step: str, name: str = "") -> None:
    page.locator(f"[data-step={step}]").wait_for()
    shoot(page, f"tablet/{name or step}")


def signed_in(browser: Browser, person: Person, width: int, height: int) -> Page:
    context = browser.new_context(viewport={"width": width, "height": height})
    cookie = person.session.cookies["jiaohao_session"]
    context.add_cookies([{"name": "jiaohao_session", "value": cookie, "url": person.server}])
    return context.new_page()


def opened(browser: Browser, url: str, width: int, height: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(url)
    time.sleep(3)
    return page


def shoot(page: Page, name: str) -> None:
    (SCREENS / name).parent.mkdir(exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png")


if __name__ == "__main__":
    main()
