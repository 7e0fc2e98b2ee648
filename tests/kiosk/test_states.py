"""Every state of the kiosk at both sizes, in both languages, large, low and with texts that want to break it."""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page

from kiosk.web import Live, create_app, serve
from server.services.pinyin import pinyin
from tests.faces import checks
from tests.faces.texts import HOSTILE, LONG_ITEMS, as_name
from tests.kiosk.conftest import LYING, UPRIGHT
from tests.kiosk.states import NOW, SLIDE_MS, draw, states, still

QUEUES = {
    "A": "个人综合",
    "B": "养老待遇与转移",
    "C": "医疗报销与异地备案",
    "D": "单位业务",
    "E": "工伤失业生育",
    "G": "绿色通道",
    "V": "大企业直通车",
    "N": "办不成事",
    "Z": "咨询导办",
}
ITEMS = [
    "养老保险关系转移接续(转入)",
    *LONG_ITEMS,
    "单位社会保险登记",
    "异地就医备案",
    "医疗费用手工报销",
    "失业保险金申领",
]
MODES = [
    ("zh", False, False),
    ("en", False, False),
    ("zh", True, False),
    ("en", True, False),
    ("zh", False, True),
    ("en", False, True),
    ("zh", True, True),
    ("en", True, True),
]
SIZES = [UPRIGHT, LYING]


def queue(code: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "name_en": f"Business of kind {code}",
        "open": code != "E",
        "waiting": 128,
        "windows": 12,
        "wait": {"low_minutes": 105, "high_minutes": 140},
        "note": "今天的号已取完",
        "note_en": "all taken today",
        **more,
    }


def item(n: int, name: str) -> dict[str, Any]:
    return {
        "code": f"SB-{n:02}",
        "name": name,
        "queue": "ABCD"[n % 4],
        "pinyin": pinyin(name),
        "minutes": 12,
        "fee": "",
        "legal_basis": "《社会保险法》第十九条；《城镇企业职工基本养老保险关系转移接续暂行办法》",
        "handling_body": "清禾市社会保险事业管理中心（虚构）",
        "process": ["取号", "受理", "审核", "办结告知"],
        "materials": ["居民身份证（核验原件）", "参保缴费凭证"],
        "promise": "15 个工作日",
        "location": "1楼 07–10窗",
        "supervisor": "清禾市人社局政务服务监督科",
        "complaint_tel": "12333",
    }


def picture(queues: list[dict[str, Any]], names: list[str], notices: list[str]) -> dict[str, Any]:
    hall = {
        "name": "清禾市社会保险经办服务大厅",
        "open": True,
        "closed_reason": "",
        "closed_reason_en": "",
        "hours": "",
        "hours_en": "",
        "queues": queues,
        "items": [item(n, name) for n, name in enumerate(names)],
        "notices": notices,
        "appointments": True,
        "utc_offset_min": 480,
    }
    printer = {"ready": True, "low": False, "faults": []}
    return {"server": "online", "printer": printer, "hall": hall, "scan": None, "visits": {}, "sheets": {}}


SHUT = {"wait": None, "windows": 0, "waiting": 0}
PLAIN = picture(
    [queue(*one, **(SHUT if one[0] in "BG" else {})) for one in QUEUES.items()],
    ITEMS,
    ["本周五下午3点后，二楼医疗窗口暂停手工报销，请提前安排。"],
)


def with_text(text: str) -> dict[str, Any]:
    """A hall where every text that people type is this one."""
    name = as_name(text)
    queues = [queue(code, name, name_en=name, note=text, note_en=text) for code in QUEUES]
    hostile = picture(queues, [name] * 4, [text])
    hostile["hall"]["name"] = name
    for one in hostile["hall"]["items"]:
        texts = ("legal_basis", "handling_body", "promise", "location", "supervisor", "complaint_tel")
        one |= dict.fromkeys(texts, text) | {"process": [text] * 2, "materials": [text] * 2}
    return hostile


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The page's server without an agent behind it."""

    def nobody(*_: Any) -> Any:
        raise AssertionError("nothing is touched here")

    web = serve(create_app(Live(dict), nobody, nobody), "127.0.0.1", 0)
    thread = Thread(target=web.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{web.port}/"
    finally:
        web.shutdown()
        thread.join()
        web.server_close()


def high(page: Page) -> list[str]:
    """What is to be touched and begins above the middle of the screen."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('button')]
          .filter((one) => one.getBoundingClientRect().top < innerHeight / 2 - 1)
          .map((one) => 'high: ' + one.innerText)"""
    )
    return found


def cut_in_lists(page: Page) -> list[str]:
    """In large letters, or low, lists come some at a time, so that nothing of them is out of sight."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.leaf > section')].flatMap((list) => {
          const { top, bottom } = list.getBoundingClientRect();
          return [...list.children].filter((one) => {
            const box = one.getBoundingClientRect();
            return box.top < top - 1 || box.bottom > Math.min(bottom, innerHeight) + 1;
          }).map((one) => 'cut: ' + one.innerText);
        })"""
    )
    return found


LETTERS_BELOW = ("items", "found", "nothing-found")
"""Lying there is no room for letters and what they find in one half: the letters have it."""


def measured(page: Page, *, and_axe: bool) -> list[str]:
    found = checks.targets(page, 120) + checks.text_sizes(page, 28) + checks.overflow(page) + checks.contrast(page)
    return found + (checks.axe(page) if and_axe else [])


@pytest.mark.parametrize("size", SIZES)
def test_every_state_is_large_legible_and_whole(
    url: str, open_page: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = open_page("about:blank", *size, locale="zh-CN")
    still(page, url)
    found = []
    for lang, elder, low in MODES:
        for name, (seen, ui) in states(PLAIN).items():
            draw(page, seen, ui | {"lang": lang, "elder": elder, "low": low, "lying": size == LYING})
            where = f"{name} {lang}{' elder' if elder else ''}{' low' if low else ''}: "
            found += [where + one for one in measured(page, and_axe=not (elder or low))]
            found += [where + one for one in cut_in_lists(page) if elder or low]
            if low and not (size == LYING and name in LETTERS_BELOW):
                found += [where + one for one in high(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_text_breaks_it(url: str, open_page: Callable[..., Page], size: tuple[int, int], kind: str) -> None:
    page = open_page("about:blank", *size, locale="zh-CN")
    still(page, url)
    found = []
    for elder in (False, True):
        for name, (seen, ui) in states(with_text(HOSTILE[kind])).items():
            draw(page, seen, ui | {"elder": elder, "lying": size == LYING, "asked": ""})
            found += [f"{name}{' elder' if elder else ''}: {one}" for one in checks.overflow(page)]
    assert not found, "\n".join(found)
    assert page.title() != "broken" and page.locator("img").count() == 0


def test_the_quiet_page_goes_round(url: str, open_page: Callable[..., Page]) -> None:
    page = open_page("about:blank", *UPRIGHT, locale="zh-CN")
    still(page, url)
    heads = []
    for n in range(5):
        draw(page, PLAIN, states(PLAIN)["quiet-1"][1] | {"now": NOW + n * SLIDE_MS})
        heads.append(page.locator(".slide h1").inner_text())
    assert heads == ["这里可以取号", "现在等候人数", "公告", "这里可以查要带的材料", "这里可以取号"]
    assert page.locator(".start span").all_inner_texts() == ["请触摸屏幕取号", "Touch the screen to take a number"]
