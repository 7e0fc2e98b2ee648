"""Every state and layout of the wall, and hostile texts in each, measured as the browser drew them."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from docs.wall_screens import BOARD, CLOSED, ITEM, SHOTS, STAFF, Shot
from server.contract.board import Board, ItemView, Leader, Slide, SlideKind
from tests.display.stage import Stage
from tests.faces.checks import axe, contrast, overflow, text_sizes
from tests.faces.texts import HOSTILE, LONG_ITEMS, as_name

LEAST_PX = 32
ROW_PX = 64


WRAPPED_AWAY = ("by section > ol:", "by main > ol:", "by article > p.next:", "div.ticker: div > p.rolls")
"""Rows and numbers that do not fit wrap into a column or line out of sight, whole (see `HALVED`); a ticker rolls."""
HALVED = """() => [...document.querySelectorAll("ol, .next")].flatMap((list) => {
  const edge = list.getBoundingClientRect();
  return [...list.children].filter((one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    const within = left >= edge.left - 1 && right <= edge.right + 1;
    const inside = within && top >= edge.top - 1 && bottom <= edge.bottom + 1;
    return !inside && left < edge.right - 1 && top < edge.bottom - 1;
  }).map((one) => `cut in half: ${one.textContent}`);
})"""


def cut_off(page: Page, *, ellipsis: bool = True) -> list[str]:
    found = [one for one in overflow(page, ellipsis=ellipsis) if not any(known in one for known in WRAPPED_AWAY)]
    return [*found, *page.evaluate(HALVED)]


def findings(page: Page) -> list[str]:
    return [*axe(page), *contrast(page), *text_sizes(page, LEAST_PX), *cut_off(page)]


@pytest.mark.parametrize("shot", [*SHOTS, Shot("4k", BOARD, 3840, 2160, called=True)], ids=lambda shot: shot.name)
def test_every_state_is_readable_and_whole(stage: Stage, shot: Shot) -> None:
    board = shot.board
    stage.show(replace(board, calls=board.calls[:-1]) if shot.called else board, shot.stale)
    page = stage.open(shot.query, shot.width, shot.height)
    if shot.called:
        stage.show(replace(board, seq=board.seq + 1))
        expect(page.locator(".fresh .who")).to_be_visible()
    assert findings(page) == []
    rows = page.evaluate("[...document.querySelectorAll('ol li')].map((row) => row.getBoundingClientRect().height)")
    assert all(height >= ROW_PX for height in rows)


def hostile_item(text: str) -> ItemView:
    return ItemView(
        ITEM.code, as_name(text), "A", text, text, (text, text), (text, text), text, text, text, text, text, 5
    )  # fmt: skip


def hostile(text: str, kind: SlideKind) -> Board:
    """`text` wherever somebody may have typed it, as long as the server lets it be there."""
    name = as_name(text)
    return replace(
        BOARD,
        hall_name=name,
        notices=(text,),
        items=(hostile_item(text),),
        leader=Leader(as_name(text, 40), as_name(text, 40), as_name(text, 40)),
        staff=tuple(
            replace(card, name=as_name(text, 40), position=as_name(text, 40), badges=(as_name(text, 20),) * 3)
            for card in STAFF
        ),
        ticker=text,
        queues=tuple(replace(queue, name=name) for queue in BOARD.queues),
        calls=tuple(replace(call, window_name=name) for call in BOARD.calls),
        playlist=(Slide(kind, 1),),
    )


@pytest.mark.parametrize(
    ("width", "height", "query", "kind"),
    [
        *((*size, "", kind) for size in [(1920, 1080), (1080, 1920)] for kind in SlideKind),
        (960, 480, "?layout=led", SlideKind.NOTICES),  # has no slides, so one stands for all
    ],
)
def test_hostile_texts_break_nothing(stage: Stage, kind: SlideKind, width: int, height: int, query: str) -> None:
    stage.show(CLOSED)  # so that what is waited for below was not there before
    page = stage.open(query, width, height)
    for what, text in HOSTILE.items():
        board = hostile(text, kind)
        stage.show(replace(board, calls=board.calls[:-1], seq=board.seq + 1, hall=what))
        expect(page.locator(".spot:not(.fresh) .who, li:not(.fresh) .who").first).to_be_visible()
        assert cut_off(page) == [], what
        stage.show(replace(board, seq=board.seq + 2, hall=what))
        expect(page.locator(".fresh .who")).to_have_text(board.calls[-1].number)
        assert cut_off(page) == [], what
        stage.show(
            replace(board, open=False, closed_reason=as_name(text), queues=(), calls=(), seq=board.seq + 3, hall=what)
        )
        expect(page.locator("main.plain")).to_be_visible()
        assert cut_off(page) == [], what
    assert page.title() == "叫号大屏"


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920)])
def test_the_longest_item_names_stand_whole(stage: Stage, width: int, height: int) -> None:
    for name in LONG_ITEMS:
        items = (replace(ITEM, code=name[:9], name=name),)
        stage.show(replace(BOARD, items=items, playlist=(Slide(SlideKind.ITEMS, 60),)))
        page = stage.open("", width, height)
        expect(page.locator(".title")).to_have_text(name)
        assert cut_off(page, ellipsis=False) == []
        page.close()


def test_a_closed_hall_says_so_in_full_on_an_led_screen(stage: Stage) -> None:
    stage.show(replace(CLOSED, closed_reason="国庆节放假，10 月 1 日至 8 日不对外办理，10 月 9 日 8:30 照常开门"))
    page = stage.open("?layout=led", 960, 480)
    expect(page.locator(".plain")).to_contain_text("照常开门")
    assert findings(page) == []
