/** The number in hand, or why there is none, with its running time. */

import { html } from "/faces/vendor/html.mjs";
import { outOfOrder } from "./rules.mjs";
import { APPOINTMENT_TURN, LANES, OUTCOMES, business, t } from "./words.mjs";
import { Cap, Elapsed, minutesBetween, timeOfDay } from "./ui.mjs";

/** The server sends at most fifty. */
export const count = (tickets) => (tickets.length < 50 ? tickets.length : "50+");

/** The lane; of an appointment its time. One outside of its time (`turn`) goes with the others, and looks so. */
export function Lane({ ticket, turn = "" }) {
  if (ticket.appointment_at) {
    const words = `${t(LANES.appointment)} ${timeOfDay(ticket.appointment_at)}`;
    const ahead = ticket.lane === "appointment" && !turn;
    return html`<span class=${ahead ? "chip lane" : "chip"}>${words}${turn && ` ${t(APPOINTMENT_TURN[turn])}`}</span>`;
  }
  return ticket.lane !== "normal" && html`<span class="chip lane">${t(LANES[ticket.lane])}</span>`;
}

const Fact = ({ name, children }) => html`<div><dt>${t(name)}</dt><dd><b>${children}</b></dd></div>`;

export function InHand({ view, waiting, inviting, outcome, onOutcome }) {
  const { ticket } = view;
  const chip = ticket?.state !== "serving" && inviting && html`
    <span class="chip rating" role="status">${ticket ? t("lastPerson") : ""}${t("ratingOpen")}</span>`;
  if (!ticket) return html`<${EmptyHand} view=${view} waiting=${waiting} chip=${chip} />`;
  // In the normal lane only who came too late for an appointment has its time; of another the reason says it.
  const turn = ticket.appointment_at && ticket.lane !== "appointment" ? "late" : "";
  const began = ticket.state === "serving";
  return html`
    <p class="state">${t(began ? "serving" : "called")}
      ${outOfOrder(view) && html`<span class="chip special">${t("outOfOrder")}</span>`}
      <${Lane} ticket=${ticket} turn=${turn} />
      ${view.state === "paused" && html`<span class="chip">${t("pausedState")} · ${view.pause_reason}</span>`}
      ${chip}</p>
    <p class="big number" id="number">${ticket.number}</p>
    <p class="item">${business(ticket)}</p>
    <dl class="facts">
      <${Fact} name=${began ? "sinceBegin" : "sinceCall"}><${Elapsed} since=${began ? view.begun_at : ticket.called_at} /><//>
      <div><dt>${t("waited")}</dt><dd><b class="number">${minutesBetween(ticket.issued_at, Date.parse(ticket.called_at))}</b> ${t("minutes")}</dd></div>
      ${ticket.recalls > 0 && html`<div><dt>${t("recalls")}</dt><dd><b class="number">${ticket.recalls}</b> ${t("times")}</dd></div>`}
      <div class="reason"><dt>${t("why")}</dt><dd>${t([view.reason, view.reason_en])}</dd></div>
    </dl>
    ${began && html`<${Outcomes} marked=${outcome} onMark=${onOutcome} />`}
    ${["failed", "unknown"].includes(ticket.print_state) && html`<p class="paper">${t("notPrinted")}</p>`}`;
}

function EmptyHand({ view, waiting, chip }) {
  const paused = view.state === "paused";
  const people = html`<span class="number">${count(waiting)}</span> ${t("people")}`;
  return html`
    <p class="state">${t(paused ? "pausedState" : "idle")} ${chip}</p>
    <p class="big">${paused ? view.pause_reason : waiting.length ? people : t("nobodyWaits")}</p>
    <dl class="facts">
      ${view.since && html`<${Fact} name=${paused ? "pausedFor" : "idleFor"}><${Elapsed} key=${view.since} since=${view.since} /><//>`}
      <div><dt>${t(paused ? "pausedHint" : waiting.length ? "idleHint" : "idleEmpty")}</dt></div>
    </dl>`;
}

/** How the business ended, marked before it is finished; the first unless the clerk says otherwise. */
function Outcomes({ marked, onMark }) {
  return html`
    <div class="outcomes" role="group" aria-label=${t("finishTitle")}>
      ${OUTCOMES.map(([value, words, whole], i) => html`
        <button key=${value} type="button" aria-pressed=${value === marked} title=${t(whole)} onClick=${() => onMark(value)}>
          <${Cap}>${i + 1}<//> <span>${t(words)}</span></button>`)}
    </div>`;
}
