// Home: kinds of business to take a number for, or when the hall opens again.
import { html } from "/faces/vendor/html.mjs";
import { icon, queueIcon } from "../icons.mjs";
import { waitWords } from "../words.mjs";
import { Banner, Leaf, Message, nameOf, noteOf, phrases } from "./parts.mjs";

export function Home(world) {
  const { picture, t } = world;
  if (!picture.hall.open) return Closed(world);
  if (!picture.hall.queues.length) return Message("list", t.noQueues, t.noQueuesDo);
  return html`
    <section class="greeting">
      <h1>${world.ui.reason ? t.priorityNow : t.greeting}</h1>
      <p>${t.waiting(inAll(picture.hall))}</p>
    </section>
    ${Banner(world)}
    ${Leaf(world, "tiles", picture.hall.queues, (queue) => Tile(world, queue))}`;
}

/** @param {{queues: {waiting: number}[]}} hall */
export const inAll = ({ queues }) => queues.reduce((sum, { waiting }) => sum + waiting, 0);

/** When to come back is the news, so it is nearly as large as that the hall is closed. */
function Closed({ picture: { hall }, t }) {
  const en = t.names === "en";
  const hours = en ? hall.hours_en : hall.hours;
  return html`
    <section class="message closed" role="status" aria-live="polite">
      ${icon("clock")}<h1>${t.closed}</h1>
      <p class="when">${phrases((en && hall.closed_reason_en) || hall.closed_reason || t.closedDo)}</p>
      ${hours && html`<p>${phrases(t.hours(hours))}</p>`}
      <p>${t.closedMeanwhile}</p>
    </section>`;
}

/** The wait is said for the normal lane, so it is not said to somebody in another; and nothing is while it may have
 * changed unseen. */
function Tile({ picture, ui, act, t }, queue) {
  const online = picture.server === "online";
  const can = queue.open && online;
  const soon = queue.wait && !ui.reason ? waitWords(queue.wait, t) : t.windows(queue.windows);
  return html`
    <button class="tile mark-${queue.code}" key=${queue.code} disabled=${!can}
        onClick=${() => act.take({ queue: queue.code })}>
      <span class="code">${queueIcon(queue.code)}<b>${queue.code}</b></span>
      <span class="what">
        <b>${nameOf(queue, t)}</b>
        <span>${queue.open ? online && t.ahead(queue.waiting) : noteOf(queue, t) || t.queueClosed}</span>
        <span class="soft">${queue.open && online && soon}</span>
      </span>
    </button>`;
}

