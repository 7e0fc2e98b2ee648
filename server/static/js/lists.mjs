/** Beside the work: who waits, what is on hold, the clerk's own day, and devices that want a hand. */

import { html } from "/faces/vendor/html.mjs";
import { Lane, count } from "./hand.mjs";
import { DAY, HELD, LIST } from "./rules.mjs";
import { DEVICE, FAULTS, HEALTH, HOLDS, business, t } from "./words.mjs";
import { Cap, minutesBetween, span, useNow } from "./ui.mjs";

export function Waiting({ tickets, notes, onPick }) {
  const how = (ticket) => {
    const note = notes[ticket.id];
    const from = note?.from && t("sentOn").replace("{}", note.from);
    return from && `${from}${note.reason && ` · ${note.reason}`}`;
  };
  return html`
    <section class="line waiting">
      <h2>${t("waitingList")} <b class="number">${count(tickets)}</b>${tickets.length > 0 && html`<small>${t("listKey")}</small> <${Cap}>${LIST.cap}<//>`}</h2>
      ${tickets.length === 0 && html`<p class="none">${t("nobodyWaits")}</p>`}
      <${Rows} tickets=${tickets} onPick=${onPick} how=${how} turn=${(ticket) => notes[ticket.id]?.appointment} since=${(ticket) => ticket.issued_at} />
    </section>`;
}

export function Held({ tickets, holds, onPick }) {
  const how = (ticket) => {
    const hold = holds[ticket.id];
    return hold && `${t(HOLDS.find(([kind]) => kind === hold.kind)?.[2] ?? hold.kind)}${hold.reason && ` · ${t([hold.reason, hold.reason_en])}`}`;
  };
  if (tickets.length === 0) return null;
  return html`
    <section class="line held">
      <h2>${t("heldList")} <b class="number">${count(tickets)}</b><small>${t("heldKey")}</small> <${Cap}>${HELD.cap}<//></h2>
      <${Rows} tickets=${tickets} onPick=${onPick} how=${how} since=${(ticket) => holds[ticket.id]?.since ?? ticket.issued_at} />
    </section>`;
}

function Rows({ tickets, onPick, since, how = (_) => "", turn = (_) => "" }) {
  const now = useNow(10000);
  return html`
    <ol onKeyDown=${walk}>${tickets.map((ticket) => html`
      <li key=${ticket.id}><button type="button" onClick=${() => onPick(ticket)}>
        <b class="number">${ticket.number}</b>
        <span class="what" title=${business(ticket)}>${business(ticket)}</span>
        ${how(ticket) && html`<span class="how" title=${how(ticket)}>${how(ticket)}</span>`}
        <${Lane} ticket=${ticket} turn=${turn(ticket)} />
        <span class="wait"><b class="number">${minutesBetween(since(ticket), now)}</b> ${t("minutes")}</span>
      </button></li>`)}</ol>`;
}

/** Up and down in a list; Esc goes back to the page. */
function walk(event) {
  const rows = [...event.currentTarget.querySelectorAll("button")];
  const here = rows.indexOf(document.activeElement);
  const to = { ArrowDown: rows[here + 1], ArrowUp: rows[here - 1], Home: rows[0], End: rows.at(-1) }[event.key];
  if (event.key === "Escape") rows[here]?.blur();
  else if (!to) return;
  event.preventDefault();
  to?.focus();
}

export function Today({ day, onOpen }) {
  return html`
    <button class="today" type="button" onClick=${onOpen}>
      <span>${t("today")}</span>
      <span>${t("served")} <b class="number">${day ? day.served : "–"}</b></span>
      <span>${t("average")} <b class="number">${day ? span(day.average_s) : "–"}</b></span>
      <${Cap}>${DAY.cap}<//>
    </button>`;
}

/** Devices that are absent or faulty. A notice and nothing more: the work goes on without them. */
export function Devices({ view, printers: [printer, ...others] }) {
  const own = ["evaluator", "bar"].filter((device) => ["absent", "fault"].includes(view[device]));
  if (!printer && own.length === 0) return null;
  return html`
    <p class="devices" role="status">
      ${own.map((device) => html`<span key=${device} class=${`chip ${device}`}>! ${t(DEVICE[device])}${t(HEALTH[view[device]])}</span>`)}
      ${printer && html`<span class="chip alarm">! ${t("printer")} ${printer.machine} ${wants(printer)}${others.length > 0 && ` +${others.length}`}</span>`}
    </p>`;
}

const wants = ({ state, faults }) =>
  faults.length ? faults.map((word) => (FAULTS[word] ? t(FAULTS[word]) : word)).join(" ") : t(HEALTH[state]);
