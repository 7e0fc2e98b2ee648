/** People: accounts with their roles, start passwords, sessions and second factors; the grants; the hall's rule. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { BookPart } from "./admin-books.mjs";
import { Form, Labelled, options, Token } from "./admin-parts.mjs";
import { get } from "./api.mjs";
import { GrantsPart } from "./grants.mjs";
import { P } from "./people-words.mjs";
import { Dialog, Problem } from "./ui.mjs";
import { ROLES, t } from "./words.mjs";

export function PeoplePart({ all: overview, me, send }) {
  const [all, setAll] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [started, setStarted] = useState(null);
  const [open, setOpen] = useState("");
  const [ending, setEnding] = useState(null);
  const refresh = () => get("/admin/people").then(setAll, setRefusal);
  useEffect(() => void refresh(), [overview]);

  /** Raises what the server refuses. */
  async function ask(path, body, method) {
    const answer = await send(path, body, method);
    if (answer.people) setAll(answer);
    else if (answer.password) setStarted({ name: answer.username, token: answer.password });
    if (!answer.people) await refresh();
    setRefusal(null);
  }
  const change = (user, active) => {
    setEnding(null);
    return ask(`/admin/users/${encodeURIComponent(user.username)}`, { active }, "PUT").catch(setRefusal);
  };
  const read = (data) => Object.fromEntries([...data].map(([name, value]) => [name, value.trim()]));
  if (!all) return html`<${Problem} refusal=${refusal} />${t("loading")}`;
  const opened = all.people.find(({ username }) => username === open);
  return html`
    <${Problem} refusal=${refusal} />
    <div class="scroll"><table>
      <thead><tr><th>${t("username")}</th><th>${t("fullName")}</th><th>${t("staffNo")}</th><th>${t("role")}</th><th>${t("state")}</th><th></th></tr></thead>
      <tbody>${all.people.map((user) => html`<${Row} key=${user.username} user=${user} mine=${user.username === me.username}
        onOpen=${() => setOpen(user.username)} onSwitch=${() => (user.active ? setEnding(user) : change(user, true))} />`)}</tbody>
    </table></div>
    <section class="add"><h2>${t("newUser")}</h2><p class="hint">${t(P.newPersonHint)}</p>
      <${Form} className="row" action=${t("add")} read=${read} resets onSend=${(body) => ask("/admin/people", body)}>
        <${Labelled} word="username"><input name="username" maxlength="40" autocomplete="off" /><//>
        <${Labelled} word="fullName"><input name="name" maxlength="40" autocomplete="off" /><//>
        <${Labelled} word="staffNo"><input name="staff_no" maxlength="20" autocomplete="off" /><//>
        <${Labelled} word="role"><select name="role">${options(ROLES)}</select><//>
      <//></section>
    <${BookPart} what="staff" onDone=${refresh} />
    <${GrantsPart} onSessionOver=${() => refresh()} />
    <section class="part"><h2>${t(P.second)}</h2><p class="hint">${t(P.ruleText)}</p>
      <label class="check"><input type="checkbox" name="totp_admins" checked=${all.totp_admins}
        onChange=${(event) => ask("/admin/people/rule", { totp_admins: event.target.checked }, "PUT").catch((error) => { setRefusal(error); refresh(); })} /> <b>${t(P.rule)}</b></label>
    </section>
    ${opened && html`<${Manage} user=${opened} ask=${ask} onClose=${() => setOpen("")} />`}
    ${started && html`<${Token} token=${started} title=${t(P.startTitle)} text=${t(P.startText)} onClose=${() => setStarted(null)} />`}
    ${ending && html`
      <${Dialog} danger title=${t("deactivateTitle")} action=${t("deactivate")} onClose=${() => setEnding(null)} onSubmit=${() => change(ending, false)}>
        <p class="subject"><b>${ending.username}</b> ${ending.name}</p><p>${t("deactivateText")}</p>
      <//>`}`;
}

function Row({ user, mine, onOpen, onSwitch }) {
  const marks = [
    [user.locked, P.locked], [user.must_change, P.start], [user.totp, P.second],
    [user.sessions.length > 0, P.signedIn(user.sessions.length)],
  ];
  return html`
    <tr class=${user.active ? "" : "off"}>
      <th scope="row">${user.username}</th><td>${user.name}</td><td class="number">${user.staff_no}</td>
      <td class="word">${ROLES[user.role] ? t(ROLES[user.role]) : user.role}</td>
      <td>${t(user.active ? "active" : "inactive")}<br /><small>${marks.filter(([on]) => on).map(([, words]) => t(words)).join(" · ")}</small></td>
      <td>${mine ? html`<a href="/account">${t(P.myAccount)}</a>` : html`
        <div class="moves"><button type="button" onClick=${onOpen}>${t(P.manage)}</button>
          <button type="button" onClick=${onSwitch}>${t(user.active ? "deactivate" : "activate")}</button></div>`}</td>
    </tr>`;
}

/** What an admin may do about somebody else. */
function Manage({ user, ask, onClose }) {
  const [refusal, setRefusal] = useState(null);
  const [role, setRole] = useState(user.role);
  const at = `/admin/people/${encodeURIComponent(user.username)}`;
  const act = (path, body, method) => () => ask(`${at}${path}`, body, method).then(() => setRefusal(null), setRefusal);
  const reset = () => ask(`${at}/password`).then(onClose, setRefusal);
  return html`
    <${Dialog} wide title=${t(P.manage)} onClose=${onClose}>
      <p class="subject"><b>${user.username}</b> ${user.name}</p>
      <${Problem} refusal=${refusal} />
      <div class="act"><label class="field"><span>${t("role")}</span>
        <select name="role" value=${role} onChange=${(event) => setRole(event.target.value)}>${options(ROLES)}</select></label>
        <button type="button" aria-disabled=${role === user.role} onClick=${role === user.role ? undefined : act("/role", { role }, "PUT")}>${t(P.changeRole)}</button>
        <small>${t(P.roleText)}</small></div>
      <div class="act"><button type="button" onClick=${reset}>${t(P.reset)}</button><small>${t(P.resetText)}</small></div>
      ${user.totp && html`<div class="act"><button type="button" onClick=${act("/totp/remove")}>${t(P.removeTotp)}</button></div>`}
      <div class="act"><b>${t(P.sessions)}</b>
        ${user.sessions.length === 0 ? html`<small>${t(P.noSessions)}</small>` : html`
          <ul>${user.sessions.map((one) => html`<li key=${one.id}><span class="number">${one.created_at.slice(5, 16).replace("T", " ")}</span> ${one.address}
            <button type="button" onClick=${act(`/sessions/${one.id}/end`)}>${t(P.end)}</button></li>`)}</ul>
          <button type="button" onClick=${act("/sessions/end")}>${t(P.endAll)}</button>`}</div>
    <//>`;
}
