/** The draft of the settings: changed here without touching the hall at work, checked as one goes, live at once. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { Sentences, exportLive, pair } from "./admin-history.mjs";
import { command, get } from "./api.mjs";
import { Editor } from "./draft-editor.mjs";
import { D } from "./draft-words.mjs";
import { Dialog, Problem } from "./ui.mjs";
import { t } from "./words.mjs";

const PAUSE_MS = 500; // after the last key, before the draft is kept

/** The draft as the server has it, and what is typed before it has it. Asked for again when `all`, what is live, has
 * changed. */
function useDraft(all) {
  const [draft, setDraft] = useState(/** @type {any} */ (undefined)); // null: there is none
  const [document, setDocument] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [said, setSaid] = useState([]);
  const typed = useRef(null); // newer than what was sent last
  const version = useRef(0);
  const sending = useRef(/** @type {Promise<any>} */ (Promise.resolve()));
  const timer = useRef(0);

  function show(told) {
    setDraft(told.draft);
    setSaid(told.said ?? []);
    version.current = told.draft?.version ?? 0;
    if (!typed.current) setDocument(told.draft?.document ?? null);
  }
  useEffect(() => {
    const known = version.current;
    get("/admin/draft").then((told) => !typed.current && known === version.current && show(told), setRefusal);
  }, [all]);
  useEffect(() => () => void flush(), []);

  function change(next) {
    typed.current = next;
    setDocument(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(flush, PAUSE_MS);
  }
  /** Everything typed so far is with the server when this is done. One at a time: each knows the version before. */
  function flush() {
    clearTimeout(timer.current);
    sending.current = sending.current.then(async () => {
      const newest = typed.current;
      if (!newest) return;
      try {
        const told = await command("/admin/draft", { version: version.current, document: newest }, "PUT");
        if (typed.current === newest) typed.current = null;
        setRefusal(null);
        show(told);
      } catch (refused) {
        setRefusal(refused);
      }
    });
    return sending.current;
  }
  /** A command on the draft as it is typed; its answer, or null where it is refused. */
  async function act(path, body) {
    await flush();
    try {
      const told = await command(path, { version: version.current, ...body });
      typed.current = null;
      setRefusal(null);
      if ("draft" in told) show(told);
      return told;
    } catch (refused) {
      setRefusal(refused);
      return null;
    }
  }
  const gone = () => show({ draft: null });
  return { draft, document, refusal, said, change, act, gone, setRefusal, kept: !typed.current };
}

export function DraftPart({ all }) {
  const own = useDraft(all);
  const { draft, document, refusal, setRefusal } = own;
  const [asked, setAsked] = useState("");
  const [applied, setApplied] = useState(null);
  const close = () => setAsked("");

  async function begin() {
    setApplied(null);
    await own.act("/admin/draft", { version: undefined });
  }
  async function goLive() {
    close();
    const told = await own.act("/admin/draft/go-live", { warnings: true });
    if (!told) return;
    setApplied(told);
    own.gone();
  }
  async function discard() {
    close();
    await own.act("/admin/draft/discard", {});
  }
  if (draft === undefined) return html`<${Problem} refusal=${refusal} />${!refusal && t("loading")}`;
  const errors = draft?.findings.filter(({ weight }) => weight === "error").length;
  return html`
    <p class="hint">${t(D.intro)}</p>
    ${applied && html`<div class="note" role="status"><b>${t(D.isLive)}</b><${Sentences} of=${applied.changes} />
      ${applied.kept.length > 0 && html`<b>${t(D.keptThings)}</b><${Sentences} of=${applied.kept} />`}</div>`}
    <${Problem} refusal=${refusal} />
    <div class="send draft-bar">
      ${!draft ? html`<button class="main" type="button" onClick=${begin}>${t(D.begin)}</button>` : html`
        <button class="main" type="button" aria-disabled=${errors > 0 || draft.changes.length === 0} onClick=${() => errors || !draft.changes.length || setAsked("live")}>${t(D.goLive)}</button>
        <button type="button" onClick=${() => setAsked("discard")}>${t(D.discard)}</button>`}
      <button type="button" onClick=${() => exportLive(setRefusal)}>${t(D.exportFile)}</button>
      ${draft && ["error", "warning"].map((weight) => html`<${Count} key=${weight} of=${draft.findings} weight=${weight} />`)}
      ${draft && html`<span class="hint" role="status">${t(own.kept ? D.kept : D.saving)}，${t(D.by).replace("{}", draft.who.replace(/^\w+:/, ""))}</span>`}
    </div>
    <${Import} act=${own.act} setRefusal=${setRefusal} onDone=${() => setApplied(null)} />
    ${draft?.moved.length > 0 && html`<div class="problem"><b>${t(D.moved)}</b><${Sentences} of=${draft.moved} />
      <p><button type="button" onClick=${() => own.act("/admin/draft/catch-up", {})}>${t(D.catchUp)}</button></p></div>`}
    ${own.said.length > 0 && html`<div class="note" role="status"><b>${t(D.said)}</b><${Sentences} of=${own.said} /></div>`}
    ${draft && document && html`
      <div class="draft-told"><${Findings} findings=${draft.findings} /><section><h2>${t(D.changes)} <span class="number">${draft.changes.length || ""}</span></h2>
        ${draft.changes.length ? html`<${Sentences} of=${draft.changes} />` : html`<p class="hint">${t(D.noChanges)}</p>`}</section></div>
      <${Editor} document=${document} change=${own.change} findings=${draft.findings} />`}
    ${asked === "live" && html`
      <${Dialog} wide title=${t(D.liveTitle)} action=${t(D.goLive)} onClose=${close} onSubmit=${goLive}>
        <p>${t(D.liveText)}</p><div class="subject"><${Sentences} of=${draft.changes} /></div>
        ${draft.findings.length > 0 && html`<p>${t(D.warned)}</p><${Sentences} of=${draft.findings} />`}
      <//>`}
    ${asked === "discard" && html`
      <${Dialog} danger title=${t(D.discardTitle)} action=${t(D.discard)} onClose=${close} onSubmit=${discard}><p>${t(D.discardText)}</p><//>`}`;
}

/** Beside the buttons, which stay in sight, so that a wrong cell is noticed at once. */
function Count({ of, weight }) {
  const count = of.filter((one) => one.weight === weight).length;
  return count > 0 && html`<span class=${`chip ${weight}`}>${t(D[weight])} <b class="number">${count}</b></span>`;
}

function Findings({ findings }) {
  return html`
    <section aria-label=${t(D.findings)}><h2>${t(D.findings)} <span class="number">${findings.length || ""}</span></h2>
      ${findings.length === 0 ? html`<p class="fine">${t(D.noFindings)}</p>` : html`
        <ul class="findings">${findings.map((one) => html`
          <li key=${`${one.path} ${one.zh}`} class=${one.weight}><b>${t(D[one.weight])}</b> <a href="#draft" onClick=${(event) => goTo(event, one.path)}>${pair(one)}</a></li>`)}</ul>`}
    </section>`;
}

/** Puts the cursor where a finding is, or on the nearest part that has a field here. */
function goTo(event, path) {
  event.preventDefault();
  for (let at = path; at; at = at.replace(/(\.\w+|\[\d+\]|^\w+)$/, "")) {
    const place = document.querySelector(`[data-path="${CSS.escape(at)}"]`);
    const field = place?.matches("input") ? place : place?.querySelector("input");
    if (field instanceof HTMLElement) return field.focus();
  }
}

function Import({ act, setRefusal, onDone }) {
  async function load(event) {
    const input = event.target;
    const [file] = input.files;
    if (!file) return;
    try {
      const read = JSON.parse(await file.text());
      if (await act("/admin/draft/import", { version: undefined, document: read })) onDone();
    } catch {
      setRefusal({ zh: D.notJson[0], en: D.notJson[1] });
    }
    input.value = ""; // so that the same file, corrected, can be chosen again
  }
  return html`<label class="field import-settings"><span>${t(D.importFile)}</span><input type="file" accept=".json,application/json" onChange=${load} /></label>`;
}
