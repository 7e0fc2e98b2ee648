/**
 * 评价录入: what citizens said by telephone or wrote on paper forms. Made for the keyboard: a form is a few digits and Enter.
 * What is refused stays in the batch with all that was typed, until it is mended or dropped.
 */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get, newRequestId } from "./api.mjs";
import { LEVELS, W } from "./rating-entry-words.mjs";
import { Bar, RolePage } from "./staff-page.mjs";
import { Problem, timeOfDay } from "./ui.mjs";
import { t } from "./words.mjs";

const BAD_BELOW = 3;
/** When the call was, and with whom (the number), unless it was set by hand. */
const NO_CALL = { at: "", number: "", byHand: false };
const FRESH = { number: "", level: "", tags: "", text: "", declined: false };

/** Of whom and what was entered since the page was opened; outlives a session that ends, for nobody but its own person. */
const kept = { who: "", rows: /** @type {any[]} */ ([]), next: 1, unnumbered: "" };

/** Not a word from the server about it: it may have been done. */
const unanswered = (error) => error.code === "unreachable" || error.status >= 500;

const isFresh = (/** @type {typeof FRESH} */ typed) => Object.keys(FRESH).every((name) => typed[name] === FRESH[name]);

/** The sentence of [Chinese, English] as a refusal, which the page shows as it shows the server's. */
const refusal = (/** @type {string[]} */ pair, field = "") => ({ zh: pair[0], en: pair[1], field });

const filled = (/** @type {string[]} */ pair, ...values) => t(pair.map((words) => values.reduce((all, value) => all.replace("{}", value), words)));

/** What follows the hall's own time in an ISO moment: "+08:00". */
const offsetOf = (iso) => /(?:Z|[+-]\d\d:\d\d)$/.exec(iso)[0];

/** "2026-03-02T10:05": the present minute of the hall's clock, whatever zone this PC is set to. */
function hallMinute(report) {
  const shown = Date.parse(`${report.now.slice(0, 19)}Z`);
  return new Date(shown + performance.now() - report.heard).toISOString().slice(0, 16);
}

/** The codes that the typed digits name, or the first digit that names none. */
function chosenTags(typed, tags) {
  const codes = Object.keys(tags);
  const digits = [...new Set(typed.match(/\d/g) ?? [])];
  const wrong = digits.find((digit) => !codes[Number(digit) - 1]);
  return { codes: digits.map((digit) => codes[Number(digit) - 1]).filter(Boolean), wrong };
}

function Work({ session }) {
  const { me, onSessionOver } = session;
  if (kept.who !== me.username) Object.assign(kept, { who: me.username, rows: [], unnumbered: "" });
  const [source, setSource] = useState("paper");
  const [report, setReport] = useState(null);
  const [tags, setTags] = useState(null);
  const [typed, setTyped] = useState(FRESH);
  const [day, setDay] = useState("");
  const [call, setCall] = useState(NO_CALL);
  const [found, setFound] = useState(null);
  const [said, setSaid] = useState(null);
  const [rows, setRows] = useState(kept.rows);
  const form = useRef(null);
  const counting = useRef(false); // a double click is one form

  const field = (/** @type {string} */ name) => form.current?.elements[name];
  const type = (/** @type {object} */ part) => setTyped((was) => ({ ...was, ...part }));
  const keep = (change) => setRows((kept.rows = change(kept.rows)));
  const change = (id, part) => keep((was) => was.map((row) => (row.id === id ? { ...row, ...part } : row)));

  /** What the server says, or null when it refuses: a session that ended is ended here too. */
  async function ask(work) {
    try {
      return await work();
    } catch (error) {
      if (error.status === 401) onSessionOver();
      else setSaid(error);
      return null;
    }
  }
  async function refresh() {
    const fresh = await ask(() => get("/ratings/entered"));
    if (!fresh) return;
    setReport({ ...fresh, heard: performance.now() });
    setDay((was) => was || fresh.today);
  }
  useEffect(() => {
    refresh();
    ask(() => get("/ratings/tags")).then(setTags);
  }, []);
  useEffect(() => void (document.title = t("ratingEntry")), []);
  useEffect(() => {
    if (report && tags) field("number")?.focus();
  }, [Boolean(report && tags), source]);
  useEffect(() => {
    const warn = (event) => kept.rows.some((row) => row.state === "refused" || row.state === "unsure") && event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);

  /** Whoever types a number is calling now; a time that was set by hand stays, and so does that of the same call. */
  const callOf = (/** @type {string} */ number) => (was) => was.at && (was.byHand || was.number === number) ? was : { at: hallMinute(report), number, byHand: false };

  async function look() {
    setFound(null);
    const number = typed.number.trim();
    if (!number) return;
    if (source === "telephone") setCall(callOf(number));
    const one = await get(`/ratings/entered/${day}/${encodeURIComponent(number)}`).catch((error) => ({ number, refusal: error.zh, refusal_en: error.en }));
    if (field("number")?.value.trim() === number) setFound(one);
  }

  /** What is wrong with the form before it is sent, or null. */
  function wrong() {
    if (!typed.number.trim()) return refusal(W.noNumber, "number");
    if (!LEVELS[typed.level]) return refusal(W.noLevel, "level");
    const { wrong: none } = chosenTags(typed.tags, tags[typed.level]);
    return none ? refusal(W.noTag.map((words) => words.replace("{}", none)), "tags") : null;
  }
  /** The form as it is typed, as a row of the batch. */
  const rowOf = (/** @type {string} */ state) => ({ id: kept.next++, source, day, calledAt: call.at, typed, number: typed.number.trim().toUpperCase(), state });
  async function submit(event) {
    event.preventDefault();
    const problem = wrong();
    setSaid(problem);
    if (problem) return field(problem.field).focus();
    const called = source === "telephone" ? callOf(typed.number.trim())(call).at : "";
    const row = { ...rowOf("sending"), calledAt: called };
    const body = {
      request_id: newRequestId(), source, day, number: row.number, label: LEVELS[typed.level][0], tags: chosenTags(typed.tags, tags[typed.level]).codes,
      text: typed.text.trim(), declined: typed.declined,
      called_at: called ? `${called}:00${offsetOf(report.now)}` : null,
    };
    setTyped(FRESH);
    setFound(null);
    setCall(NO_CALL);
    field("number").focus();
    send({ ...row, body }, "refused");
  }
  /** Under the id that it has, so that a form which did arrive is not entered twice. `otherwise`: what it is when the
   * session ended. */
  async function send(row, otherwise) {
    keep((was) => was.some((one) => one.id === row.id) ? was : [row, ...was]);
    change(row.id, { state: "sending", refusal: null });
    try {
      await command("/ratings/entered", row.body);
      change(row.id, { state: "taken", typed: null, body: null });
    } catch (error) {
      const over = error.status === 401;
      if (unanswered(error)) change(row.id, { state: "unsure", refusal: refusal(W.unsureHint) });
      else change(row.id, { state: over ? otherwise : "refused", refusal: error });
      if (over) return onSessionOver();
    }
    refresh();
  }
  /** Mend that row. What is being typed waits in the batch meanwhile. */
  function takeBack(row) {
    const waits = isFresh(typed) ? [] : [rowOf("refused")];
    keep((was) => [...waits, ...was.filter((one) => one.id !== row.id)]);
    setSource(row.source);
    setDay(row.day);
    setCall({ at: row.calledAt, number: row.typed.number.trim(), byHand: Boolean(row.calledAt) });
    setTyped(row.typed);
    setSaid(row.refusal);
    setFound(null);
    field("number").focus();
  }
  async function countUnnumbered() {
    if (counting.current) return;
    counting.current = true;
    kept.unnumbered ||= newRequestId(); // one form until it is answered, however often the key is pressed
    if (await ask(() => command("/ratings/entered/unnumbered", { request_id: kept.unnumbered }))) {
      kept.unnumbered = "";
      keep((was) => [{ id: kept.next++, source, day, number: "–", state: "counted" }, ...was]);
      refresh();
    }
    counting.current = false;
    field("number")?.focus();
  }
  function choose(name) {
    if (name !== source) setCall(NO_CALL);
    setSource(name);
    setSaid(null);
  }
  /** A level is one digit, and then the reasons are next: the hand stays where it is. */
  function level(digit) {
    type({ level: digit, tags: "" });
    if (LEVELS[digit]) field("tags").focus();
  }
  function toggle(digit) {
    const rest = typed.tags.replaceAll(digit, "");
    type({ tags: rest === typed.tags ? `${typed.tags}${digit}` : rest });
  }
  const enterSends = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.current.requestSubmit();
  };

  const top = html`<${Bar} title=${t("ratingEntry")} session=${session} />`;
  if (!report || !tags) return html`${top}<main class="plain">${t("loading")}<${Problem} refusal=${said} /></main>`;
  const now = tags[typed.level] ?? {};
  const chosen = chosenTags(typed.tags, now).codes;
  return html`
    ${top}
    <main class="entry">
      <nav class="tabs" aria-label=${t("ratingEntry")}>${["paper", "telephone"].map((name) => html`
        <button key=${name} type="button" aria-pressed=${name === source} onClick=${() => choose(name)}>${t(W[name])}</button>`)}
        <a href="/rating-form" target="_blank" rel="noopener">${t(W.print)}</a></nav>
      <p class="hint">${t(W[`${source}Hint`])}</p>
      <form ref=${form} class="card" onSubmit=${submit} novalidate autocomplete="off">
        <div class="line">
          <label class="field"><span>${t(W.day)}</span><input class="number" type="date" name="day" value=${day} max=${report.today} onInput=${(event) => setDay(event.target.value)} onBlur=${look} /></label>
          <label class="field"><span>${t(W.number)}</span><input class="number" name="number" value=${typed.number} maxlength="12" spellcheck=${false} onInput=${(event) => type({ number: event.target.value })} onBlur=${look} /></label>
          ${source === "telephone" && html`<label class="field"><span>${t(W.calledAt)}</span><input class="number" type="datetime-local" name="called" value=${call.at} onInput=${(event) => setCall({ ...call, at: event.target.value, byHand: true })} /></label>`}
          <p class="service" role="status">${found && html`<${Service} found=${found} />`}</p>
        </div>
        <div class="line">
          <label class="field short"><span>${t(W.level)}</span><input class="number" name="level" inputmode="numeric" value=${typed.level} maxlength="1" onFocus=${(event) => event.target.select()} onInput=${(event) => level(event.target.value)} /></label>
          <div class="picks">${Object.entries(LEVELS).reverse().map(([digit, [label, words]]) => html`
            <button key=${label} type="button" tabindex="-1" aria-pressed=${typed.level === digit} onClick=${() => level(digit)}><b class="number">${digit}</b> ${t(words)}</button>`)}</div>
        </div>
        <div class="line">
          <label class="field short"><span>${t(W.tags)}</span><input class="number" name="tags" inputmode="numeric" value=${typed.tags} maxlength="20" onInput=${(event) => type({ tags: event.target.value })} /></label>
          <div class="picks">${Object.entries(now).map(([code, words], i) => html`
            <button key=${code} type="button" tabindex="-1" lang="zh-CN" aria-pressed=${chosen.includes(code)} onClick=${() => toggle(String(i + 1))}><b class="number">${i + 1}</b> ${words}</button>`)}</div>
        </div>
        <label class="field"><span>${t(W.text)}</span><textarea name="text" rows="2" maxlength="300" value=${typed.text} onInput=${(event) => type({ text: event.target.value })} onKeyDown=${enterSends}></textarea></label>
        ${Number(typed.level) > 0 && Number(typed.level) < BAD_BELOW && html`
          <label class="check"><input type="checkbox" name="declined" checked=${typed.declined} onChange=${(event) => type({ declined: event.target.checked })} /> ${t(W.declined)}</label>`}
        <${Problem} refusal=${said} />
        <div class="send">
          <button class="main" type="submit">${t(W.enter)} <kbd aria-hidden="true">Enter</kbd></button>
          ${source === "paper" && html`<button type="button" onClick=${countUnnumbered}>${t(W.unnumbered)}</button>`}
        </div>
      </form>
      <${Batch} rows=${rows} onBack=${takeBack} onAgain=${(row) => send(row, "unsure")} onDrop=${(row) => keep((was) => was.filter((one) => one.id !== row.id))} />
      <${ByWhom} report=${report} />
    </main>`;
}

/** Which service it is. Whether it was rated is said, how never. */
function Service({ found }) {
  const where = found.window && filled(W.window, found.window);
  return html`
    <b class="number">${found.number}</b> ${[found.item, where, found.served_at && timeOfDay(found.served_at)].filter(Boolean).join(" · ")}
    <strong class=${found.refusal ? "no" : "yes"}>${found.refusal ? t([found.refusal, found.refusal_en]) : t(W.found)}</strong>`;
}

function Batch({ rows, onBack, onAgain, onDrop }) {
  const count = (state) => rows.filter((row) => row.state === state).length;
  const unsure = count("unsure");
  return html`
    <section><h2>${t(W.batch)} <small role="status">${filled(W.sum, count("taken"), count("refused"))}${unsure > 0 && ` · ${filled(W.unsureSum, unsure)}`}</small></h2>
      ${rows.length === 0 ? html`<p class="none">${t(W.nothing)}</p>` : html`
        <ol class="batch">${rows.map((row) => html`
          <li key=${row.id} class=${row.state}>
            <b class="number">${row.number || "–"}</b> <span class="number">${row.day}</span> <span>${t(W[row.source])}</span>
            <strong>${t(W[row.state])}</strong>
            ${row.refusal && html`<span class="because">${t([row.refusal.zh, row.refusal.en])}</span>`}
            ${row.state === "unsure" && html`<span class="acts">
              <button type="button" onClick=${() => onAgain(row)}>${t(W.sendAgain)}</button></span>`}
            ${row.state === "refused" && html`<span class="acts">
              <button type="button" onClick=${() => onBack(row)}>${t(W.again)}</button>
              <button type="button" onClick=${() => onDrop(row)}>${t(W.drop)}</button></span>`}
          </li>`)}</ol>`}
    </section>`;
}

/** For all who work here to see. */
function ByWhom({ report }) {
  return html`
    <section><h2>${filled(W.byWhom, report.days)}</h2>
      ${report.entered.length === 0 ? html`<p class="none">${t(W.nobody)}</p>` : html`
        <div class="scroll"><table>
          <thead><tr>${[W.person, W.telephone, W.paper].map((word) => html`<th>${t(word)}</th>`)}</tr></thead>
          <tbody>${report.entered.map((one) => html`
            <tr key=${one.username}><th scope="row">${one.name} <small>${one.username}</small></th><td class="number">${one.telephone}</td><td class="number">${one.paper}</td></tr>`)}</tbody>
        </table></div>`}
      ${report.unnumbered > 0 && html`<p class="hint">${filled(W.unnumberedSum, report.unnumbered)}</p>`}
    </section>`;
}

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${RolePage} page="ratingEntry" may="supervise" notAllowed=${W.notAllowed} work=${work} />`, document.getElementById("app"));
