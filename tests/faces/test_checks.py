"""The checks see what they are for: each goes red on a bad page and stays green on a good one."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from tests.faces.checks import axe, contrast, overflow, targets, text_sizes
from tests.faces.texts import HOSTILE, LONG_ITEMS, as_name

Show = Callable[[str], Page]
GOOD = """<!doctype html><html lang="zh-CN"><title>窗口</title><style>
  body { font: 28px/1.2 sans-serif; color: #12302f; background: #fbf8f1; margin: 0 }
  button { min-height: 120px; min-width: 120px; font: inherit; color: #fff; background: #0d4a4b }
  .list { height: 200px; overflow: auto; border: 1px solid } .list p { height: 300px }
  .name { width: 200px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
  .radio { display: inline-block; line-height: 120px; min-width: 120px }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden }
</style><main><h1>三号窗口</h1><button>取号</button><p>请看 <a href="#a" style="color: #08393a">说明</a> 再来。</p>
  <label class="radio"><input type="radio" name="a"> 普通</label>
  <div class="list" tabindex="0"><p>一</p><p>二</p></div><p class="name">城乡居民养老保险参保登记与缴费</p>
  <p class="unseen" style="font-size: 9px">给读屏软件</p><p style="display: none; color: #fff">无</p></main></html>"""


@pytest.fixture
def show(open_page: Callable[..., Page]) -> Show:
    return lambda body: open_page(f"data:text/html;charset=utf-8,{quote(body)}", 1080, 1920)


def page_of(show: Show, body: str) -> Page:
    return show(GOOD.replace("<main>", f"<main>{body}"))


def test_a_good_page_has_no_findings(show: Show) -> None:
    page = show(GOOD)
    assert [axe(page), contrast(page), targets(page, 120), text_sizes(page, 28), overflow(page)] == [
        [],
        [],
        [],
        [],
        [],
    ]


@pytest.mark.parametrize(
    "body", ['<img src="data:,">', "<input>", '<p style="color: #ddd; background: #fff">很淡的字</p>']
)
def test_axe_finds_what_a_blind_person_would_miss(show: Show, body: str) -> None:
    assert len(axe(page_of(show, body))) == 1


@pytest.mark.parametrize(
    "body",
    [
        '<p style="color: #5a7472">5.0:1</p>',
        '<p style="opacity: 0.6">faded</p>',
        '<p style="color: rgb(18 48 47 / 60%)">see-through</p>',
        '<div style="background: rgb(0 0 0 / 50%)"><p>on a half-dark ground</p></div>',
        '<h1 style="color: #777; font-size: 120px">large</h1>',
        '<input aria-label="a" value="x" style="color: #888; background: #fff; font-size: 28px">',
        '<svg width="300" height="60" aria-hidden="true"><text y="40" fill="#999">svg</text></svg>',
        '<style>.pale::before { content: "✓ "; color: #9c9 }</style><p class="pale">done</p>',
        '<p style="color: oklch(0.7 0 0)">any colour space</p>',
    ],
)
def test_contrast_finds_pale_text(show: Show, body: str) -> None:
    assert len(contrast(page_of(show, body))) == 1


def test_targets_finds_what_a_finger_misses(show: Show) -> None:
    small = '<button style="min-height: 90px">小</button><a href="#b" style="display: block; height: 40px">链接</a>'
    found = targets(page_of(show, small), 120)
    assert [line.rpartition(": ")[2] for line in found] == ["小", "链接"]


@pytest.mark.parametrize(
    "body",
    [
        '<p style="font-size: 20px">small</p>',
        '<p style="transform: scale(0.5); width: 400px">drawn small</p>',
        '<svg viewBox="0 0 100 100" width="50" aria-hidden="true"><text y="50" font-size="30">图</text></svg>',
    ],
)
def test_text_sizes_finds_small_text(show: Show, body: str) -> None:
    assert len(text_sizes(page_of(show, body), 28)) == 1


CUT = [
    ("width: 100px; overflow: hidden; white-space: nowrap", "cut off at the side"),
    ("width: 300px; height: 30px; overflow: hidden", "cut off above or below"),
    ("width: 100px; white-space: nowrap; background: #fff", "crosses the edge"),
    ("width: 300px; height: 30px; border: 2px solid", "crosses the edge"),
    ("position: absolute; left: -80px", "leaves the viewport at the side"),
    ("position: absolute; top: -60px", "leaves the viewport above or below"),
    ("position: fixed; top: 1910px; width: 90%", "leaves the viewport above or below"),
]


@pytest.mark.parametrize(("style", "wrong"), CUT)
def test_overflow_finds_text_that_does_not_fit(show: Show, style: str, wrong: str) -> None:
    found = overflow(page_of(show, f'<p style="{style}">城乡居民养老保险参保登记与缴费,本页下文两行。</p>'))
    assert found and all(line.startswith(wrong) for line in found)


def test_overflow_finds_a_word_torn_apart(show: Show) -> None:
    torn = '<p style="width: 90px; overflow-wrap: anywhere">%s</p>'
    assert overflow(page_of(show, torn % "Appointment"))[0].startswith("torn word Appointment")
    assert overflow(page_of(show, torn % "https://hall.example/appointment")) == []


def test_overflow_finds_a_page_that_scrolls_sideways(show: Show) -> None:
    assert overflow(page_of(show, '<div style="width: 1500px; height: 2px"></div>')) == [
        "the page is 1500 px wide in 1080 px"
    ]


def test_overflow_finds_a_button_outside_its_box(show: Show) -> None:
    button = '<button style="margin-left: 120px">取</button>'
    box = f'<div style="width: 200px; height: 130px; overflow: hidden">{button}</div>'
    assert any("button: 取" in line for line in overflow(page_of(show, box)))


def test_text_cut_to_end_in_dots_is_found_when_every_word_must_stand(show: Show) -> None:
    assert len(overflow(show(GOOD), ellipsis=False)) == 1


def test_an_open_dialog_alone_is_looked_at(show: Show) -> None:
    page = page_of(show, '<p style="color: #ccc">behind</p><dialog><p>before</p><button>好</button></dialog>')
    assert contrast(page)
    page.evaluate("() => document.querySelector('dialog').showModal()")
    assert contrast(page) == []


def test_hostile_texts_are_what_they_are_called(show: Show) -> None:
    assert len(HOSTILE["long"]) == 200
    assert all(1 <= len(as_name(text)) <= 60 for text in [*HOSTILE.values(), *LONG_ITEMS])
    page = page_of(show, HOSTILE["script"])
    page.wait_for_function("document.title === 'broken'")
