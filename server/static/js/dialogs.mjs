/** What the console asks before it sends. Each dialog answers to the keyboard: Enter, Esc, digits, arrows. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { get } from "./api.mjs";
import { Lane } from "./hand.mjs";
import { HandOver } from "./handover.mjs";
import { KEYS, blocked, targets } from "./rules.mjs";
import { HOLDS, IF_MISSED, OUTCOMES, PAUSES, STATES, business, queueName, t } from "./words.mjs";
import { Cap, Dialog, Problem, span, timeOfDay } from "./ui.mjs";

const Subject = ({ ticket }) => html`
  <p class="subject"><b class="number">${ticket.number}</b> ${business(ticket)} <${Lane} ticket=${ticket} /></p>`;

/** A word of the clerk's own, for the record. */
const Reason = ({ field, label }) => html`
  <label class="field"><span>${t(label)}</span><input ref=${field} type="text" maxlength="60" autocomplete="off" /></label>`;

const said = (field) => field.current.value.trim();

function Special({ ticket, send, onClose }) {
  const reason = useRef(null);
  const call = () => send("special", `call/${ticket.id}`, { reason: said(reason) });
  return html`
    <${Dialog} title=${t("specialTitle")} action=${t("special")} onClose=${onClose} onSubmit=${call}>
      <${Subject} ticket=${ticket} /><p>${t("specialText")}</p>
      <${Reason} field=${reason} label="reasonOptional" />
    <//>`;
}

function NoShow({ view, send, onClose }) {
  const missed = t(IF_MISSED[view.if_missed]).replaceAll("{}", String(view.behind));
  return html`
    <${Dialog} title=${t("noShowTitle")} action=${t("noShow")} onClose=${onClose} onSubmit=${() => send("noShow", "no-show")}>
      <${Subject} ticket=${view.ticket} /><p>${missed}</p>
    <//>`;
}

function Leave({ view, send, onClose, onSignOut }) {
  const both = async () => (await send("leave", "sign-out")) && onSignOut();
  return html`
    <${Dialog} title=${t("leaveTitle")} action=${t("leave")} onClose=${onClose} onSubmit=${() => send("leave", "sign-out")}>
      <p class="subject"><b class="number">${view.no}</b> ${view.name}</p><p>${t("leaveText")}</p>
      <p><button type="button" onClick=${both}>${t("leaveBoth")}</button></p>
    <//>`;
}

/** A numbered choice: a digit chooses at once, arrows mark, Enter takes what is marked. */
function Choose({ title, options, onChoose, onClose, children, above, onOther }) {
  const [marked, setMarked] = useState(options[0][0]);
  const onKey = (event) => {
    if (event.target.type === "text" || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const option = options[Number(event.key) - 1];
    if (!option) return;
    event.preventDefault();
    onChoose(option[0]);
  };
  return html`
    <${Dialog} title=${title} onClose=${onClose} onSubmit=${() => (onOther?.() ? undefined : onChoose(marked))}>
      ${above}
      <div class="choices" role="radiogroup" aria-label=${title} onKeyDown=${onKey}>
        ${options.map(([value, words], i) => html`
          <label key=${value}><input type="radio" name="choice" value=${value} checked=${value === marked}
            data-focus=${i === 0 ? "" : undefined} onChange=${() => setMarked(value)} />
            <${Cap}>${i + 1}<//> <span>${t(words)}</span></label>`)}
      </div>
      ${children}
      <p class="hint">${t("digitHint")}</p>
    <//>`;
}

function Hold({ view, send, onClose }) {
  const reason = useRef(null);
  const hold = (kind) => send("hold", "hold", { kind, reason: said(reason) });
  return html`
    <${Choose} title=${t("holdTitle")} options=${HOLDS} onClose=${onClose} onChoose=${hold} above=${html`<${Subject} ticket=${view.ticket} />`}>
      <${Reason} field=${reason} label="reasonOptional" />
    <//>`;
}

/** A number on hold: go on with it, call it again, or let it wait like the others. */
function TakeBack({ view, ticket, hold, send, onClose }) {
  const ways = {
    resume: () => send("resumeHeld", `resume-ticket/${ticket.id}`),
    release: () => send("release", `/tickets/${ticket.id}/release`),
  };
  const why = blocked("resumeHeld", view);
  const options = [...(why ? [] : [["resume", "resumeHeldWay"]]), ["release", "releaseWay"]];
  const kind = hold && HOLDS.find(([name]) => name === hold.kind);
  const above = html`
    <${Subject} ticket=${ticket} />
    ${hold && html`<p>${kind && t(kind[2])}${hold.reason && ` · ${t([hold.reason, hold.reason_en])}`}</p>`}
    ${why && html`<p class="hint">${t("onlyRelease")}</p>`}`;
  return html`<${Choose} title=${t("takeBackTitle")} options=${options} onClose=${onClose} onChoose=${(way) => ways[way]()} above=${above} />`;
}

function Pause({ send, onClose }) {
  const own = useRef(null);
  const pause = (reason) => send("pause", "pause", { reason });
  const other = () => {
    const reason = said(own);
    if (reason) pause(reason);
    return Boolean(reason);
  };
  return html`
    <${Choose} title=${t("pauseTitle")} options=${PAUSES} onClose=${onClose} onChoose=${pause} onOther=${other}>
      <label class="field"><span>${t("pauseOwn")}</span><input ref=${own} type="text" maxlength="40" autocomplete="off" /></label>
    <//>`;
}

function TransferTo({ view, send, onClose }) {
  const [hall, setHall] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [typed, setTyped] = useState("");
  const [marked, setMarked] = useState(0);
  const listbox = useRef(null);
  const reason = useRef(null);
  useEffect(() => {
    Promise.all([get("/board"), get("/windows")]).then(([board, seats]) => setHall({ ...board, windows: seats.windows }), setRefusal);
  }, []);
  const found = hall ? targets(hall.queues.map((queue) => ({ ...queue, name: queueName(queue.name, queue.name_en) })), hall.windows, view.no, typed) : [];
  const at = Math.min(marked, found.length - 1);
  useEffect(() => listbox.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [at, typed]);

  const go = (target) => target && send("transfer", "transfer", { [target.kind]: target.to, reason: said(reason) });
  const onKey = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing) return;
    event.preventDefault();
    setMarked(Math.max(0, Math.min(found.length - 1, at + step)));
  };
  return html`
    <${Dialog} title=${t("transferTitle")} action=${t("transfer")} onClose=${onClose} onSubmit=${() => go(found[at])}>
      <${Subject} ticket=${view.ticket} />
      <label class="field"><span>${t("transferHint")}</span>
        <input type="text" data-focus role="combobox" aria-expanded="true" aria-controls="targets" autocomplete="off"
          aria-activedescendant=${found[at] ? `target-${at}` : undefined} maxlength="40"
          onInput=${(event) => { setTyped(event.target.value); setMarked(0); }} onKeyDown=${onKey} /></label>
      <${Problem} refusal=${refusal} />
      <ul class="targets" id="targets" role="listbox" aria-label=${t("transferTitle")} ref=${listbox}>
        ${!hall && !refusal && html`<li class="none" role="option" aria-disabled="true">${t("loading")}</li>`}
        ${found.map((target, i) => html`
          <li key=${target.kind + target.code} id=${`target-${i}`} role="option" aria-selected=${i === at} onClick=${() => setMarked(i)} onDblClick=${() => go(target)}>
            <small>${t(target.kind)}</small> <b class="number">${target.code}</b>
            <span class="what" title=${target.name}>${target.name}${target.who && html` <small>${target.who}</small>`}</span>
            <${Standing} target=${target} /></li>`)}
        ${hall && found.length === 0 && html`<li class="none" role="option" aria-disabled="true">${t("transferNone")}</li>`}
      </ul>
      <${Reason} field=${reason} label="reasonOptional" />
    <//>`;
}

/** How many wait there, and whether anybody works there: a citizen sent to a closed door comes back angry. */
function Standing({ target }) {
  const words = { open: "openState", paused: "paused", closed: "closedState" }[target.state] ?? (target.open ? "openState" : "noWindowOpen");
  return html`<span class="wait">${t("waitingList")} <b class="number">${target.waiting}</b> · <span class=${target.open ? "" : "shut"}>${t(words)}</span></span>`;
}

function Day({ day, onClose }) {
  return html`
    <${Dialog} title=${t("dayTitle")} onClose=${onClose} wide>
      ${!day && html`<p>${t("loading")}</p>`}
      ${day && html`<p class="subject">${t("served")} <b class="number">${day.served}</b> ${t("times")} · ${t("average")} <b class="number">${span(day.average_s)}</b></p>`}
      ${day && day.tickets.length === 0 && html`<p class="hint">${t("dayEmpty")}</p>`}
      ${day && day.tickets.length > 0 && html`
        <div class="table" tabindex="0" data-focus role="region" aria-label=${t("dayTitle")}>
          <table><thead><tr><th>${t("number")}</th><th>${t("item")}</th><th>${t("state")}</th><th>${t("calledAt")}</th><th>${t("took")}</th></tr></thead>
            <tbody>${day.tickets.map((ticket) => html`<${DayRow} key=${ticket.id} ticket=${ticket} />`)}</tbody></table>
        </div>`}
    <//>`;
}

function DayRow({ ticket }) {
  const outcome = OUTCOMES.find(([value]) => value === ticket.outcome);
  const took = ticket.begun_at && ticket.finished_at && (Date.parse(ticket.finished_at) - Date.parse(ticket.begun_at)) / 1000;
  return html`
    <tr><td class="number">${ticket.number}</td>
      <td class="what">${business(ticket)} ${ticket.out_of_order && html`<span class="chip special">${t("outOfOrder")}</span>`}</td>
      <td>${t(ticket.state === "finished" && outcome ? outcome[1] : STATES[ticket.state])}</td>
      <td class="number">${timeOfDay(ticket.called_at)}</td><td class="number">${took === null ? "" : span(took)}</td></tr>`;
}

function Help({ onClose }) {
  const words = { step: "stepHelp", next: "next", finish: "finish", undo: "undoHelp", list: "listHelp", heldKey: "heldHelp", day: "dayTitle" };
  return html`
    <${Dialog} title=${t("helpTitle")} onClose=${onClose} wide>
      <dl class="keys">
        ${KEYS.map(({ name, cap }) => html`<div key=${name}><dt><kbd>${Array.isArray(cap) ? t(cap) : cap}</kbd></dt><dd>${t(words[name] ?? name)}</dd></div>`)}
        <div><dt><kbd>1</kbd>–<kbd>5</kbd></dt><dd>${t("outcomeHelp")}</dd></div>
        <div><dt><kbd>Esc</kbd></dt><dd>${t("escHelp")}</dd></div>
      </dl>
      <p class="hint">${t("helpHint")}</p>
    <//>`;
}

export const DIALOGS = {
  special: Special, noShow: NoShow, leave: Leave, hold: Hold, takeBack: TakeBack, pause: Pause, transfer: TransferTo, day: Day, help: Help,
  handOver: HandOver,
};
