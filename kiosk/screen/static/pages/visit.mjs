// A touch on its way to paper, and a ticket held before the scanner.
import { html } from "/faces/vendor/html.mjs";
import { icon } from "../icons.mjs";
import { waitWords } from "../words.mjs";
import { Leave, Message } from "./parts.mjs";

export function Visit(world) {
  const { ui, t } = world;
  switch (ui.visit?.stage) {
    case "printing": return Message("ticket", t.printing, "");
    case "taken": return Taken(world, "done", t.takePaper, "");
    case "waiting_paper": return Taken(world, "warning", t.waitingPaper, t.waitingPaperDo);
    case "no_paper": return Taken(world, "warning", t.noPaper, t.noPaperDo);
    case "paper_unknown": return Taken(world, "warning", t.unsure, t.unsureDo);
    case "refused": return ui.press.appointment ? WrongCode(world) : Sorry(world, sentence(world));
    case "away": return Sorry(world, t.awayDo);
    default: return Message("ticket", ui.agentLost ? t.agentLost : t.issuing, "");
  }
}

/** Scanned or typed: what the server says against it, and the way to type it again. */
function WrongCode(world) {
  const { ui, act, t } = world;
  return html`
    ${Message("warning", t.failed, sentence(world))}
    <button class="primary again" onClick=${() => act.go("appointment")}>${icon("calendar")}${t.typeAgain}</button>
    ${Leave(world)}`;
}

const sentence = ({ ui: { visit }, t }) => visit.refusal?.[t.names] ?? "";

function Taken(world, sign, what, todo) {
  const { ticket } = world.ui.visit;
  const { t, picture, ui } = world;
  const queue = picture?.hall?.queues.find(({ code }) => code === ticket.queue);
  const shut = queue?.windows === 0;
  return html`
    <section class="taken ${todo ? "warned" : ""}" role="status" aria-live="assertive">
      <p class="yours">${t.yours}</p>
      <p class="huge number">${ticket.number}</p>
      <p class="business">${businessOf(ticket, queue, t)}${ticket.lane === "priority" && html` <b class="lane">${t.priorityTicket}</b>`}</p>
      ${ticket.appointment_at && html`<p class="people">${t.booked(ticket.appointment_at.slice(11, 16), ticket.lane === "appointment")}</p>`}
      ${!ticket.appointment_at && (ticket.ahead || !shut) && html`<p class="people">${t.people(ticket.ahead)}</p>`}
      ${ticket.wait && html`<p class="wait">${waitWords(ticket.wait, t)}</p>`}
      ${shut && html`<p class="aside">${ticket.lane === "normal" ? t.noWindow : t.noWindowFirst}</p>`}
      ${ticket.location && html`<p>${t.goTo(ticket.location)}</p>`}
      <div class="paper">${icon(sign)}<div><b>${what}</b>${todo && html`<span>${todo}</span>`}</div></div>
      <p class="soft">${t.listen}</p>
    </section>
    ${Leave(world)}`;
}

// ── a ticket held before the scanner ──

export function Scanned(world) {
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
      <p class="business">${businessOf(ticket, queue, t)}</p>
      <div class="paper">${icon(here ? "ticket" : "warning")}<div><b>${what}</b><span>${todo}</span></div></div>
      ${ticket.wait && html`<p class="wait">${waitWords(ticket.wait, t)}</p>`}
      ${ticket.state === "waiting" && ticket.location && html`<p>${t.goTo(ticket.location)}</p>`}
    </section>
    ${Leave(world)}`;
}

/** What the number is for. Items have Chinese names alone, so an English reader is told the queue's. */
const businessOf = (ticket, queue, t) =>
  (t.names === "en" && queue?.name_en) || ticket.item_name || queue?.name || ticket.queue_name;

const Sorry = (world, todo) => html`${Message("warning", world.t.failed, todo)}${Leave(world)}`;

