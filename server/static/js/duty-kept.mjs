/** How a day was kept: who came and went, what was handed over, which windows stood empty. */

import { html } from "/faces/vendor/html.mjs";
import { C, MARKS, REASONS, STANDINGS } from "./cover-words.mjs";
import { timeOfDay } from "./ui.mjs";
import { t } from "./words.mjs";

const time = (iso) => (iso ? timeOfDay(iso) : "–");

export function Kept({ all, onDay }) {
  return html`
    <label class="field day"><span>${t(C.day)}</span><input type="date" value=${all.day} max=${all.today} onChange=${(event) => onDay(event.target.value)} /></label>
    ${all.kept.length === 0 ? html`<p class="hint">${t(C.noKept)}</p>` : html`
    <div class="scroll"><table class="kept">
      <thead><tr>${[C.post, C.session, C.person, C.came, C.left, C.stateNow].map((name) => html`<th key=${name} scope="col">${t(name)}</th>`)}</tr></thead>
      <tbody>${all.kept.map((one, n) => html`
        <tr key=${n} class=${one.expected ? one.mark : "kept"}>
          <th scope="row">${one.name}</th><td class="number">${one.opens}–${one.closes}</td>
          <td>${one.person ? one.person.name : t(C.nobody)} ${one.person && one.standing !== "primary" && html`<i class="as">${t(STANDINGS[one.standing])}</i>`}</td>
          <td class="number">${time(one.came)}</td><td class="number">${time(one.left)}</td>
          <td>${one.expected ? html`<b class="mark">${t(MARKS[one.mark])}</b>` : ""}</td>
        </tr>`)}</tbody>
    </table></div>`}
    <section class="part"><h2>${t(C.handovers)}</h2>
      ${all.handovers.length === 0 ? html`<p class="hint">${t(C.noHandovers)}</p>` : html`<ul>${all.handovers.map((one, n) => html`
        <li key=${n}><span class="number">${time(one.offered_at)}</span> <b class="number">${one.window}</b> ${one.from} → ${one.to} · ${t(C[one.kind])}
          ${one.state === "done" ? html`<span class="number">${time(one.ended_at)}</span>` : html`<small>${t(C.notReceived)}</small>`}
          ${one.number && html` ${t(C.ticket)} <b class="number">${one.number}</b>`} ${one.note && html`<small dir="auto">${t(C.note)}：${one.note}</small>`}</li>`)}</ul>`}</section>
    <section class="part"><h2>${t(C.spells)}</h2>
      ${all.spells.length === 0 ? html`<p class="hint">${t(C.noSpells)}</p>` : html`<ul>${all.spells.map((one, n) => html`
        <li key=${n}><b class="number">${one.window}</b> ${one.post} <span class="number">${time(one.since)}</span> ${t(C.until)} ${one.ended_at ? html`<span class="number">${time(one.ended_at)}</span>` : t(C.stillOpen)} · ${t(REASONS[one.reason])}</li>`)}</ul>`}</section>`;
}
