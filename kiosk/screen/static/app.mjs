// The kiosk page: what was touched, what the agent says, and one place where both become the screen.
import { html, render } from "/faces/vendor/html.mjs";
import { follow, newPressId, take } from "./link.mjs";
import { View } from "./pages.mjs";
import { ALL_TEXT, WORDS } from "./words.mjs";

const FORM = 3; // of the agent's picture; another one means that the agent is newer than this page
const IDLE_S = 45;
const LEAVE_S = { taken: 10, waiting_paper: 30, no_paper: 30, paper_unknown: 30, refused: 15, away: 15 };
const SCAN_S = { ticket: 20, not_found: 15, unknown: 10, away: 15 };
const CODE_DIGITS = 8;
const GIVE_UP_MS = 20_000; // the agent itself answers within 8 s
const FRESH = { page: "home", lang: "zh", elder: false, item: null, press: null, visit: null, scan: null, digits: "", leaf: 0 };
const lying = matchMedia("(orientation: landscape)");

let picture = null;
let ui = { ...FRESH, lying: lying.matches, agentLost: false, now: Date.now(), touchedAt: Date.now(), shownAt: Date.now(), secondsLeft: 0 };

const act = {
  go: (page) => change({ page, press: null, visit: null, scan: null, digits: "", leaf: 0 }),
  leaf: (leaf) => change({ leaf }),
  digit: (digit) => change({ digits: (ui.digits + digit).slice(0, CODE_DIGITS) }),
  backspace: () => change({ digits: ui.digits.slice(0, -1) }),
  clear: () => change({ digits: "" }),
  item: (code) => change({ page: "item", item: code }),
  lang: () => change({ lang: ui.lang === "zh" ? "en" : "zh" }),
  elder: () => change({ elder: !ui.elder, leaf: 0 }),
  take: (wish) => {
    if (ui.press) return; // the second tap of a double tap
    change({ page: "visit", press: { press_id: newPressId(), ...wish }, visit: null, shownAt: Date.now() });
    send();
  },
};

function change(part) {
  ui = { ...ui, ...part };
  document.documentElement.lang = WORDS[ui.lang].lang;
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

/** A scan of somebody before us, or from before a reload, is nobody's here; a touch on its way goes first. */
function showScan(scan) {
  if (scan.id === picture?.scan?.id || (ui.press && !LEAVE_S[ui.visit?.stage])) return;
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
  const idle = now - ui.touchedAt > IDLE_S * 1000 && ui.page !== "visit";
  if ((leave && secondsLeft <= 0) || (idle && (ui.page !== "home" || ui.elder || ui.lang !== "zh"))) change(FRESH);
  change({ now, secondsLeft });
}

/** A keyboard types the code as the keys on the screen do; Enter takes the number, unless another button has the focus. */
function typed(event) {
  if (/^[0-9]$/.test(event.key)) act.digit(event.key);
  else if (event.key === "Backspace") act.backspace();
  else if (event.key === "Enter" && ui.digits.length === CODE_DIGITS && !document.activeElement?.matches("button:not(.key)")) {
    event.preventDefault(); // the key on the screen that was touched last still has the focus
    act.take({ appointment: ui.digits });
  }
}

for (const kind of ["pointerdown", "keydown"]) {
  addEventListener(kind, (event) => {
    ui.touchedAt = Date.now();
    if (event instanceof KeyboardEvent && event.key === "Escape" && ui.page !== "visit") act.go("home");
    if (event instanceof KeyboardEvent && ui.page === "appointment") typed(event);
  });
}
lying.addEventListener("change", () => change({ lying: lying.matches, leaf: 0 }));
addEventListener("contextmenu", (event) => event.preventDefault());
change({});
setInterval(tick, 500);
follow(onPicture, () => change({ agentLost: true }));
// The font comes in slices from the agent; the slice of a fault's words must not be asked for when it is gone.
document.fonts.load('600 28px "Noto Sans SC Variable"', ALL_TEXT).catch(() => { /* the machine's own fonts do */ });
