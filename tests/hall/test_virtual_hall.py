"""The demo: one command, a hall on one page, alive by itself, and nothing left behind however it ends."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.hall.parts import ENV, PATIENCE_S, ROOT, until

OpenPage = Callable[..., Page]
DESKTOP = (1600, 1000)
SOON = {"timeout": PATIENCE_S * 1000}
PROCESSES = {"server", "printer", "evaluator", "ledbar", "kiosk", "display"}
VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.blockedURI));
"""


class Demo:
    """`python -m firmware_stubs.virtual_hall` in the folder `data`."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.log = data.with_suffix(".log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "firmware_stubs.virtual_hall", "--port", "0", "--data", str(data), *options],
                stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT, env=ENV,
            )  # fmt: skip
        self.family: dict[int, str] = {}

    def open(self) -> str:
        """Wait until it says that the hall is open; its address."""
        out = self.process.stdout
        assert out
        line = out.readline()
        assert line, self.log.read_text("utf-8")
        self.family = descendants(self.process.pid)
        return re.search(r"http://\S+", line)[0]  # type: ignore[index]

    def tickets(self, where: str = "1") -> list[str]:
        file = self.data / "server" / "jiaohao.db"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as db:
            return [row[0] for row in db.execute(f"SELECT number FROM ticket WHERE {where} ORDER BY id")]

    def end(self, how: signal.Signals) -> int:
        self.family |= descendants(self.process.pid)
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)

    def left(self) -> list[int]:
        """Processes of this hall that are still there."""
        return [pid for pid, born in self.family.items() if birth(pid) == born]

    def clean_up(self) -> None:
        self.family |= descendants(self.process.pid)
        self.process.kill()
        self.process.wait(10)
        for pid in self.left():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process.stdout:
            self.process.stdout.close()


def stat(pid: int) -> list[str]:
    """What the kernel says of a process after its name: state, parent … ; empty when there is none."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def birth(pid: int) -> str:
    """When it began, which tells it from a later one of the same number; "" for none or a dead one."""
    fields = stat(pid)
    return fields[19] if fields and fields[0] != "Z" else ""


def descendants(pid: int) -> dict[int, str]:
    """Children, their children, and so on, each with its birth; none that is dead and only not yet buried."""
    parents = {int(path.name): stat(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()}
    found, grown = {pid}, True
    while grown:
        more = {child for child, fields in parents.items() if fields and int(fields[1]) in found} - found
        found |= more
        grown = bool(more)
    return {child: born for child in found - {pid} if (born := birth(child))}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    demos: list[Demo] = []

    def start(*options: str) -> Demo:
        demos.append(Demo(tmp_path / "demo", *options))
        return demos[-1]

    try:
        yield start
    finally:
        for one in demos:
            one.clean_up()


def test_a_day_of_the_demo(demo: Callable[..., Demo], open_face: OpenPage) -> None:
    """Opens, lives, survives a power cut, ends with Ctrl-C, opens again as it was."""
    hall = demo()
    url = hall.open()
    page = open_face("about:blank", DESKTOP)
    page.add_init_script(VIOLATIONS)
    page.goto(url)
    check_faces(page)
    check_other_pages(hall, page)
    check_visitors(hall, page)
    check_power_cut(url, page)
    assert page.evaluate("window.violations") == []
    page.goto("about:blank")

    assert len(hall.family) >= len(PROCESSES)
    assert hall.end(signal.SIGINT) == 0
    until(lambda: hall.left() == [])
    before = hall.tickets()
    assert before

    again = demo()
    url = again.open()
    page.goto(url)
    check_faces(page)
    assert again.tickets()[: len(before)] == before

    again.process.kill()  # no time to say goodbye: the kernel tells the children
    again.process.wait(10)
    until(lambda: again.left() == [])


def check_faces(page: Page) -> None:
    """Kiosk, wall and console inside the page, each at work; printer, lights and evaluators beside them."""
    expect(page.frame_locator('iframe[title="取号机"]').locator(".tile.mark-A")).to_be_enabled(**SOON)
    expect(page.frame_locator('iframe[title="大屏"]').locator("main.live")).to_be_visible(**SOON)
    expect(page.frame_locator("#console").locator(".desk")).to_be_visible(**SOON)
    expect(page.locator("#printer-state")).to_contain_text("就绪", **SOON)
    expect(page.locator(".strip article")).to_have_count(4)
    for lamp in page.locator(".lamp").all():
        expect(lamp).to_contain_text("待机")
    expect(page.locator(".strip .bar").first).to_have_attribute("alt", re.compile("01号窗口"), **SOON)


def check_other_pages(hall: Demo, page: Page) -> None:
    """The other half of the product is a click away: the terminal and the page say where and who signs in; there are
    times to book, and the kiosk asks for codes."""
    out = hall.process.stdout
    assert out
    printed = "".join(line for line, _ in zip(iter(out.readline, ""), range(9), strict=False))
    links = page.locator("header nav a")
    expect(links).to_have_count(6)
    for link in links.all():
        assert (link.get_attribute("href") or "-") in printed
    username, password = page.locator("header nav .account").first.locator("code").all_inner_texts()
    assert f"({username} / {password})" in printed
    with page.expect_popup() as popup:
        page.get_by_role("link", name="预约登记").click()
    desk = popup.value
    desk.fill("input[name=username]", username)
    desk.fill("input[name=password]", password)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="代客预约")).to_be_visible(**SOON)
    desk.get_by_role("link", name="导办台").click()
    expect(desk.locator(".bar")).to_contain_text("导办台", **SOON)
    desk.close()
    with page.expect_popup() as popup:
        page.get_by_role("link", name="网上预约").click()
    expect(popup.value.locator(".way .mode")).to_have_text(["到大厅办", "延时服务（下班后）"], **SOON)
    popup.value.close()
    kiosk = page.frame_locator('iframe[title="取号机"]')
    expect(kiosk.get_by_text("预约取号").first).to_be_visible(**SOON)


def check_visitors(hall: Demo, page: Page) -> None:
    """With visitors, papers come out and numbers are called; without, the hall is still again."""
    page.locator("#visitors").click()
    expect(page.locator("#visitors")).to_have_attribute("aria-pressed", "true", **SOON)
    expect(page.locator("#paper img").first).to_be_visible(**SOON)
    expect(page.frame_locator('iframe[title="大屏"]').locator(".spot .who")).to_be_visible(timeout=60_000)
    until(lambda: hall.tickets("print_state = 'printed'"))
    until(lambda: hall.tickets("called_at IS NOT NULL"))
    page.locator("#visitors").click()
    expect(page.locator("#visitors")).to_have_attribute("aria-pressed", "false", timeout=60_000)


def check_power_cut(url: str, page: Page) -> None:
    """One face dies by the page's own switch, and comes back."""
    page.locator('[data-kill="display"]').click()
    until(lambda: not state(url)["alive"]["display"])
    until(lambda: all(state(url)["alive"].values()))
    assert set(state(url)["alive"]) == PROCESSES
    wall = page.frame_locator('iframe[title="大屏"]')
    expect(wall.locator(".banner.urgent")).to_have_count(0, **SOON)
    expect(wall.locator(".spot .who")).to_be_visible(**SOON)


def state(url: str) -> dict[str, dict[str, bool]]:
    return requests.get(f"{url.rstrip('/')}/state", timeout=PATIENCE_S).json()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_ended_while_it_starts(demo: Callable[..., Demo], how: signal.Signals) -> None:
    """A person who changes their mind leaves nothing behind either."""
    hall = demo()
    until(lambda: len(descendants(hall.process.pid)) >= 4)
    hall.end(how)
    until(lambda: hall.left() == [])


def test_a_folder_of_another_hall_is_refused_in_words(demo: Callable[..., Demo], tmp_path: Path) -> None:
    first = demo()
    first.open()
    first.end(signal.SIGTERM)
    (first.data / "secrets.json").unlink()
    second = demo()
    assert second.process.wait(PATIENCE_S) == 1
    words = second.log.read_text("utf-8")
    assert "请用 --data 另选目录" in words and "Traceback" not in words
    until(lambda: second.left() == [])
