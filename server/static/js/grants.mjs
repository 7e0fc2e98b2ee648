/** 授权: giving powers from day to day and taking them back, on the admin page and on a supervisor's own. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { Form, Labelled } from "./admin-parts.mjs";
import { command, get } from "./api.mjs";
import { GRANT_STATES, P, PERMISSIONS } from "./people-words.mjs";
import { Dialog, Problem } from "./ui.mjs";
import { t } from "./words.mjs";

export function GrantsPart({ onSessionOver }) {
  const [all, setAll] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [ending, setEnding] = useState(null);
  useEffect(() => void get("/grants").then(setAll, setRefusal), []);
  async function send(path, body) {
    try {
      setAll(await command(path, body));
      setRefusal(null);
    } catch (error) {
      if (error.status === 401) onSessionOver();
      throw error;
    }
  }
  const revoke = async (body) => {
    await send(`/grants/${ending.id}/revoke`, body);
    setEnding(null);
  };
  return html`
    <section class="part"><h2>${t(P.grants)}</h2><p class="hint">${t(P.grantsHint)}</p>
      <${Problem} refusal=${refusal} />
      ${all && html`<${List} all=${all} onEnd=${setEnding} /><${Give} key=${all.grants.length} all=${all} send=${send} />`}
      ${ending && html`<${TakeBack} grant=${ending} onSend=${revoke} onClose=${() => setEnding(null)} />`}
    </section>`;
}

const List = ({ all, onEnd }) => all.grants.length === 0 ? html`<p class="note">${t(P.noGrants)}</p>` : html`
  <div class="scroll"><table>
    <thead><tr>${[P.holder, P.permission, P.fromDay, P.toDay, P.reason, P.by, "state"].map((word) => html`<th>${t(word)}</th>`)}<th></th></tr></thead>
    <tbody>${all.grants.map((grant) => html`
      <tr key=${grant.id} class=${grant.state === "on" || grant.state === "future" ? "" : "off"}>
        <th scope="row">${grant.name} <small>${grant.username}</small></th><td class="word">${t(PERMISSIONS[grant.permission])}</td>
        <td class="word number">${grant.from_day}</td><td class="word number">${grant.to_day ?? t(P.endless)}</td>
        <td>${grant.reason}</td><td>${grant.given_by}</td>
        <td><b>${t(GRANT_STATES[grant.state])}</b>${grant.revoked_by && html`<br /><small>${grant.revoked_by} ${grant.revoked_why}</small>`}</td>
        <td>${grant.may_revoke && html`<button type="button" onClick=${() => onEnd(grant)}>${t(P.takeBack)}</button>`}</td>
      </tr>`)}</tbody>
  </table></div>`;

function Give({ all, send }) {
  const { colleagues } = all;
  const [who, setWho] = useState(colleagues[0]?.username ?? "");
  const chosen = colleagues.find(({ username }) => username === who) ?? colleagues[0];
  if (!chosen) return html`<p class="hint">${t(P.nobody)}</p>`;
  const read = (data) => ({
    username: chosen.username, permission: data.get("permission"), from_day: data.get("from_day"),
    to_day: data.get("to_day") || null, reason: data.get("reason").trim(),
  });
  return html`
    <section class="add"><${Form} className="row" action=${t(P.give)} read=${read} onSend=${(body) => send("/grants", body)}>
      <${Labelled} word=${P.holder}><select name="username" value=${chosen.username} onChange=${(event) => setWho(event.target.value)}>
        ${colleagues.map((one) => html`<option key=${one.username} value=${one.username}>${one.name} ${one.username}</option>`)}</select><//>
      <${Labelled} word=${P.permission}><select name="permission">
        ${chosen.may_get.map((word) => html`<option key=${word} value=${word}>${t(PERMISSIONS[word])}</option>`)}</select><//>
      <${Labelled} word=${P.fromDay}><input type="date" name="from_day" min=${all.today} defaultValue=${all.today} /><//>
      <${Labelled} word=${all.open_end ? P.toDayOpen : P.toDay}><input type="date" name="to_day" min=${all.today} /><//>
      <${Labelled} word=${P.reason}><input name="reason" maxlength="100" autocomplete="off" /><//>
    <//></section>`;
}

function TakeBack({ grant, onSend, onClose }) {
  const [reason, setReason] = useState("");
  const [refusal, setRefusal] = useState(null);
  const submit = () => onSend({ reason: reason.trim() }).catch(setRefusal);
  return html`
    <${Dialog} danger title=${t(P.takeBackTitle)} action=${t(P.takeBack)} onClose=${onClose} onSubmit=${submit}>
      <p class="subject"><b>${grant.name}</b> ${t(PERMISSIONS[grant.permission])}</p><p>${t(P.takeBackText)}</p>
      <label class="field"><span>${t(P.reason)}</span><input data-focus value=${reason} maxlength="100" aria-invalid=${String(refusal?.field === "reason")} onInput=${(event) => setReason(event.target.value)} /></label>
      <${Problem} refusal=${refusal} />
    <//>`;
}
