/** The items part of the admin page: the list, the editor of one item, and what was shown when. */

import { search } from "/faces/search.mjs";
import { html } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { get } from "./api.mjs";
import { BookPart } from "./admin-books.mjs";
import { Form, whole } from "./admin-parts.mjs";
import { FIELDS, I, OTHERS } from "./items-words.mjs";
import { Problem } from "./ui.mjs";
import { t } from "./words.mjs";

const CODE = { field: "item_code", shape: /^[0-9A-Za-z][0-9A-Za-z._-]{0,30}$/, zh: "事项编码应为 1 到 31 位字母或数字，中间可以有 - . _", en: "The code must be 1 to 31 letters or digits, with - . _ between." };
const NEW = { code: "", versions: [] };
const BLANK = { name: "", queue: "", legal_basis: "", handling_body: "", process: [], materials: [], promise: "", fee: "", location: "", supervisor: "", complaint_tel: "", minutes: 0, active: true };

const at = (code) => `/admin/items/${encodeURIComponent(code)}`;
const when = (iso) => iso.slice(0, 16).replace("T", " ");

export function ItemsPart({ all, send }) {
  const [items, setItems] = useState(/** @type {any[] | null} */ (null));
  const [chosen, setChosen] = useState(/** @type {any} */ (null));
  const [asked, setAsked] = useState("");
  const [refusal, setRefusal] = useState(/** @type {any} */ (null));
  const told = (work) => work.then(() => setRefusal(null), setRefusal);
  const load = () => told(get("/admin/items").then((answer) => setItems(answer.items)));
  const open = (code) => told(get(at(code)).then(setChosen));
  const close = () => {
    setChosen(null);
    load();
  };
  useEffect(() => void load(), []);
  if (chosen) return html`<${Editor} item=${chosen} queues=${all.queues} send=${send} onBack=${close} onItem=${setChosen} />`;
  if (!items) return html`<${Problem} refusal=${refusal} />${!refusal && t("loading")}`;
  const found = search(items, asked);
  return html`
    <${Problem} refusal=${refusal} />
    <div class="tools">
      <input type="search" name="asked" aria-label=${t(I.search)} placeholder=${t(I.search)} value=${asked} onInput=${(event) => setAsked(event.target.value)} autocomplete="off" />
      <span role="status">${t(I.count(found.length, items.length))}</span>
      <button class="main" type="button" onClick=${() => setChosen(NEW)}>${t(I.add)}</button>
    </div>
    ${found.length === 0 ? html`<p class="note">${t(items.length ? I.notFound : I.none)}</p>` : html`
    <div class="scroll"><table class="items">
      <thead><tr><th>${t(I.code)}</th><th>${t(FIELDS[0][1])}</th><th>${t(OTHERS[0][1])}</th><th>${t(I.version)}</th><th>${t(I.changed)}</th><th>${t("state")}</th></tr></thead>
      <tbody>${found.map((item) => html`
        <tr key=${item.code} class=${item.active ? "" : "off"}>
          <th scope="row" class="number">${item.code}</th>
          <td><button class="quiet" type="button" onClick=${() => open(item.code)}>${item.name}</button></td>
          <td>${item.queue}</td><td class="number">${item.version}</td>
          <td>${item.changed_at ? html`<span class="number">${when(item.changed_at)}</span>` : t(I.unchanged)}</td>
          <td><span class=${item.active ? "chip on" : "chip over"}>${t(item.active ? I.on : I.off)}</span>
            ${item.lacking.length > 0 && html` <span class="chip holiday">${t(I.lacking(item.lacking.length))}</span>`}</td>
        </tr>`)}</tbody>
    </table></div>`}
    <${BookPart} what="items" onDone=${load} />`;
}

function Editor({ item, queues, send, onBack, onItem }) {
  const isNew = item.versions.length === 0;
  const newest = isNew ? { n: 0, shown: { ...BLANK, queue: queues[0]?.code ?? "" } } : item.versions[0];
  const [said, setSaid] = useState("");
  const [refusal, setRefusal] = useState(/** @type {any} */ (null));

  async function save({ item_code: code, ...body }) {
    if (isNew && !CODE.shape.test(code)) throw CODE;
    const answer = await send(at(isNew ? code : item.code), isNew ? { ...body, new: true } : { ...body, version: newest.n }, "PUT");
    setRefusal(null);
    tell(answer);
  }
  async function restore(n) {
    setSaid("");
    await send(`${at(item.code)}/versions/${n}/restore`).then(tell, setRefusal);
  }
  function tell(answer) {
    const { n } = answer.versions[0];
    onItem(answer);
    setSaid(t(n === newest.n ? I.same(n) : I.saved(n)));
  }
  return html`
    <p class="tools"><button type="button" onClick=${onBack}>${t(I.back)}</button>
      <b class="done" role="status">${said}</b></p>
    <h2 class="which">${isNew ? t(I.add) : html`<span class="number">${item.code}</span> ${newest.shown.name}`}</h2>
    <${ItemForm} key=${`${item.code} ${newest.n}`} code=${item.code} shown=${newest.shown} queues=${queues} onSend=${save} />
    ${!isNew && html`
      <${Problem} refusal=${refusal} />
      <${OnDay} code=${item.code} />
      <section class="part"><h2>${t(I.versions)}</h2><p class="hint">${t(I.versionsHint)}</p>
        <ol class="versions">${item.versions.map((one, n) => html`
          <${Version} key=${one.n} one=${one} newest=${n === 0} onRestore=${() => restore(one.n)} />`)}</ol>
      </section>`}`;
}

function ItemForm({ code, shown, queues, onSend }) {
  const lines = (text) => text.split(/\r\n?|\n/).map((one) => one.trim()).filter(Boolean);
  const typed = { line: (text) => text.trim(), text: (text) => lines(text).join(" "), lines };
  const read = (data) => ({
    ...(code ? {} : { item_code: data.get("item_code").trim() }),
    ...Object.fromEntries(FIELDS.map(([name, , kind]) => [name, typed[kind](data.get(name))])),
    queue: data.get("queue"),
    minutes: whole(data.get("minutes")),
    active: data.has("active"),
  });
  const label = (words, field, n = 0) => html`
    <label key=${words[0]} class="field"><span>${n > 0 && html`<span class="number">${n}</span> `}${t(words)}</span>${field}</label>`;
  const field = ([name, words, kind], n) => label(words, kind === "line"
    ? html`<input name=${name} defaultValue=${shown[name]} maxlength=${name === "name" ? 60 : 300} autocomplete="off" dir="auto" />`
    : html`<textarea name=${name} rows=${kind === "lines" ? 4 : 2} maxlength=${kind === "lines" ? 4000 : 300} defaultValue=${kind === "lines" ? shown[name].join("\n") : shown[name]} dir="auto"></textarea>`, n + 1);
  return html`
    <${Form} className="sheet item" read=${read} onSend=${onSend}>
      <div class="three">
        ${code ? null : label(I.code, html`<input name="item_code" class="number" maxlength="31" autocomplete="off" placeholder=${t(I.codeHint)} />`)}
        ${label(OTHERS[0][1], html`<select name="queue">${queues.map((queue) => html`
          <option key=${queue.code} value=${queue.code} selected=${queue.code === shown.queue}>${queue.code} ${queue.name}</option>`)}</select>`)}
        ${label(OTHERS[1][1], html`<input class="number" name="minutes" inputmode="numeric" maxlength="3" defaultValue=${shown.minutes} />`)}
      </div>
      <h2>${t(I.publicTitle)}</h2><p class="hint">${t(I.publicHint)}</p>
      ${FIELDS.map(field)}
      <label class="check"><input type="checkbox" name="active" defaultChecked=${shown.active} /> <b>${t(I.active)}</b></label>
    <//>`;
}

function Version({ one, newest, onRestore }) {
  const [open, setOpen] = useState(false);
  const why = one.copy_of ? t(I.copyOf(one.copy_of)) : one.changed.length ? one.changed.map(called).join("、") : one.at ? t(I.first) : "";
  return html`
    <li>
      <b>${t(I.nth(one.n))}</b> ${newest && html`<span class="chip on">${t(I.now)}</span>`}
      <span class="number">${one.at ? when(one.at) : t(I.atFirst)}</span>
      ${one.by && html`<span>${one.by}</span>`}<span>${why}</span>
      <span class="moves">
        <button type="button" aria-expanded=${open} aria-label=${`${t(open ? I.hide : I.look)} ${one.n}`} onClick=${() => setOpen(!open)}>${t(open ? I.hide : I.look)}</button>
        ${!newest && html`<button type="button" aria-label=${`${t(I.restore)} ${one.n}`} onClick=${onRestore}>${t(I.restore)}</button>`}
      </span>
      ${open && html`<${Shown} shown=${one.shown} />`}
    </li>`;
}

/** @param {string} name */
function called(name) {
  const found = [...FIELDS, ...OTHERS].find(([field]) => field === name);
  return t(found[1]);
}

function Shown({ shown }) {
  const text = (value) => (Array.isArray(value) ? value.join("；") : String(value)) || t(I.empty);
  const rows = [...FIELDS.map(([name]) => [name, text(shown[name])]), ["queue", shown.queue], ["minutes", String(shown.minutes)], ["active", t(shown.active ? I.on : I.off)]];
  return html`<dl class="shown">${rows.map(([name, value]) => html`<div key=${name}><dt>${called(name)}</dt><dd dir="auto">${value}</dd></div>`)}</dl>`;
}

/** The day's last version stands open; what was shown before it on that day is folded. */
function OnDay({ code }) {
  const [found, setFound] = useState(/** @type {any} */ (null));
  const [refusal, setRefusal] = useState(/** @type {any} */ (null));
  const look = (event) => {
    setRefusal(null);
    setFound(null);
    if (event.target.value) get(`${at(code)}/shown/${event.target.value}`).then(setFound, setRefusal);
  };
  return html`
    <section class="part on-day"><h2>${t(I.onDay)}</h2>
      <input type="date" name="day" aria-label=${t(I.onDay)} aria-invalid=${String(Boolean(refusal))} onChange=${look} />
      <${Problem} refusal=${refusal} />
      ${found?.versions.length === 0 && html`<p class="note">${t(I.notShown)}</p>`}
      ${found?.versions.map((one, n) => html`
        <details key=${`${found.day} ${one.n}`} open=${n === found.versions.length - 1}>
          <summary>${t(I.nth(one.n))} <span class="number">${one.at ? when(one.at) : t(I.atFirst)}</span>
            ${one.until && html` <span class="number">${t(I.until(when(one.until)))}</span>`}</summary>
          <${Shown} shown=${one.shown} /></details>`)}
    </section>`;
}
