"""/styleguide: the one visual language of the faces on one page, with the contrast of every pair of colours as the
tokens themselves give it. Holds nothing of a hall; works without JavaScript."""

import re
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template

from server.web.public import FACES

_TOKEN = re.compile(r"^\s*--([a-z-]+):\s*([^;]+);", re.M)
_ICON = re.compile(r'<symbol id="([a-z]+)"')
LEAST = 7.0

LIGHT = (
    ("ink", "paper"), ("ink-soft", "paper"), ("civic", "paper"), ("turn", "paper"), ("ok", "paper"),
    ("ink", "paper-raised"), ("ink-soft", "paper-raised"), ("turn", "paper-raised"), ("warn", "paper-raised"),
    ("civic-deep", "civic-tint"), ("ink-soft", "civic-tint"), ("warn", "warn-ground"), ("ink", "warn-ground"),
    ("on-civic", "civic"), ("on-civic", "civic-deep"), ("on-civic", "turn"), ("on-civic", "warn"),
)  # fmt: skip
"""Text on its ground, as the kiosk, the work pages and the phone set it."""
DARK = (
    ("night-ink", "night"), ("night-soft", "night"), ("turn-bright", "night"), ("ok-bright", "night"),
    ("night-ink", "night-raised"), ("night-soft", "night-raised"), ("turn-bright", "night-raised"),
    ("night", "turn-bright"), ("night-ink", "led"), ("night-soft", "led"), ("led", "turn-bright"),
)  # fmt: skip
"""And as the wall does."""


def make_blueprint() -> Blueprint:
    bp = Blueprint("styleguide", __name__)
    bp.add_url_rule("/styleguide", "styleguide", styleguide)
    return bp


def styleguide() -> Response:
    page = render_template(
        "styleguide.html", light=_measured(LIGHT), dark=_measured(DARK), icons=icons(), least=LEAST
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-cache"
    return response


@cache
def tokens() -> dict[str, str]:
    """Name without dashes → value, as `tokens.css` has them."""
    return dict(_TOKEN.findall(Path(FACES, "tokens.css").read_text("utf-8")))


@cache
def icons() -> tuple[str, ...]:
    return tuple(_ICON.findall(Path(FACES, "icons.svg").read_text("utf-8")))


def contrast(one: str, other: str) -> float:
    """Of two colours written `#rrggbb`: 1 to 21, as WCAG reckons it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _measured(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    """Rounded down: what is shown is never better than what is."""
    return [
        {"ink": ink, "ground": ground, "ratio": f"{int(contrast(tokens()[ink], tokens()[ground]) * 10) / 10:.1f}"}
        for ink, ground in pairs
    ]
