/** Service figures for supervisors: a day, a month or a range, its trend, its hours of the week, and its groups. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { download, get } from "./api.mjs";
import { Bar as Top, RolePage } from "./staff-page.mjs";
import { Heat, Patterns, Sample, Trend, WaitBar } from "./statistics-chart.mjs";
import { GROUPS, NONE, W, WEEKDAYS } from "./statistics-words.mjs";
import { Problem, span } from "./ui.mjs";
import { queueName, t } from "./words.mjs";

const DASH = "–";
const PATIENCE_MS = 120_000; // days that are not kept yet are counted from their tickets
const FILE_MS = 600_000;
const RETRY_MS = 2000;
const KINDS = ["oneDay", "oneMonth", "range"];
const COUNTS = ["taken", "served", "no_show", "cancelled", "expired", "open", "transferred", "held"];
const SPENT = ["serving", "called", "paused", "idle"];

const percent = (permille) => (permille === null ? DASH : `${(permille / 10).toFixed(1)}%`);
const sum = (numbers) => numbers.reduce((whole, n) => whole + n, 0);

/** The day as text, so many days on. Noon, so that no change of the clock turns it into another day. */
function shifted(day, by) {
  const moment = new Date(`${day}T12:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + by);
  return moment.toISOString().slice(0, 10);
}
const lastOf = (month) => shifted(`${shifted(`${month}-28`, 4).slice(0, 7)}-01`, -1);

/** What the address names, so that reload and Back keep their place. */
function named() {
  const said = new URLSearchParams(location.hash.slice(1));
  const kind = said.get("kind") ?? "";
  return {
    from: said.get("from") ?? "", to: said.get("to") ?? "", by: (said.get("by") ?? "") in GROUPS ? said.get("by") : "queue",
    kind: KINDS.includes(kind) ? kind : "range",
  };
}

/**
 * The question in the address, and a way to ask another.
 * @returns {[ReturnType<typeof named>, (next: object) => void]}
 */
function useQuestion() {
  const [asked, setAsked] = useState(named());
  useEffect(() => {
    const onHash = () => setAsked(named());
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);
  return [asked, (next) => void (location.hash = new URLSearchParams({ ...asked, ...next }).toString())];
}

function Work({ session }) {
  const { onSessionOver } = session;
  const [said, ask] = useQuestion();
  const [today, setToday] = useState("");
  const [told, setTold] = useState(null);
  const [refusal, setRefusal] = useState(null); // of the report that is wanted
  const [away, setAway] = useState(null); // why the hall's day is not known yet
  const asked = said.from || !today ? said : { ...said, kind: "oneMonth", from: `${today.slice(0, 7)}-01`, to: lastOf(today.slice(0, 7)) };
  const key = asked.from && `${asked.from} ${asked.to} ${asked.by}`;

  const failed = (error, tell) => (error.status === 401 ? onSessionOver() : tell(error));
  useEffect(() => {
    if (today) return undefined;
    const begin = async () => {
      setToday((await get("/reports/rating-patterns")).day);
      setAway(null);
    };
    const timer = setTimeout(() => begin().catch((error) => failed(error, setAway)), away ? RETRY_MS : 0);
    return () => clearTimeout(timer);
  }, [away]);
  useEffect(() => {
    if (!key) return undefined;
    let wanted = true; // what is asked for meanwhile is what shall be shown
    setTold(null);
    setRefusal(null);
    get(`/statistics?${new URLSearchParams({ from: asked.from, to: asked.to, by: asked.by })}`, PATIENCE_MS)
      .then((report) => wanted && setTold(report))
      .catch((error) => failed(error, (why) => wanted && setRefusal(why)));
    return () => void (wanted = false);
  }, [key]);
  useEffect(() => void (document.title = `${t("statistics")} · ${t(GROUPS[asked.by])}`));

  return html`
    <${Top} title=${t("statistics")} session=${session} />
    <main class="statistics">
      <h1>${t("statistics")} <a class="beside" href="/reports">${t("reports")}</a></h1>
      ${today && html`<${Tools} asked=${asked} today=${today} ask=${ask} refusal=${refusal} onSessionOver=${onSessionOver} />`}
      <${Problem} refusal=${refusal ?? away} />
      ${told && !refusal ? html`<${Report} told=${told} />` : !refusal && !away && html`<p role="status">${t("loading")}</p>`}
    </main>`;
}

function Tools({ asked, today, ask, refusal, onSessionOver }) {
  const [kind, setKind] = useState(asked.kind);
  const [own, setOwn] = useState({ from: asked.from, to: asked.to });
  const [saving, setSaving] = useState(false);
  const [failed, setFailed] = useState(null); // of a file
  useEffect(() => (setOwn({ from: asked.from, to: asked.to }), setKind(asked.kind), setFailed(null)), [asked.from, asked.to, asked.kind]);
  const before = shifted(`${today.slice(0, 7)}-01`, -1);
  const last = { from: `${before.slice(0, 7)}-01`, to: before };
  const submit = (event) => {
    event.preventDefault();
    ask({ by: asked.by, kind, ...own });
  };
  const choose = (next) => {
    const day = own.from && own.from <= today ? own.from : today;
    setKind(next);
    if (next === "oneDay") setOwn({ from: day, to: day });
    if (next === "oneMonth") setOwn({ from: `${day.slice(0, 7)}-01`, to: lastOf(day.slice(0, 7)) });
  };
  async function save(file) {
    if (saving) return;
    setSaving(true);
    setFailed(null);
    try {
      await download(`/${file}?${new URLSearchParams({ from: asked.from, to: asked.to })}`, FILE_MS);
    } catch (error) {
      if (error.status === 401) return onSessionOver();
      setFailed(error);
    }
    setSaving(false);
  }
  const wrong = (field) => (refusal?.field === field ? "true" : undefined);
  const field = (name, type, value, change, problem) => html`
    <label class="field"><span>${t(W[name])}</span>
      <input class="number" type=${type} required value=${value} aria-invalid=${problem} onInput=${(event) => event.target.value && change(event.target.value)} /></label>`;
  return html`
    <div class="tools">
      <div class="presets" role="group" aria-label=${t(W.kind)}>${KINDS.map((name) => html`
        <button key=${name} type="button" aria-pressed=${name === kind} onClick=${() => choose(name)}>${t(W[name])}</button>`)}
        <button type="button" aria-pressed=${asked.kind === "oneMonth" && asked.from === last.from} onClick=${() => ask({ by: asked.by, kind: "oneMonth", ...last })}>${t(W.lastMonth)}</button></div>
      <form class="own" onSubmit=${submit}>
        ${kind === "oneDay" && field("day", "date", own.from, (day) => setOwn({ from: day, to: day }), wrong("from"))}
        ${kind === "oneMonth" && field("month", "month", own.from.slice(0, 7), (month) => setOwn({ from: `${month}-01`, to: lastOf(month) }), wrong("from"))}
        ${kind === "range" && [field("from", "date", own.from, (from) => setOwn({ ...own, from }), wrong("from")), field("to", "date", own.to, (to) => setOwn({ ...own, to }), wrong("to"))]}
        <button type="submit" class="main">${t(W.show)}</button>
      </form>
      <div class="presets" role="group" aria-label=${t(W.by)}>${Object.entries(GROUPS).map(([name, word]) => html`
        <button key=${name} type="button" aria-pressed=${name === asked.by} onClick=${() => ask({ ...asked, by: name })}>${t(word)}</button>`)}</div>
      <div class="files">
        ${[["excel", "statistics.xlsx"], ["ledger", "ledger.xlsx"], ["ledgerCsv", "ledger.csv"]].map(([word, file]) => html`
          <button key=${file} type="button" aria-disabled=${saving} onClick=${() => save(file)}>${t(W[word])}</button>`)}
        <button type="button" onClick=${() => print()}>${t(W.print)}</button>
        <span role="status">${saving && t(W.saving)}</span>
      </div>
      <${Problem} refusal=${failed} />
    </div>`;
}

function Report({ told }) {
  const period = t(W.days(told.from_day, told.to_day));
  if (told.total.taken === 0) return html`<h2>${period}</h2><p class="none">${t(W.nothing)}</p>`;
  return html`
    <${Patterns} />
    <section class="sheet"><h2>${t(W.overview)} <small>${period}</small></h2>
      ${told.live && html`<p class="note">${t(W.live)}</p>`}
      <${Overview} told=${told} /><${Days} days=${told.days} /></section>
    <section class="sheet"><h2>${t(W.heat)} <small>${period}</small></h2><${Hours} heat=${told.heat} /></section>
    <section class="sheet"><h2>${t(W.groups)}：${t(GROUPS[told.by])} <small>${period}</small></h2><${Groups} told=${told} /></section>
    ${told.total.presence.days > 0 && told.rows.some((row) => row.figures.presence) && html`
      <section class="sheet"><h2>${t(W.presence)} <small>${period}</small></h2><${Presence} told=${told} /></section>`}
    <section class="sheet"><h2>${t(W.whatIsWhat)}</h2>${W.definitions.map((words) => html`<p key=${words[1]} class="hint">${t(words)}</p>`)}</section>`;
}

/** The whole, each figure above that of the period before. */
function Overview({ told }) {
  const { total, before } = told;
  /** @type {[string, (of: any) => any][]} */
  const figures = [
    ["taken", (of) => of.taken], ["served", (of) => of.served], ["no_show", (of) => of.no_show],
    ["wait", (of) => span(of.wait.median)], ["service", (of) => span(of.service.median)], ["within", (of) => percent(of.within_permille)],
  ];
  return html`
    <dl class="whole">${figures.map(([name, of]) => html`
      <div key=${name}><dt>${t(W[name])}${["wait", "service"].includes(name) && html` <small>${t(W.median)}</small>`}</dt>
        <dd class="number">${of(total)}</dd><dd class="earlier">${t(W.before)} <span class="number">${of(before.total)}</span></dd></div>`)}
      <div><dt>${t(W.windows)}</dt><dd class="number">${told.windows}</dd></div>
      <div><dt>${t(W.people)}</dt><dd class="number">${told.people}</dd></div>
    </dl>
    <p class="hint">${t(W.comparedWith(before.from_day, before.to_day))}　${t(W.units)}</p>`;
}

function Days({ days }) {
  if (days.length < 2) return null;
  return html`
    <h3>${t(W.trend)}</h3>
    <ul class="legend">${[["served", "served"], ["other", "notServed"]].map(([part, word]) => html`<li key=${part}><${Sample} part=${part} /> ${t(W[word])}</li>`)}</ul>
    <div class="scroll" tabindex="0" role="region" aria-label=${t(W.trend)}><${Trend} days=${days} label=${t(W.trend)} /></div>
    <details><summary>${t(W.trendTable)}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label=${t(W.trendTable)}><table class="days">
        <thead><tr><th scope="col">${t(W.day)}</th><th scope="col">${t(W.taken)}</th><th scope="col">${t(W.served)}</th><th scope="col">${t(W.wait)} ${t(W.median)}</th></tr></thead>
        <tbody>${days.map((day) => html`<tr key=${day.day}><th scope="row">${day.day}</th>
          <td class="number">${day.taken}</td><td class="number">${day.served}</td><td class="number">${span(day.wait_median)}</td></tr>`)}</tbody>
      </table></div></details>`;
}

function Hours({ heat }) {
  const seen = heat.map((cell) => cell.hour);
  const hours = Array.from({ length: Math.max(...seen) - Math.min(...seen) + 1 }, (_, n) => Math.min(...seen) + n);
  const at = (weekday, hour) => heat.find((cell) => cell.weekday === weekday && cell.hour === hour);
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${t(W.heatLabel)}><${Heat} cells=${heat} hours=${hours} weekdays=${WEEKDAYS.map(t)} label=${t(W.heatLabel)} /></div>
    <h3>${t(W.heatWaits)}</h3>
    <div class="scroll" tabindex="0" role="region" aria-label=${t(W.heatWaits)}><table class="hours">
      <thead><tr><th scope="col">${t(W.weekday)}</th>${hours.map((hour) => html`<th key=${hour} scope="col">${hour}:00</th>`)}</tr></thead>
      <tbody>${WEEKDAYS.map((word, n) => html`<tr key=${word[1]}><th scope="row">${t(word)}</th>
        ${hours.map((hour) => html`<td key=${hour} class="number">${at(n + 1, hour) ? span(at(n + 1, hour).wait_median) : ""}</td>`)}</tr>`)}</tbody>
    </table></div>`;
}

function nameOf(by, row) {
  if (by === "queue") return `${row.key} ${queueName(row.name, row.name_en)}`;
  if (by === "lane") return t([row.name, row.name_en]);
  return (by === "staff" && row.name) || row.key || t(NONE[by]);
}

/** What stands small beneath it: the name of a window and an item, the account of a person. */
const beneath = (by, row) => (by === "staff" && row.name !== row.key ? row.key : ["window", "item"].includes(by) ? row.name : "");

const waitInWords = (wait) => [["median", wait.median], ["p90", wait.p90]].map(([word, value]) => `${t(W[word])} ${span(value)}`).join(t(["，", ", "]));

function Groups({ told }) {
  const { by, rows, total } = told;
  const most = Math.max(1, ...rows.map((row) => row.figures.wait.p90 ?? 0));
  const line = (of, name, small, bar) => html`
    <th scope="row">${name}${small && html`<small>${small}</small>`}</th>
    ${COUNTS.map((count) => html`<td key=${count} class="number">${of[count]}</td>`)}
    <td class="number strong">${span(of.wait.median)}</td><td class="number">${span(of.wait.p90)}</td><td class="number">${span(of.wait.longest)}</td>
    <td>${bar && html`<${WaitBar} wait=${of.wait} most=${most} label=${waitInWords(of.wait)} />`}</td>
    <td class="number">${span(of.arrival.median)}</td>
    <td class="number strong">${span(of.service.median)}</td><td class="number">${span(of.service.p90)}</td><td class="number">${span(of.service.longest)}</td>
    <td class="number">${percent(of.within_permille)}</td>`;
  const over = (name, columns) => html`<th scope="colgroup" colspan=${columns}>${t(W[name])}</th>`;
  return html`
    <p class="hint">${t(W.waits)}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${t(GROUPS[by])}><table class="groups" data-by=${by}>
      <thead><tr><th scope="col" rowspan="2">${t(GROUPS[by])}</th>${COUNTS.map((name) => html`<th key=${name} scope="col" rowspan="2">${t(W[name])}</th>`)}
          ${over("wait", 4)}<th scope="col" rowspan="2">${t(W.arrival)}<br />${t(W.median)}</th>${over("service", 3)}<th scope="col" rowspan="2">${t(W.within)}</th></tr>
        <tr>${["median", "p90", "longest", "wait", "median", "p90", "longest"].map((name, n) => html`<th key=${n} scope="col">${name === "wait" ? "" : t(W[name])}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`<tr key=${row.key}>${line(row.figures, nameOf(by, row), beneath(by, row), true)}</tr>`)}</tbody>
      <tfoot><tr>${line(total, t(W.all), "", false)}</tr></tfoot>
    </table></div>`;
}

function Presence({ told }) {
  const { by, rows, total } = told;
  const line = (of, name, small) => html`
    <th scope="row">${name}${small && html`<small>${small}</small>`}</th><td class="number">${of.days || DASH}</td>
    ${of.days ? [sum(SPENT.map((what) => of[what])), ...SPENT.map((what) => of[what])].map((seconds, n) => html`<td key=${n} class="number">${span(seconds)}</td>`)
      : html`<td class="number" colspan=${SPENT.length + 1}>${DASH}</td>`}`;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${t(W.presence)}><table class="presence">
      <thead><tr><th scope="col">${t(GROUPS[by])}</th><th scope="col">${t(W.presenceDays)}</th>${["there", ...SPENT].map((name) => html`<th key=${name} scope="col">${t(W[name])}</th>`)}</tr></thead>
      <tbody>${rows.filter((row) => row.key).map((row) => html`<tr key=${row.key}>${line(row.figures.presence, nameOf(by, row), beneath(by, row))}</tr>`)}</tbody>
      <tfoot><tr>${line(total.presence, t(W.all), "")}</tr></tfoot>
    </table></div>`;
}

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${RolePage} page="statistics" may="supervise" notAllowed=${W.notSupervisor} work=${work} />`, document.getElementById("app"));
