/** One ticket at the desk: how it stands, what may be done with it, and everything that happened to it. */

import { html } from "/faces/vendor/html.mjs";
import { useState } from "/faces/vendor/hooks.mjs";
import { LaneChoice, PhoneField, PrinterChoice, fits, usable } from "./guide-issue.mjs";
import { G, PAPERS, PAPER_REASONS, STATES } from "./guide-words.mjs";
import { LANES, business, sentences, t } from "./words.mjs";
import { Cap, Dialog } from "./ui.mjs";

/** What may be done in which state, and its key. The server judges again. */
export const ACTIONS = [
  { name: "reinstate", code: "F8", states: ["no_show"], main: true },
  { name: "release", code: "F8", states: ["held"], main: true },
  { name: "reprint", code: "F9", states: ["waiting", "called", "serving", "held"] },
  { name: "changeLane", code: "F7", states: ["waiting"] },
  { name: "smsChange", code: "F3", states: ["waiting", "called", "serving", "held"], sms: true },
  { name: "cancel", code: "F10", states: ["waiting", "called"] },
];

/** `sms`: whether the hall asks by short message. */
export const possible = (ticket, sms) => ACTIONS.filter((one) => one.states.includes(ticket.state) && (sms || !one.sms));

/** A ticket from the desk whose first paper was never asked for. */
const isFirst = ({ ticket, papers }) => ticket.print_state === "pending" && papers.length === 0;

export function TicketCard({ story, sms, issued, onAct, busy }) {
  const { ticket, papers } = story;
  const buttons = possible(ticket, Boolean(sms));
  return html`
    <section class=${`card-ticket ${ticket.state}`} aria-label=${ticket.number}>
      <div class="head">
        <div>
          <p class="state">${issued && html`<span class="chip issued">✓ ${t(G.issuedWords)}</span>`} ${t(STATES[ticket.state])}
            ${ticket.lane !== "normal" && html`<span class="chip lane">${t(LANES[ticket.lane])}</span>`}
            ${story.lane_reason && html`<small>${story.lane_reason}</small>`}</p>
          <p class="big number" id="number">${ticket.number}</p>
          <p class="item">${business(ticket)}</p>
          <p class="facts">${facts(ticket)}</p>
          <${PaperLine} papers=${papers} ticket=${ticket} />
          ${sms?.phone && html`<p class="facts" data-sms>${t(G.smsGiven)} <span class="number">${sms.phone}</span></p>`}
        </div>
        ${buttons.length > 0 && html`<figure class="qr"><img src=${`/t/${ticket.id}/qr.svg`} alt="" width="148" height="148" />
          <figcaption><a href=${`/t/${ticket.id}`} target="_blank" rel="noopener">${t(G.phone)}</a></figcaption></figure>`}
      </div>
      <div class="acts">
        ${buttons.map(({ name, code, main }) => html`
          <button key=${name} type="button" data-action=${name} class=${main ? "main" : ""} aria-disabled=${Boolean(busy)} aria-keyshortcuts=${code}
            onClick=${() => onAct(name)}>${t(name === "reprint" && isFirst(story) ? G.print : G[name])} <${Cap}>${code}<//></button>`)}
        ${buttons.length === 0 && html`<p class="hint">${t(G.noMore)}</p>`}
      </div>
      <${Spent} spent=${story.spent} />
      <${Events} events=${story.events} day=${ticket.service_day} />
    </section>`;
}

function facts(ticket) {
  const taken = `${ticket.service_day} ${ticket.issued_at.slice(11, 16)}`;
  const where = ticket.state === "waiting" ? t([`前面 ${ticket.ahead} 人`, `${ticket.ahead} ahead`]) : ticket.window && t([`${ticket.window} 号窗口`, `window ${ticket.window}`]);
  return [taken, where, soon(ticket.wait), ticket.state === "waiting" && ticket.location].filter(Boolean).join(" · ");
}

/** The wait as the server estimates it; nothing while it cannot. */
function soon(wait) {
  if (!wait) return "";
  const { low_minutes: low, high_minutes: high } = wait;
  return t([`预计 ${low}–${high} 分钟`, `about ${low}–${high} min`]);
}

function PaperLine({ papers, ticket }) {
  const last = papers.at(-1);
  if (last) {
    const tone = { printed: "ok", failed: "no", unknown: "no" }[last.state] ?? "going";
    return html`<p class=${`paper ${tone}`} role="status" data-paper=${last.state}>${t(PAPERS[last.state]).replace("{device}", last.device)}</p>`;
  }
  const words = { printed: ["纸号已打印", "Paper printed"], failed: ["没有出纸", "No paper came out"], unknown: ["不能确定是否出纸", "Paper not certain"], pending: ["没有纸号", "No paper"] };
  return html`<p class=${`paper ${["failed", "unknown"].includes(ticket.print_state) ? "no" : ""}`}>${t(words[ticket.print_state])}</p>`;
}

/** 45 秒, 3 分 05 秒, 1 小时 02 分. */
export function duration(seconds) {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n) => String(n).padStart(2, "0");
  if (h) return t([`${h} 小时 ${two(m)} 分`, `${h} h ${two(m)} min`]);
  return m ? t([`${m} 分 ${two(s)} 秒`, `${m} min ${two(s)} s`]) : t([`${s} 秒`, `${s} s`]);
}

export function Spent({ spent }) {
  return html`
    <dl class="spent" aria-label=${t(G.spent)}>
      ${spent.map(({ state, seconds }) => html`<div key=${state}><dt>${t(STATES[state])}</dt><dd class="number">${duration(seconds)}</dd></div>`)}
    </dl>`;
}

export function Events({ events, day }) {
  const words = (event) => t([event.zh, event.en]);
  const when = (at) => (at.startsWith(day) ? at.slice(11, 19) : at.slice(5, 16).replace("T", " "));
  return html`
    <h3>${t(G.story)}</h3>
    <ol class="story">
      ${events.map((event, place) => html`
        <li key=${place} data-kind=${event.kind}>
          <time class="number" datetime=${event.at}>${when(event.at)}</time>
          <span class="what"><b>${words(event)}</b>${event.why && html`<em>${t([event.why, event.why_en])}</em>`}</span>
          <span class="by">${t([event.who, event.who_en])}</span>
        </li>`)}
    </ol>`;
}

const Subject = ({ ticket }) => html`<p class="subject"><b class="number">${ticket.number}</b> ${business(ticket)}</p>`;

function Cancel({ story, send, onClose }) {
  return html`
    <${Dialog} danger title=${t(G.cancelTitle)} action=${t(G.cancel)} onClose=${onClose} onSubmit=${() => send("cancel", { reason: "desk" })}>
      <${Subject} ticket=${story.ticket} /><p>${t(G.cancelText)}</p>
    <//>`;
}

function ChangeLane({ story, send, onClose }) {
  const { lane } = story.ticket;
  const [value, setValue] = useState(lane === "normal" ? { lane: "priority", lane_reason: null } : { lane: "normal", lane_reason: "" });
  const [wrong, setWrong] = useState(false);
  const submit = () => {
    const reason = (value.lane_reason ?? "").trim();
    if (reason) send("lane", { lane: value.lane, reason });
    else setWrong(true);
  };
  return html`
    <${Dialog} title=${t(G.changeLane)} onClose=${onClose} onSubmit=${submit}>
      <${Subject} ticket=${story.ticket} />
      <${LaneChoice} name="change" value=${value} onChange=${setValue} free />
      ${wrong && html`<p class="problem" role="alert"><b>${t(G.chooseReason)}</b></p>`}
    <//>`;
}

function Reprint({ story, printers, send, onClose }) {
  const [device, setDevice] = useState(usable(printers, localStorage.getItem("jiaohao.desk.printer")));
  const [reason, setReason] = useState(PAPER_REASONS[0][0]);
  const first = isFirst(story);
  if (!device) return html`<${Dialog} title=${t(G.reprintTitle)} onClose=${onClose}><p class="problem">${t(G.noPrinter)}</p><//>`;
  return html`
    <${Dialog} title=${t(G.reprintTitle)} action=${t(first ? G.print : G.reprint)} onClose=${onClose}
      onSubmit=${() => send("reprint", { device, reason: first ? "" : reason })}>
      <${Subject} ticket=${story.ticket} />
      <${PrinterChoice} printers=${printers} value=${device} onChange=${setDevice} />
      ${!first && html`
        <fieldset class="reasons"><legend>${t(G.reprintReason)}</legend>
          ${PAPER_REASONS.map((words) => html`
            <label key=${words[0]}><input type="radio" name="paper-reason" checked=${reason === words[0]} onChange=${() => setReason(words[0])} /> ${t(words)}</label>`)}
        </fieldset>`}
    <//>`;
}

function SmsChange({ story, sms, send, onClose }) {
  const [phone, setPhone] = useState("");
  const [refused, setRefused] = useState("");
  const submit = () => (fits(phone) ? send("sms", { phone: phone.trim() }, story.ticket.id, "PUT") : setRefused(phone));
  return html`
    <${Dialog} title=${t(G.smsChange)} action=${t("save")} onClose=${onClose} onSubmit=${submit}>
      <${Subject} ticket=${story.ticket} />
      <p>${sms?.phone ? html`${t(G.smsGiven)} <b class="number">${sms.phone}</b>${t(["。", ". "])}${t(G.smsTake)}` : t(G.smsNone)}</p>
      <${PhoneField} value=${phone} onChange=${setPhone} wrong=${refused && refused === phone} focus />
    <//>`;
}

/** Actions that ask before they are sent; the others are sent at once. */
export const DIALOGS = { cancel: Cancel, changeLane: ChangeLane, reprint: Reprint, smsChange: SmsChange };

export const Said = ({ said }) => html`
  <p class=${`said ${said?.tone ?? ""}`} role="status" aria-live="polite">${said && html`<b>${sentences(said)[0]}</b> <small>${sentences(said)[1]}</small>`}</p>`;
