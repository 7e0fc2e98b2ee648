// The kiosk page: what was touched, what the agent says, and one place where both become the screen.
import { html, render } from "/faces/vendor/html.mjs";
import { askSheet, follow, newPressId, take } from "./link.mjs";
import { View } from "./pages.mjs";
import { restful } from "./pages/rest.mjs";
import { ALL_TEXT, FIRST, WORDS } from "./words.mjs";

const FORM = 4; // of the agent's picture; another one means that the agent is newer than this page
const IDLE_S = 45;
const REST_S = 90;
const LEAVE_S = { taken: 10, waiting_paper: 30, no_paper: 30, paper_unknown: 30, refused: 15, away: 15 };
const SCAN_S = { ticket: 20, not_found: 15, unknown: 10, away: 15 };
const CODE_DIGITS = 8;
const MOST_ASKED = 20;
const SHEET_ORDER = ["asking", "waiting", "printing"];
const GIVE_UP_MS = 20_000; // the agent itself answers within 8 s
const NOTHING = { press: null, visit: null, scan: null, sheet: null, digits: "", leaf: 0 };
const FRESH = { ...NOTHING, page: "home", lang: FIRST, elder: false, low: false, reason: null, item: null, asked: "" };
const lying = matchMedia("(orientation: landscape)");

let picture = null;
let ui = { ...FRESH, lying: lying.matches, agentLost: false, now: Date.now(), touchedAt: Date.now(), shownAt: Date.now(), secondsLeft: 0 };

const act = {
  go: (page) => change({ ...NOTHING, page, ...(page === "home" && { asked: "" }) }),
  done: () => (ui.visit?.ticket || ui.scan ? change(FRESH) : act.go("home")),
  leaf: (leaf) => change({ leaf }),
  digit: (digit) => change({ digits: (ui.digits + digit).slice(0, CODE_DIGITS) }),
  backspace: () => change({ digits: ui.digits.slice(0, -1) }),
  clear: () => change({ digits: "" }),
  ask: (asked) => change({ asked: asked.slice(0, MOST_ASKED), leaf: 0 }),
  item: (code) => change({ ...NOTHING, page: "item", item: code }),
  lang: (lang) => change({ lang, ...(ui.page === "languages" && { page: "home" }) }),
  elder: () => change({ elder: !ui.elder, leaf: 0 }),
  low: () => change({ low: !ui.low, leaf: 0 }),
  reason: (reason) => change({ ...NOTHING, page: "home", reason }),
  take: (wish) => {
    if (ui.press) return; // the second tap of a double tap
    const lane = ui.reason && !wish.appointment ? { lane_reason: ui.reason } : {};
    change({ page: "visit", press: { press_id: newPressId(), ...wish, ...lane }, visit: null, shownAt: Date.now() });
    send();
  },
  sheet: (item) => {
    const press = { press_id: newPressId(), item };
    change({ sheet: { press, stage: SHEET_ORDER[0] } });
    sendSheet(press, Date.now() + GIVE_UP_MS);
  },
};

function change(part) {
  ui = { ...ui, ...part };
  if (ui.page === "rest" && !restful(picture, ui)) ui = { ...ui, page: "home" };
  const { lang, dir } = WORDS[ui.lang];
  Object.assign(document.documentElement, { lang, dir });
  document.documentElement.classList.toggle("elder", ui.elder);
  render(html`<${View} picture=${picture} ui=${ui} act=${act} />`, document.getElementById("app"));
}

/** Bring the touch to the agent; what becomes of it then comes with the pictures. */
async function send() {
  const { press } = ui;
  const waiting = () => ui.press === press && !LEAVE_S[ui.visit?.stage] && Date.now() - ui.shownAt < GIVE_UP_MS;
  const visit = await take(press, waiting);
  if (visit && ui.press === press) show(visit);
}

/** A touch only ever goes forward: an answer that was overtaken by a picture changes nothing. */
function show(visit) {
  const order = ["issuing", "printing"];
  const rank = ({ stage }) => (order.includes(stage) ? order.indexOf(stage) : order.length);
  if (ui.visit && rank(visit) < rank(ui.visit)) return;
  const ended = LEAVE_S[visit.stage] && visit.stage !== ui.visit?.stage;
  change({ visit, ...(ended && { shownAt: Date.now(), secondsLeft: LEAVE_S[visit.stage] }) });
}

/** A guide sheet, likewise; its touch may be repeated, since the agent prints a sheet of one name once. */
async function sendSheet(press, deadline) {
  const waiting = () => ui.sheet?.press === press && ui.sheet.stage === SHEET_ORDER[0] && Date.now() < deadline;
  const answer = await askSheet(press, waiting);
  if (ui.sheet?.press === press) showSheet(answer?.stage ?? "away");
}

function showSheet(stage) {
  const rank = (one) => (SHEET_ORDER.includes(one) ? SHEET_ORDER.indexOf(one) : SHEET_ORDER.length);
  if (stage !== ui.sheet.stage && rank(stage) >= rank(ui.sheet.stage)) change({ sheet: { ...ui.sheet, stage } });
}

/** A scan of somebody before us, or from before a reload, is nobody's here; a touch on its way goes first. */
function showScan(scan) {
  if (scan.id === picture?.scan?.id || (ui.press && !LEAVE_S[ui.visit?.stage])) return;
  ui.touchedAt = Date.now(); // whoever scans is here, though nothing was touched
  if (scan.stage === "appointment") {
    act.go("home");
    act.take({ appointment: scan.appointment });
    return;
  }
  change({ page: "scan", press: null, visit: null, scan, shownAt: Date.now(), secondsLeft: SCAN_S[scan.stage] });
}

function onPicture(fresh) {
  if (fresh.version !== FORM) { location.reload(); return; }
  const cameBack = ui.agentLost;
  if (fresh.scan && picture && !cameBack) showScan(fresh.scan);
  picture = fresh;
  change({ agentLost: false });
  const sheet = fresh.sheets[ui.sheet?.press.press_id];
  if (sheet) showSheet(sheet);
  else if (cameBack && ["waiting", "printing"].includes(ui.sheet?.stage)) showSheet("unknown"); // it knows of none
  if (!ui.press) return;
  const visit = fresh.visits[ui.press.press_id];
  if (visit) show(visit);
  else if (cameBack && !ui.visit) send();
}

function tick() {
  const now = Date.now();
  const leave = ui.scan ? SCAN_S[ui.scan.stage] : LEAVE_S[ui.visit?.stage];
  if (ui.page === "visit" && !leave && now - ui.shownAt > GIVE_UP_MS) show({ stage: "away" });
  const secondsLeft = leave ? Math.ceil(leave - (now - ui.shownAt) / 1000) : 0;
  const untouched = now - ui.touchedAt;
  const idle = untouched > IDLE_S * 1000 && !["visit", "rest"].includes(ui.page);
  if ((leave && secondsLeft <= 0) || (idle && !isFresh())) change(FRESH);
  if (untouched > REST_S * 1000 && ui.page === "home" && restful(picture, ui)) change({ page: "rest", shownAt: now, now });
  change({ now, secondsLeft });
}

const isFresh = () => Object.entries(FRESH).every(([name, value]) => ui[name] === value);

/** A keyboard types the code as the keys on the screen do; Enter takes the number, unless another button has the focus. */
function typed(event) {
  if (/^[0-9]$/.test(event.key)) act.digit(event.key);
  else if (event.key === "Backspace") act.backspace();
  else if (event.key === "Enter" && ui.digits.length === CODE_DIGITS && !document.activeElement?.matches("button:not(.key)")) {
    event.preventDefault(); // the key on the screen that was touched last still has the focus
    act.take({ appointment: ui.digits });
  }
}

const field = () => /** @type {HTMLElement} */ (document.querySelector(".query"));

let waking = false;

/** The touch that wakes the page does nothing else: what lies under the finger afterwards was not there before. */
function wake(event) {
  waking = ui.page === "rest";
  if (!waking) return;
  event.preventDefault();
  event.stopPropagation();
  change({ ...FRESH, touchedAt: Date.now() });
}

addEventListener("pointerdown", wake, true);
addEventListener("click", (event) => { if (waking) event.stopPropagation(); waking = false; }, true);
addEventListener("pointerdown", () => { ui.touchedAt = Date.now(); });
addEventListener("keydown", (event) => {
  wake(event);
  if (waking) return;
  ui.touchedAt = Date.now();
  if (event.key === "Escape" && ui.page !== "visit" && !event.isComposing) act.go("home");
  if (ui.page === "appointment") typed(event);
  if (ui.page === "items" && /^(\S|Backspace)$/.test(event.key)) field()?.focus();
}, true);
lying.addEventListener("change", () => change({ lying: lying.matches, leaf: 0 }));
addEventListener("contextmenu", (event) => event.preventDefault());
change({});
setInterval(tick, 500);
follow(onPicture, () => change({ agentLost: true }));
// The font comes in slices from the agent; the slice of a fault's words must not be asked for when it is gone.
document.fonts.load('600 28px "Noto Sans SC Variable"', ALL_TEXT).catch(() => { /* the machine's own fonts do */ });
