// The pages as a pure function of what the agent says (`picture`) and what was touched (`ui`).
import { html } from "/faces/vendor/html.mjs";
import { icon } from "./icons.mjs";
import { Appointment } from "./pages/appointment.mjs";
import { Languages, Lanes } from "./pages/choices.mjs";
import { Home } from "./pages/home.mjs";
import { Item, Items } from "./pages/items.mjs";
import { Message } from "./pages/parts.mjs";
import { Rest } from "./pages/rest.mjs";
import { Scanned, Visit } from "./pages/visit.mjs";
import { WORDS } from "./words.mjs";

const PAGES = {
  home: Home, items: Items, item: Item, appointment: Appointment, lanes: Lanes, languages: Languages, rest: Rest,
  visit: Visit, scan: Scanned,
};
const WITHOUT_HALL = ["visit", "scan"];

/** @param {{picture: any, ui: any, act: Record<string, Function>}} world */
export function View(world) {
  const { ui } = world;
  const t = WORDS[ui.lang];
  return html`
    <div class="kiosk ${ui.elder ? "elder" : ""} ${ui.low ? "low" : ""} at-${ui.page}">
      <${Head} ...${world} t=${t} />
      <main class="main" key=${ui.page}>${pageOf({ ...world, t })}</main>
      <${Foot} ...${world} t=${t} />
    </div>`;
}

function pageOf(world) {
  const { picture, ui, t } = world;
  if (!picture?.hall && !WITHOUT_HALL.includes(ui.page)) {
    return Message("clock", t.starting, picture?.server === "away" ? t.linkLostDo : "");
  }
  return PAGES[ui.page](world);
}

function Head({ picture, ui }) {
  const hall = picture?.hall;
  const clock = hall ? new Date(ui.now + hall.utc_offset_min * 60_000).toISOString().slice(11, 16) : "";
  return html`
    <header class="head">
      <div class="hall">${hall?.name ?? ""}</div>
      <div class="clock number">${clock}</div>
    </header>`;
}

const WITHOUT_FOOT = ["visit", "scan", "rest"];

function Foot(world) {
  const { ui, act, t } = world;
  if (WITHOUT_FOOT.includes(ui.page) || (ui.page === "items" && ui.lying)) return null;
  const ways = waysFrom(world);
  return html`
    <nav class="foot on-${ui.page} n${ways.length + 3}">
      ${ways.map(([sign, words, go, can]) => html`<button key=${sign} disabled=${!can} onClick=${go}>${icon(sign)}${words}</button>`)}
      <button aria-pressed=${ui.elder} onClick=${act.elder}>${icon("letters")}${ui.elder ? t.normal : t.elder}</button>
      <button aria-pressed=${ui.low} onClick=${act.low}>${icon(ui.low ? "high" : "low")}${ui.low ? t.high : t.low}</button>
      ${Speak(world)}
    </nav>`;
}

/** With two languages the other one is a touch away, with more there is a choice. */
function Speak({ ui, act, t }) {
  const others = Object.keys(WORDS).filter((code) => code !== ui.lang);
  if (others.length > 1) return html`<button onClick=${() => act.go("languages")}>${icon("globe")}${t.languages}</button>`;
  return others.map((code) => html`
    <button key=${code} lang=${WORDS[code].lang} onClick=${() => act.lang(code)}>${icon("globe")}${WORDS[code].own}</button>`);
}

function waysFrom({ picture, ui, act, t }) {
  const hall = picture?.hall;
  const home = ["home", t.home, () => act.go("home"), true];
  const items = (words) => ["list", words, () => act.go("items"), Boolean(hall?.items.length)];
  if (ui.page === "item") return [items(t.back), home];
  if (ui.page !== "home") return [home];
  const first = ui.reason
    ? ["priority", t.noPriority, () => act.reason(null), true]
    : ["priority", t.priority, () => act.go("lanes"), Boolean(hall?.open && hall.queues.length)];
  return [items(t.byItem), ...(hall?.appointments ? [["calendar", t.appointment, () => act.go("appointment"), true]] : []), first];
}
