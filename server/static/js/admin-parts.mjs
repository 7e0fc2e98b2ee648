/** The parts of the admin page: hall, queues, windows, devices. */

import { html } from "/faces/vendor/html.mjs";
import { useRef, useState } from "/faces/vendor/hooks.mjs";
import { BOUND_KINDS, DEVICE_KINDS, FAULTS, HEALTH, MISSED, sentences, t } from "./words.mjs";
import { P } from "./people-words.mjs";
import { Dialog, Problem } from "./ui.mjs";

/** Pixels. Between a field and the button's sentence; beyond, who looks at the field may not see it. */
const NEAR_PX = 120;

/** The refusal once more where the eye is. Hidden from readers of the screen, to whom the button's sentence is spoken. */
function sayAt(input, refusal) {
  const said = document.createElement("small");
  said.className = "at-field";
  said.ariaHidden = "true";
  said.textContent = sentences(refusal)[0];
  input.closest(".field, .line")?.append(said);
}

/**
 * A form that sends itself as one change. `read` makes the body from the FormData. On a refusal the server's sentence
 * stands by the button, and where that is far also beneath the field it names, which is marked and focused. `beside`
 * stands at the end, after the button.
 */
export function Form({ read, onSend, action, children, className, resets, beside }) {
  const form = useRef(null);
  const [told, setTold] = useState(/** @type {{ busy?: boolean, done?: boolean, refusal?: any }} */ ({}));
  async function submit(event) {
    event.preventDefault();
    if (told.busy) return;
    setTold({ busy: true });
    mark("");
    try {
      await onSend(read(new FormData(form.current)));
      setTold({ done: true });
      if (resets) form.current?.reset();
    } catch (refusal) {
      setTold({ refusal });
      mark(refusal.field, refusal);
    }
  }
  function mark(field, refusal = null) {
    const button = form.current?.querySelector(":scope > .send");
    for (const said of form.current?.querySelectorAll(".at-field") ?? []) said.remove();
    for (const input of form.current?.elements ?? []) { // a late answer finds it gone
      if (!input.name) continue;
      input.setAttribute("aria-invalid", String(input.name === field));
      if (input.name !== field) continue;
      input.focus();
      if (button.getBoundingClientRect().top - input.getBoundingClientRect().bottom > NEAR_PX) sayAt(input, refusal);
    }
  }
  return html`
    <form ref=${form} class=${className} onSubmit=${submit} onInput=${() => told.done && setTold({})} novalidate>
      ${children}
      <${Problem} refusal=${told.refusal} />
      <div class="send">
        <button class="main" type="submit" aria-disabled=${Boolean(told.busy)}>${action ?? t("save")}</button>
        <span class="done" role="status">${told.done && t("saved")}</span>
        ${beside}
      </div>
    </form>`;
}

export const Labelled = ({ word, children }) => html`<label class="field"><span>${t(word)}</span>${children}</label>`;

/** A number field left empty or with letters is sent as text, and the server says what it wants. */
export const whole = (text) => (/^-?\d{1,9}$/.test(text.trim()) ? Number(text) : text);

/** @type {[string, string][]} name of the field and of its word */
const CALLING = [
  ["fairness_cap", "fairnessCap"], ["aging_minutes", "agingMinutes"],
  ["appointment_early_minutes", "appointmentEarly"], ["appointment_late_minutes", "appointmentLate"],
];
/** @type {[string, string][]} */
const NO_SHOW = [["no_show_after", "noShowAfter"], ["no_show_limit", "noShowLimit"]];
/** @type {[string, string][]} */
const RECALL = [
  ["recall_limit", "recallLimit"], ["recall_seconds", "recallSeconds"],
  ["invitation_seconds", "invitationSeconds"], ["change_seconds", "changeSeconds"],
];
/** @type {[string, string][]} */
const RECTIFY = [
  ["rectify_contact_days", "rectifyContact"], ["rectify_simple_days", "rectifySimple"], ["rectify_complex_days", "rectifyComplex"],
];
/** What each policy for no-shows has no use for, and the form does not ask. */
const UNASKED = { void: ["no_show_after", "no_show_limit"], requeue: [], desk: ["no_show_limit"] };

export function HallPart({ all, send }) {
  const { hall } = all;
  const [missed, setMissed] = useState(hall.no_show_policy);
  const number = ([name, word]) => html`
    <${Labelled} key=${name} word=${word}><input class="number" name=${name} inputmode="numeric" defaultValue=${hall[name]} maxlength="9" /><//>`;
  const read = (data) => ({
    name: data.get("name").trim(),
    open: data.has("open"),
    closed_reason: data.get("closed_reason").trim(),
    no_show_policy: data.get("no_show_policy"),
    ...Object.fromEntries([...RECALL, ...CALLING, ...NO_SHOW, ...RECTIFY].map(([name]) => [name, whole(data.get(name))])),
  });
  return html`
    <${Form} className="sheet" read=${read} onSend=${(body) => send("/admin/hall", body, "PUT")}>
      <${Labelled} word="hallName"><input name="name" defaultValue=${hall.name} maxlength="100" /><//>
      <label class="check"><input type="checkbox" name="open" defaultChecked=${hall.open} /> <b>${t("hallOpen")}</b></label>
      <${Labelled} word="closedReason"><input name="closed_reason" defaultValue=${hall.closed_reason} maxlength="200" /><//>
      <div class="two">${RECALL.map(number)}</div>
      <h2>${t("callingRules")}</h2><p class="hint">${t("callingRulesHint")}</p>
      <div class="two">${CALLING.map(number)}</div>
      <h2>${t("noShowRules")}</h2>
      <div class="three">
        <${Labelled} word="noShowPolicy"><select name="no_show_policy" value=${missed} onChange=${(event) => setMissed(event.target.value)}>${options(MISSED)}</select><//>
        ${NO_SHOW.filter(([name]) => !UNASKED[missed].includes(name)).map(number)}
      </div>
      <h2>${t("rectifyRules")}</h2><p class="hint">${t("rectifyHint")}</p>
      <div class="three">${RECTIFY.map(number)}</div>
      ${UNASKED[missed].map((name) => html`<input key=${name} type="hidden" name=${name} value=${hall[name]} />`)}
    <//>`;
}

/** What the address of a new queue or window may be; the server says the same of what reaches it. */
const CODE = { field: "code", shape: /^[A-Z]{1,2}$/, zh: "队列代码应为一或两个大写字母 A–Z。", en: "The code must be one or two letters A–Z." };
const NO = { field: "no", shape: /^[0-9A-Za-z]{1,4}$/, zh: "窗口号应为 1 到 4 位数字或字母。", en: "The window number must be 1 to 4 digits or letters." };

/** Send a form whose first field is the address: `under` is queues or windows. */
async function create(send, under, place, { [place.field]: address, ...body }) {
  if (!place.shape.test(address)) throw place;
  await send(`/admin/${under}/${address}`, { ...body, new: true }, "PUT");
}

/** Removing one of the rows: the question and what the server said to it. */
function useRemoval(send, under, title) {
  const [asked, setAsked] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const remove = async () => {
    setAsked(null);
    await send(`/admin/${under}/${encodeURIComponent(asked.address)}/remove`).then(() => setRefusal(null), setRefusal);
  };
  const question = asked && html`
    <${Dialog} danger title=${t(title)} action=${t("remove")} onClose=${() => setAsked(null)} onSubmit=${remove}>
      <p class="subject"><b class="number">${asked.address}</b> ${asked.name}</p><p>${t("removeText")}</p>
    <//>`;
  const button = (address, name) => html`
    <button type="button" aria-label=${`${t("remove")} ${address}`} onClick=${() => setAsked({ address, name })}>${t("remove")}</button>`;
  return { button, shown: html`<${Problem} refusal=${refusal} />${question}` };
}

export function QueuesPart({ all, send }) {
  const removal = useRemoval(send, "queues", "removeQueueTitle");
  const words = (data) => Object.fromEntries(["name", "name_en", "location"].map((name) => [name, data.get(name).trim()]));
  const read = (data) => ({ ...words(data), open: data.has("open") });
  const readNew = (data) => ({ code: data.get("code").trim().toUpperCase(), ...words(data), open: true });
  return html`
    ${removal.shown}
    ${all.queues.length === 0 ? html`<p class="note">${t("noQueues")}</p>` : html`
      <div class="rows">
        <div class="row queue head" aria-hidden="true">${["code", "name", "nameEn", "location", "state"].map((word) => html`<span>${t(word)}</span>`)}</div>
        ${all.queues.map((queue) => html`
        <${Form} key=${queue.code} className="row queue" read=${read} beside=${removal.button(queue.code, queue.name)}
          onSend=${(body) => send(`/admin/queues/${encodeURIComponent(queue.code)}`, body, "PUT")}>
          <b class="number code">${queue.code}</b>
          ${[["name", "name"], ["name_en", "nameEn"], ["location", "location"]].map(([name, word]) => html`
            <input key=${name} name=${name} aria-label=${`${queue.code} ${t(word)}`} defaultValue=${queue[name]} maxlength="60" />`)}
          <label class="check"><input type="checkbox" name="open" defaultChecked=${queue.open} /> ${t("openState")}</label>
        <//>`)}
      </div>`}
    <section class="add"><h2>${t("newQueue")}</h2><p class="hint">${t("newQueueHint")}</p>
      <${Form} className="row" action=${t("newQueue")} read=${readNew} resets onSend=${(body) => create(send, "queues", CODE, body)}>
        <${Labelled} word="code"><input class="number short" name="code" maxlength="2" autocomplete="off" placeholder="A" /><//>
        <${Labelled} word="name"><input name="name" maxlength="60" autocomplete="off" /><//>
        <${Labelled} word="nameEnOptional"><input name="name_en" maxlength="60" autocomplete="off" /><//>
        <${Labelled} word="locationOptional"><input name="location" maxlength="60" autocomplete="off" /><//>
      <//></section>`;
}

/** The server speaks of all weights; the form has a field for each queue. */
async function atWeight({ queues, weights }, sent) {
  try {
    return await sent;
  } catch (refusal) {
    if (refusal.field === "weights") refusal.field = `weight-${queues[weights.findIndex((weight) => !WEIGHTS.includes(weight))]}`;
    throw refusal;
  }
}

/** Windows. Of more than these a grid tells more than rows with a button each. */
const MANY = 12;
const WEIGHTS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

export function WindowsPart({ all, send }) {
  const removal = useRemoval(send, "windows", "removeWindowTitle");
  const read = (data) => ({
    name: data.get("name").trim(),
    zone: data.get("zone").trim(),
    floor: whole(data.get("floor")),
    queues: data.getAll("queues"),
    weights: data.getAll("queues").map((code) => Number(data.get(`weight-${code}`))),
  });
  const readNew = (data) => ({ no: data.get("no").trim(), ...read(data) });
  const serves = (label, chosen, weights) => html`<fieldset aria-label=${label}>${all.queues.map((queue) => html`
    <span key=${queue.code} class="serves"><label class="check" title=${queue.name}>
      <input type="checkbox" name="queues" value=${queue.code} defaultChecked=${chosen.includes(queue.code)} /> ${queue.code}</label>
      <select name=${`weight-${queue.code}`} aria-label=${`${label} ${queue.code} ${t("weight")}`}>
        ${WEIGHTS.map((weight) => html`<option key=${weight} value=${weight} selected=${weight === (weights[chosen.indexOf(queue.code)] ?? 1)}>×${weight}</option>`)}
      </select></span>`)}</fieldset>`;
  return html`
    ${removal.shown}
    ${all.windows.length === 0 ? html`<p class="note">${t(all.queues.length ? "noWindows" : "queuesFirst")}</p>` : html`
      <p class="hint">${t("weightHint")}${all.windows.length > MANY && html` ${t("manyWindows")} <a href="#draft">${t("draft")}</a>`}</p>
      <div class="rows">
        <div class="row window head" aria-hidden="true">${["windowNo", "name", "zone", "floorNo", "serves"].map((word) => html`<span>${t(word)}</span>`)}</div>
        ${all.windows.map((window) => html`
        <${Form} key=${window.no} className="row window" read=${read} beside=${removal.button(window.no, window.name)}
          onSend=${(body) => atWeight(body, send(`/admin/windows/${encodeURIComponent(window.no)}`, body, "PUT"))}>
          <b class="number code">${window.no}</b>
          <input name="name" aria-label=${`${window.no} ${t("name")}`} defaultValue=${window.name} maxlength="60" />
          <input name="zone" aria-label=${`${window.no} ${t("zone")}`} defaultValue=${window.zone} maxlength="60" />
          <input class="number" name="floor" inputmode="numeric" aria-label=${`${window.no} ${t("floorNo")}`} defaultValue=${window.floor} maxlength="3" />
          ${serves(`${window.no} ${t("serves")}`, window.queues, window.weights)}
        <//>`)}
      </div>`}
    <section class="add"><h2>${t("newWindow")}</h2><p class="hint">${t("newWindowHint")}</p>
      <${Form} className="row" action=${t("newWindow")} read=${readNew} resets onSend=${(body) => atWeight(body, create(send, "windows", NO, body))}>
        <${Labelled} word="windowNo"><input class="number short" name="no" maxlength="4" autocomplete="off" placeholder="01" /><//>
        <${Labelled} word="name"><input name="name" maxlength="60" autocomplete="off" /><//>
        <${Labelled} word="zoneOptional"><input name="zone" maxlength="60" autocomplete="off" /><//>
        <${Labelled} word="floorNo"><input class="number short" name="floor" inputmode="numeric" defaultValue="1" maxlength="3" /><//>
        <div class="field wide"><span>${t("serves")}</span>${all.queues.length ? serves(t("serves"), [], []) : t("queuesFirst")}</div>
      <//></section>`;
}

export function DevicesPart({ all, send, ahead }) {
  const [token, setToken] = useState(null);
  const [revoking, setRevoking] = useState(null);
  const [rotating, setRotating] = useState(null);
  const [kind, setKind] = useState("kiosk");
  const [refusal, setRefusal] = useState(null);
  const read = (data) => ({ name: data.get("name").trim(), kind, window: BOUND_KINDS.includes(kind) ? data.get("window") : null });
  const revoke = async () => {
    setRevoking(null);
    await send(`/admin/devices/${encodeURIComponent(revoking.name)}/revoke`).then(() => setRefusal(null), setRefusal);
  };
  const rotate = async () => {
    setRotating(null);
    const done = send(`/admin/devices/${encodeURIComponent(rotating.name)}/rotate`);
    await done.then((fresh) => setToken({ ...fresh, pairs: rotating.kind === "tablet" }), setRefusal);
  };
  return html`
    <${Problem} refusal=${refusal} />
    ${all.devices.length === 0 ? html`<p class="note">${t("noDevices")}</p>` : html`<div class="scroll"><table>
      <thead><tr><th>${t("name")}</th><th>${t("kind")}</th><th>${t("boundWindow")}</th><th>${t("health")}</th><th>${t(P.lastUse)}</th><th></th></tr></thead>
      <tbody>${all.devices.map((device) => html`
        <tr key=${device.name} class=${device.revoked ? "off" : ""}>
          <th scope="row">${device.name}</th><td class="kind">${t(DEVICE_KINDS[device.kind])}</td><td class="number">${device.window}</td>
          <td>${device.health.length ? device.health.map((part) => html`<${Health} key=${part.name} part=${part} now=${Date.now() + ahead} />`) : t("noHealth")}</td>
          <td>${device.used_at && html`<small>${t(P.used)} ${device.used_at.slice(5, 16).replace("T", " ")}<br />${device.used_from}</small>`}</td>
          <td>${device.revoked ? t("revoked") : html`
            <div class="moves"><button type="button" onClick=${() => setRotating(device)}>${t(P.rotate)}</button>
              <button type="button" onClick=${() => setRevoking(device)}>${t("revoke")}</button></div>
            ${device.rotating && html`<small>${t(P.oldStillGood)}</small>`}`}</td>
        </tr>`)}</tbody>
    </table></div>`}
    <section class="add"><h2>${t("newDevice")}</h2><p class="hint">${t("newDeviceHint")}</p>
      <${Form} className="row" action=${t("newDevice")} read=${read} resets
        onSend=${async (body) => setToken({ ...(await send("/admin/devices", body)), pairs: body.kind === "tablet" })}>
        <${Labelled} word="name"><input name="name" maxlength="100" autocomplete="off" /><//>
        <${Labelled} word="kind"><select name="kind" value=${kind} onChange=${(event) => setKind(event.target.value)}>${options(DEVICE_KINDS)}</select><//>
        ${BOUND_KINDS.includes(kind) && html`<${Labelled} word="boundWindow"><select name="window">${all.windows.map((w) => html`<option key=${w.no} value=${w.no}>${w.no} ${w.name}</option>`)}</select><//>`}
      <//></section>
    ${token && html`<${Token} token=${token} onClose=${() => setToken(null)} />`}
    ${revoking && html`
      <${Dialog} danger title=${t("revokeTitle")} action=${t("revoke")} onClose=${() => setRevoking(null)} onSubmit=${revoke}>
        <p class="subject"><b>${revoking.name}</b></p><p>${t("revokeText")}</p>
      <//>`}
    ${rotating && html`
      <${Dialog} title=${t(P.rotateTitle)} action=${t(P.rotate)} onClose=${() => setRotating(null)} onSubmit=${rotate}>
        <p class="subject"><b>${rotating.name}</b></p><p>${t(rotating.kind === "tablet" ? P.rotateTablet : P.rotateText)}</p>
      <//>`}`;
}

/** A device as it was last reported. */
export function Health({ part, now }) {
  const words = HEALTH[part.state];
  const faults = part.faults.map((fault) => (FAULTS[fault] ? t(FAULTS[fault]) : fault)).join("、");
  return html`
    <span class=${`health ${part.state}`}><i></i>${part.name}：<b>${words ? t(words) : part.state}</b> ${faults} ${part.detail}
      <small>${counted(part, now).join(" · ")}</small></span>`;
}

/** What the device did since its machine's program started; what is zero is left out. */
function counted(part, now) {
  const heard = part.seen_at ? [`${t("lastHeard")} ${ago(now - Date.parse(part.seen_at))}`] : [];
  const bytes = [["received", part.bytes_in], ["sent", part.bytes_out]].map(([word, count]) => [word, count && size(count)]);
  const rest = ["frames", "resyncs", "reconnects"].map((word) => [word, part[word]]);
  return [...heard, ...[...bytes, ...rest].filter(([, count]) => count).map(([word, count]) => `${t(word)} ${count}`)];
}

const AGES = [[60, 1, "secondsAgo"], [3600, 60, "minutesAgo"], [86400, 3600, "hoursAgo"], [Infinity, 86400, "daysAgo"]];
function ago(ms) {
  const s = Math.max(0, ms / 1000);
  const [, unit, word] = AGES.find(([below]) => s < Number(below));
  return `${Math.floor(s / Number(unit))} ${t(word)}`;
}

const SIZES = [[1e3, 1, "B"], [1e6, 1e3, "KB"], [1e9, 1e6, "MB"], [Infinity, 1e9, "GB"]];
function size(bytes) {
  const [, unit, word] = SIZES.find(([below]) => bytes < Number(below));
  return `${unit === 1 ? bytes : (bytes / Number(unit)).toFixed(1)} ${word}`;
}

/** A secret that is shown this once, by default a device's. */
export function Token({ token, onClose, title = t(token.pairs ? "pairTitle" : "tokenTitle"), text = t(token.pairs ? "pairText" : "tokenText") }) {
  const [copied, setCopied] = useState("");
  const field = useRef(null);
  async function copy() {
    field.current.select();
    try {
      await navigator.clipboard.writeText(token.token);
      setCopied("copied");
    } catch {
      // Without HTTPS there is no clipboard API; the old way still works there.
      setCopied(document.execCommand("copy") ? "copied" : "copyFailed");
    }
  }
  return html`
    <${Dialog} title=${title} onClose=${onClose}>
      <p class="subject"><b>${token.name}</b></p>
      <p>${text.replace("{}", `${location.origin}/tablet`)}</p>
      <input ref=${field} class="token" readonly value=${token.pairs ? token.token.replace(/(.{4})/, "$1-") : token.token} aria-label=${title} onFocus=${(event) => event.target.select()} />
      <p><button class="main" type="button" data-focus onClick=${copy}>${t("copy")}</button> <span role="status">${copied && t(copied)}</span></p>
    <//>`;
}

export const options = (words) => Object.entries(words).map(([value, pair]) => html`<option key=${value} value=${value}>${t(pair)}</option>`);
