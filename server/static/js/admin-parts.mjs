/** The parts of the admin page: hall, queues, windows, devices, people. */

import { html } from "/faces/vendor/html.mjs";
import { useRef, useState } from "/faces/vendor/hooks.mjs";
import { DEVICE_KINDS, HEALTH, ROLES, t } from "./words.mjs";
import { Dialog, Problem } from "./ui.mjs";

/**
 * A form that sends itself as one change. `read` makes the body from the FormData. On a refusal the server's sentence
 * stands by the button and the field it names is marked and focused.
 */
function Form({ read, onSend, action, children, className, resets }) {
  const form = useRef(null);
  const [told, setTold] = useState(/** @type {{ busy?: boolean, done?: boolean, refusal?: any }} */ ({}));
  async function submit(event) {
    event.preventDefault();
    if (told.busy) return;
    setTold({ busy: true });
    mark("");
    try {
      await onSend(read(new FormData(form.current)));
      setTold({ done: true });
      if (resets) form.current?.reset();
    } catch (refusal) {
      setTold({ refusal });
      mark(refusal.field);
    }
  }
  function mark(field) {
    for (const input of form.current.elements) {
      if (!input.name) continue;
      input.setAttribute("aria-invalid", String(input.name === field));
      if (input.name === field) input.focus();
    }
  }
  return html`
    <form ref=${form} class=${className} onSubmit=${submit} onInput=${() => told.done && setTold({})} novalidate>
      ${children}
      <${Problem} refusal=${told.refusal} />
      <div class="send">
        <button class="main" type="submit" aria-disabled=${Boolean(told.busy)}>${action ?? t("save")}</button>
        <span class="done" role="status">${told.done && t("saved")}</span>
      </div>
    </form>`;
}

const Labelled = ({ word, children }) => html`<label class="field"><span>${t(word)}</span>${children}</label>`;

/** A number field left empty or with letters is sent as text, and the server says what it wants. */
const whole = (text) => (/^-?\d{1,9}$/.test(text.trim()) ? Number(text) : text);

export function HallPart({ all, send }) {
  const { hall } = all;
  const read = (data) => ({
    name: data.get("name").trim(),
    open: data.has("open"),
    closed_reason: data.get("closed_reason").trim(),
    recall_limit: whole(data.get("recall_limit")),
    recall_seconds: whole(data.get("recall_seconds")),
    invitation_seconds: whole(data.get("invitation_seconds")),
    notices: data.get("notices").split("\n").map((line) => line.trim()).filter(Boolean),
  });
  return html`
    <${Form} className="sheet" read=${read} onSend=${(body) => send("/admin/hall", body, "PUT")}>
      <${Labelled} word="hallName"><input name="name" defaultValue=${hall.name} maxlength="100" /><//>
      <label class="check"><input type="checkbox" name="open" defaultChecked=${hall.open} /> <b>${t("hallOpen")}</b></label>
      <${Labelled} word="closedReason"><input name="closed_reason" defaultValue=${hall.closed_reason} maxlength="200" /><//>
      <div class="three">
        ${[["recall_limit", "recallLimit"], ["recall_seconds", "recallSeconds"], ["invitation_seconds", "invitationSeconds"]].map(([name, word]) => html`
          <${Labelled} word=${word}><input class="number" name=${name} inputmode="numeric" defaultValue=${hall[name]} maxlength="9" /><//>`)}
      </div>
      <${Labelled} word="notices"><textarea name="notices" rows="4" defaultValue=${hall.notices.join("\n")}></textarea><//>
    <//>`;
}

export function QueuesPart({ all, send }) {
  const read = (data) => ({ name: data.get("name").trim(), open: data.has("open") });
  return html`<div class="rows">${all.queues.map((queue) => html`
    <${Form} key=${queue.code} className="row" read=${read} onSend=${(body) => send(`/admin/queues/${encodeURIComponent(queue.code)}`, body, "PUT")}>
      <b class="number code">${queue.code}</b>
      <input name="name" aria-label=${`${queue.code} ${t("name")}`} defaultValue=${queue.name} maxlength="100" />
      <label class="check"><input type="checkbox" name="open" defaultChecked=${queue.open} /> ${t("openState")}</label>
    <//>`)}</div>`;
}

export function WindowsPart({ all, send }) {
  const read = (data) => ({ name: data.get("name").trim(), queues: data.getAll("queues") });
  return html`<div class="rows">${all.windows.map((window) => html`
    <${Form} key=${window.no} className="row" read=${read} onSend=${(body) => send(`/admin/windows/${encodeURIComponent(window.no)}`, body, "PUT")}>
      <b class="number code">${window.no}</b>
      <input name="name" aria-label=${`${window.no} ${t("name")}`} defaultValue=${window.name} maxlength="100" />
      <fieldset aria-label=${`${window.no} ${t("serves")}`}>${all.queues.map((queue) => html`
        <label key=${queue.code} class="check" title=${queue.name}>
          <input type="checkbox" name="queues" value=${queue.code} defaultChecked=${window.queues.includes(queue.code)} /> ${queue.code}</label>`)}</fieldset>
    <//>`)}</div>`;
}

export function DevicesPart({ all, send }) {
  const [token, setToken] = useState(null);
  const [revoking, setRevoking] = useState(null);
  const [kind, setKind] = useState("kiosk");
  const [refusal, setRefusal] = useState(null);
  const read = (data) => ({ name: data.get("name").trim(), kind, window: kind === "evaluator" ? data.get("window") : null });
  const revoke = async () => {
    setRevoking(null);
    await send(`/admin/devices/${encodeURIComponent(revoking.name)}/revoke`).then(() => setRefusal(null), setRefusal);
  };
  return html`
    <${Problem} refusal=${refusal} />
    <div class="scroll"><table>
      <thead><tr><th>${t("name")}</th><th>${t("kind")}</th><th>${t("boundWindow")}</th><th>${t("health")}</th><th></th></tr></thead>
      <tbody>${all.devices.map((device) => html`
        <tr key=${device.name} class=${device.revoked ? "off" : ""}>
          <th scope="row">${device.name}</th><td>${t(DEVICE_KINDS[device.kind])}</td><td class="number">${device.window}</td>
          <td>${device.health.length ? device.health.map((part) => html`<${Health} key=${part.name} part=${part} />`) : t("noHealth")}</td>
          <td>${device.revoked ? t("revoked") : html`<button type="button" onClick=${() => setRevoking(device)}>${t("revoke")}</button>`}</td>
        </tr>`)}</tbody>
    </table></div>
    <section class="add"><h2>${t("newDevice")}</h2><p class="hint">${t("newDeviceHint")}</p>
      <${Form} className="row" action=${t("newDevice")} read=${read} resets
        onSend=${async (body) => setToken(await send("/admin/devices", body))}>
        <${Labelled} word="name"><input name="name" maxlength="100" autocomplete="off" /><//>
        <${Labelled} word="kind"><select name="kind" value=${kind} onChange=${(event) => setKind(event.target.value)}>${options(DEVICE_KINDS)}</select><//>
        ${kind === "evaluator" && html`<${Labelled} word="boundWindow"><select name="window">${all.windows.map((w) => html`<option key=${w.no} value=${w.no}>${w.no} ${w.name}</option>`)}</select><//>`}
      <//></section>
    ${token && html`<${Token} token=${token} onClose=${() => setToken(null)} />`}
    ${revoking && html`
      <${Dialog} danger title=${t("revokeTitle")} action=${t("revoke")} onClose=${() => setRevoking(null)} onSubmit=${revoke}>
        <p class="subject"><b>${revoking.name}</b></p><p>${t("revokeText")}</p>
      <//>`}`;
}

function Health({ part }) {
  const words = HEALTH[part.state];
  return html`<span class=${`health ${part.state}`}><i></i>${part.name}：<b>${words ? t(words) : part.state}</b> ${part.faults.join(" ")} ${part.detail}</span>`;
}

function Token({ token, onClose }) {
  const [copied, setCopied] = useState("");
  const field = useRef(null);
  async function copy() {
    field.current.select();
    try {
      await navigator.clipboard.writeText(token.token);
      setCopied("copied");
    } catch {
      // Without HTTPS there is no clipboard API; the old way still works there.
      setCopied(document.execCommand("copy") ? "copied" : "copyFailed");
    }
  }
  return html`
    <${Dialog} title=${t("tokenTitle")} onClose=${onClose}>
      <p class="subject"><b>${token.name}</b></p>
      <p>${t("tokenText")}</p>
      <input ref=${field} class="token" readonly value=${token.token} aria-label=${t("tokenTitle")} onFocus=${(event) => event.target.select()} />
      <p><button class="main" type="button" data-focus onClick=${copy}>${t("copy")}</button> <span role="status">${copied && t(copied)}</span></p>
    <//>`;
}

export function UsersPart({ all, me, send }) {
  const [ending, setEnding] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const change = async (user, active) => {
    setEnding(null);
    await send(`/admin/users/${encodeURIComponent(user.username)}`, { active }, "PUT").then(() => setRefusal(null), setRefusal);
  };
  const read = (data) => Object.fromEntries([...data].map(([name, value]) => [name, name === "password" ? value : value.trim()]));
  return html`
    <${Problem} refusal=${refusal} />
    <div class="scroll"><table>
      <thead><tr><th>${t("username")}</th><th>${t("fullName")}</th><th>${t("staffNo")}</th><th>${t("role")}</th><th>${t("state")}</th><th></th></tr></thead>
      <tbody>${all.users.map((user) => html`
        <tr key=${user.username} class=${user.active ? "" : "off"}>
          <th scope="row">${user.username}</th><td>${user.name}</td><td class="number">${user.staff_no}</td>
          <td>${ROLES[user.role] ? t(ROLES[user.role]) : user.role}</td><td>${t(user.active ? "active" : "inactive")}</td>
          <td>${user.username !== me.username && html`<button type="button" onClick=${() => (user.active ? setEnding(user) : change(user, true))}>${t(user.active ? "deactivate" : "activate")}</button>`}</td>
        </tr>`)}</tbody>
    </table></div>
    <section class="add"><h2>${t("newUser")}</h2>
      <${Form} className="row" action=${t("add")} read=${read} resets onSend=${(body) => send("/admin/users", body)}>
        <${Labelled} word="username"><input name="username" maxlength="40" autocomplete="off" /><//>
        <${Labelled} word="fullName"><input name="name" maxlength="40" autocomplete="off" /><//>
        <${Labelled} word="staffNo"><input name="staff_no" maxlength="20" autocomplete="off" /><//>
        <${Labelled} word="role"><select name="role">${options(ROLES)}</select><//>
        <${Labelled} word="password"><input name="password" type="password" maxlength="200" autocomplete="new-password" /><//>
      <//></section>
    ${ending && html`
      <${Dialog} danger title=${t("deactivateTitle")} action=${t("deactivate")} onClose=${() => setEnding(null)} onSubmit=${() => change(ending, false)}>
        <p class="subject"><b>${ending.username}</b> ${ending.name}</p><p>${t("deactivateText")}</p>
      <//>`}`;
}

const options = (words) => Object.entries(words).map(([value, pair]) => html`<option key=${value} value=${value}>${t(pair)}</option>`);
