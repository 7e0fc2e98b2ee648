// Items: looking one up by letters, and its public fields.
import { html } from "/faces/vendor/html.mjs";
import { icon } from "../icons.mjs";
import { search } from "/faces/search.mjs";
import { Banner, Leaf, Message, nameOf, noteOf } from "./parts.mjs";

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];

/** The list and its letters in one page: a touch narrows it, none is needed to see it all. */
export function Items(world) {
  const { picture, ui, t } = world;
  const found = search(picture.hall.items, ui.asked);
  return html`
    <section class="find">
      ${!ui.lying && html`<h1>${t.items}</h1>`}
      ${found.length ? Leaf(world, "found", found, (item) => Row(world, item)) : Nothing(world)}
      ${Asked(world, found.length)}
      ${Letters(world)}
    </section>`;
}

const Row = ({ act }, item) => html`
  <button class="row" key=${item.code} onClick=${() => act.item(item.code)}>
    <b class="code">${item.queue}</b><span>${item.name}</span>
  </button>`;

const Nothing = ({ ui, t }) => html`
  <div class="nothing" role="status"><b>${t.notFound(ui.asked)}</b><span>${t.notFoundDo}</span></div>`;

/** A real field, so that a keyboard's input method can write characters; the machine's own keyboard stays away. */
function Asked({ ui, act, t }, count) {
  return html`
    <div class="asked">
      <input class="query" type="text" inputmode="none" autocomplete="off" spellcheck=${false} maxlength="20" ref=${takeFocus}
        aria-label=${t.search} placeholder=${ui.lying ? t.searchShort : t.search} value=${ui.asked} onInput=${(event) => act.ask(event.target.value)} />
      <output>${t.found(count)}</output>
      ${ui.lying && html`<button onClick=${() => act.go("home")}>${icon("home")}${t.home}</button>`}
    </div>`;
}

const takeFocus = (field) => field?.focus({ preventScroll: true });

/** A touch of a key leaves the focus in the field: letters of a keyboard go on behind it. */
function Letters({ ui, act, t }) {
  const erase = () => act.ask(ui.asked.slice(0, -1));
  return html`
    <div class="letters" onPointerDown=${(event) => event.preventDefault()}>
      ${LETTERS.map((letter) => html`
        <button class="key" key=${letter} onClick=${() => act.ask(ui.asked + letter)}>${letter.toUpperCase()}</button>`)}
      <button class="key word" aria-label=${t.erase} onClick=${erase}>${icon("backspace")}</button>
      ${!ui.lying && html`<button class="key word" onClick=${() => act.ask("")}>${t.eraseAll}</button>`}
    </div>`;
}

// ── one item ──

const SHOWN = ["materials", "promise", "fee", "process", "location", "minutes", "handling_body", "legal_basis",
  "supervisor", "complaint_tel"];

/** The ten public fields: the name above, nine below, and how long it takes at the window. */
export function Item(world) {
  const { picture, ui, act, t } = world;
  const item = picture.hall.items.find(({ code }) => code === ui.item);
  if (!item) return Message("list", ...t.sheets.gone);
  const queue = picture.hall.queues.find(({ code }) => code === item.queue);
  const can = queue?.open && picture.hall.open && picture.server === "online";
  return html`
    <section class="greeting"><h1>${item.name}</h1></section>
    ${Banner(world)}
    <dl class="fields" tabindex="0">
      ${SHOWN.map((key) => html`<div key=${key}><dt>${t.fields[key]}</dt><dd>${valueOf(item, key, t)}</dd></div>`)}
    </dl>
    ${can && !queue.windows && html`<p class="aside">${t.noWindow}</p>`}
    ${Told(world)}
    <div class="does">
      <button class="print" disabled=${BUSY.includes(ui.sheet?.stage)} onClick=${() => act.sheet(item.code)}>
        ${icon("print")}${t.print}</button>
      <button class="primary" disabled=${!can} onClick=${() => act.take({ item: item.code })}>
        ${icon("ticket")}${can ? t.takeFor(queue ? nameOf(queue, t) : item.queue) : whyNot(world, queue)}</button>
    </div>`;
}

const BUSY = ["asking", "waiting", "printing"];
const GOOD = [...BUSY, "printed"];

/** What became of the guide sheet that was asked for here. */
function Told({ ui, t }) {
  if (!ui.sheet) return null;
  const { stage } = ui.sheet;
  const [what, todo] = t.sheets[stage];
  return html`
    <div class="notice ${GOOD.includes(stage) ? "good" : ""}" role="status">
      ${icon(GOOD.includes(stage) ? "print" : "warning")}<div><b>${what}</b><span>${todo}</span></div></div>`;
}

function whyNot({ picture, t }, queue) {
  if (picture.server === "away") return t.linkLost;
  return picture.hall.open ? noteOf(queue, t) || t.queueClosed : t.closed;
}

function valueOf(item, key, t) {
  if (!item[key]?.length && !(item[key] > 0)) return t.notSaid;
  if (key === "minutes") return t.minutes(item.minutes);
  if (key === "materials") return html`<ul>${item.materials.map((one) => html`<li>${one}</li>`)}</ul>`;
  return Array.isArray(item[key]) ? item[key].join(" → ") : item[key];
}

