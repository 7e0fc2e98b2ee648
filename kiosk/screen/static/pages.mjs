// The pages as a pure function of what the agent says (`picture`) and what was touched (`ui`).
import { html } from "/faces/vendor/html.mjs";
import { icon, queueIcon } from "./icons.mjs";
import { WORDS, waitWords } from "./words.mjs";

/** @param {{picture: any, ui: any, act: Record<string, Function>}} world */
export function View(world) {
  const t = WORDS[world.ui.lang];
  return html`
    <div class="kiosk ${world.ui.elder ? "elder" : ""}">
      <${Head} ...${world} t=${t} />
      <main class="main" key=${world.ui.page}>${pageOf({ ...world, t })}</main>
      <${Foot} ...${world} t=${t} />
    </div>`;
}

function pageOf(world) {
  const { picture, ui, t } = world;
  if (ui.page === "visit") return Visit(world);
  if (ui.page === "scan") return Scanned(world);
  if (!picture?.hall) return Message("clock", t.starting, picture?.server === "away" ? t.linkLostDo : "");
  if (ui.page === "items") return Items(world);
  if (ui.page === "item") return Item(world);
  if (ui.page === "appointment") return Appointment(world);
  return Home(world);
}

// ── home ──

function Head({ picture, ui, t }) {
  const hall = picture?.hall;
  const clock = hall ? new Date(ui.now + hall.utc_offset_min * 60_000).toISOString().slice(11, 16) : "";
  return html`
    <header class="head">
      <div class="hall">${hall?.name ?? ""}</div>
      <div class="clock number">${clock}</div>
    </header>`;
}

function Home(world) {
  const { picture, t } = world;
  if (!picture.hall.open) return Closed(world);
  if (!picture.hall.queues.length) return Message("list", t.noQueues, t.noQueuesDo);
  const waiting = picture.hall.queues.reduce((sum, queue) => sum + queue.waiting, 0);
  return html`
    <section class="greeting">
      <h1>${t.greeting}</h1>
      <p>${waiting ? t.waiting(waiting) : t.nobody}</p>
    </section>
    ${Banner(world)}
    ${Leaf(world, "tiles", picture.hall.queues, (queue) => Tile(world, queue))}`;
}

/** How many stand on one page in large letters, upright and lying. */
const ON_A_PAGE = { tiles: [5, 4], rows: [6, 4] };

/** In large letters a list comes some at a time: what the edge cuts off is not seen, and few would think of pulling. */
function Leaf({ ui, act, t }, kind, all, show) {
  const most = ui.elder ? ON_A_PAGE[kind][Number(ui.lying)] : all.length;
  const pages = Math.max(1, Math.ceil(all.length / most));
  const at = ui.leaf % pages;
  return html`
    <section class=${kind}>${all.slice(at * most, (at + 1) * most).map(show)}</section>
    ${pages > 1 && html`<button class="more" onClick=${() => act.leaf(at + 1)}>${icon("list")}${t.more(at + 1 < pages, at + 1, pages)}</button>`}`;
}

/** When to come back is the news, so it is nearly as large as that the hall is closed. */
function Closed({ picture: { hall }, ui, t }) {
  const en = ui.lang === "en";
  const hours = en ? hall.hours_en : hall.hours;
  return html`
    <section class="message closed" role="status" aria-live="polite">
      ${icon("clock")}<h1>${t.closed}</h1>
      <p class="when">${phrases((en && hall.closed_reason_en) || hall.closed_reason || t.closedDo)}</p>
      ${hours && html`<p>${phrases(t.hours(hours))}</p>`}
      <p>${t.closedMeanwhile}</p>
    </section>`;
}

/** A sentence that breaks after its commas, not within its words. */
const phrases = (text) => text.split(/(?<=[，。；：])/).map((part) => html`<span>${part}</span>`);

function Tile({ picture, ui, act, t }, queue) {
  const can = queue.open && picture.server === "online";
  return html`
    <button class="tile mark-${queue.code}" key=${queue.code} disabled=${!can}
        onClick=${() => act.take({ queue: queue.code })}>
      <span class="code">${queueIcon(queue.code)}<b>${queue.code}</b></span>
      <span class="what">
        <b>${nameOf(queue, ui)}</b>
        <span>${queue.open ? t.ahead(queue.waiting) : noteOf(queue, ui) || t.queueClosed}</span>
        <span class="soft">${queue.open ? (queue.wait ? waitWords(queue.wait, t) : t.windows(queue.windows)) : ""}</span>
      </span>
    </button>`;
}

/** What the citizen must know before touching anything. */
function Banner({ picture, ui, t }) {
  if (ui.agentLost) return Notice("link", t.agentLost, "");
  if (picture.server === "away") return Notice("link", t.linkLost, t.linkLostDo);
  if (picture.printer.ready) return null;
  const fault = picture.printer.faults.find((word) => t.printerFaults[word]);
  return Notice("warning", t.printerFaults[fault] ?? t.printerFault, t.printerDo);
}

const Notice = (sign, what, todo) => html`
  <div class="notice" role="status">${icon(sign)}<div><b>${what}</b><span>${todo}</span></div></div>`;

const nameOf = (queue, ui) => (ui.lang === "en" && queue.name_en ? queue.name_en : queue.name);

const noteOf = (queue, ui) => (ui.lang === "en" ? queue?.note_en : queue?.note);

function Foot({ picture, ui, act, t }) {
  if (ui.page === "visit" || ui.page === "scan") return null;
  const ways = {
    home: [["items", "list", t.byItem], ...(picture?.hall?.appointments ? [["appointment", "calendar", t.appointment]] : [])],
    appointment: [["home", "home", t.home]],
    items: [["home", "home", t.home]],
    item: [["items", "list", t.back], ["home", "home", t.home]],
  }[ui.page];
  const empty = !picture?.hall?.items.length;
  return html`
    <nav class="foot on-${ui.page} ${ways.length > 1 ? "four" : ""}">
      ${ways.map(([page, sign, words]) => html`
        <button key=${page} disabled=${page === "items" && empty} onClick=${() => act.go(page)}>${icon(sign)}${words}</button>`)}
      <button aria-pressed=${ui.elder} onClick=${act.elder}>${icon("letters")}${ui.elder ? t.normal : t.elder}</button>
      <button lang=${ui.lang === "zh" ? "en" : "zh-CN"} onClick=${act.lang}>${icon("globe")}${t.other}</button>
    </nav>`;
}

// ── items ──

function Items(world) {
  const { picture, act, t } = world;
  return html`
    <section class="greeting"><h1>${t.items}</h1><p>${t.itemHint}</p></section>
    ${Leaf(world, "rows", picture.hall.items, (item) => html`
      <button class="row" key=${item.code} onClick=${() => act.item(item.code)}>
        <b class="code">${item.queue}</b><span>${item.name}</span>
      </button>`)}`;
}

const SHOWN = ["materials", "promise", "fee", "process", "location", "minutes", "handling_body", "legal_basis",
  "supervisor", "complaint_tel"];

function Item(world) {
  const { picture, ui, act, t } = world;
  const item = picture.hall.items.find(({ code }) => code === ui.item);
  if (!item) return Message("list", t.items, "");
  const queue = picture.hall.queues.find(({ code }) => code === item.queue);
  const can = queue?.open && picture.hall.open && picture.server === "online";
  return html`
    <section class="greeting"><h1>${item.name}</h1></section>
    ${Banner(world)}
    <dl class="fields" tabindex="0">
      ${SHOWN.filter((key) => item[key]?.length || item[key] > 0).map((key) => html`
        <div><dt>${t.fields[key]}</dt><dd>${valueOf(item, key, t)}</dd></div>`)}
    </dl>
    ${can && !queue.windows && html`<p class="aside">${t.noWindow}</p>`}
    <button class="primary" disabled=${!can} onClick=${() => act.take({ item: item.code })}>
      ${icon("ticket")}${can ? t.takeFor(queue ? nameOf(queue, ui) : item.queue) : whyNot(world, queue)}
    </button>`;
}

function whyNot({ picture, ui, t }, queue) {
  if (picture.server === "away") return t.linkLost;
  return picture.hall.open ? noteOf(queue, ui) || t.queueClosed : t.closed;
}

function valueOf(item, key, t) {
  if (key === "minutes") return t.minutes(item.minutes);
  if (key === "materials") return html`<ul>${item.materials.map((one) => html`<li>${one}</li>`)}</ul>`;
  return Array.isArray(item[key]) ? item[key].join(" → ") : item[key];
}

// ── an appointment's code ──

const PLACES = [0, 1, 2, 3, 4, 5, 6, 7];
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

function Appointment(world) {
  const { picture, ui, act, t } = world;
  const whole = ui.digits.length === 8;
  const can = picture.server === "online"; // the after-hours book is used when the hall is closed to others
  return html`
    <section class="pad">
      <div class="ask">
        <h1>${t.typeCode}</h1>
        <p class="soft">${t.typeCodeHint}</p>
        ${Banner(world)}
        <p class="digits number" role="status" aria-label=${ui.digits}>
          ${PLACES.map((n) => html`<i key=${n}>${ui.digits[n] ?? ""}</i>`)}</p>
        <button class="primary" disabled=${!whole || !can} onClick=${() => act.take({ appointment: ui.digits })}>
          ${icon("ticket")}${can ? t.take : t.linkLost}</button>
      </div>
      <div class="keys">
        ${KEYS.map((digit) => html`<button class="key number" key=${digit} onClick=${() => act.digit(digit)}>${digit}</button>`)}
        <button class="key word" onClick=${act.clear}>${t.clear}</button>
        <button class="key number" onClick=${() => act.digit("0")}>0</button>
        <button class="key word" aria-label=${t.backspace} onClick=${act.backspace}>${icon("backspace")}</button>
      </div>
    </section>`;
}

// ── a touch on its way to paper ──

function Visit(world) {
  const { ui, t } = world;
  switch (ui.visit?.stage) {
    case "printing": return Message("ticket", t.printing, "");
    case "taken": return Taken(world, "done", t.takePaper, "");
    case "waiting_paper": return Taken(world, "warning", t.waitingPaper, t.waitingPaperDo);
    case "no_paper": return Taken(world, "warning", t.noPaper, t.noPaperDo);
    case "paper_unknown": return Taken(world, "warning", t.unsure, t.unsureDo);
    case "refused": return ui.press.appointment ? WrongCode(world) : Sorry(world, sentence(ui));
    case "away": return Sorry(world, t.awayDo);
    default: return Message("ticket", ui.agentLost ? t.agentLost : t.issuing, "");
  }
}

/** Scanned or typed: what the server says against it, and the way to type it again. */
function WrongCode(world) {
  const { ui, act, t } = world;
  return html`
    ${Message("warning", t.failed, sentence(ui))}
    <button class="primary again" onClick=${() => act.go("appointment")}>${icon("calendar")}${t.typeAgain}</button>
    ${Leave(world)}`;
}

const sentence = ({ visit, lang }) => (lang === "en" ? visit.refusal?.en : visit.refusal?.zh) ?? "";

const Message = (sign, what, todo) => html`
  <section class="message" role="status" aria-live="polite">${icon(sign)}<h1>${what}</h1><p>${phrases(todo)}</p></section>`;

function Taken(world, sign, what, todo) {
  const { ticket } = world.ui.visit;
  const { t, picture, ui } = world;
  const queue = picture?.hall?.queues.find(({ code }) => code === ticket.queue);
  const shut = queue?.windows === 0;
  return html`
    <section class="taken ${todo ? "warned" : ""}" role="status" aria-live="assertive">
      <p class="yours">${t.yours}</p>
      <p class="huge number">${ticket.number}</p>
      <p class="business">${businessOf(ticket, queue, ui)}</p>
      ${ticket.appointment_at && html`<p class="people">${t.booked(ticket.appointment_at.slice(11, 16), ticket.lane === "appointment")}</p>`}
      ${!ticket.appointment_at && (ticket.ahead || !shut) && html`<p class="people">${t.people(ticket.ahead)}</p>`}
      ${ticket.wait && html`<p class="wait">${waitWords(ticket.wait, t)}</p>`}
      ${shut && html`<p class="aside">${t.noWindow}</p>`}
      ${ticket.location && html`<p>${t.goTo(ticket.location)}</p>`}
      <div class="paper">${icon(sign)}<div><b>${what}</b>${todo && html`<span>${todo}</span>`}</div></div>
      <p class="soft">${t.listen}</p>
    </section>
    ${Leave(world)}`;
}

// ── a ticket held before the scanner ──

function Scanned(world) {
  const { ui, t } = world;
  if (ui.scan.stage === "ticket") return MyTurn(world, ui.scan.ticket);
  const [what, todo] = t.scans[ui.scan.stage];
  return html`${Message("warning", what, todo)}${Leave(world)}`;
}

function MyTurn(world, ticket) {
  const { t, picture, ui } = world;
  const queue = picture?.hall?.queues.find(({ code }) => code === ticket.queue);
  const [what, todo] = t.turns[ticket.state](ticket);
  const here = ["waiting", "called", "serving", "held"].includes(ticket.state);
  return html`
    <section class="taken turn ${here ? "" : "over"}" role="status" aria-live="assertive">
      <p class="yours">${t.yours}</p>
      <p class="huge number">${ticket.number}</p>
      <p class="business">${businessOf(ticket, queue, ui)}</p>
      <div class="paper">${icon(here ? "ticket" : "warning")}<div><b>${what}</b><span>${todo}</span></div></div>
      ${ticket.wait && html`<p class="wait">${waitWords(ticket.wait, t)}</p>`}
      ${ticket.state === "waiting" && ticket.location && html`<p>${t.goTo(ticket.location)}</p>`}
    </section>
    ${Leave(world)}`;
}

/** What the number is for. Items have Chinese names alone, so an English reader is told the queue's. */
const businessOf = (ticket, queue, ui) =>
  (ui.lang === "en" && queue?.name_en) || ticket.item_name || queue?.name || ticket.queue_name;

const Sorry = (world, todo) => html`${Message("warning", world.t.failed, todo)}${Leave(world)}`;

const Leave = ({ ui, act, t }) => html`
  <button class="primary" onClick=${() => act.go("home")}>${t.done}<span>${t.backIn(ui.secondsLeft)}</span></button>`;
