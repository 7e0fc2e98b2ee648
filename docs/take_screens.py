"""Take the pictures in `docs/screens` from a virtual hall: `python docs/take_screens.py`.

Needs the venv and the browser that `./run test` lays.
"""

import tempfile
import threading
import time
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from firmware_stubs.virtual_hall.__main__ import Quiet
from firmware_stubs.virtual_hall.founding import Person
from firmware_stubs.virtual_hall.hall import Hall
from firmware_stubs.virtual_hall.web import create_app

SCREENS = Path(__file__).with_name("screens")
CHROMIUM = "/usr/bin/chromium"
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
            with playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser:
                take_all(hall, browser)
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
    kiosk.get_by_text("个人综合").first.click()
    kiosk.get_by_text("取走").first.wait_for()
    shoot(kiosk, "kiosk-taken")
    paper = requests.get(f"http://{hall.controls['printer']}/papers", timeout=5).json()["papers"][0]["no"]
    picture = requests.get(f"http://{hall.controls['printer']}/paper/{paper}.png", timeout=5)
    (SCREENS / "ticket.png").write_bytes(picture.content)
    whole = opened(browser, hall.urls["page"], 1920, 1080)
    console = whole.frame_locator("#console")
    console.locator("[data-action=next]").click()
    console.locator(".hand.called").wait_for()
    time.sleep(2)
    shoot(whole, "hall")
    take_console(hall, browser)


def take_console(hall: Hall, browser: Browser) -> None:
    """The clerk's own screen, with a citizen at the window."""
    clerk = hall.founding.clerks[0]
    person = Person(hall.urls["server"], clerk.username, clerk.password)
    person.command(f"/windows/{clerk.window}/begin")
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    cookie = person.session.cookies["jiaohao_session"]
    context.add_cookies([{"name": "jiaohao_session", "value": cookie, "url": hall.urls["server"]}])
    page = context.new_page()
    page.goto(f"{hall.urls['server']}/console")
    page.locator(".hand.serving").wait_for()
    shoot(page, "console")


def opened(browser: Browser, url: str, width: int, height: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(url)
    time.sleep(3)
    return page


def shoot(page: Page, name: str) -> None:
    page.screenshot(path=SCREENS / f"{name}.png")


if __name__ == "__main__":
    main()
