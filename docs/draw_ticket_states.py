"""Draw `ticket-states.svg` from the transition table: `python docs/draw_ticket_states.py`.

A test keeps the picture current.
"""

from itertools import groupby
from pathlib import Path

from server.contract.tickets import TicketState as S
from server.domain.ticket import TRANSITIONS, Action

WIDTH, HEIGHT, BOX_W, BOX_H = 1180, 560, 150, 64
PLACES = {
    S.WAITING: (140, 250), S.CALLED: (470, 250), S.SERVING: (790, 250), S.FINISHED: (1070, 250),
    S.HELD: (470, 470), S.NO_SHOW: (560, 60), S.CANCELLED: (140, 60), S.EXPIRED: (140, 470),
}  # fmt: skip
STATE_WORDS = {
    S.WAITING: "等候", S.CALLED: "已叫号", S.SERVING: "办理中", S.FINISHED: "办结",
    S.HELD: "挂起", S.NO_SHOW: "过号", S.CANCELLED: "弃号", S.EXPIRED: "日终作废",
}  # fmt: skip
ACTION_WORDS = {
    Action.CALL: "叫号", Action.RECALL: "重呼", Action.UNDO: "撤回", Action.BEGIN: "开始办理", Action.FINISH: "办结",
    Action.MISS: "过号", Action.REINSTATE: "恢复", Action.HOLD: "挂起", Action.RELEASE: "放回",
    Action.RESUME: "续办", Action.TRANSFER: "转移", Action.CANCEL: "弃号", Action.EXPIRE: "日终",
}  # fmt: skip
BENDS = {(S.SERVING, S.WAITING): 62}
"""Ways that would run through another box go around it."""
LABEL_AT = {(S.CALLED, S.CANCELLED): 0.72, (S.NO_SHOW, S.WAITING): 0.25}
STYLE = (
    "text{font:15px sans-serif;fill:#12302f;text-anchor:middle}.en{font-size:12px;fill:#3a5452}"
    "rect{fill:#fff;stroke:#0d4a4b;stroke-width:2}.end rect{fill:#e3eeec}"
    "path{fill:none;stroke:#3a5452;stroke-width:1.6;marker-end:url(#tip)}"
    ".label{paint-order:stroke;stroke:#fbf8f1;stroke-width:6px}"
)


def draw() -> str:
    """The whole picture as SVG text."""
    arrows = [_arrow(start, end, actions) for (start, end), actions in _grouped()]
    boxes = [_box(state) for state in S]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Ticket states and the actions between them">'
        f"<style>{STYLE}</style>"
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 10 5 0 10z" style="fill:#3a5452;stroke:none;marker-end:none"/></marker></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" style="fill:#fbf8f1;stroke:none"/>'
    )
    return "\n".join([head, *arrows, *boxes, "</svg>"]) + "\n"


def _grouped() -> list[tuple[tuple[S, S], list[Action]]]:
    rows = sorted((start, end, action) for (start, action), end in TRANSITIONS.items())
    return [(key, [row[2] for row in group]) for key, group in groupby(rows, key=lambda row: row[:2])]


def _arrow(start: S, end: S, actions: list[Action]) -> str:
    words = " · ".join(f"{ACTION_WORDS[a]} {a}" for a in actions)
    (x1, y1), (x2, y2) = PLACES[start], PLACES[end]
    if start is end:
        path = f"M{x1 + 40} {y1 - BOX_H / 2} c10 -50 60 -40 35 {BOX_H / 2 - 12}"
        return f'<path d="{path}"/><text class="label en" x="{x1 + 128}" y="{y1 - 52}">{words}</text>'
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    nx, ny = -(y2 - y1) / length, (x2 - x1) / length  # to the right of the way, so that ways there and back part
    both_ways = (end, start) in {key for key, _ in _grouped()}
    bend = BENDS.get((start, end), 34 if both_ways else 0)
    cx, cy = (x1 + x2) / 2 + nx * bend * 2, (y1 + y2) / 2 + ny * bend * 2
    sx, sy = _edge(x1, y1, cx, cy)
    ex, ey = _edge(x2, y2, cx, cy)
    t = LABEL_AT.get((start, end), 0.5)
    mx, my = (sx * (1 - t) ** 2 + 2 * c * t * (1 - t) + e * t**2 for sx, c, e in ((sx, cx, ex), (sy, cy, ey)))
    return (
        f'<path d="M{sx:.0f} {sy:.0f} Q{cx:.0f} {cy:.0f} {ex:.0f} {ey:.0f}"/>'
        f'<text class="label en" x="{mx:.0f}" y="{my + 4:.0f}">{words}</text>'
    )


def _edge(x: float, y: float, towards_x: float, towards_y: float) -> tuple[float, float]:
    """Where the line from the middle of a box leaves it."""
    dx, dy = towards_x - x, towards_y - y
    scale = min(BOX_W / 2 / abs(dx) if dx else 9e9, BOX_H / 2 / abs(dy) if dy else 9e9)
    return x + dx * scale, y + dy * scale


def _box(state: S) -> str:
    x, y = PLACES[state]
    end = state not in {start for start, _ in TRANSITIONS}
    return (
        f'<g class="{"end" if end else "open"}"><rect x="{x - BOX_W / 2}" y="{y - BOX_H / 2}" width="{BOX_W}" '
        f'height="{BOX_H}" rx="12"/><text x="{x}" y="{y - 2}">{STATE_WORDS[state]}</text>'
        f'<text class="en" x="{x}" y="{y + 18}">{state}</text></g>'
    )


if __name__ == "__main__":
    Path(__file__).with_name("ticket-states.svg").write_text(draw(), "utf-8")
