/** The devices part of the admin page: a card for each kiosk's machine with what hangs there, and the device tokens. */

import { html } from "/faces/vendor/html.mjs";
import { useState } from "/faces/vendor/hooks.mjs";
import { BindForm, FieldForm, Field, PortField, chosenUrl } from "./admin-device-form.mjs";
import { JobDialog } from "./admin-jobs.mjs";
import { DevicesPart as TokensPart, Health } from "./admin-parts.mjs";
import { D, HANGING } from "./devices-words.mjs";
import { Dialog, Problem, timeOfDay } from "./ui.mjs";
import { sentences, t } from "./words.mjs";

/** @type {Record<string, string[]>} */
const TESTS = { printer: ["print"], evaluator: ["light", "keys"], call_pad: ["keys"], scanner: [], ledbar: ["show"] };

export function DevicesPart({ all, send, ahead }) {
  return html`
    <section><h2>${t(D.machines)}</h2>
      <p class="hint">${t(all.machines.length ? D.machinesHint : D.noMachines)}</p>
      ${all.machines.map((machine) => html`<${Machine} key=${machine.name} machine=${machine} all=${all} send=${send} ahead=${ahead} />`)}
    </section>
    <section class="part"><h2>${t(D.tokens)}</h2><${TokensPart} all=${all} send=${send} ahead=${ahead} /></section>`;
}

function Machine({ machine, all, send, ahead }) {
  const [form, setForm] = useState(/** @type {any} */ (null)); // "bind", "learn" or the device to replace
  const [removing, setRemoving] = useState(/** @type {any} */ (null));
  const [running, setRunning] = useState(/** @type {any} */ (null));
  const [refusal, setRefusal] = useState(/** @type {any} */ (null));
  const path = `/admin/machines/${encodeURIComponent(machine.name)}`;
  const done = () => setForm(null);
  const run = async (body, title) => setRunning({ title, job: await send(`${path}/jobs`, body) });
  const test = (kind, device) => run({ kind, device: device.device }, t(D[kind])).then(() => setRefusal(null), setRefusal);
  const remove = async () => {
    setRemoving(null);
    await send(`${path}/devices/${removing.code}/remove`).then(() => setRefusal(null), setRefusal);
  };
  const mine = machine.source === "server";
  return html`
    <article class="machine" aria-label=${machine.name}>
      <header><h3>${machine.name}</h3><${Heard} machine=${machine} /></header>
      ${machine.source === "machine" && html`<p class="note">${t(D.setThere)}</p>`}
      <${Problem} refusal=${refusal} />
      ${machine.devices.length === 0 ? machine.at && html`<p class="hint">${t(D.nothing)}</p>` : html`
        <div class="scroll"><table>
          <thead><tr>${["device", "window", "port", "profile", "health"].map((word) => html`<th key=${word}>${t(D[word])}</th>`)}<th></th></tr></thead>
          <tbody>${machine.devices.map((device) => html`
            <${Device} key=${device.code || device.device + device.kind} device=${device} machine=${machine} ahead=${ahead}
              onTest=${test} onReplace=${mine && (() => setForm(device))} onRemove=${mine && (() => setRemoving(device))} />`)}</tbody>
        </table></div>`}
      ${form === null && machine.at && html`
        <div class="send">
          ${mine && html`<button class="main" type="button" onClick=${() => setForm("bind")}>${t(D.bind)}</button>`}
          ${machine.kind === "kiosk" && html`<button type="button" onClick=${() => setForm("learn")}>${t(D.learn)}</button>`}
        </div>`}
      ${form === "learn" && html`<${LearnForm} machine=${machine} run=${run} onDone=${done} />`}
      ${form !== null && form !== "learn" && html`
        <${BindForm} key=${form.code} machine=${machine} all=${all} old=${form === "bind" ? null : form} send=${send} onDone=${done} />`}
      ${machine.past.length > 0 && html`<${Past} past=${machine.past} />`}
      ${running && html`<${JobDialog} ...${running} send=${send} onClose=${() => setRunning(null)} />`}
      ${removing && html`
        <${Dialog} danger title=${t(D.removeTitle)} action=${t(D.remove)} onClose=${() => setRemoving(null)} onSubmit=${remove}>
          <p class="subject"><b>${called(removing)}</b></p><p>${t(D.removeText)}</p>
        <//>`}
    </article>`;
}

const called = ({ kind, name, window }) => [t(HANGING[kind]), window, name].filter(Boolean).join(" ");

function Heard({ machine }) {
  if (!machine.at) return html`<span class="health absent"><i></i><b>${t(D.never)}</b></span>`;
  return html`
    <span class=${`health ${machine.heard ? "" : "absent"}`}><i></i><b>${t(machine.heard ? D.here : D.away)}</b>
      ${!machine.heard && `${t(D.heardAt)} ${timeOfDay(machine.at)}`} ${machine.version && `${t(D.version)} ${machine.version}`}</span>`;
}

function Device({ device, machine, ahead, onTest, onReplace, onRemove }) {
  const port = machine.ports.find((one) => one.url.split("?")[0] === device.url.split("?")[0]);
  const trouble = device.trouble;
  return html`
    <tr>
      <th scope="row">${t(HANGING[device.kind])}${device.name && html`<small>${device.name}</small>`}
        ${device.fixed && html`<small>${t(D.fixed)}</small>`}</th>
      <td class="number">${device.window}</td>
      <td>${port && html`<b>${[port.usb, port.product].filter(Boolean).join(" · ")}</b> `}<small class="url">${device.url}</small></td>
      <td>${device.profile}${device.kind === "ledbar" && html` <small>${t(D.atAddress)} ${device.address}</small>`}</td>
      <td>${trouble ? html`<span class="health fault"><i></i><b>${sentences(trouble)[0]}</b></span>`
        : device.health ? html`<${Health} part=${device.health} now=${Date.now() + ahead} />` : t(D.waiting)}</td>
      <td><div class="acts">
        ${device.device && TESTS[device.kind].map((kind) => html`<button key=${kind} type="button" onClick=${() => onTest(kind, device)}>${t(D[kind])}</button>`)}
        ${device.code && onReplace && html`<button type="button" onClick=${onReplace}>${t(D.replace)}</button>`}
        ${device.code && onRemove && html`<button type="button" onClick=${onRemove}>${t(D.remove)}</button>`}
      </div></td>
    </tr>`;
}

function LearnForm({ machine, run, onDone }) {
  const read = (data) => ({ kind: "learn", url: chosenUrl(data), title: data.get("title").trim() });
  const draw = (refusal) => html`
    <p class="hint wide">${t(D.learnHint)}</p>
    <${Field} name="title" word=${D.learnTitle} refusal=${refusal}><input name="title" maxlength="60" autocomplete="off" /><//>
    <${PortField} machine=${machine} kind="evaluator" refusal=${refusal} />`;
  const start = async (body) => {
    await run(body, t(D.learn));
    onDone();
  };
  return html`
    <${FieldForm} draw=${draw} read=${read} onSend=${start} action=${t(D.start)}
      beside=${html`<button type="button" onClick=${onDone}>${t(D.cancel)}</button>`} />`;
}

function Past({ past }) {
  return html`
    <details><summary>${t(D.past)}</summary><ul class="past">${past.map((one) => html`
      <li key=${one.code}><b>${called(one)}</b> ${one.profile} <small class="url">${one.url}</small>
        ${" "}<small>${t(D.until)} ${one.until.slice(0, 10)} ${timeOfDay(one.until)} ${one.by.split(":").at(-1)}</small></li>`)}</ul></details>`;
}
