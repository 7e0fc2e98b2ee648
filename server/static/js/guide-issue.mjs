/** Issuing a ticket for somebody: what for, by which lane, and where its paper comes out. */

import { search } from "/faces/search.mjs";
import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { G, GREEN_REASONS } from "./guide-words.mjs";
import { LANES, queueName, sentences, t } from "./words.mjs";
import { Cap } from "./ui.mjs";

export const CHOSEN_LANES = ["normal", "priority", "express"];
/** @type {{ queue?: string, item?: string, person?: string }} */
const NONE = { queue: null, item: null };

/** Everything that a ticket can be taken for, those that fit what was typed; items by pinyin and initials as well. */
export function businesses(board, typed) {
  const wanted = typed.trim().toUpperCase();
  const meant = new Set(search(board.items, typed));
  const all = [
    ...board.queues.map(({ code, name, name_en, open }) => ({ kind: "queue", code, name, name_en, open })),
    ...board.items.map((item) => ({ kind: "item", code: item.code, name: item.name, name_en: "", meant: meant.has(item), open: board.queues.find((q) => q.code === item.queue)?.open })),
  ];
  const byCode = all.filter(({ code }) => code.startsWith(wanted));
  const byName = all.filter((one) => !byCode.includes(one) && (one.meant || `${one.name}\n${one.name_en}`.toUpperCase().includes(wanted)));
  return [...byCode, ...byName]; // a letter is a code before it is part of an English name
}

/** Choosing a lane, with the reason that a green lane needs. `value` is {lane, lane_reason}. */
export function LaneChoice({ value, onChange, name, free }) {
  const lane = (chosen) => onChange({ lane: chosen, lane_reason: chosen === "priority" ? null : "" });
  return html`
    <fieldset class="lanes"><legend>${t(G.lane)}</legend>
      ${CHOSEN_LANES.map((one) => html`
        <label key=${one}><input type="radio" name=${`${name}-lane`} value=${one} checked=${value.lane === one} onChange=${() => lane(one)} /> ${t(LANES[one])}</label>`)}
    </fieldset>
    ${value.lane === "priority" && html`<${Reasons} name=${`${name}-reason`} value=${value.lane_reason} onChange=${(lane_reason) => onChange({ ...value, lane_reason })} />`}
    ${free && value.lane !== "priority" && html`
      <label class="field"><span>${t(G.reprintReason)}</span>
        <input type="text" maxlength="60" value=${value.lane_reason} onInput=${(event) => onChange({ ...value, lane_reason: event.target.value })} /></label>`}`;
}

/** A reason from the list, or in one's own words: whoever just types writes those. */
function Reasons({ name, value, onChange }) {
  const [own, setOwn] = useState(""); // by itself, for words on their way to "老年人，行动不便" are those of the list
  const other = useRef(null);
  const say = (words) => {
    setOwn(words);
    onChange(words || null);
  };
  const choose = (words) => {
    setOwn("");
    onChange(words);
  };
  // The focus moves before the key does its work, so that the character, or what an input method makes of it, lands there.
  const onKeyDown = ({ key, ctrlKey, altKey, metaKey, target }) => {
    const writes = key === "Process" || (key.length === 1 && key !== " ");
    if (writes && target.type === "radio" && !ctrlKey && !altKey && !metaKey) other.current.focus();
  };
  return html`
    <fieldset class="reasons" onKeyDown=${onKeyDown} onFocusIn=${forgetCaret}><legend>${t(G.laneReason)}</legend>
      ${GREEN_REASONS.map((words) => html`
        <label key=${words[0]}><input type="radio" name=${name} checked=${!own && value === words[0]} onChange=${() => choose(words[0])} /> ${t(words)}</label>`)}
      <input ref=${other} class="other" type="text" maxlength="60" aria-label=${t(G.otherReason)} placeholder=${t(["其他原因", "Another reason"])}
        value=${own} onInput=${(event) => say(event.target.value)} />
    </fieldset>`;
}

/** A radio button has no caret, and Chromium would let text that comes without a key in at the caret of the box before. */
function forgetCaret({ target }) {
  if (target.type === "radio") getSelection()?.removeAllRanges();
}

/** Whether the server would take it as a mobile number, or as none; see `phone` of server/domain/sms.py. */
export function fits(phone) {
  const plain = phone.trim().replace(/^86(?=1[0-9]{10}$)/, "").normalize("NFKC").replace(/[\s-]/g, "");
  return !phone.trim() || /^1[3-9][0-9]{9}$/.test(plain.replace(/^(\+|00)86(?=1)/, ""));
}

/** A number for one message, with what it is for, or that it is `wrong`. */
export function PhoneField({ value, onChange, wrong, focus }) {
  return html`
    <label class="field phone"><span>${t(G.sms)}</span>
      <input type="tel" name="phone" autocomplete="off" inputmode="numeric" maxlength="20" data-focus=${focus} value=${value}
        aria-invalid=${wrong ? "true" : undefined} onInput=${(event) => onChange(event.target.value)} />
      ${wrong ? html`<b class="problem" role="alert">${t(G.badPhone)}</b>` : html`<small>${t(G.smsHint)}</small>`}</label>`;
}

/** Where the paper comes out; `none` offers to print nothing. */
export function PrinterChoice({ printers, value, onChange, none }) {
  return html`
    <label class="field"><span>${t(G.paper)}</span>
      <select value=${value} data-printer onChange=${(event) => onChange(event.target.value)}>
        ${printers.map(({ device, ready }) => html`
          <option key=${device} value=${device} disabled=${!ready} selected=${device === value}>${device}${ready ? "" : `（${t(G.notReady)}）`}</option>`)}
        ${none && html`<option value="" selected=${value === ""}>${t(G.noPaper)}</option>`}
      </select></label>`;
}

/** The printer used last while it is ready, else the first that is; empty when none can print. */
export function usable(printers, wished) {
  const ready = printers.filter((printer) => printer.ready).map((printer) => printer.device);
  return ready.includes(wished) ? wished : ready[0] ?? "";
}

const KEPT = "jiaohao.desk.printer";

export function Issue({ board, printers, sms, onIssue, busy, entry }) {
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(null);
  const [marked, setMarked] = useState(0);
  const [lane, setLane] = useState({ lane: "normal", lane_reason: "" });
  const [device, setDevice] = useState(localStorage.getItem(KEPT));
  const [person, setPerson] = useState("");
  const [phone, setPhone] = useState("");
  const [refused, setRefused] = useState(""); // the number that did not fit
  const [wrong, setWrong] = useState(null);
  const list = useRef(null);
  const found = chosen ? [] : businesses(board, typed);
  const at = Math.min(marked, found.length - 1);
  const printer = device === "" ? "" : usable(printers, device);
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [at, typed]);

  const type = (event) => {
    setTyped(event.target.value);
    setChosen(null);
    setMarked(0);
  };
  const choose = (business) => {
    if (!business) return;
    setChosen(business);
    setTyped(`${business.code} ${queueName(business.name, business.name_en)}`);
    setWrong(null);
  };
  const keepDevice = (name) => {
    localStorage.setItem(KEPT, name);
    setDevice(name);
  };
  const onKey = (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setMarked(Math.max(0, Math.min(found.length - 1, at + step)));
    else if (event.key === "Enter" && !chosen) choose(found[at]);
    else return;
    event.preventDefault();
  };
  function submit(event) {
    event.preventDefault();
    if (!chosen) return setWrong({ zh: G.chooseBusiness[0], en: G.chooseBusiness[1] });
    if (lane.lane === "priority" && !lane.lane_reason?.trim()) return setWrong({ zh: G.chooseReason[0], en: G.chooseReason[1] });
    setWrong(null);
    if (!fits(phone)) {
      setRefused(phone);
      return event.target.elements.phone.focus();
    }
    const wish = { ...NONE, [chosen.kind]: chosen.code, lane: lane.lane, lane_reason: (lane.lane_reason ?? "").trim() };
    if (person.trim()) wish.person = person.trim();
    onIssue(wish, printer, phone.trim());
  }
  return html`
    <form class="issue" onSubmit=${submit} novalidate>
      <h2>${t(G.issue)} <${Cap}>F2<//></h2>
      <label class="field"><span>${t(G.business)}</span>
        <input ref=${entry} type="text" role="combobox" aria-expanded=${String(!chosen)} aria-controls="businesses" autocomplete="off" maxlength="40"
          aria-activedescendant=${found[at] ? `business-${at}` : undefined} class=${chosen ? "chosen" : ""} placeholder=${t(G.businessHint)}
          value=${typed} onInput=${type} onKeyDown=${onKey} /></label>
      ${!chosen && html`
        <ul class="targets" id="businesses" role="listbox" aria-label=${t(G.business)} ref=${list}>
          ${found.map((one, i) => html`
            <li key=${one.kind + one.code} id=${`business-${i}`} role="option" aria-selected=${i === at} onClick=${() => choose(one)}>
              <b class="number">${one.code}</b> <span>${queueName(one.name, one.name_en)}</span>${one.open === false && html` <small>${t(G.queueClosed)}</small>`}</li>`)}
          ${found.length === 0 && html`<li class="none" role="option" aria-disabled="true">${t(G.businessNone)}</li>`}
        </ul>`}
      <${LaneChoice} name="issue" value=${lane} onChange=${setLane} />
      <label class="field"><span>${t(G.person)}</span>
        <input type="text" name="person" autocomplete="off" inputmode="numeric" maxlength="20" value=${person} onInput=${(event) => setPerson(event.target.value)} /></label>
      ${sms && html`<${PhoneField} value=${phone} onChange=${setPhone} wrong=${refused && refused === phone} />`}
      <${PrinterChoice} printers=${printers} value=${printer} onChange=${keepDevice} none />
      <div class="go">
        ${wrong && html`<p class="problem" role="alert"><b>${sentences(wrong)[0]}</b></p>`}
        <button class="main wide" type="submit" aria-disabled=${Boolean(busy)}>${t(G.take)} <${Cap}>Enter<//></button>
      </div>
    </form>`;
}
