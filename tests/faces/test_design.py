"""The design system is one: every colour is a token, every token is used, the style guide shows them as they are."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from server.web.styleguide import DARK, LEAST, LIGHT, contrast, icons, tokens
from tests.faces.conftest import Check
from tests.server.pages.conftest import ROOT, Live

FACES = ROOT / "server/contract/faces"
STYLES = [
    file
    for folder in ("server/static", "kiosk/screen", "display/screen")
    for file in sorted((ROOT / folder).rglob("*.css"))
]
LITERAL = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(|:\s*(?:white|black)\b", re.I)


def without_comments(file: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.S)


def used(text: str) -> set[str]:
    return set(re.findall(r"var\(--([a-z-]+)", text))


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.name)
def test_every_colour_of_a_face_is_a_token(file: Path) -> None:
    assert LITERAL.findall(without_comments(file)) == []


def test_every_token_that_is_used_exists_and_every_one_that_exists_is_used() -> None:
    shared = without_comments(FACES / "tokens.css")
    wanted, own = used(shared), set()
    for file in STYLES:
        text = without_comments(file)
        wanted |= used(text)
        own |= set(re.findall(r"^\s*--([a-z-]+):", text, re.M))
    assert (wanted - own - tokens().keys(), tokens().keys() - wanted) == (set(), set())


@pytest.mark.parametrize(("ink", "ground"), LIGHT + DARK)
def test_text_stands_out_from_its_ground(ink: str, ground: str) -> None:
    assert contrast(tokens()[ink], tokens()[ground]) >= LEAST


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert (contrast("#000000", "#ffffff"), contrast("#777777", "#777777")) == (21.0, 1.0)
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


def test_every_colour_of_text_stands_in_the_style_guide() -> None:
    grounds = {ground for _, ground in LIGHT + DARK}
    inks = {ink for ink, _ in LIGHT + DARK}
    lines = {"line", "night-line", "on-civic-line", "shadow", "veil"}
    colours = {name for name, value in tokens().items() if value.startswith(("#", "rgb"))}
    assert colours - grounds - inks == lines
    css = (ROOT / "server/static/styleguide.css").read_text("utf-8")
    for name in inks:
        assert f".ink-{name} {{ color: var(--{name}); }}" in css
    for name in grounds:
        assert f".ground-{name} {{ background: var(--{name}); }}" in css


@pytest.mark.parametrize("width", [1366, 390])
def test_the_style_guide_keeps_what_it_says(
    fresh: Live, tab: Callable[[str], Page], sound: Check, width: int
) -> None:
    page = tab(f"{fresh.url}/styleguide")
    page.set_viewport_size({"width": width, "height": 900})
    sound(page)
    assert page.locator(".pair").count() == len(LIGHT + DARK)


def test_the_style_guide_shows_the_focus_as_the_browser_does(fresh: Live, tab: Callable[[str], Page]) -> None:
    page = tab(f"{fresh.url}/styleguide")
    page.keyboard.press("Tab")
    drawn = "e => { const s = getComputedStyle(e); return [s.outline, s.outlineOffset, s.boxShadow]; }"
    assert page.locator(":focus-visible").evaluate(drawn) == page.locator(".focused").first.evaluate(drawn)


def test_every_icon_that_a_face_names_exists() -> None:
    scripts = [file for folder in ("kiosk/screen", "display/screen") for file in (ROOT / folder).rglob("*.mjs")]
    named = re.findall(r'\bicon\("([a-z]+)"', "".join(file.read_text("utf-8") for file in scripts))
    assert named and set(named) <= set(icons())


def test_every_icon_is_drawn(fresh: Live, tab: Callable[[str], Page]) -> None:
    page = tab(f"{fresh.url}/styleguide")
    drawn = page.locator(".icons .icon use").evaluate_all("all => all.map((use) => use.getBBox().width > 10)")
    assert len(drawn) > len(icons()) and all(drawn)
