/** The rota of a week: posts by days, typed cell after cell. */

import { html } from "/faces/vendor/html.mjs";
import { useRef, useState } from "/faces/vendor/hooks.mjs";
import { HeadOfDay, People, Weeks, named, usePlan, whoIs } from "./cover-parts.mjs";
import { C } from "./cover-words.mjs";
import { Problem } from "./ui.mjs";
import { t } from "./words.mjs";

const dayAfter = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

export function Rota({ all, send, onSessionOver }) {
  const [monday, setMonday] = useState("");
  // The week before comes along, to be copied.
  const from = monday && dayAfter(monday, -7);
  const first = dayAfter(all.today, 1 - (new Date(`${all.today}T00:00:00Z`).getUTCDay() || 7));
  const [plan, refresh] = usePlan({ from: from || dayAfter(first, -7), weeks: 2, onSessionOver, news: all });
  if (!plan) return t("loading");
  const shown = { ...plan, days: plan.days.slice(7) };
  return html`
    <p class="hint">${t(C.rotaHint)}</p>
    <${People} staff=${plan.staff} />
    <${Weeks} plan=${shown} onWeek=${setMonday} />
    <${Week} key=${shown.days[0].day} plan=${plan} send=${send} refresh=${refresh} />`;
}

function Week({ plan, send, refresh }) {
  const [drafts, setDrafts] = useState(/** @type {Record<string, string>} */ ({})); // "post day" → what was typed
  const [told, setTold] = useState({ refusal: null, done: false, cells: [] });
  const table = useRef(null);
  const days = plan.days.slice(7);
  const open = (day) => day >= plan.today;
  const cellOf = (post, n) => post.days[n + 7];
  const called = (username) => {
    const one = plan.staff.find((person) => person.username === username);
    return one ? named(one) : (username ?? "");
  };
  const type = (key, text) => {
    setDrafts({ ...drafts, [key]: text });
    setTold({ refusal: null, done: false, cells: [] });
  };
  function copy() {
    const copied = plan.posts.flatMap((post) => days.flatMap(({ day }, n) => {
      const before = post.days[n].rota;
      return open(day) && cellOf(post, n).due && before ? [[`${post.id} ${day}`, called(before)]] : [];
    }));
    setDrafts({ ...drafts, ...Object.fromEntries(copied) });
    setTold({ refusal: null, done: false, cells: [] });
    table.current.querySelector("input:not(:disabled)")?.focus();
  }
  async function save(event) {
    event.preventDefault();
    const cells = Object.entries(drafts).map(([key, text]) => {
      const [post, day] = key.split(" ");
      return { post: Number(post), day, username: whoIs(plan.staff, text) };
    });
    if (!cells.length) return;
    try {
      await send("/cover/rota", { cells }, "PUT");
      await refresh();
      setDrafts({});
      setTold({ refusal: null, done: true, cells: [] });
    } catch (refusal) {
      const wrong = cells[Number(/^cells\[(\d+)\]/.exec(refusal.field ?? "")?.[1] ?? -1)];
      const keys = wrong ? [`${wrong.post} ${wrong.day}`] : [];
      setTold({ refusal, done: false, cells: keys });
      table.current.querySelector(`[data-key="${keys[0]}"]`)?.focus();
    }
  }
  function onKey(event) {
    const way = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [0, 1] }[event.key];
    const { row, column } = event.target.dataset;
    if (!way || row === undefined || event.isComposing || event.ctrlKey) return;
    const typing = event.target.value !== "" && event.key.startsWith("Arrow");
    if (typing && way[1] !== 0) return; // the cursor moves within what was typed
    const to = table.current.querySelector(`[data-row="${Number(row) + way[0]}"][data-column="${Number(column) + way[1]}"]:not(:disabled)`)
      ?? (event.key === "Enter" && table.current.querySelector(`[data-row="${Number(row) + 1}"]:not(:disabled)`));
    event.preventDefault();
    to?.focus();
    to?.select();
  }
  return html`
    <form onSubmit=${save} onKeyDown=${onKey} ref=${table} novalidate>
      <div class="scroll plan rota"><table>
        <thead><tr><th scope="col">${t(C.post)}</th>${days.map(({ day }, n) => html`<${HeadOfDay} key=${day} day=${day} n=${n} today=${plan.today} />`)}</tr></thead>
        <tbody>${plan.posts.map((post, row) => html`<tr key=${post.id}><th scope="row">${post.name}</th>
          ${days.map(({ day }, n) => {
            const cell = cellOf(post, n), key = `${post.id} ${day}`;
            return html`<td key=${day}>${cell.due ? html`<input list="people" data-key=${key} data-row=${row} data-column=${n} disabled=${!open(day)}
              aria-label=${`${post.name} ${day}`} aria-invalid=${told.cells.includes(key) ? "true" : undefined} autocomplete="off" maxlength="60"
              placeholder=${cell.person && !cell.rota ? cell.person.name : cell.person ? "" : `! ${t(C.gap)}`} value=${drafts[key] ?? called(cell.rota)} onInput=${(event) => type(key, event.target.value)} />` : "–"}</td>`;
          })}</tr>`)}</tbody>
      </table></div>
      <${Problem} refusal=${told.refusal} />
      <div class="send"><button class="main" type="submit">${t("save")}</button>
        <button type="button" onClick=${copy}>${t(C.copyWeek)}</button>
        <span class="draft" role="status">${Object.keys(drafts).length > 0 ? t(C.notSaved) : told.done && html`<span class="done">${t(C.rotaSaved)}</span>`}</span></div>
    </form>`;
}
