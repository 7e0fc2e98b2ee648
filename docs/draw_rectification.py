"""Draw `rectification.svg` from the table of `server/domain/rectification.py`: `python docs/draw_rectification.py`.

A test keeps the picture current.
"""

from pathlib import Path

from server.contract.rectifications import RectificationState as S
from server.contract.rectifications import Step
from server.domain.rectification import MOVES, STATE_WORDS, Guard, Move

WIDTH, HEIGHT, BOX_W, BOX_H = 1300, 560, 150, 60
PLACES = {
    S.TO_VERIFY: (110, 300), S.TO_CONTACT: (360, 300), S.TO_RECTIFY: (670, 300), S.TO_FEED_BACK: (905, 300),
    S.TO_RE_RATE: (1150, 300), S.APPEALED: (110, 500), S.CLOSED: (1150, 500),
}  # fmt: skip
STEP_WORDS = {
    Step.VERIFY: "核实", Step.APPEAL: "申诉", Step.UPHOLD: "认定误评", Step.REFUSE: "不予认定", Step.REACH: "已联系",
    Step.MISS: "未接通", Step.GIVE_UP: "联系不上，继续", Step.RECTIFY: "整改完成", Step.FEED_BACK: "答复群众",
    Step.SATISFIED: "满意", Step.DISSATISFIED: "不满意", Step.DECLINE: "不愿评价", Step.LAPSE: "到期",
    Step.RETURN: "又改回差评",
}  # fmt: skip
UNDRAWN = frozenset({Step.ASSIGN, Step.CHANGE})
"""Possible in every open state: said above the picture."""
LABELS = {
    (S.TO_VERIFY, S.TO_CONTACT): (235, 288), (S.TO_VERIFY, S.APPEALED): (215, 376),
    (S.APPEALED, S.TO_VERIFY): (85, 410), (S.APPEALED, S.CLOSED): (680, 476),
    (S.TO_CONTACT, S.TO_CONTACT): (360, 206), (S.TO_CONTACT, S.TO_RECTIFY): (515, 232),
    (S.TO_RECTIFY, S.TO_FEED_BACK): (787, 262), (S.TO_FEED_BACK, S.TO_RE_RATE): (1020, 262),
    (S.TO_RE_RATE, S.TO_RECTIFY): (885, 152), (S.TO_RE_RATE, S.TO_RE_RATE): (1205, 206),
    (S.TO_RE_RATE, S.CLOSED): (1150, 352), (S.CLOSED, S.TO_VERIFY): (660, 376),
}  # fmt: skip
"""Where the first line of what a way says stands."""
STYLE = (
    "text{font:15px sans-serif;fill:#12302f;text-anchor:middle}.en{font-size:12px;fill:#3a5452}"
    "rect{fill:#fff;stroke:#0d4a4b;stroke-width:2}.end rect{fill:#e3eeec}"
    "path{fill:none;stroke:#3a5452;stroke-width:1.6;marker-end:url(#tip)}"
    ".label{paint-order:stroke;stroke:#fbf8f1;stroke-width:6px}"
)
ABOVE = (
    "每一步未办结时：改评 change（群众在大厅规定的秒数内改按）→ 已办结；改派 assign。",
    "In every open state: change (pressed again within the hall's seconds) closes it; assign gives it to another.",
)


def draw() -> str:
    """The whole picture as SVG text."""
    ways: dict[tuple[S, S], list[Move]] = {}
    for row in MOVES:
        if row.step not in UNDRAWN:
            ways.setdefault((row.state, row.to), []).append(row)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="States of a rectification and the steps between them">'
        f"<style>{STYLE}</style>"
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 10 5 0 10z" style="fill:#3a5452;stroke:none;marker-end:none"/></marker></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" style="fill:#fbf8f1;stroke:none"/>'
    )
    said = [f'<text class="en" x="{WIDTH / 2}" y="{24 + 18 * n}">{line}</text>' for n, line in enumerate(ABOVE)]
    arrows = [_arrow(start, end, rows) for (start, end), rows in ways.items()]
    return "\n".join([head, *arrows, *(_box(state) for state in S), *said, "</svg>"]) + "\n"


def _arrow(start: S, end: S, rows: list[Move]) -> str:
    (x1, y1), (x2, y2) = PLACES[start], PLACES[end]
    return f'<path d="{_way(start, end, x1, y1, x2, y2)}"/>' + _label(*LABELS[start, end], rows)


def _way(start: S, end: S, x1: int, y1: int, x2: int, y2: int) -> str:
    half_w, half_h = BOX_W // 2, BOX_H // 2
    if start is end:
        return f"M{x1 + 10} {y1 - half_h} c-10 -46 60 -46 50 -2"
    if (start, end) == (S.TO_RE_RATE, S.TO_RECTIFY):  # above the row
        return f"M{x1 - 50} {y1 - half_h} C{x1 - 90} {y1 - 160} {x2 + 40} {y1 - 160} {x2} {y2 - half_h}"
    if (start, end) == (S.CLOSED, S.TO_VERIFY):  # between the rows
        return f"M{x1 - half_w} {y1 - 16} C{x1 - 400} {y1 - 70} {x2 + 400} {y2 + 110} {x2 + 65} {y2 + half_h}"
    if x1 == x2:
        down = half_h if y2 > y1 else -half_h
        shift = 0 if start is S.TO_RE_RATE else 28 if y2 > y1 else -28
        return f"M{x1 + shift} {y1 + down} L{x2 + shift} {y2 - down}"
    return f"M{x1 + half_w} {y1} L{x2 - half_w} {y2}"


def _label(x: int, y: int, rows: list[Move]) -> str:
    lines = [line for row in rows for line in _words(row)]
    return "".join(f'<text class="label en" x="{x}" y="{y + 16 * n}">{line}</text>' for n, line in enumerate(lines))


def _words(row: Move) -> list[str]:
    guard = [] if row.guard is Guard.NONE else [f"[{row.guard}]"]
    return [f"{STEP_WORDS[row.step]} {row.step}", *guard]


def _box(state: S) -> str:
    x, y = PLACES[state]
    return (
        f'<g class="{"end" if state is S.CLOSED else "open"}"><rect x="{x - BOX_W / 2}" y="{y - BOX_H / 2}" '
        f'width="{BOX_W}" height="{BOX_H}" rx="12"/><text x="{x}" y="{y - 2}">{STATE_WORDS[state][0]}</text>'
        f'<text class="en" x="{x}" y="{y + 18}">{state}</text></g>'
    )


if __name__ == "__main__":
    Path(__file__).with_name("rectification.svg").write_text(draw(), "utf-8")
