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
from tests.kiosk.states import draw, states, still

UPRIGHT, LYING = (1080, 1920), (1280, 800)
SCREENS = Path(__file__).with_name("screens")
CHROMIUM = "/usr/bin/chromium"
SWITCHES = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
"""The second is the screen service's as well: the walls of a hall ask nobody to switch their sound on."""
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
    console.locator("[data-action=next]").click()
    console.locator(".hand.called").wait_for()
    time.sleep(2)
    shoot(whole, "hall")
    take_console(hall, browser)
    hall.visitors.switch(0)
    take_kiosk(hall, browser)
    take_phone(hall, browser)
    shoot(opened(browser, f"{hall.urls['server']}/styleguide", 1366, 1900), "styleguide")
    take_admin(hall, browser)


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


def take_console(hall: Hall, browser: Browser) -> None:
    """The clerk's own screen, with a citizen at the window."""
    clerk = hall.founding.clerks[0]
    person = Person(hall.urls["server"], clerk.username, clerk.password)
    person.command(f"/windows/{clerk.window}/begin")
    page = signed_in(browser, person, 1366, 768)
    page.goto(f"{hall.urls['server']}/console")
    page.locator(".hand.serving").wait_for()
    shoot(page, "console")


def take_admin(hall: Hall, browser: Browser) -> None:
    """What an admin can put on the walls."""
    admin = hall.founding.admin
    page = signed_in(browser, Person(hall.urls["server"], admin.username, admin.password), 1440, 900)
    page.goto(f"{hall.urls['server']}/admin#screens")
    page.locator("form.notice").first.wait_for()
    shoot(page, "admin-screens")


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
