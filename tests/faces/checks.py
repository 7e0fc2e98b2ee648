"""What every face must keep, measured as a browser drew it. Each check gives its findings as lines; [] is good.

Only what is on the page now is looked at: bring it into each of its states and ask again. While a modal dialog is
open, only that is looked at. The contrast of pictures is not: a face has none behind its text.
"""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_HERE = Path(__file__).parent
_AXE = _HERE.parents[1] / "node_modules" / "axe-core" / "axe.min.js"

_RUN_AXE = """async () => {
  const { violations } = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html }) => `${id} (${help}): ${target.join(" ")}: ${html.slice(0, 120)}`));
}"""


@cache
def _source(path: Path) -> str:
    return path.read_text("utf-8")


_STILL = """async () => {
  await document.fonts.ready;
  const brief = (one) => one.effect?.getComputedTiming().endTime < Infinity;
  document.getAnimations().filter(brief).forEach((one) => one.finish());
}"""


def at_rest(page: Page) -> None:
    """Wait for styles and fonts, and end what moves only for a moment: what is measured is the page at rest."""
    page.wait_for_load_state()
    page.evaluate(_STILL)


def _ask(page: Page, check: str, argument: Any = None) -> list[str]:
    at_rest(page)
    answer: list[str] = page.evaluate(
        f"(argument) => {{ {_source(_HERE / 'checks.js')}\n return {check}(argument); }}", argument
    )
    return answer


def axe(page: Page) -> list[str]:
    """Serious and critical findings of axe-core. Works under any CSP; frames within the page are not looked into."""
    at_rest(page)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source(_AXE))
    found: list[str] = page.evaluate(_RUN_AXE)
    return found


def contrast(page: Page, least: float = 7.0) -> list[str]:
    """Text, of any size and in fields as well, that differs from its ground by less than `least`:1."""
    return _ask(page, "contrast", least)


def targets(page: Page, least_px: float) -> list[str]:
    """What can be pressed and is lower or narrower than `least_px`. A radio button's label counts as the button; a
    link within a sentence is passed over."""
    return _ask(page, "targets", least_px)


def text_sizes(page: Page, least_px: float) -> list[str]:
    """Text smaller than `least_px` as drawn, scaled parts and fields included."""
    return _ask(page, "text_sizes", least_px)


def overflow(page: Page, *, ellipsis: bool = True) -> list[str]:
    """Text, controls and pictures that are cut off, cross the edge of the box they stand in, or leave the viewport;
    words that are torn apart at the end of a line.

    What scrolls may hold more than it shows. Text that is cut to end in "…" is taken as meant, unless
    `ellipsis` is False: ask so where every word must stand.
    """
    return _ask(page, "overflow", ellipsis)
