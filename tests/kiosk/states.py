"""Every state of the kiosk's page, drawn by the page's own View from a picture and a touch that never were."""

from copy import deepcopy
from typing import Any

from playwright.sync_api import Page

Picture = dict[str, Any]
Ui = dict[str, Any]
NOW = 1_772_413_200_000
"""2 March 2026, 9:00 in Shanghai, as the page's clock counts."""
HOME: Ui = {
    "page": "home",
    "lang": "zh",
    "elder": False,
    "low": False,
    "lying": False,
    "reason": None,
    "item": None,
    "asked": "",
    "press": None,
    "visit": None,
    "scan": None,
    "sheet": None,
    "digits": "",
    "leaf": 0,
    "agentLost": False,
    "now": NOW,
    "touchedAt": NOW,
    "shownAt": NOW,
    "secondsLeft": 8,
}
SLIDE_MS = 8_000
DRAW = """async ([picture, ui]) => {
  const parts = ["/static/pages.mjs", "/faces/vendor/html.mjs", "/static/words.mjs"];
  const [{ View }, { html, render }, { WORDS }] = await Promise.all(parts.map((part) => import(part)));
  const { lang, dir } = WORDS[ui.lang];
  Object.assign(document.documentElement, { lang, dir });
  document.documentElement.classList.toggle("elder", ui.elder);
  const act = new Proxy({}, { get: () => () => {} });
  render(html`<${View} picture=${picture} ui=${ui} act=${act} />`, document.getElementById("app"));
}"""


def still(page: Page, url: str) -> None:
    """The kiosk's page without what drives it."""
    page.route("**/static/app.mjs", lambda route: route.abort())
    page.goto(url)


def draw(page: Page, picture: Picture, ui: Ui) -> None:
    page.evaluate(DRAW, [picture, ui])
    page.evaluate("() => document.fonts.ready")


def states(picture: Picture) -> dict[str, tuple[Picture, Ui]]:
    """By name: the picture, as this one would have to be, and what was touched."""
    code = picture["hall"]["items"][0]["code"]
    queue = picture["hall"]["queues"][0]
    here = {
        "home": {},
        "items": {"page": "items"},
        "found": {"page": "items", "asked": "yl"},
        "nothing-found": {"page": "items", "asked": "yqx"},
        "item": {"page": "item", "item": code},
        "item-withdrawn": {"page": "item", "item": "none"},
        "guide-sheet": {"page": "item", "item": code, "sheet": {"stage": "printed"}},
        "guide-sheet-refused": {"page": "item", "item": code, "sheet": {"stage": "just_printed"}},
        "priority-reason": {"page": "lanes"},
        "priority": {"reason": "elderly"},
        "languages": {"page": "languages"},
        "appointment": {"page": "appointment", "digits": "69012"},
        "issuing": {"page": "visit", "press": {}},
        **{name: {"page": "visit", "press": {}, "visit": visit} for name, visit in _visits(queue).items()},
        **{f"scan-{name}": {"page": "scan", "scan": scan} for name, scan in _scans(queue).items()},
        **{f"quiet-{n + 1}": {"page": "rest", "now": NOW + n * SLIDE_MS} for n in range(4)},
        "agent-lost": {"agentLost": True},
    }
    drawn = {name: (picture, HOME | ui) for name, ui in here.items()}
    for name, change in _OTHER.items():
        drawn[name] = (_with(picture, change), HOME)
    drawn["item-paper-out"] = (_with(picture, _OTHER["paper-out"]), HOME | here["item"])
    return drawn


_OTHER: dict[str, dict[str, Any]] = {
    "paper-out": {"printer": {"ready": False, "low": True, "faults": ["paper_out"]}},
    "printer-away": {"printer": {"ready": False, "low": False, "faults": []}},
    "link-lost": {"server": "away"},
    "starting": {"hall": None},
    "closed": {
        "hall": {
            "open": False,
            "closed_reason": "今天植树节放假，明天 8:30 开始取号",
            "hours": "周一至周五 8:30–11:30，13:00–16:30",
            "closed_reason_en": "Closed today: numbers are issued from 8:30 tomorrow",
            "hours_en": "Mon–Fri 8:30–11:30, 13:00–16:30",
        }
    },
}


def _with(picture: Picture, change: dict[str, Any]) -> Picture:
    changed = deepcopy(picture)
    for key, value in change.items():
        changed[key] = changed[key] | value if isinstance(value, dict) and changed[key] else value
    return changed


def _visits(queue: dict[str, Any]) -> dict[str, dict[str, Any]]:
    ticket = {
        "number": "A042",
        "queue": queue["code"],
        "queue_name": queue["name"],
        "item_name": "",
        "ahead": 7,
        "lane": "normal",
        "location": "1楼 01-06窗",
        "wait": {"low_minutes": 5, "high_minutes": 15},
        "appointment_at": None,
    }
    no = {
        "zh": "大厅现在不取号：明天 8:30 开始取号。急事请问导办台。",
        "en": "Numbers are issued from 8:30 tomorrow.",
    }
    stages = ("printing", "taken", "waiting_paper", "no_paper", "paper_unknown", "away")
    return {
        **{stage.replace("_", "-"): {"stage": stage, "ticket": ticket} for stage in stages},
        "taken-booked": {
            "stage": "taken",
            "ticket": {**ticket, "lane": "appointment", "appointment_at": "2026-03-02T09:30"},
        },
        "refused": {"stage": "refused", "ticket": None, "refusal": no},
    }


def _scans(queue: dict[str, Any]) -> dict[str, dict[str, Any]]:
    ticket = _visits(queue)["taken"]["ticket"]
    turns = ("waiting", "called", "no_show", "finished")
    return {
        **{
            turn: {
                "stage": "ticket",
                "ticket": {
                    **ticket,
                    "state": turn,
                    "window": "03",
                    "wait": ticket["wait"] if turn == "waiting" else None,
                },
            }
            for turn in turns
        },
        **{stage: {"stage": stage} for stage in ("not_found", "unknown", "away")},
    }
