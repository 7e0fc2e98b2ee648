/** The audit records for supervisors and admins: by kind, day and person, a page at a time, and a verdict on demand. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { command, get } from "./api.mjs";
import { A, FACTS, O, STATES, VALUES } from "./operations-words.mjs";
import { Bar, RolePage } from "./staff-page.mjs";
import { Problem } from "./ui.mjs";
import { DEVICE_KINDS, ROLES, t } from "./words.mjs";

const AGAIN_MS = 2000;
const ORDER = Object.keys(FACTS);
const NOTHING = { kind: "", day: "", actor: "" };

const moment = (iso) => iso.slice(0, 19).replace("T", " ");
const query = (asked) => new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== "" && value !== 0).map(([name, value]) => [name, String(value)])).toString();

function Work({ session }) {
  const { onSessionOver } = session;
  const [asked, setAsked] = useState({ ...NOTHING, page: 0 });
  const [shown, setShown] = useState(null);
  const [refusal, setRefusal] = useState(null);

  async function look() {
    try {
      setShown(await get(`/audit?${query(asked)}`));
      setRefusal(null);
    } catch (error) {
      if (error.status === 401) return onSessionOver();
      setRefusal(error);
    }
  }
  useEffect(() => void look(), [asked]);
  const running = ["waiting", "running"].includes(shown?.verdict?.state);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(look, AGAIN_MS);
    return () => clearInterval(timer);
  }, [running, asked]);
  useEffect(() => void (document.title = t("audit")));

  async function verify() {
    try {
      await command("/audit/verify");
      await look();
    } catch (error) {
      if (error.status === 401) return onSessionOver();
      setRefusal(error);
    }
  }
  const top = html`<${Bar} title=${t("audit")} session=${session} />`;
  if (!shown) return html`${top}<main class="plain">${t("loading")}<${Problem} refusal=${refusal} /></main>`;
  const set = (name) => (event) => setAsked({ ...asked, page: 0, [name]: event.target.value.trim() });
  return html`
    ${top}
    <main class="audit">
      <p class="hint">${t(A.intro)}</p>
      <${Verdict} shown=${shown} running=${running} onVerify=${verify} />
      <div class="chosen">
        <label class="field"><span>${t(A.kind)}</span><select name="kind" value=${asked.kind} onChange=${set("kind")}>
          <option value="">${t(A.all)}</option>${Object.entries(shown.kinds).map(([kind, names]) => html`<option key=${kind} value=${kind}>${t(names)}</option>`)}</select></label>
        <label class="field"><span>${t(A.day)}</span><input type="date" name="day" value=${asked.day} onChange=${set("day")} /></label>
        <label class="field"><span>${t(A.actor)}</span><input name="actor" value=${asked.actor} maxlength="60" onChange=${set("actor")} /></label>
      </div>
      <${Problem} refusal=${refusal} />
      <${Lines} lines=${shown.lines} />
      <nav class="pages" aria-label=${t("audit")}>
        <button type="button" disabled=${shown.page === 0} onClick=${() => setAsked({ ...asked, page: shown.page - 1 })}>${t(A.newer)}</button>
        <button type="button" disabled=${!shown.more} onClick=${() => setAsked({ ...asked, page: shown.page + 1 })}>${t(A.older)}</button>
      </nav>
    </main>`;
}

function Verdict({ shown, running, onVerify }) {
  const { verdict, sealed } = shown;
  return html`
    <section class="verdict ${verdict?.state === "failed" ? "wrong" : ""}">
      <p>${t(A.sealed)} <b class="number">${sealed}</b> ${t(A.entries)}</p>
      <p role="status">${!verdict ? t(A.neverVerified) : html`<b>${t(STATES[verdict.state])}</b> <span class="number">${moment(verdict.at)}</span> ${t([verdict.zh, verdict.en])}`}</p>
      <button type="button" class="main" aria-disabled=${running} onClick=${() => running || onVerify()}>${t(running ? A.verifying : A.verify)}</button>
    </section>`;
}

/** "admin:boss" as people say it; what acts by itself is the system. */
function who(by) {
  const [role, name] = by.split(/:(.*)/s);
  return role === "system" ? t(A.system) : `${t(ROLES[role] ?? DEVICE_KINDS[role] ?? [role, role])} ${name}`;
}

/** What it is about first; settings, which stand in no order, before all. */
const ordered = (facts) => Object.entries(facts).sort(([one], [two]) => ORDER.indexOf(one) - ORDER.indexOf(two));

/** A fact's value in words: what is one of a few, sentences, and lists. */
function said(name, value) {
  const known = { ...VALUES.any, ...VALUES[name] }[value];
  if (known) return t(known);
  if (!/^[[{]/.test(value)) return value;
  try {
    return flat(JSON.parse(value));
  } catch {
    return value;
  }
}

function flat(value) {
  if (Array.isArray(value)) return value.map(flat).join(t(["；", "; "]));
  if (value === null || typeof value !== "object") return String(value);
  if ("zh" in value) return t([value.zh, value.en]);
  return Object.entries(value).map(([name, one]) => `${name} ${flat(one) || "—"}`).join(t(["；", "; "]));
}

function Lines({ lines }) {
  if (lines.length === 0) return html`<p class="none">${t(A.none)}</p>`;
  return html`
    <div class="scroll"><table>
      <thead><tr>${[A.when, A.kind, A.actor, A.facts].map((name) => html`<th key=${name[1]} scope="col">${t(name)}</th>`)}</tr></thead>
      <tbody>${lines.map((line, i) => html`
        <tr key=${i}>
          <td class="number">${moment(line.at)}</td>
          <th scope="row">${t([line.zh, line.en])}</th>
          <td class="by">${who(line.by)}</td>
          <td class="facts">${ordered(line.facts).map(([name, value]) => html`<div key=${name}><span>${t(O[name] ?? FACTS[name] ?? [name, name])}</span> ${said(name, value)}</div>`)}</td>
        </tr>`)}</tbody>
    </table></div>`;
}

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${RolePage} page="audit" may="supervise" notAllowed=${A.notSupervisor} work=${work} />`, document.getElementById("app"));
