/** The admin page's part 运维: backups by the clock and by hand, what came of them, and how long what is kept. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { Form, Labelled, whole } from "./admin-parts.mjs";
import { get } from "./api.mjs";
import { O, STATES } from "./operations-words.mjs";
import { Problem } from "./ui.mjs";
import { t } from "./words.mjs";

const AGAIN_MS = 2000; // what a backup comes to makes no news

const KEEP = ["keep_days", "keep_weeks", "keep_months", "warn_days"];
const RETAIN = ["contact_days", "note_days", "case_days", "event_days"];

/** "02:00" ⇄ minutes of the day; an empty field stays text, and the server says what it wants. */
const clockOf = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
const minuteOf = (text) => (/^\d\d:\d\d/.test(text) ? Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5)) : text);

export function OperationsPart({ send }) {
  const [held, setHeld] = useState(null);
  const [refusal, setRefusal] = useState(null);
  useEffect(() => {
    const look = () => get("/operations").then(setHeld, setRefusal);
    look();
    const timer = setInterval(look, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const change = async (path, body, method) => setHeld(await send(path, body, method));
  const ask = () => change("/operations/runs", { kind: "backup" }).then(() => setRefusal(null), setRefusal);
  if (!held) return html`${t("loading")}<${Problem} refusal=${refusal} />`;
  return html`
    <${Standing} held=${held} onAsk=${ask} refusal=${refusal} />
    <${Settings} settings=${held.settings} change=${change} />
    <${Runs} runs=${held.runs} />`;
}

const moment = (iso) => iso.slice(0, 16).replace("T", " ");

function Standing({ held, onAsk, refusal }) {
  const running = held.runs.some(({ kind, state }) => kind === "backup" && (state === "waiting" || state === "running"));
  return html`
    <section class="standing ${held.stale ? "stale" : ""}">
      <p><b>${held.good_at ? t(O.goodAt) : t(O.never)}</b> ${held.good_at && html`<span class="number">${moment(held.good_at)}</span>`}
        ${held.stale && html` <span class="chip fault">! ${t(O.stale)}</span>`}
        <small>${held.next_at ? html`${t(O.nextAt)} <span class="number">${moment(held.next_at)}</span>` : t(O.noneDue)}</small></p>
      <button type="button" class="main" aria-disabled=${running} onClick=${() => running || onAsk()}>${t(running ? O.underWay : O.now)}</button>
    </section>
    <${Problem} refusal=${refusal} />`;
}

function Settings({ settings, change }) {
  const read = (data) => ({
    backup_on: data.has("backup_on"),
    backup_minute: minuteOf(data.get("backup_minute")),
    backup_folder: data.get("backup_folder").trim(),
    backup_keys: data.has("backup_keys"),
    backup_drill: data.has("backup_drill"),
    ...Object.fromEntries([...KEEP, ...RETAIN].map((name) => [name, whole(data.get(name))])),
  });
  const number = (name) => html`
    <${Labelled} key=${name} word=${O[name]}><input class="number" name=${name} inputmode="numeric" defaultValue=${settings[name]} maxlength="9" /><//>`;
  const check = (name) => html`
    <label key=${name} class="check"><input type="checkbox" name=${name} defaultChecked=${settings[name]} /> <b>${t(O[name])}</b></label>`;
  return html`
    <${Form} className="sheet" read=${read} onSend=${(body) => change("/operations", body, "PUT")}>
      <h2>${t(O.byClock)}</h2>
      ${check("backup_on")}
      <div class="two">
        <${Labelled} word=${O.backup_folder}><input name="backup_folder" defaultValue=${settings.backup_folder} maxlength="400" placeholder="/backup" spellcheck=${false} /><//>
        <${Labelled} word=${O.backup_minute}><input class="number" type="time" name="backup_minute" defaultValue=${clockOf(settings.backup_minute)} /><//>
      </div>
      <p class="hint">${t(O.folderHint)}</p>
      <div class="stack">${check("backup_drill")}${check("backup_keys")}</div>
      <p class="hint">${t(O.keysHint)}</p>
      <div class="two">${KEEP.map(number)}</div>
      <h2>${t(O.retention)}</h2><p class="hint">${t(O.retentionHint)}</p>
      <div class="two">${RETAIN.map(number)}</div>
    <//>`;
}

function Runs({ runs }) {
  return html`
    <section class="part"><h2>${t(O.runs)}</h2>
      ${runs.length === 0 && html`<p class="hint">${t(O.noRuns)}</p>`}
      ${runs.length > 0 && html`<div class="scroll"><table class="runs">
        <thead><tr>${[O.when, O.what, O.outcome].map((name) => html`<th key=${name[1]} scope="col">${t(name)}</th>`)}</tr></thead>
        <tbody>${runs.map((run) => html`
          <tr key=${run.asked_at + run.kind}>
            <td class="number">${moment(run.ended_at ?? run.asked_at)}</td>
            <td>${t(O[run.kind])}<small>${t(O[run.how])}</small></td>
            <td><span class="chip ${run.state === "failed" ? "fault" : ""}">${t(STATES[run.state])}</span> ${t([run.zh, run.en])}</td>
          </tr>`)}</tbody>
      </table></div>`}
    </section>`;
}
