/** My account: password, second factor, sessions, and the grants that I hold or give. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { OwnForm, PasswordForm, PROOF, TotpSetup } from "./account-forms.mjs";
import { get, post } from "./api.mjs";
import { GrantsPart } from "./grants.mjs";
import { P, PERMISSIONS } from "./people-words.mjs";
import { Bar, StaffPage } from "./staff-page.mjs";
import { Problem } from "./ui.mjs";
import { t } from "./words.mjs";

function Work({ session }) {
  const { me, onSessionOver } = session;
  const [all, setAll] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [done, setDone] = useState("");
  const fail = (error) => (error.status === 401 ? onSessionOver() : setRefusal(error));
  const refresh = () => get("/me/account").then(setAll, fail);
  useEffect(() => void refresh(), []);
  useEffect(() => void (document.title = `${t(P.myAccount)} · ${me.name}`));
  const after = (words) => () => {
    setDone(t(words));
    refresh();
  };
  const endOthers = () => post("/me/sessions/end").then(({ ended }) => after(P.ended(ended))(), fail);
  return html`
    <${Bar} title=${t(P.myAccount)} session=${session} />
    <main class="mine">
      <h1>${me.name} <small>${me.username}</small></h1>
      <${Problem} refusal=${refusal} />
      <p class="done" role="status">${done}</p>
      ${me.grants.length > 0 && html`<${Held} grants=${me.grants} />`}
      <div class="sides">
        <section class="card"><h2>${t(P.passwordTitle)}</h2><${PasswordForm} onDone=${after(P.changed)} /></section>
        ${all && html`<section class="card"><h2>${t(P.totpTitle)}</h2><${SecondFactor} all=${all} refresh=${refresh} /></section>`}
      </div>
      ${all && html`<${Sessions} sessions=${all.sessions} onEnd=${endOthers} />`}
      ${me.may.includes("supervise") && html`<${GrantsPart} onSessionOver=${onSessionOver} />`}
    </main>`;
}

const Held = ({ grants }) => html`
  <section class="note"><b>${t(P.mine)}</b>${grants.map(({ permission, to_day: last }) => html`
    <span key=${permission}>${t(PERMISSIONS[permission])} · ${last ? `${t(P.until)} ${last}` : t(P.endless)}</span>`)}</section>`;

function SecondFactor({ all, refresh }) {
  const remove = async (body) => {
    await post("/me/totp/remove", body);
    refresh();
  };
  return html`
    <p class="hint">${t(all.totp ? P.totpOn : P.totpOff)} ${all.totp && t(P.codesLeft(all.recovery_codes))}</p>
    <${TotpSetup} key=${all.totp} onDone=${refresh} action=${all.totp ? P.totpAgain : P.totpBegin} />
    ${all.totp && !all.totp_required && html`
      <details><summary>${t(P.totpEnd)}</summary><${OwnForm} danger fields=${[PROOF]} action=${P.totpEnd} onSend=${remove} /></details>`}`;
}

const Sessions = ({ sessions, onEnd }) => html`
  <section class="part"><h2>${t(P.sessions)}</h2><p class="hint">${t(P.sessionsHint)}</p>
    <div class="scroll"><table>
      <thead><tr>${[P.since, P.lastSeen, P.address].map((word) => html`<th>${t(word)}</th>`)}<th></th></tr></thead>
      <tbody>${sessions.map((one) => html`
        <tr key=${one.id}><td class="number">${moment(one.created_at)}</td><td class="number">${moment(one.seen_at)}</td>
          <td>${one.address}</td><td>${one.here && html`<b>${t(P.here)}</b>`}</td></tr>`)}</tbody>
    </table></div>
    ${sessions.length > 1 && html`<p><button class="danger" type="button" onClick=${onEnd}>${t(P.endOthers)}</button></p>`}
  </section>`;

/** The hall's own time of an ISO moment, to the minute. */
const moment = (iso) => iso.slice(5, 16).replace("T", " ");

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${StaffPage} page="myAccount" work=${work} />`, document.getElementById("app"));
