// While nobody is here: what this machine does, who waits, what is new. Any touch leads home.
import { html } from "/faces/vendor/html.mjs";
import { icon } from "../icons.mjs";
import { WORDS } from "../words.mjs";
import { inAll } from "./home.mjs";
import { nameOf } from "./parts.mjs";

const SLIDE_MS = 8_000;
const MOST_NOTICES = 3;
const MOST_ITEMS = 4;

/** A machine that cannot serve says so instead. */
export const restful = (picture, { agentLost }) =>
  Boolean(picture?.hall?.open && picture.hall.queues.length && picture.server === "online" && picture.printer.ready && !agentLost);

export function Rest(world) {
  const slides = slidesOf(world);
  const turn = Math.floor((world.ui.now - world.ui.shownAt) / SLIDE_MS);
  return html`
    <section class="rest">
      <div class="slide" key=${turn}>${slides[turn % slides.length](turn)}</div>
      <div class="start">${icon("touch")}<div>${Object.values(WORDS).map((words) => html`
        <span lang=${words.lang} dir=${words.dir}>${words.touchToStart}</span>`)}</div></div>
    </section>`;
}

function slidesOf({ picture: { hall }, t }) {
  const notices = hall.notices.slice(0, MOST_NOTICES).map((notice) => () => Notice(notice, t));
  return [() => Greeting(t), () => Waiting(hall, t), ...notices, ...(hall.items.length ? [(turn) => Some(hall.items, turn, t)] : [])];
}

const Greeting = (t) => html`
  <h1>${t.whatItDoes}</h1>
  <ol class="steps">${t.whatItDoesHow.map((step, n) => html`<li key=${step}><b class="number">${n + 1}</b>${step}</li>`)}</ol>`;

const Waiting = (hall, t) => html`
  <h1>${t.waitingNow}</h1>
  <p class="sum number">${inAll(hall)}</p>
  <ul class="lines">${longest(hall.queues).map((queue) => html`
    <li key=${queue.code}><b class="code">${queue.code}</b><span>${nameOf(queue, t)}</span><i>${t.ahead(queue.waiting)}</i></li>`)}</ul>`;

const longest = (queues) => queues.filter(({ open }) => open).toSorted((a, b) => b.waiting - a.waiting).slice(0, MOST_ITEMS);

const Notice = (notice, t) => html`<h1>${icon("notice")}${t.noticesHead}</h1><p class="said">${notice}</p>`;

/** Other ones each time round. */
function Some(items, turn, t) {
  const from = (turn * MOST_ITEMS) % items.length;
  const some = [...items.slice(from), ...items.slice(0, from)].slice(0, MOST_ITEMS);
  return html`
    <h1>${t.itemsHead}</h1>
    <ul class="lines">${some.map((item) => html`
      <li key=${item.code}><b class="code">${item.queue}</b><span>${item.name}</span></li>`)}</ul>`;
}
