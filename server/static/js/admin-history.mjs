/** The history of settings: who changed what, and back to before it. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { command, download, get } from "./api.mjs";
import { D } from "./draft-words.mjs";
import { Dialog, Problem } from "./ui.mjs";
import { t } from "./words.mjs";

export const pair = ({ zh, en }) => t([zh, en]);

/** Sentences in both languages, as the server says them. */
export const Sentences = ({ of, more = 0 }) => html`
  <ul class="sentences">${of.map((one, i) => html`<li key=${i}>${pair(one)}</li>`)}${more > 0 && html`<li>${t(D.andMore).replace("{}", more)}</li>`}</ul>`;

export const exportLive = (onRefusal) => download("/admin/settings.json", 20_000).then(() => onRefusal(null), onRefusal);

export function HistoryPart({ all }) {
  const [changes, setChanges] = useState(null);
  const [asked, setAsked] = useState(null);
  const [done, setDone] = useState(null);
  const [refusal, setRefusal] = useState(null);
  useEffect(() => void get("/admin/settings/history").then((told) => setChanges(told.changes), setRefusal), [all]);

  async function undo() {
    const change = asked.id;
    setAsked(null);
    try {
      setDone(await command("/admin/settings/undo", { change }));
      setRefusal(null);
      setChanges((await get("/admin/settings/history")).changes);
    } catch (refused) {
      setRefusal(refused);
    }
  }
  return html`
    <p class="hint">${t(D.historyIntro)}</p>
    <p><button type="button" onClick=${() => exportLive(setRefusal)}>${t(D.exportFile)}</button></p>
    <${Problem} refusal=${refusal} />
    ${done && html`<div class="note" role="status"><b>${t(D.undone)}</b><${Sentences} of=${[...done.changes, ...done.kept]} /></div>`}
    ${changes && (changes.length === 0 ? html`<p class="note">${t(D.noHistory)}</p>` : html`
      <div class="scroll history"><table>
        <thead><tr>${["when", "who", "how", "what"].map((word) => html`<th key=${word}>${t(D[word])}</th>`)}<th></th></tr></thead>
        <tbody>${changes.map((one, i) => html`
          <tr key=${one.id}><th scope="row" class="number">${one.at.slice(5, 16).replace("T", " ")}</th><td>${one.who.replace(/^\w+:/, "")}</td>
            <td>${t(D[`how_${one.how}`])}</td><td><${Sentences} of=${one.changes} more=${one.more} /></td>
            <td><button type="button" onClick=${() => setAsked({ ...one, later: i })}>${t(D.undo)}</button></td></tr>`)}</tbody>
      </table></div>`)}
    ${asked && html`
      <${Dialog} title=${t(D.undoTitle)} action=${t(D.undo)} onClose=${() => setAsked(null)} onSubmit=${undo}>
        <div class="subject"><${Sentences} of=${asked.changes} more=${asked.more} /></div>
        <p>${t(D.undoText)} ${asked.later > 0 && t(D.undoLater).replace("{}", asked.later)}</p>
      <//>`}`;
}
