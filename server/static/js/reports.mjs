/** Rating figures for supervisors: a period, a grouping, its table with a bar to each row, the evaluators, what to look into. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { download, get } from "./api.mjs";
import { Bar, PARTS, Patterns, Sample, Trend } from "./rating-chart.mjs";
import { CHANNELS, GROUPS, LEVELS, PATTERNS, W } from "./reports-words.mjs";
import { Bar as Top, RolePage } from "./staff-page.mjs";
import { Problem, timeOfDay } from "./ui.mjs";
import { queueName, t } from "./words.mjs";

const NONE = "–";
const PATIENCE_MS = 40_000; // a year of a busy hall takes seconds
const FILE_MS = 120_000; // and its workbook more
const RETRY_MS = 2000;
const LEGEND = { good: W.legendGood, bad: W.legendBad, hidden: W.legendHidden, unrated: W.legendUnrated };

/** Thousandths as a percentage; a dash for a share of nothing. */
export const percent = (permille) => (permille === null ? NONE : `${(permille / 10).toFixed(1)}%`);

/** The day as text, so many days on. Noon, so that no change of the clock turns it into another day. */
function shifted(day, by) {
  const moment = new Date(`${day}T12:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + by);
  return moment.toISOString().slice(0, 10);
}

/** What each preset means on the hall's day `today`: first and last day. @type {Record<string, (today: string) => [string, string]>} */
const PRESETS = {
  today: (today) => [today, today],
  week: (today) => [monday(today), today],
  lastWeek: (today) => [shifted(monday(today), -7), shifted(monday(today), -1)],
  month: (today) => [`${today.slice(0, 7)}-01`, today],
  lastMonth: (today) => [`${shifted(`${today.slice(0, 7)}-01`, -1).slice(0, 7)}-01`, shifted(`${today.slice(0, 7)}-01`, -1)],
};
const monday = (day) => shifted(day, -((new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7));

/** What the address names, so that reload and Back keep their place. */
function named() {
  const said = new URLSearchParams(location.hash.slice(1));
  return { from: said.get("from") ?? "", to: said.get("to") ?? "", by: (said.get("by") ?? "") in GROUPS ? said.get("by") : "window" };
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
  const [asked, ask] = useQuestion();
  const [today, setToday] = useState("");
  const [told, setTold] = useState(null);
  const [found, setFound] = useState(null);
  const [refusal, setRefusal] = useState(null); // of the report that is wanted
  const [away, setAway] = useState(null); // why the hall's day is not known yet
  const period = asked.from ? asked : today && { ...asked, ...over(PRESETS.lastWeek(today)) };

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
    if (!period) return undefined;
    let wanted = true; // what is asked for meanwhile is what shall be shown
    setTold(null);
    setRefusal(null);
    const load = async () => {
      const report = await get(`/reports/ratings?${new URLSearchParams({ from: period.from, to: period.to, by: period.by })}`, PATIENCE_MS);
      const patterns = await get(`/reports/rating-patterns?day=${report.to_day}`);
      if (wanted) setTold(report), setFound(patterns);
    };
    load().catch((error) => failed(error, (why) => wanted && setRefusal(why)));
    return () => void (wanted = false);
  }, [period && `${period.from} ${period.to} ${period.by}`]);
  useEffect(() => void (document.title = `${t("reports")} · ${t(GROUPS[asked.by])}`));

  return html`
    <${Top} title=${t("reports")} session=${session} />
    <main class="reports">
      <h1>${t("reports")} <a class="beside" href="/statistics">${t("statistics")}</a></h1>
      ${period && html`<${Tools} period=${period} today=${today} ask=${ask} onSessionOver=${onSessionOver} />`}
      <${Problem} refusal=${refusal ?? away} />
      ${told && found && !refusal ? html`<${Report} told=${told} found=${found} />` : !refusal && html`<p>${t("loading")}</p>`}
    </main>`;
}

const over = ([from, to]) => ({ from, to });

function Tools({ period, today, ask, onSessionOver }) {
  const [own, setOwn] = useState({ from: period.from, to: period.to });
  const lastMonth = today && PRESETS.lastMonth(today)[0].slice(0, 7);
  const [month, setMonth] = useState(lastMonth);
  useEffect(() => setMonth(lastMonth), [today]);
  useEffect(() => (setOwn({ from: period.from, to: period.to }), setRefusal(null)), [period.from, period.to]);
  // On a Monday this week is today, on the first of a month this month: the first of the names is it.
  const chosen = today && Object.keys(PRESETS).find((name) => String(PRESETS[name](today)) === String([period.from, period.to]));
  const [saving, setSaving] = useState(false);
  const [refusal, setRefusal] = useState(null); // of a file
  const submit = (event) => {
    event.preventDefault();
    ask(own);
  };
  async function save(file) {
    if (saving) return;
    setSaving(true);
    setRefusal(null);
    try {
      await download(`/reports/${file}`, FILE_MS);
    } catch (error) {
      if (error.status === 401) return onSessionOver();
      setRefusal(error);
    }
    setSaving(false);
  }
  const day = (name) => html`
    <label class="field"><span>${t(W[name])}</span>
      <input class="number" type="date" required value=${own[name]} onInput=${(event) => setOwn({ ...own, [name]: event.target.value })} /></label>`;
  return html`
    <div class="tools">
      <div class="presets" role="group" aria-label=${t(W.period)}>${Object.keys(PRESETS).map((name) => html`
        <button key=${name} type="button" disabled=${!today} aria-pressed=${name === chosen} onClick=${() => ask(over(PRESETS[name](today)))}>${t(W[name])}</button>`)}</div>
      <form class="own" onSubmit=${submit}>${day("from")}${day("to")}<button type="submit">${t(W.show)}</button></form>
      <div class="presets" role="group" aria-label=${t(W.by)}>${Object.entries(GROUPS).map(([name, word]) => html`
        <button key=${name} type="button" aria-pressed=${name === period.by} onClick=${() => ask({ ...over([period.from, period.to]), by: name })}>${t(word)}</button>`)}</div>
      <div class="files">
        <button type="button" class="main" aria-disabled=${saving} onClick=${() => save(`ratings.xlsx?${new URLSearchParams({ from: period.from, to: period.to })}`)}>${t(W.excel)}</button>
        <label class="field"><span>${t(W.appraisalMonth)}</span>
          <input class="number" type="month" value=${month} max=${lastMonth} onInput=${(event) => setMonth(event.target.value)} /></label>
        <button type="button" class="main" aria-disabled=${saving} disabled=${!month} onClick=${() => save(`appraisal.xlsx?month=${month}`)}>${t(W.appraisal)}</button>
        <button type="button" onClick=${() => print()}>${t(W.print)}</button>
        <span role="status">${saving && t(W.saving)}</span>
      </div>
      <${Problem} refusal=${refusal} />
    </div>`;
}

function Report({ told, found }) {
  const { total, rows } = told;
  const timed = ["day", "month"].includes(told.by);
  return html`
    <h2 class="period">${t(W.days(told.from_day, told.to_day))}</h2>
    ${told.live && html`<p class="note">${t(W.live)}</p>`}
    <dl class="whole">
      ${[["good", good(total, told.live)], ["active", percent(total.rated_permille)], ["unratedShare", percent(total.unrated_permille)]].map(([name, value]) => html`
        <div key=${name}><dt>${t(W[name])}</dt><dd class="number">${value}</dd></div>`)}
      ${["asked", "rated", "unrated"].map((name) => html`
        <div key=${name} class="count"><dt>${t(W[name])}</dt><dd class="number">${total[name]}</dd></div>`)}
    </dl>
    <p class="hint">${t(W.definitions)}</p>
    ${rows.length === 0 ? html`<p class="none">${t(W.nothing)}</p>` : html`
      <${Patterns} />
      <ul class="legend">${PARTS.map((part) => html`<li key=${part}><${Sample} part=${part} /> ${t(LEGEND[part])}</li>`)}</ul>
      ${timed && html`<div class="scroll chart" tabindex="0" role="region" aria-label=${t(W.trend)}><${Trend} rows=${rows} label=${t(W.trend)} /></div>`}
      <${Table} told=${told} />
      ${told.least && [total, ...rows].some((row) => !row.levels) && !told.live && html`<p class="hint">${t(W.withheldWhy(told.least))}</p>`}`}
    ${told.handling && told.handling.counts.bad > 0 && html`<${Handled} handling=${told.handling} />`}
    ${told.devices.length > 0 && html`<${Devices} devices=${told.devices} />`}
    <${Found} found=${found} />`;
}

/** 好评率, or that it is not told; a dash where nobody rated. */
const good = (row, live) => (row.levels ? percent(row.good_permille) : t(live ? W.tomorrow : W.withheld));

function nameOf(by, row) {
  if (by === "channel") return t(CHANNELS[row.key] ?? [row.key, row.key]);
  if (by === "queue") return `${row.key} ${queueName(row.name, row.name_en)}`;
  if (by === "staff" && row.name) return row.name;
  return row.key || t(W.none);
}

/** What stands small beneath it: the name of a window and an item, the account of a person. */
function beneath(by, row) {
  const small = by === "staff" ? row.key : ["window", "item"].includes(by) ? row.name : "";
  return small !== nameOf(by, row) && small;
}

/** A bar in words: 好评率 100.0%，主动评价率 50.0%，未评率 50.0%. */
const inWords = (row, live) => [[W.good, good(row, live)], [W.active, percent(row.rated_permille)], [W.unratedShare, percent(row.unrated_permille)]]
  .map(([word, value]) => `${t(word)} ${value}`).join(t(["，", ", "]));

function Table({ told }) {
  const { by, total, live } = told;
  const line = (row, name, small) => html`
    <th scope="row">${name}${small && html`<small>${small}</small>`}</th>
    <td class="number">${row.asked}</td><td class="number">${row.rated}</td><td class="number">${row.unrated}</td>
    <td class="number strong">${good(row, live)}</td><td class="number">${percent(row.rated_permille)}</td><td class="number">${percent(row.unrated_permille)}</td>
    <td><${Bar} row=${row} label=${inWords(row, live)} /></td>
    ${row.levels ? row.levels.map((n, place) => html`<td key=${place} class="number">${n}</td>`) : html`<td class="untold" colspan=${LEVELS.length}>${t(live ? W.tomorrow : W.withheld)}</td>`}
    <td class="number">${percent(row.device_permille)}</td>`;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${t(GROUPS[by])}><table class="groups" data-by=${by}>
      <thead><tr><th scope="col">${t(GROUPS[by])}</th>
        ${["asked", "rated", "unrated", "good", "active", "unratedShare", "picture"].map((name) => html`<th key=${name} scope="col">${t(W[name])}</th>`)}
        ${LEVELS.map((word) => html`<th key=${word[1]} scope="col">${t(word)}</th>`)}<th scope="col">${t(W.device)}</th></tr></thead>
      <tbody>${told.rows.map((row) => html`<tr key=${row.key}>${line(row, nameOf(by, row), beneath(by, row))}</tr>`)}</tbody>
      <tfoot><tr>${line(total, t(W.all), "")}</tr></tfoot>
    </table></div>`;
}

/** What became of the bad ratings. */
function Handled({ handling }) {
  const parts = ["called", "in_time", "closed", "satisfied"];
  return html`
    <h2>${t(W.handled)}</h2>
    <dl class="whole">
      ${parts.map((name) => html`<div key=${name}><dt>${t(W[name])}</dt><dd class="number">${percent(handling[`${name}_permille`])}</dd></div>`)}
      ${["bad", "excluded"].map((name) => html`<div key=${name} class="count"><dt>${t(W[name])}</dt><dd class="number">${handling.counts[name]}</dd></div>`)}
    </dl>
    <p class="hint">${t(W.handledWhy)}</p>`;
}

function Devices({ devices }) {
  const state = (one) => (one.silent ? W.silent : one.evaluator ? W.inUse : W.noEvaluator);
  return html`
    <h2>${t(W.devices)}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label=${t(W.devices)}><table class="devices">
      <thead><tr><th scope="col">${t(GROUPS.window)}</th>${["asked", "pressed", "device", "strays", "state"].map((name) => html`<th key=${name} scope="col">${t(W[name])}</th>`)}</tr></thead>
      <tbody>${devices.map((one) => html`
        <tr key=${one.window}><th scope="row">${one.window}<small>${one.name !== one.window && one.name}</small></th><td class="number">${one.asked}</td><td class="number">${one.pressed}</td>
          <td class="number">${percent(one.pressed_permille)}</td><td class="number">${one.strays}</td><td class=${one.silent ? "silent" : ""}>${t(state(one))}</td></tr>`)}</tbody>
    </table></div>`;
}

function Found({ found }) {
  return html`
    <h2>${t(W.patterns)} <small class="number">${found.day}</small></h2>
    ${found.found.length === 0 ? html`<p class="hint">${t(W.patternsNone)}</p>` : html`
      <p class="hint">${t(W.patternsWhy)}</p>
      <div class="scroll"><table>
        <thead><tr><th scope="col">${t(GROUPS.window)}</th>${["pattern", "count", "time"].map((name) => html`<th key=${name} class=${name} scope="col">${t(W[name])}</th>`)}</tr></thead>
        <tbody>${found.found.map((one) => html`
          <tr key=${`${one.window} ${one.pattern} ${one.first}`}><th scope="row">${one.window}</th><td>${t(PATTERNS[one.pattern] ?? [one.pattern, one.pattern])}</td>
            <td class="number">${one.count}</td><td class="number">${timeOfDay(one.first)}–${timeOfDay(one.last)}</td></tr>`)}</tbody>
      </table></div>`}`;
}

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${RolePage} page="reports" may="supervise" notAllowed=${W.notSupervisor} work=${work} />`, document.getElementById("app"));
