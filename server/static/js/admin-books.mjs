/** Workbooks of the admin page: out as a file; in again in two steps, first what it would do, then that. */

import { html } from "/faces/vendor/html.mjs";
import { useState } from "/faces/vendor/hooks.mjs";
import { download, upload } from "./api.mjs";
import { I } from "./items-words.mjs";
import { Problem } from "./ui.mjs";
import { t } from "./words.mjs";

const EXPORT_MS = 60_000;
const WRONG_SHOWN = 500;
/** @type {[string, string][]} name of the figure and of its word */
const COUNTS = [["before", "before"], ["after", "after"], ["added", "added"], ["changed", "changes"], ["same", "unchangedRows"]];

/** `what` is items or staff. What was chosen stays chosen until it is imported, for the import sends it again. */
export function BookPart({ what, onDone = () => {} }) {
  const [at, setAt] = useState(/** @type {any} */ ({}));
  async function work(step, doing) {
    setAt({ ...at, step, refusal: null, done: null });
    try {
      setAt(await doing());
    } catch (refusal) {
      setAt({ refusal });
    }
  }
  const choose = (event) => {
    const [file] = event.target.files;
    event.target.value = ""; // so that the same file, corrected, can be chosen again
    if (file) work(I.checking, async () => ({ file, check: await upload(`/admin/${what}/import/check`, file) }));
  };
  const bring = () => work(I.importing, async () => {
    const done = await upload(`/admin/${what}/import/${at.check.plan}`, at.file);
    onDone();
    return { done };
  });
  const ready = at.check && at.check.wrong.length === 0 && at.check.added + at.check.changed > 0;
  return html`
    <section class="part book"><h2>${t(I.excel)}</h2><p class="hint">${t(I.excelHint[what])}</p>
      <p class="tools"><button type="button" onClick=${() => work("", () => download(`/admin/${what}.xlsx`, EXPORT_MS).then(() => ({})))}>${t(I.export)}</button></p>
      <label class="field"><span>${t(I.file)}</span>
        <input type="file" name="file" accept=".xlsx" aria-invalid=${String(at.refusal?.field === "file")} onChange=${choose} /></label>
      <${Problem} refusal=${at.refusal} />
      <p role="status">${at.step && t(at.step)}${at.done && html`<b>${t(I.done(at.done.added, at.done.changed))}</b>`}</p>
      ${at.check && html`<${Check} check=${at.check} name=${at.file.name} />`}
      ${ready && html`<p class="send"><button class="main" type="button" onClick=${bring}>${t(I.doImport)}</button></p>`}
      ${at.done?.passwords.length > 0 && html`<${Passwords} people=${at.done.passwords} />`}
    </section>`;
}

function Check({ check, name }) {
  const { wrong, changes } = check;
  const unlisted = check.added + check.changed - changes.length;
  return html`
    <p><b>${name}</b></p>
    <p class="counts">${COUNTS.map(([field, word]) => html`<span key=${field}>${t(I[word])} <b class="number">${check[field]}</b></span>`)}</p>
    ${wrong.length > 0 && html`
      <p class="problem" role="alert"><b>${t(I.wrong(wrong.length))}</b></p>
      <div class="scroll"><table class="wrong">
        <thead><tr><th>${t(I.row)}</th><th>${t(I.column)}</th><th>${t(I.problem)}</th></tr></thead>
        <tbody>${wrong.slice(0, WRONG_SHOWN).map((one) => html`
          <tr key=${`${one.row} ${one.column} ${one.zh}`}><th scope="row" class="number">${one.row}</th><td>${one.column}</td><td>${t([one.zh, one.en])}</td></tr>`)}</tbody>
      </table></div>`}
    ${wrong.length === 0 && changes.length === 0 && html`<p class="note">${t(I.nothing)}</p>`}
    ${changes.length > 0 && html`
      <div class="scroll"><table class="changes">
        <thead><tr><th>${t(I.what)}</th><th>${t(I.column)}</th><th>${t(I.was)}</th><th>${t(I.willBe)}</th></tr></thead>
        <tbody>${changes.flatMap((one) => one.cells.map((cell, n) => html`
          <tr key=${`${one.key} ${cell.column}`}><th scope="row">${n === 0 && html`<span class="number">${one.key}</span> ${one.name} ${one.new && html`<span class="chip on">${t(I.newOne)}</span>`}`}</th>
            <td>${cell.column}</td><td class="lines" dir="auto">${cell.before}</td><td class="lines" dir="auto">${cell.after}</td></tr>`))}</tbody>
      </table></div>
      ${unlisted > 0 && html`<p>${t(I.more(unlisted))}</p>`}`}`;
}

function Passwords({ people }) {
  return html`
    <p class="note" role="alert"><b>${t(I.passwords)}</b></p>
    <div class="scroll"><table class="passwords">
      <thead><tr><th>${t(I.username)}</th><th>${t(I.name)}</th><th>${t(I.password)}</th></tr></thead>
      <tbody>${people.map((one) => html`
        <tr key=${one.username}><th scope="row">${one.username}</th><td>${one.name}</td><td class="token">${one.password}</td></tr>`)}</tbody>
    </table></div>`;
}
