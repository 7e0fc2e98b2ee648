/** What the console asks before it sends. Each dialog answers to the keyboard: Enter, Esc, digits, arrows. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { get } from "./api.mjs";
import { targets } from "./rules.mjs";
import { HOLDS, LANES, OUTCOMES, PAUSES, t } from "./words.mjs";
import { Cap, Dialog, Problem } from "./ui.mjs";

const Subject = ({ ticket }) => html`
  <p class="subject"><b class="number">${ticket.number}</b> ${ticket.item_name || ticket.queue_name}
    ${ticket.lane !== "normal" && html`<span class="chip lane">${t(LANES[ticket.lane])}</span>`}</p>`;

function Special({ ticket, send, onClose }) {
  return html`
    <${Dialog} title=${t("specialTitle")} action=${t("special")} onClose=${onClose} onSubmit=${() => send("special", `call/${ticket.id}`)}>
      <${Subject} ticket=${ticket} /><p>${t("specialText")}</p>
    <//>`;
}

function NoShow({ view, send, onClose }) {
  return html`
    <${Dialog} title=${t("noShowTitle")} action=${t("noShow")} onClose=${onClose} onSubmit=${() => send("noShow", "no-show")}>
      <${Subject} ticket=${view.ticket} /><p>${t("noShowText")}</p>
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
function Choose({ title, options, onChoose, onClose, children, onOther }) {
  const [marked, setMarked] = useState(options[0][0]);
  const onKey = (event) => {
    if (event.target.type === "text" || event.ctrlKey || event.altKey || event.metaKey) return;
    const option = options[Number(event.key) - 1];
    if (!option) return;
    event.preventDefault();
    onChoose(option[0]);
  };
  return html`
    <${Dialog} title=${title} onClose=${onClose} onSubmit=${() => (onOther?.() ? undefined : onChoose(marked))}>
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

const Finish = ({ send, onClose }) =>
  html`<${Choose} title=${t("finishTitle")} options=${OUTCOMES} onClose=${onClose} onChoose=${(outcome) => send("finish", "finish", { outcome })} />`;

const Hold = ({ send, onClose }) =>
  html`<${Choose} title=${t("holdTitle")} options=${HOLDS} onClose=${onClose} onChoose=${(kind) => send("hold", "hold", { kind })} />`;

function Pause({ send, onClose }) {
  const own = useRef(null);
  const pause = (reason) => send("pause", "pause", { reason });
  const other = () => {
    const reason = own.current.value.trim();
    if (reason) pause(reason);
    return Boolean(reason);
  };
  return html`
    <${Choose} title=${t("pauseTitle")} options=${PAUSES} onClose=${onClose} onChoose=${pause} onOther=${other}>
      <label class="field"><span>${t("pauseOwn")}</span><input ref=${own} type="text" maxlength="40" /></label>
    <//>`;
}

function TransferTo({ view, send, onClose }) {
  const [board, setBoard] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [typed, setTyped] = useState("");
  const [marked, setMarked] = useState(0);
  const listbox = useRef(null);
  useEffect(() => void get("/board").then(setBoard, setRefusal), []);
  const found = board ? targets(board, view.no, typed) : [];
  const at = Math.min(marked, found.length - 1);
  useEffect(() => listbox.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [at, typed]);

  const go = (target) => target && send("transfer", "transfer", { [target.kind]: target.code });
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
        ${found.map((target, i) => html`
          <li key=${target.kind + target.code} id=${`target-${i}`} role="option" aria-selected=${i === at} onClick=${() => go(target)}>
            <small>${t(target.kind)}</small> <b class="number">${target.code}</b> <span class="what">${target.name}</span>
            <${Standing} target=${target} /></li>`)}
        ${board && found.length === 0 && html`<li class="none">${t("transferNone")}</li>`}
      </ul>
    <//>`;
}

function Standing({ target }) {
  if (target.kind === "queue") return html`<span class="wait">${t("waitingList")} <b class="number">${target.waiting}</b></span>`;
  const words = { open: "openState", paused: "paused", closed: "closedState" };
  return html`<span class="wait">${t(words[target.state])}</span>`;
}

export const DIALOGS = { special: Special, noShow: NoShow, leave: Leave, finish: Finish, hold: Hold, pause: Pause, transfer: TransferTo };
