"""What walls tell beside the calls: slides in their order, whole and readable, and the ticker."""

from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from docs.wall_screens import BOARD, ITEM, STAFF
from server.contract.board import Board, Slide, SlideKind
from tests.display.stage import Stage

NOTHING = replace(BOARD, items=(), notices=(), leader=None, staff=(), ratings=None, ticker="")
SIZES = [(1920, 1080), (1080, 1920)]


def told(page: Page, last: str, timeout_ms: int = 20_000) -> list[str]:
    """All that slides said until one said `last`."""
    page.wait_for_function("last => window.slides.some((one) => one.includes(last))", arg=last, timeout=timeout_ms)
    said: list[str] = page.evaluate("window.slides")
    return said


def facts_of_one_round(page: Page, *, at_foot: bool) -> list[tuple[str, str]]:
    told = [(label, value) for label, value, foot in page.evaluate("window.facts") if foot == at_foot]
    labels = [label for label, _ in told]
    return told[: labels.index("投诉电话") + 1]


def playlist(*kinds: str, seconds: int = 1, **more: Any) -> Board:
    return replace(BOARD, playlist=tuple(Slide(SlideKind(kind), seconds) for kind in kinds), **more)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("called", [False, True])
def test_all_ten_fields_of_an_item_are_told(stage: Stage, called: bool, width: int, height: int) -> None:
    long = "《失业保险金申领登记表》一式三份，须由原用人单位逐项填写并加盖单位公章后由本人签字确认方为有效的完整原件"
    item = replace(ITEM, materials=(*ITEM.materials, long))
    board = playlist("items", items=(item,))
    stage.show(replace(board, calls=board.calls[:-1]))
    page = stage.open("", width, height)
    if called:  # the slide goes to the foot and begins anew there; it may have begun there before the hall was known
        page.wait_for_function("window.facts.some(([, , foot]) => !foot)")
        page.evaluate("window.facts = []")
        stage.show(replace(board, seq=board.seq + 1))
        expect(page.locator(".spot.fresh")).to_be_visible()
    last = "at_foot => window.facts.some(([label, , foot]) => label === '投诉电话' && foot === at_foot)"
    page.wait_for_function(last, arg=called)
    values: dict[str, str] = {}
    for label, value in facts_of_one_round(page, at_foot=called):
        values[label] = values.get(label, "") + value
    assert values == {
        "申报材料": "；".join(f"{n}. {material}" for n, material in enumerate(item.materials, 1)),
        "办理流程": " → ".join(item.process),
        "承诺时限": item.promise,
        "收费标准及依据": item.fee,
        "办理地点": item.location,
        "办理主体": item.handling_body,
        "法律依据": item.legal_basis,
        "监督机构": item.supervisor,
        "投诉电话": item.complaint_tel,
    }
    expect(page.locator(".title")).to_have_text(item.name)


def test_the_playlist_is_kept_each_turn_brings_one_item_and_empty_kinds_are_passed_over(stage: Stage) -> None:
    items = tuple(replace(ITEM, code=f"SB-{n}", name=f"事项{n}", process=(), materials=()) for n in (1, 2))
    stage.show(playlist("leader", "items", "staff", "ratings", "notices", items=items, notices=()))
    page = stage.open()
    page.wait_for_function(
        "() => window.slides.filter((one) => one.includes('值班领导')).length >= 3", timeout=30_000
    )
    kinds = [one.split()[0] for one in page.evaluate("window.slides")]
    order = [kind for kind, _ in groupby(kinds)]
    assert order[:9] == ["值班领导", "办事公开", "服务监督牌", "评价公示"] * 2 + ["值班领导"]
    said = "\n".join(page.evaluate("window.slides"))
    assert all(share in said for share in ("主动评价率", "未评率", "97.3%", "62.0%", "38.0%", "3月9日至4月7日"))
    assert said.index("事项1") < said.index("事项2")
    assert all(card.name in said and card.staff_no in said and card.position in said for card in STAFF)


def test_without_a_playlist_notices_and_then_all_items_take_their_turns(stage: Stage) -> None:
    items = tuple(replace(ITEM, code=f"SB-{n}", name=f"事项{n}") for n in (1, 2))
    stage.show(replace(BOARD, items=items))
    page = stage.open()
    order = page.evaluate(
        """async (reading) => {
          const { closed, advance, onNow } = await import("/screen/slides.mjs");
          const { placeOf } = await import("/screen/view.mjs");
          const said = [];
          let show = closed();
          for (let now = 0; now < 200000; now += 1000) {
            show = advance(show, reading, "", placeOf(false, false), now);
            const { kind, title, text } = onNow(show);
            if (said.at(-1)?.[0] !== (title ?? text)) said.push([title ?? text, now]);
          }
          return said;
        }""",
        {"items": [i.__dict__ for i in items], "notices": ["甲", "乙"], "leader": None, "staff": [], "playlist": []},
    )
    assert [what for what, _ in order[:6]] == ["甲", "乙", "事项1", "事项2", "甲", "乙"]
    assert [since for _, since in order[:3]] == [0, 10_000, 20_000], "each stands its seconds"


def test_a_zone_has_its_own_slides_and_its_own_staff(stage: Stage) -> None:
    slides = (Slide(SlideKind.LEADER, 1, "A区"), Slide(SlideKind.STAFF, 1, "B区"), Slide(SlideKind.NOTICES, 1))
    stage.show(replace(BOARD, playlist=slides))
    said = "\n".join(told(stage.open("?zone=B区"), "欧阳文静") + told(stage.open("?zone=B区"), "公告"))
    assert "值班领导" not in said and "王秀兰" not in said
    assert "服务监督牌" not in "\n".join(told(stage.open("?zone=A区"), "公告"))


def test_a_call_takes_the_room_back_at_once(stage: Stage) -> None:
    stage.show(replace(BOARD, calls=BOARD.calls[:-1]))
    page = stage.open()
    expect(page.locator(".large .slide")).to_be_visible()
    size = "parseFloat(getComputedStyle(document.querySelector('.who')).fontSize)"
    assert page.evaluate(size) >= 140
    stage.show(replace(BOARD, seq=BOARD.seq + 1))
    expect(page.locator(".spot.fresh .who")).to_have_text("A024")
    expect(page.locator(".large")).to_have_count(0)
    expect(page.locator("footer .slide")).to_be_visible()
    assert page.evaluate(size) >= 250


def test_other_notices_come_at_once_and_nothing_to_tell_leaves_nothing(stage: Stage) -> None:
    stage.show(replace(NOTHING, notices=("第一条",)))
    page = stage.open()
    expect(page.locator(".notice")).to_have_text("第一条")
    stage.show(replace(NOTHING, notices=("第二条",)))
    expect(page.locator(".notice")).to_have_text("第二条")
    stage.show(playlist("leader", "staff", items=(), notices=(), leader=None, staff=(), ratings=None))
    expect(page.locator(".slide")).to_have_count(0)
    expect(page.locator(".roomy")).to_have_count(0)


def test_a_long_ticker_rolls_a_short_one_stands(stage: Stage) -> None:
    stage.show(replace(BOARD, ticker="请看管好随身物品。" * 12))
    page = stage.open()
    expect(page.locator(".ticker .rolls")).to_have_css("animation-name", "roll")
    stage.show(replace(BOARD, ticker="请看管好随身物品。"))
    expect(page.locator(".ticker p")).to_have_text("请看管好随身物品。")
    expect(page.locator(".ticker .rolls")).to_have_count(0)


def test_where_nothing_may_move_the_parts_of_the_ticker_take_turns(stage: Stage) -> None:
    stage.show(replace(BOARD, ticker="请看管好随身物品。" * 6 + "完"))
    page = stage.open(reduced_motion="reduce")
    expect(page.locator(".ticker p")).to_contain_text("请看管好")
    expect(page.locator(".ticker .rolls")).to_have_count(0)
    expect(page.locator(".ticker p")).to_contain_text("完")
