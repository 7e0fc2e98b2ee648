"""The wall in each of its states and layouts, for `docs/screens/wall` and for the checks of the page: boards are made
up here and served as the agent serves them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from display.board import reading, wall
from display.config import VoiceSettings
from display.hub import Hub
from display.serve import serving
from display.voice.voice import Voice
from display.web import create_app
from server.contract.board import (
    Board,
    Call,
    ItemView,
    Leader,
    QueueStatus,
    RatingFigures,
    Slide,
    SlideKind,
    StaffCard,
    WindowStatus,
)
from server.contract.tickets import Wait
from server.contract.windows import WindowState

FOLDER = Path(__file__).with_name("screens") / "wall"
NOON = datetime(2026, 4, 8, 10, 24, 5, tzinfo=timezone(timedelta(hours=8)))
MUTE = VoiceSettings(Path("unused"), engine="none")
COLOURS = 200
"""Enough for few colours and smooth edges, at half the size."""


@dataclass(frozen=True)
class Shot:
    """One picture: what is on `board`, on a screen of this size."""

    name: str
    board: Board
    width: int = 1920
    height: int = 1080
    query: str = ""
    stale: bool = False
    called: bool = False
    """Its last call is made while the page looks on."""


def take_walls(browser: Browser) -> None:
    """All pictures of the wall; takes about a minute."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    hub = Hub(lambda: NOON)
    with serving(create_app(hub, Voice(MUTE), "", "'none'"), "127.0.0.1", 0) as port:
        try:
            for shot in SHOTS:
                take(shot, hub, browser, f"http://127.0.0.1:{port}/")
        finally:
            hub.close()


def take(shot: Shot, hub: Hub, browser: Browser, url: str) -> None:
    before = replace(shot.board, calls=shot.board.calls[:-1]) if shot.called else shot.board
    show(hub, before, shot.stale)
    with opened(browser, shot.width, shot.height) as page:
        page.goto(url + shot.query)
        page.locator("main").wait_for()
        page.wait_for_timeout(1000)
        show(hub, replace(shot.board, seq=shot.board.seq + 1), shot.stale)
        page.wait_for_timeout(1500)
        page.evaluate("document.fonts.ready")
        picture = Image.open(BytesIO(page.screenshot()))
        picture.quantize(COLOURS).save(FOLDER / f"{shot.name}.png", optimize=True)


def show(hub: Hub, board: Board, stale: bool) -> None:
    hub.publish("reading", reading(board))
    hub.publish("wall", wall(board, stale, NOON - timedelta(seconds=40) if stale else None))


@contextmanager
def opened(browser: Browser, width: int, height: int) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": height})
    try:
        yield context.new_page()
    finally:
        context.close()


def call(seq: int, number: str, window: str) -> Call:
    upstairs = int(window) > 20
    return Call(
        seq, number, window, "养老待遇窗口" if upstairs else "个人综合窗口", "B区" if upstairs else "A区",
        2 if upstairs else 1, number[0], NOON,
    )  # fmt: skip


def queue(code: str, name: str, waiting: int, wait: Wait | None) -> QueueStatus:
    order = tuple(f"{code}{n:03}" for n in range(31, 31 + min(waiting, 10)))
    return QueueStatus(code, name, "", True, waiting, 4, order, wait=wait)


CALLS = tuple(
    call(seq, number, window)
    for seq, (number, window) in enumerate(
        [
            ("A022", "03"),
            ("C009", "12"),
            ("B014", "24"),
            ("A023", "05"),
            ("D006", "31"),
            ("B015", "22"),
            ("A024", "02"),
        ],
        101,
    )
)
QUEUES = (
    queue("A", "个人综合", 18, Wait(15, 30)),
    queue("B", "养老待遇与转移", 9, Wait(10, 20)),
    queue("C", "医疗报销与异地备案", 2, Wait(0, 10)),
    queue("D", "单位业务", 0, None),
)
ITEM = ItemView(
    code="SB-07",
    name="机关事业单位基本养老保险与城镇企业职工基本养老保险互转",
    queue="B",
    legal_basis="《社会保险法》第十九条；《关于职工基本养老保险关系转移接续有关问题的通知》（虚构）",
    handling_body="清禾市社会保险事业管理中心",
    process=("取号", "受理", "后台复核", "送达"),
    materials=("本人居民身份证", "社会保障卡", "基本养老保险参保缴费凭证", "解除劳动（人事）关系证明"),
    promise="15 个工作日",
    fee="不收费（行政事业性收费目录未列入）",
    location="2 楼 B 区 21–26 号窗口",
    supervisor="清禾市人社局政务服务监督科",
    complaint_tel="12333",
    minutes=12,
)
NOTICE = "4 月 12 日（星期日）为调休工作日，本大厅 8:30–16:30 照常办理，16:00 停止取号。"
STAFF = (
    StaffCard("02", "王秀兰", "1024", "个人综合岗", ("党员示范岗",)),
    StaffCard("03", "李建国", "1031", "个人综合岗", ()),
    StaffCard("05", "赵敏", "1017", "个人综合岗", ("服务标兵", "党员示范岗")),
    StaffCard("12", "陈晓东", "1042", "医疗报销岗", ()),
    StaffCard("22", "欧阳文静", "1008", "养老待遇岗", ("青年文明号",)),
)
BOARD = Board(
    hall="demo",
    hall_name="清禾市社会保险经办服务大厅",
    seq=200,
    at=NOON.astimezone(UTC),
    open=True,
    closed_reason="",
    calls=CALLS,
    windows=tuple(
        WindowStatus(f"{n:02}", "", "A区" if n <= 20 else "B区", 1, WindowState.OPEN, "", "", False)
        for n in range(1, 33)
    ),
    queues=QUEUES,
    items=(ITEM,),
    notices=(NOTICE,),
    leader=Leader("周立群", "大厅主任", "0000-5550100"),
    staff=STAFF,
    ratings=RatingFigures(date(2026, 3, 9), date(2026, 4, 7), 41_250, 25_616, 973, 620, 380, 981),
    ticker="高龄、孕期、残疾和带婴幼儿的群众，请到导办台走绿色通道　·　请看管好随身物品",
)  # fmt: skip


def only(kind: SlideKind) -> Board:
    return replace(BOARD, playlist=(Slide(kind, 10),))


CLOSED = replace(
    BOARD, open=False, closed_reason="今天已下班，明天 8:30 开门", closed_reason_en="Opens tomorrow at 8:30.",
    calls=(), queues=(),
)  # fmt: skip
SHOTS = (
    Shot("calling", BOARD, called=True),
    Shot("calling-upright", BOARD, 1080, 1920, called=True),
    Shot("zone-b", BOARD, query="?zone=B区"),
    Shot("notice", BOARD),
    Shot("item", only(SlideKind.ITEMS)),
    Shot("item-upright", only(SlideKind.ITEMS), 1080, 1920),
    Shot("leader", only(SlideKind.LEADER)),
    Shot("staff", only(SlideKind.STAFF)),
    Shot("ratings", only(SlideKind.RATINGS)),
    Shot("ratings-strip", only(SlideKind.RATINGS), called=True),
    Shot("ratings-upright", only(SlideKind.RATINGS), 1080, 1920),
    Shot("ratings-upright-strip", only(SlideKind.RATINGS), 1080, 1920, called=True),
    Shot("nobody-called", replace(only(SlideKind.STAFF), calls=())),
    Shot("closing", replace(BOARD, open=False, closed_reason="已停止取号，明天 8:30 再来")),
    Shot("closed", CLOSED),
    Shot("cut-off", BOARD, stale=True),
    Shot("led-960x480", BOARD, 960, 480, "?layout=led", called=True),
    Shot("led-1280x320", BOARD, 1280, 320, "?layout=led", called=True),
    Shot("led-cut-off", BOARD, 960, 480, "?layout=led", stale=True),
    Shot("led-closed", CLOSED, 960, 480, "?layout=led"),
)
