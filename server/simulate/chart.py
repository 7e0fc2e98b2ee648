"""The simulated day as one SVG picture, in plain text: no library and no script."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from server.contract.tickets import Lane
from server.services.estimate_truth import Called
from server.simulate.plan import OPENS_S
from server.simulate.play import MIDNIGHT

WIDTH, PANEL, MARGIN, TOP = 960, 250, 64, 56
STEP_S = 120.0
COLOURS = {Lane.NORMAL: "#0b5563", Lane.PRIORITY: "#b3261e", Lane.EXPRESS: "#7a4f01", Lane.APPOINTMENT: "#4a3f8f"}
STYLE = "text{font:15px sans-serif;fill:#1d2b2f} .axis{stroke:#5b6b6f;fill:none} .grid{stroke:#d9dedb;fill:none}"


@dataclass(frozen=True)
class Axis:
    """Values from `least` to `most` on pixels from `begin` to `end`, marked every `step`."""

    least: float
    most: float
    begin: float
    end: float
    step: float

    def at(self, value: float) -> float:
        share = (min(value, self.most) - self.least) / (self.most - self.least)
        return round(self.begin + share * (self.end - self.begin), 1)

    def marks(self) -> Iterable[float]:
        value = self.least
        while value <= self.most:
            yield value
            value += self.step


def draw(called: Sequence[Called]) -> str:
    """People waiting through the day, each wait by lane, and each promise against the wait that came."""
    longest = max([20.0, *(one.waited_s / 60 for one in called)])
    hours = Axis(OPENS_S / 3600, 18.0, MARGIN, WIDTH - 16, 1)
    waits = [_y(i, longest, 20) for i in range(3)]
    promised = Axis(0, longest, MARGIN, WIDTH - 16, 20)
    crowd = _crowd(called)
    waiting = _y(0, max([10.0, *(count for _, count in crowd)]), 50)
    panels = [
        *_frame("等候人数 people waiting", hours, waiting, _clock),
        _line((hours.at(hour), waiting.at(count)) for hour, count in crowd),
        *_frame("每人等候分钟，按取号时间 minutes waited, by time of arrival", hours, waits[1], _clock),
        *(_dot(hours.at(_hour(one)), waits[1].at(one.waited_s / 60), one.lane) for one in called),
        *_legend(waits[1].end),
        *_frame("实际等候（纵）与取号时估计 P50（横）minutes waited over P50 promised", promised, waits[2], _plain),
        f'<path class="axis" d="M{promised.at(0)} {waits[2].at(0)}L{promised.at(longest)} {waits[2].at(longest)}"/>',
        *(
            _dot(promised.at(one.low_s / 60), waits[2].at(one.waited_s / 60), one.lane)
            for one in called
            if one.low_s is not None
        ),
    ]
    height = 3 * (PANEL + TOP) + 40
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    return "\n".join([head, f"<style>{STYLE}</style>", f'<rect width="{WIDTH}" height="{height}" fill="#fbfaf6"/>',
                      *panels, "</svg>", ""])  # fmt: skip


def _y(panel: int, most: float, step: float) -> Axis:
    bottom = (panel + 1) * (PANEL + TOP)
    return Axis(0, most, bottom, bottom - PANEL, step)


def _hour(one: Called) -> float:
    return (one.issued_at - MIDNIGHT).total_seconds() / 3600


def _crowd(called: Sequence[Called]) -> list[tuple[float, int]]:
    """Hour of the day and how many waited then."""
    spans = [(_hour(one), _hour(one) + one.waited_s / 3600) for one in called]
    steps = int((18.0 * 3600 - OPENS_S) / STEP_S)
    hours = [(OPENS_S + i * STEP_S) / 3600 for i in range(steps)]
    return [(hour, sum(came <= hour < went for came, went in spans)) for hour in hours]


def _frame(title: str, x: Axis, y: Axis, said: Callable[[float], str]) -> Iterable[str]:
    yield f'<text x="{x.begin}" y="{y.end - 14}" font-weight="bold">{title}</text>'
    for mark in y.marks():
        yield f'<path class="grid" d="M{x.begin} {y.at(mark)}H{x.end}"/>'
        yield f'<text x="{x.begin - 8}" y="{y.at(mark) + 5}" text-anchor="end">{mark:g}</text>'
    for mark in x.marks():
        yield f'<text x="{x.at(mark)}" y="{y.begin + 20}" text-anchor="middle">{said(mark)}</text>'
    yield f'<path class="axis" d="M{x.begin} {y.end}V{y.begin}H{x.end}"/>'


def _clock(hour: float) -> str:
    return f"{int(hour)}:{round(hour % 1 * 60):02d}"


def _plain(value: float) -> str:
    return f"{value:g}"


def _line(points: Iterable[tuple[float, float]]) -> str:
    path = " ".join(f"{x},{y}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{COLOURS[Lane.NORMAL]}" stroke-width="2"/>'


def _dot(x: float, y: float, lane: str) -> str:
    """A normal ticket is a small disc, one of the faster lanes a ring: colour is not the only sign."""
    colour = COLOURS[Lane(lane)]
    if lane == Lane.NORMAL:
        return f'<circle cx="{x}" cy="{y}" r="1.7" fill="{colour}" fill-opacity="0.55"/>'
    return f'<circle cx="{x}" cy="{y}" r="3.2" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _legend(y: float) -> Iterable[str]:
    words = {Lane.NORMAL: "普通 normal", Lane.PRIORITY: "绿色通道 priority", Lane.EXPRESS: "直通车 express"}
    for place, (lane, said) in enumerate(words.items()):
        x = WIDTH - 440 + place * 150
        yield _dot(x, y - 19, lane)
        yield f'<text x="{x + 10}" y="{y - 14}">{said}</text>'
