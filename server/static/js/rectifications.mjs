/** The work list of supervisors: each bad rating with its clock, what to do next, and what was done. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get } from "./api.mjs";
import { CaseDialog, Said } from "./rectifications-dialog.mjs";
import { EMPTY, FILTERS, KINDS, NEXT, OUTCOMES, STATES, W } from "./rectifications-words.mjs";
import { Bar, RolePage } from "./staff-page.mjs";
import { Offline } from "./ui.mjs";
import { t } from "./words.mjs";

const LOOK_MS = 10_000; // nothing of a case is told to the hall: the page looks by the clock, and only by it

/** Of whom and what was being typed on which case; outlives a session that ends, for nobody but its own person. */
const kept = { who: "", draft: /** @type {any} */ (null) };

function Work({ session }) {
  const { me, onSessionOver } = session;
  if (kept.who !== me.username) Object.assign(kept, { who: me.username, draft: null });
  const [filter, setFilter] = useState(namedFilter());
  const [list, setList] = useState(null);
  const [offline, setOffline] = useState(false);
  const [opened, setOpened] = useState(kept.draft);
  const [said, setSaid] = useState(null);
  const again = useRef(() => {});
  const stepped = useRef(false);
  const wanted = useRef(filter);
  wanted.current = filter;

  useEffect(() => {
    let turn = 0; // an older answer never comes after a newer one
    again.current = async () => {
      const mine = ++turn, asked = wanted.current;
      try {
        const fresh = await get(`/rectifications?filter=${asked}`);
        if (mine !== turn) return;
        setList({ ...fresh, filter: asked });
        setOffline(false);
      } catch (error) {
        if (error.status === 401) onSessionOver();
        else if (mine === turn) setOffline(error.code === "unreachable" || error.status >= 500);
      }
    };
    const timer = setInterval(() => again.current(), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => void again.current(), [filter]);
  useEffect(() => {
    const onHash = () => setFilter(namedFilter());
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);
  useEffect(() => void (document.title = t("rectifications")));
  useEffect(() => {
    if (!stepped.current || opened) return;
    stepped.current = false;
    if (document.activeElement === document.body) focusNext(); // the row that was worked on is gone
  }, [list]);

  const open = (draft) => setOpened((kept.draft = draft));

  /** Send a step; raises what the server refuses. */
  async function take(one, body) {
    try {
      const after = await command(`/rectifications/${one.number}/steps`, { ...body, version: one.version });
      stepped.current = true;
      open(null);
      setSaid(after);
    } catch (error) {
      if (error.status === 401) onSessionOver();
      throw error;
    } finally {
      again.current();
    }
  }

  const top = html`<${Bar} title=${t("rectifications")} session=${session} />${offline && html`<${Offline} />`}`;
  if (!list) return html`${top}<main class="plain">${t("loading")}</main>`;
  const shown = list.filter === filter ? list.cases : null;
  return html`
    ${top}
    <main class="rectifications">
      <h1 class="unseen">${t("rectifications")}</h1>
      <nav class="filters" aria-label=${t("rectifications")}>${FILTERS.map(([name, words]) => html`
        <a key=${name} href=${`#${name}`} aria-current=${name === filter ? "page" : undefined} class=${name === "overdue" && list.counts.overdue ? "late" : ""}>
          ${t(words)} ${name in list.counts && html`<b class="number">${list.counts[name]}</b>`}</a>`)}</nav>
      <p class="said" role="status">${said && html`<span class="done">${t(W.saved)}<b class="number">${said.number}</b> ${t(STATES[said.state])}</span>`}</p>
      ${!shown ? html`<p class="none">${t("loading")}</p>` : shown.length === 0 ? html`<p class="none">${t(EMPTY[filter])}</p>` : html`
        <ul class="cases">${shown.map((one) => html`<${Case} key=${one.number} one=${one} onOpen=${() => open({ one })} />`)}</ul>`}
      ${shown && list.counts[filter] > shown.length && html`<p class="none">${t(W.latest(shown.length))}</p>`}
      ${opened && html`<${CaseDialog} draft=${opened} owners=${list.owners} take=${take} onClose=${() => open(null)} />`}
    </main>`;
}

/** The filter that the address names. */
const namedFilter = () => (FILTERS.some(([name]) => name === location.hash.slice(1)) ? location.hash.slice(1) : "all");

function focusNext() {
  const next = document.querySelector(".case button") ?? document.querySelector(".filters [aria-current]");
  if (next instanceof HTMLElement) next.focus();
}

function Case({ one, onOpen }) {
  const urgent = one.escalated || one.overdue ? "late" : one.soon ? "soon" : "";
  const act = one.steps.some((step) => step !== "assign");
  return html`
    <li class=${`case ${urgent}`}>
      <div class="clock"><${Deadline} one=${one} /></div>
      <div class="what">
        <p class="chips"><b class="number">${one.number}</b>
          <span class=${`chip ${one.state}`}>${t(STATES[one.state])}</span>
          ${one.escalated && html`<span class="chip late">${t(W.escalated)}</span>`}
          ${one.reopened && html`<span class="chip">${t(W.reopened)}</span>`}
          ${one.kind && html`<span class="chip">${t(KINDS[one.kind])}</span>`}</p>
        <${Said} one=${one} />
        <p class="facts">${facts(one).map((fact) => html`<span key=${fact}>${fact}</span>`)}</p>
      </div>
      <div class="do">
        ${act && html`<button class="main" type="button" aria-label=${`${t(NEXT[one.state])} ${one.number}`} onClick=${onOpen}>${t(NEXT[one.state])}</button>`}
        ${!act && html`${one.state === "appealed" && html`<small>${t(W.waitsForAnother)}</small>`}
          <button type="button" aria-label=${`${t(W.open)} ${one.number}`} onClick=${onOpen}>${t(W.open)}</button>`}
      </div>
    </li>`;
}

function Deadline({ one }) {
  if (one.state === "closed") return html`<b>${t(OUTCOMES[one.outcome])}</b>`;
  if (!one.due) return html`<b>${t(W.noDeadline)}</b>`;
  return html`<b>${t([one.deadline, one.deadline_en])}</b><small class="number">${t(W.dueBy(one.due))}</small>${one.soon && html`<small>${t(W.soon)}</small>`}`;
}

const facts = (one) => [
  t(W.window).replace("{}", one.window), one.item, `${t(W.ticket)} ${one.ticket}`,
  one.phone ? `${t(W.phone)} ${one.phone}` : t(W.noPhone), `${t(W.owner)} ${one.owner_name || t(W.nobody)}`,
];

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${RolePage} page="rectifications" may="supervise" notAllowed=${W.notSupervisor} work=${work} />`, document.getElementById("app"));
