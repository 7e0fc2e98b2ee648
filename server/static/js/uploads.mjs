/** Upload of ratings to the province: how it stands, what was refused and why, and the codes of items. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get } from "./api.mjs";
import { follow } from "./news.mjs";
import { Bar, RolePage } from "./staff-page.mjs";
import { Dialog, Offline, Problem } from "./ui.mjs";
import { FAULTS, U } from "./uploads-words.mjs";
import { t } from "./words.mjs";

const AGAIN_MS = 5000; // what is sent makes no news

function Work({ session }) {
  const { onSessionOver } = session;
  const [all, setAll] = useState(null);
  const [link, setLink] = useState("live");
  const [said, setSaid] = useState({ refusal: null, done: null });
  const [asking, setAsking] = useState(false);
  const again = useRef(() => {});
  const busy = useRef(false); // the second click of two would be refused

  useEffect(() => {
    const refresh = async () => {
      try {
        setAll(await get("/uploads"));
      } catch (error) {
        if (error.status === 401) return onSessionOver();
        throw error;
      }
    };
    const news = follow({ refresh, onLink: setLink });
    again.current = news.refresh;
    const timer = setInterval(news.refresh, AGAIN_MS);
    return () => (clearInterval(timer), news.close());
  }, []);
  useEffect(() => void (document.title = t("uploads")));

  /** Send a change and show what came of it. Raises what the server refuses. */
  async function send(path, body, method) {
    try {
      return await command(path, body, method);
    } catch (error) {
      if (error.status === 401) onSessionOver();
      throw error;
    } finally {
      again.current();
    }
  }
  async function retry(path) {
    setAsking(false);
    if (busy.current) return;
    busy.current = true;
    try {
      const { count } = await send(path);
      setSaid({ refusal: null, done: U.retried(count) });
    } catch (refusal) {
      setSaid({ refusal, done: null });
    }
    busy.current = false;
  }

  const top = html`<${Bar} title=${t("uploads")} session=${session} />${link === "offline" && html`<${Offline} />`}`;
  if (!all) return html`${top}<main class="plain">${t("loading")}</main>`;
  return html`
    ${top}
    <main class="uploads">
      <${Standing} all=${all} />
      <section class="letters" aria-labelledby="letters">
        <header><h2 id="letters">${t(U.letters)} <b class="number">${all.dead}</b></h2>
          ${all.dead > 0 && html`<button type="button" class="main" onClick=${() => setAsking(true)}>${t(U.retryAll)}</button>`}</header>
        <p class="done" role="status">${said.done && t(said.done)}</p>
        <${Problem} refusal=${said.refusal} />
        <${Letters} all=${all} onRetry=${(letter) => retry(`/uploads/${letter.id}/retry`)} />
      </section>
      <${Items} items=${all.items} send=${send} />
    </main>
    ${asking && html`
      <${Dialog} title=${t(U.retryTitle(all.dead))} action=${t(U.retryAll)} onClose=${() => setAsking(false)}
        onSubmit=${() => retry("/uploads/retry")}><p>${t(U.retryText)}</p><//>`}`;
}

/** "2026-03-02T09:00:00+08:00" → "2026-03-02 09:00", the hall's own time. */
const moment = (iso) => iso.slice(0, 16).replace("T", " ");

function Standing({ all }) {
  const figures = [
    ["waiting", U.waiting, all.waiting],
    ["oldest", U.oldest, all.oldest_at ? moment(all.oldest_at) : t(U.none)],
    ["sent", U.sentToday, all.sent_today],
    [all.dead ? "dead" : "sent", U.dead, all.dead],
  ];
  return html`
    ${!all.on && html`<div class="notice"><b>${t(U.off)}</b><p>${t(U.offText)}</p></div>`}
    ${all.trouble.length > 0 && html`
      <div class="notice wrong" role="alert"><b>${t(U.trouble)}</b>
        <ul>${all.trouble.map(({ zh, en }) => html`<li key=${en}>${t([zh, en])}</li>`)}</ul></div>`}
    ${all.fault && html`<div class="notice wrong"><b>${t(U.fault)}</b> ${t(FAULTS[all.fault] ?? [all.fault, all.fault])}</div>`}
    <dl class="figures">${figures.map(([tone, name, value]) => html`
      <div key=${name} class=${tone}><dt>${t(name)}</dt><dd class="number">${value}</dd></div>`)}</dl>
    <p class="hint">${t(U.toTheHour)}</p>`;
}

function Letters({ all, onRetry }) {
  if (all.dead === 0) return html`<p class="none">${t(U.empty)}</p>`;
  return html`
    <p class="hint">${t(U.lettersText)}</p>
    <div class="scroll"><table>
      <thead><tr>${[U.key, U.item, U.reason, U.when].map((name) => html`<th key=${name} scope="col">${t(name)}</th>`)}
        <th scope="col"><span class="unseen">${t(U.retry)}</span></th></tr></thead>
      <tbody>${all.letters.map((letter) => html`
        <tr key=${letter.id}>
          <th scope="row" class="number">${letter.project_no} · ${letter.service_number}</th>
          <td>${letter.item || t(U.noItem)}</td>
          <td class="why">${letter.reason}</td>
          <td class="number when">${moment(letter.refused_at)}</td>
          <td><button type="button" aria-label=${`${t(U.retry)} ${letter.project_no}`} onClick=${() => onRetry(letter)}>${t(U.retry)}</button></td>
        </tr>`)}</tbody>
    </table></div>
    ${all.dead > all.letters.length && html`<p class="hint">${t(U.more(all.dead - all.letters.length))}</p>`}`;
}

function Items({ items, send }) {
  const missing = items.filter((item) => !item.task_code).length;
  return html`
    <section class="items" aria-labelledby="items">
      <header><h2 id="items">${t(U.items)}</h2>${missing > 0 && html`<span class="chip">! ${t(U.missing(missing))}</span>`}</header>
      <p class="hint">${t(items.length ? U.itemsText : U.noItems)}</p>
      ${items.map((item) => html`<${Item} key=${item.code} item=${item} send=${send} />`)}
    </section>`;
}

function Item({ item, send }) {
  const [refusal, setRefusal] = useState(null);
  const [saved, setSaved] = useState(false);
  const form = useRef(null);
  async function save(event) {
    event.preventDefault();
    const { task_code, task_handle_item } = Object.fromEntries(new FormData(form.current));
    setSaved(false);
    setRefusal(null);
    try {
      const code = (text) => String(text).normalize("NFKC").trim(); // pasted codes bring spaces and full-width digits
      await send(`/uploads/items/${encodeURIComponent(item.code)}`, { task_code: code(task_code), task_handle_item: code(task_handle_item) }, "PUT");
      setSaved(true);
    } catch (error) {
      setRefusal(error);
      form.current.elements[error.field]?.focus();
    }
  }
  const input = (name, label, length) => html`
    <label class="field"><span>${t(label)}</span>
      <input name=${name} class="number" type="text" maxlength=${length + 8} autocomplete="off" spellcheck=${false}
        aria-invalid=${refusal?.field === name ? "true" : undefined} defaultValue=${item[name]} onInput=${() => setSaved(false)} /></label>`;
  return html`
    <form ref=${form} class="item" onSubmit=${save}>
      <b class="name"><span class="number">${item.code}</span> ${item.name}</b>
      ${input("task_code", U.taskCode, 31)}${input("task_handle_item", U.handleItem, 33)}
      <span class="send"><button type="submit" aria-label=${`${t("save")} ${item.code}`}>${t("save")}</button>
        <span class="done" role="status">${saved && t("saved")}</span></span>
      <${Problem} refusal=${refusal} />
    </form>`;
}

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${RolePage} page="uploads" may="administer" notAllowed=${U.notAdmin} work=${work} />`, document.getElementById("app"));
