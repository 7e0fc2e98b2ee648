/** The compact editor of a draft: windows and queues as one grid for the keyboard, queues, name and week. */

import { html } from "/faces/vendor/html.mjs";
import { useState } from "/faces/vendor/hooks.mjs";
import { DAYS, parsed, written } from "./admin-hours.mjs";
import { whole } from "./admin-parts.mjs";
import { D } from "./draft-words.mjs";
import { WEEKDAYS, sentences, t } from "./words.mjs";

export function Editor({ document, change, findings }) {
  const wrong = new Set(findings.filter(({ weight }) => weight === "error").map(({ path }) => path));
  const set = (values) => change({ ...document, ...values });
  return html`
    <section class="part"><h2>${t(D.grid)}</h2><p class="hint">${t(D.gridHint)}</p>
      <${Grid} document=${document} set=${set} wrong=${wrong} /><${AddWindows} document=${document} set=${set} /></section>
    <section class="part"><h2>${t(D.queues)}</h2><${Queues} document=${document} set=${set} wrong=${wrong} /></section>
    <section class="part"><h2>${t(D.hall)}</h2><${HallAndWeek} document=${document} set=${set} wrong=${wrong} /></section>
    <p class="hint">${t(D.rest)}</p>`;
}

const replaced = (list, i, values) => list.map((one, n) => (n === i ? { ...one, ...values } : one));
const without = (list, i) => list.filter((_, n) => n !== i);

// ── the grid ──

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** Arrow keys go from cell to cell; in a text left and right are the text's own. */
function onArrow(event) {
  const step = STEPS[event.key];
  const here = event.target;
  if (!step || !here.dataset.row || (step[1] && !here.classList.contains("weight"))) return;
  const [row, col] = [Number(here.dataset.row) + step[0], Number(here.dataset.col) + step[1]];
  const next = event.currentTarget.querySelector(`[data-row="${row}"][data-col="${col}"]`);
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
}

function Grid({ document, set, wrong }) {
  const { windows, queues } = document;
  const put = (i, values) => set({ windows: replaced(windows, i, values) });
  function onKey(event) {
    const row = Number(event.target.dataset?.row ?? -1);
    if (event.ctrlKey && event.key.toLowerCase() === "d" && row > 0) {
      event.preventDefault();
      const { serves, zone, floor } = windows[row - 1];
      return put(row, { serves, zone, floor });
    }
    onArrow(event);
  }
  return html`
    <div class="scroll"><table class="grid" onKeyDown=${onKey}>
      <thead><tr><th>${t(D.no)}</th><th>${t("name")}</th><th>${t("zone")}</th><th>${t("floorNo")}</th>
        ${queues.map((queue) => html`<th key=${queue.code} class="code" title=${queue.name}>${queue.code}<small>${queue.name.slice(0, 4)}</small></th>`)}<th></th></tr></thead>
      <tbody>${windows.map((window, i) => html`<${Row} key=${i} i=${i} window=${window} queues=${queues} put=${put} wrong=${wrong} remove=${() => set({ windows: without(windows, i) })} />`)}</tbody>
    </table></div>`;
}

function Row({ i, window, queues, put, wrong, remove }) {
  const at = `windows[${i}]`;
  const text = (name, col, width, word) => html`
    <td><input class=${width} data-path=${`${at}.${name}`} data-row=${i} data-col=${col} aria-label=${`${window.no} ${t(word)}`} aria-invalid=${wrong.has(`${at}.${name}`)} value=${window[name]} maxlength="60"
      onInput=${(event) => put(i, { [name]: event.target.value })} /></td>`;
  return html`
    <tr data-path=${at}><th scope="row" class="number">${window.no}</th>
      ${text("name", 0, "name", "name")}${text("zone", 1, "zone", "zone")}
      <td><input class="number floor" data-path=${`${at}.floor`} data-row=${i} data-col="2" inputmode="numeric" aria-label=${`${window.no} ${t("floorNo")}`} aria-invalid=${wrong.has(`${at}.floor`)} value=${window.floor} maxlength="3"
        onInput=${(event) => typeof whole(event.target.value) === "number" && put(i, { floor: whole(event.target.value) })} /></td>
      ${queues.map((queue, n) => html`<${Weight} key=${queue.code} i=${i} col=${n + 3} window=${window} code=${queue.code} put=${put} wrong=${wrong} />`)}
      <td><button type="button" aria-label=${`${t("remove")} ${window.no}`} onClick=${remove}>×</button></td></tr>`;
}

/** One cell: the weight with which this window serves this queue; empty for not at all. */
function Weight({ i, col, window, code, put, wrong }) {
  const place = window.serves.findIndex(({ queue }) => queue === code);
  const served = window.serves[place];
  const path = `windows[${i}].serves[${place}]`;
  function type(event) {
    const digit = Number(event.target.value.slice(-1));
    const others = window.serves.filter(({ queue }) => queue !== code);
    if (digit > 0) put(i, { serves: served ? replaced(window.serves, place, { weight: digit }) : [...others, { queue: code, weight: digit }] });
    else put(i, { serves: others });
    event.target.value = digit > 0 ? String(digit) : "";
    event.target.select();
  }
  return html`
    <td class=${served ? "on" : ""}><input class="number weight" data-path=${served ? path : undefined} data-row=${i} data-col=${col} inputmode="numeric" autocomplete="off"
      aria-label=${`${window.no} ${code} ${t("weight")}`} aria-invalid=${wrong.has(path) || wrong.has(`${path}.weight`)} value=${served ? served.weight : ""} onInput=${type} onFocus=${(event) => event.target.select()} /></td>`;
}

function AddWindows({ document, set }) {
  const { windows } = document;
  const highest = Math.max(0, ...windows.map(({ no }) => Number(no) || 0));
  const [range, setRange] = useState(null);
  const [first, last] = range ?? [String(highest + 1), String(highest + 1)];
  const width = Math.max(2, ...windows.map(({ no }) => no.length));
  function add() {
    const [from, to] = [Number(first), Number(last)];
    if (!(from >= 1 && from <= to && to - from < 200)) return;
    const model = windows.at(-1) ?? { name: "综合窗口", zone: "", floor: 1, kind: "general", serves: [] };
    const numbers = Array.from({ length: to - from + 1 }, (_, n) => String(from + n).padStart(width, "0"));
    set({ windows: [...windows, ...numbers.map((no) => ({ ...model, no }))] });
    setRange(null);
  }
  const input = (value, word, onInput) => html`<label>${t(word)} <input class="number short" inputmode="numeric" value=${value} maxlength="4" onInput=${(event) => onInput(event.target.value)} /></label>`;
  return html`
    <div class="send">${input(first, D.from, (text) => setRange([text, last]))} ${input(last, D.to, (text) => setRange([first, text]))}
      <button type="button" onClick=${add}>${t(D.addWindow)}</button> <span class="hint">${t(D.likeLast)}</span></div>`;
}

// ── queues ──

const LIMITS = ["quota_day", "quota_session"];
const numberOrNone = (text) => (text.trim() ? Number(text.replace(/\D/g, "")) : null);

function Queues({ document, set, wrong }) {
  const { queues } = document;
  const put = (i, values) => set({ queues: replaced(queues, i, values) });
  const add = () => set({ queues: [...queues, { code: "", name: "", name_en: "", location: "", open: true, series: "", quota_day: null, quota_session: null, from_day: null, to_day: null }] });
  /** A queue's new letter goes with it to its windows and items. */
  function rename(i, code) {
    const was = queues[i].code;
    const moved = (one) => (was && one.queue === was ? { ...one, queue: code } : one);
    set({
      queues: replaced(queues, i, { code }),
      windows: document.windows.map((window) => ({ ...window, serves: window.serves.map(moved) })),
      items: document.items.map(moved), plans: document.plans.map(moved),
    });
  }
  const field = (i, name, word, more, onInput) => html`
    <input data-path=${`queues[${i}].${name}`} aria-label=${`${queues[i].code} ${t(word)}`} aria-invalid=${wrong.has(`queues[${i}].${name}`)} value=${queues[i][name] ?? ""} ...${more} onInput=${onInput} />`;
  const text = (i, name, word) => field(i, name, word, { maxlength: 60 }, (event) => put(i, { [name]: event.target.value }));
  return html`
    <div class="rows">
      <div class="row draft-queue head" aria-hidden="true">${["code", "name", "nameEn", "location", "quotaDay", "quotaSession", "state"].map((word) => html`<span key=${word}>${t(word)}</span>`)}</div>
      ${queues.map((queue, i) => html`
      <div key=${i} class="row draft-queue" data-path=${`queues[${i}]`}>
        ${field(i, "code", "code", { class: "number", maxlength: 2 }, (event) => rename(i, event.target.value.toUpperCase()))}
        ${text(i, "name", "name")}${text(i, "name_en", "nameEn")}${text(i, "location", "location")}
        ${LIMITS.map((name) => field(i, name, name === "quota_day" ? "quotaDay" : "quotaSession", { class: "number", inputmode: "numeric", maxlength: 5, placeholder: t("noLimit") }, (event) => put(i, { [name]: numberOrNone(event.target.value) })))}
        <label class="check"><input type="checkbox" checked=${queue.open} onChange=${(event) => put(i, { open: event.target.checked })} /> ${t("openState")}</label>
        <button type="button" aria-label=${`${t("remove")} ${queue.code}`} onClick=${() => set({ queues: without(queues, i) })}>×</button>
      </div>`)}
    </div>
    <div class="send"><button type="button" onClick=${add}>${t(D.addQueue)}</button></div>`;
}

// ── name and week ──

function HallAndWeek({ document, set, wrong }) {
  const { hall, hours } = document;
  const [refusal, setRefusal] = useState(null);
  function type(weekday, text) {
    try {
      const others = hours.sessions.filter((one) => one.weekday !== weekday);
      const sessions = [...others, ...parsed(text, weekday)].sort((a, b) => a.weekday - b.weekday || a.opens - b.opens);
      setRefusal(null);
      set({ hours: { ...hours, sessions } });
    } catch (unreadable) {
      setRefusal(unreadable);
    }
  }
  return html`
    <div class="sheet">
      <label class="field"><span>${t("hallName")}</span><input data-path="hall.name" aria-invalid=${wrong.has("hall.name")} value=${hall.name} maxlength="100" onInput=${(event) => set({ hall: { ...hall, name: event.target.value } })} /></label>
      <div class="week" data-path="hours">${DAYS.map((weekday) => html`
        <label key=${weekday} class="line"><b>${t(WEEKDAYS[weekday - 1])}</b>
          <input key=${written(hours.sessions, weekday)} class="number" aria-invalid=${refusal?.field === `day${weekday}`} defaultValue=${written(hours.sessions, weekday)} maxlength="120" autocomplete="off" placeholder=${t(hours.sessions.length ? "closedAllDay" : "anyTime")} onChange=${(event) => type(weekday, event.target.value)} /></label>`)}</div>
      ${refusal && html`<p class="problem" role="alert">${sentences(refusal)[0]}</p>`}
    </div>`;
}
