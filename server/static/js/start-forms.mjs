/** The forms of the first-run guide, one for each step. */

import { html } from "/faces/vendor/html.mjs";
import { useRef, useState } from "/faces/vendor/hooks.mjs";
import { DAYS, parsed, written } from "./admin-hours.mjs";
import { Form, whole } from "./admin-parts.mjs";
import { S, STEPS } from "./start-words.mjs";
import { Problem } from "./ui.mjs";
import { WEEKDAYS, t } from "./words.mjs";

const Asked = ({ words, hint, children }) => html`
  <label class="field"><span>${t(words)}</span>${children}${hint && html`<small>${hint}</small>`}</label>`;

/** Skips a step and goes on. */
function Later({ step, send, onwards }) {
  const skip = () => send("/admin/start/skip", { step }).then(onwards, () => {});
  return html`<button type="button" onClick=${skip}>${t(S.skip)}</button>`;
}

// ── name and hours ──

function HallForm({ all, send, onwards }) {
  const offered = all.hours_offered;
  const [sessions, setSessions] = useState(all.sessions.length || all.hall ? all.sessions : offered[0].sessions);
  const [cutoff, setCutoff] = useState(all.sessions.length || all.hall ? all.cutoff_minutes : offered[0].cutoff_minutes);
  const alike = (one) => JSON.stringify(one.sessions) === JSON.stringify(sessions);
  const choose = (one) => {
    setSessions(one.sessions);
    setCutoff(one.cutoff_minutes);
  };
  const read = (data) => ({
    name: data.get("name").trim(),
    sessions: DAYS.flatMap((weekday) => parsed(data.get(`day${weekday}`), weekday)),
    cutoff_minutes: whole(data.get("cutoff_minutes")),
  });
  async function save(body) {
    try {
      await send("/admin/start/hall", body, "PUT");
    } catch (refusal) {
      refusal.field = placeOfHall(refusal.field, body);
      throw refusal;
    }
    onwards();
  }
  return html`
    <p class="hint">${t(S.hallHint)}</p>
    <${Form} read=${read} onSend=${save} action=${t(S.next)}>
      <${Asked} words=${S.hallName}><input name="name" defaultValue=${all.hall} maxlength="100" placeholder=${t(S.hallExample)} autocomplete="off" /><//>
      <h2>${t(S.hours)}</h2><p class="hint">${t(S.hoursHint)}</p>
      <div class="halves">
        <fieldset aria-label=${t(S.hours)}>${offered.map((one) => html`
          <label key=${one.name} class="choice"><input type="radio" name="preset" checked=${alike(one)} onChange=${() => choose(one)} /> ${t([one.zh, one.en])}</label>`)}
          <div class="cutoff" key=${cutoff}><${Asked} words=${S.cutoff}><input class="number short" name="cutoff_minutes" inputmode="numeric" defaultValue=${cutoff} maxlength="4" /><//></div></fieldset>
        <div class="week" key=${JSON.stringify(sessions)}>${DAYS.map((weekday) => html`
          <label key=${weekday} class="line"><b>${t(WEEKDAYS[weekday - 1])}</b>
            <input class="number" name=${`day${weekday}`} defaultValue=${written(sessions, weekday)} maxlength="120" autocomplete="off" placeholder=${t(sessions.length ? "closedAllDay" : "anyTime")} /></label>`)}</div>
      </div>
    <//>`;
}

/** The server names fields of the whole document; the form has a line for each day. */
function placeOfHall(field, body) {
  const place = /sessions\[(\d+)\]/.exec(field);
  return place ? `day${body.sessions[Number(place[1])].weekday}` : field.replace(/^(hall|hours)\./, "");
}

// ── queues and windows ──

const LETTER = /[^A-Za-z]/g;

function WindowsForm({ all, send, onwards }) {
  const [anew, setAnew] = useState(all.queues.length === 0);
  if (!anew) {
    return html`
      <p class="hint">${t(S.windowsHint)}</p>
      <p class="subject">${t(S.there)} <b>${all.queues.map((queue) => `${queue.code} ${queue.name}`).join("、")}</b>；${t(S.windows)} <b class="number">${all.windows}</b></p>
      <div class="send"><button class="main" type="button" onClick=${onwards}>${t(S.goOn)}</button>
        <button type="button" onClick=${() => setAnew(true)}>${t(S.anew)}</button> <small>${t(S.anewText)}</small></div>`;
  }
  return html`<${Founding} templates=${all.templates} send=${send} onwards=${onwards} />`;
}

function Founding({ templates, send, onwards }) {
  const [chosen, setChosen] = useState(templates[0].name);
  const [queues, setQueues] = useState(templates[0].queues);
  const [windows, setWindows] = useState(templates[0].windows);
  const choose = (one) => {
    setChosen(one.name);
    setQueues(one.queues);
    setWindows(one.windows);
  };
  const change = (rows, set) => (i, values) => set(rows.map((row, n) => (n === i ? { ...row, ...values } : row)));
  const without = (rows, set) => (i) => set(rows.filter((_, n) => n !== i));
  const last = Math.max(0, ...windows.map((row) => Number(row.last) || 0));
  const read = () => ({
    queues: queues.map((queue) => ({ ...queue, code: queue.code.toUpperCase(), name: queue.name.trim(), name_en: queue.name_en.trim() })),
    windows: windows.map((row) => ({ ...row, zone: row.zone.trim(), first: whole(String(row.first)), last: whole(String(row.last)), floor: whole(String(row.floor)),
      queues: row.queues.filter((code) => queues.some((queue) => queue.code.toUpperCase() === code)) })),
  });
  const save = async (body) => {
    await send("/admin/start/windows", body, "PUT");
    onwards();
  };
  return html`
    <p class="hint">${t(S.windowsHint)}</p>
    <fieldset class="sizes" aria-label=${t(STEPS.windows)}>${templates.map((one) => html`
      <label key=${one.name} class="choice"><input type="radio" name="template" checked=${one.name === chosen} onChange=${() => choose(one)} /> ${t([one.zh, one.en])}</label>`)}</fieldset>
    <${Form} read=${read} onSend=${save} action=${t(S.next)}>
      <h2>${t(S.queues)}</h2><p class="hint">${t(S.queuesHint)}</p>
      <${QueueRows} queues=${queues} change=${change(queues, setQueues)} remove=${without(queues, setQueues)} />
      <button type="button" onClick=${() => setQueues([...queues, { code: "", name: "", name_en: "" }])}>${t(S.addQueue)}</button>
      <h2>${t(S.windows)}</h2>
      <${WindowRows} windows=${windows} queues=${queues} change=${change(windows, setWindows)} remove=${without(windows, setWindows)} />
      <button type="button" onClick=${() => setWindows([...windows, { first: last + 1, last: last + 1, queues: [], zone: "", floor: 1 }])}>${t(S.addWindows)}</button>
    <//>`;
}

function QueueRows({ queues, change, remove }) {
  return queues.map((queue, i) => html`
    <div key=${i} class="line queue">
      <input class="number short" name=${`queues[${i}].code`} aria-label=${t(S.code)} value=${queue.code} maxlength="2" autocomplete="off" onInput=${(event) => change(i, { code: event.target.value.replace(LETTER, "").toUpperCase() })} />
      <input name=${`queues[${i}].name`} aria-label=${`${queue.code} ${t(S.name)}`} placeholder=${t(S.name)} value=${queue.name} maxlength="60" autocomplete="off" onInput=${(event) => change(i, { name: event.target.value })} />
      <input name=${`queues[${i}].name_en`} aria-label=${`${queue.code} ${t(S.nameEn)}`} placeholder=${t(S.nameEn)} value=${queue.name_en} maxlength="60" autocomplete="off" onInput=${(event) => change(i, { name_en: event.target.value })} />
      <button type="button" aria-label=${`${t(S.remove)} ${queue.code}`} onClick=${() => remove(i)}>${t(S.remove)}</button>
    </div>`);
}

function WindowRows({ windows, queues, change, remove }) {
  const turn = (row, code) => (row.queues.includes(code) ? row.queues.filter((one) => one !== code) : [...row.queues, code]);
  return windows.map((row, i) => html`
    <div key=${i} class="line windows" role="group" aria-label=${`${t(S.windows)} ${row.first}–${row.last}`}>
      <span>${t(S.windowsFrom)}</span>
      <input class="number short" name=${`windows[${i}].first`} inputmode="numeric" aria-label=${t(S.windowsFrom)} value=${row.first} maxlength="3" onInput=${(event) => change(i, { first: event.target.value })} />
      <span>${t(S.windowsTo)}</span>
      <input class="number short" name=${`windows[${i}].last`} inputmode="numeric" aria-label=${t(S.windowsTo)} value=${row.last} maxlength="3" onInput=${(event) => change(i, { last: event.target.value })} />
      <span>${t(S.serve)}</span>
      <span class="codes">${queues.filter(({ code }) => code).map(({ code, name }) => html`
        <label key=${code} class="check" title=${name}><input type="checkbox" name=${`windows[${i}].queues`} checked=${row.queues.includes(code)} onChange=${() => change(i, { queues: turn(row, code) })} /> ${code}</label>`)}</span>
      <input class="short" name=${`windows[${i}].zone`} aria-label=${t(S.zone)} value=${row.zone} maxlength="60" onInput=${(event) => change(i, { zone: event.target.value })} /><span>${t(S.zoneShort)}</span>
      <input class="number short" name=${`windows[${i}].floor`} inputmode="numeric" aria-label=${t(S.floor)} value=${row.floor} maxlength="3" onInput=${(event) => change(i, { floor: event.target.value })} /><span>${t("floor")}</span>
      <button type="button" aria-label=${`${t(S.remove)} ${row.first}–${row.last}`} onClick=${() => remove(i)}>${t(S.remove)}</button>
    </div>`);
}

// ── items and people ──

function ItemsForm({ all, send, onwards }) {
  const read = (data) => ({ codes: data.getAll("codes") });
  const save = async (body) => {
    await send("/admin/start/items", body);
    onwards();
  };
  return html`
    <p class="hint">${t(S.itemsHint)}</p>
    <${Form} read=${read} onSend=${save} action=${t(S.next)} beside=${html`<${Later} step="items" send=${send} onwards=${onwards} />`}>
      <div class="items">${all.items_offered.map((item) => html`
        <label key=${item.code} class="check"><input type="checkbox" name="codes" value=${item.code} defaultChecked=${all.items.length === 0 || all.items.includes(item.code)} disabled=${all.items.includes(item.code)} />
          <span class="number">${item.code}</span> ${item.name}</label>`)}</div>
      <p class="hint">${t(S.itemsAfter)}</p>
    <//>`;
}

function PeopleForm({ all, send, onwards }) {
  const read = (data) => ({
    ...Object.fromEntries(["username", "name", "staff_no"].map((name) => [name, data.get(name).trim()])),
    password: data.get("password"),
    role: "clerk",
  });
  const beside = html`
    ${all.clerks.length > 0 && html`<button type="button" onClick=${onwards}>${t(S.goOn)}</button>`}
    ${all.clerks.length === 0 && html`<${Later} step="people" send=${send} onwards=${onwards} />`}`;
  return html`
    <p class="hint">${t(S.peopleHint)}</p>
    ${all.clerks.length > 0 && html`<p class="subject">${t(S.peopleThere)}<b>${all.clerks.join("、")}</b></p>`}
    <${Form} className="narrow" read=${read} onSend=${(body) => send("/admin/users", body)} action=${t(S.another)} resets beside=${beside}>
      <${Asked} words=${S.username}><input name="username" maxlength="40" autocomplete="off" /><//>
      <${Asked} words=${S.fullName}><input name="name" maxlength="40" autocomplete="off" /><//>
      <${Asked} words=${S.staffNo}><input name="staff_no" maxlength="20" autocomplete="off" /><//>
      <${Asked} words=${S.password}><input name="password" type="password" maxlength="200" autocomplete="new-password" /><//>
    <//>`;
}

// ── the kiosk ──

const quoted = (text) => JSON.stringify(text); // TOML's basic strings escape as JSON's do

const toml = ({ server, printer, profile }) => `server = ${quoted(server)}
token_file = "kiosk.token"
data_dir = "data"
port = 8092
public_url = ${quoted(server)}

[printer]
url = ${quoted(printer)}
profile = ${quoted(profile)}
`;

function KioskForm({ all, send, onwards, made: [made, setMade] }) {
  const local = /^https?:\/\/(127\.|localhost|\[::1\])/.test(location.origin);
  const read = (data) => Object.fromEntries(["name", "server", "printer", "profile"].map((name) => [name, data.get(name).trim()]));
  const make = async ({ name, server, printer, profile }) => {
    const { token } = await send("/admin/devices", { name, kind: "kiosk" });
    setMade({ token, toml: toml({ server: server.replace(/\/+$/, ""), printer, profile }) });
  };
  const told = all.steps.find(({ step }) => step === "kiosk");
  const ready = told.state === "done";
  return html`
    <p class="hint">${t(S.kioskHint)}</p>
    <${Form} read=${read} onSend=${make} action=${t(made || all.kiosks.length ? S.makeAgain : S.make)}>
      <div class="halves">
        <div><${Asked} words=${S.kioskName}><input name="name" defaultValue=${all.kiosks[0]?.device ?? t(S.firstKiosk)} maxlength="60" autocomplete="off" /><//>
          <${Asked} words=${S.serverUrl} hint=${local && t(S.localOnly)}><input name="server" defaultValue=${location.origin} maxlength="200" autocomplete="off" spellcheck=${false} /><//></div>
        <div><${Asked} words=${S.printerUrl} hint=${t(S.printerHint)}><input name="printer" defaultValue="tcp://10.0.0.31:9100" maxlength="200" autocomplete="off" spellcheck=${false} /><//>
          <${Asked} words=${S.paper}><select name="profile"><option value="generic-80">80 mm</option><option value="generic-58">58 mm</option></select><//></div>
      </div>
    <//>
    ${made && html`
      <${Copied} words=${S.tokenFile} name="token" text=${made.token} rows=${1} />
      <${Copied} words=${S.tomlFile} name="toml" text=${made.toml} rows=${9} />
      <${Copied} words=${S.commandLine} name="command" text="./run jiaohao-kiosk run --config kiosk.toml" rows=${1} />`}
    <p class=${ready ? "arrival here" : "arrival"} role="status">${ready || all.kiosks.length ? t([told.zh, told.en]) : t(S.waiting)}</p>
    <div class="send"><button class=${ready ? "main" : ""} type="button" onClick=${onwards}>${t(S.goOn)}</button>
      ${!ready && html`<${Later} step="kiosk" send=${send} onwards=${onwards} />`}</div>`;
}

/** A text to take to another machine. Without HTTPS there is no clipboard API; the old way still works there. */
function Copied({ words, name, text, rows }) {
  const field = useRef(null);
  const [told, setTold] = useState("");
  async function copy() {
    field.current.select();
    const done = await (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(() => true, () => document.execCommand("copy"));
    setTold(done ? "copied" : "copyFailed");
  }
  return html`
    <div class="copied"><label class="field"><span>${t(words)}</span>
      <textarea ref=${field} class="token" name=${name} rows=${rows} readonly spellcheck=${false} value=${text}></textarea></label>
      <button type="button" onClick=${copy} aria-label=${`${t(S.copy)}：${t(words)}`}>${t(S.copy)}</button> <span class="done" role="status">${told && t(S[told])}</span></div>`;
}

// ── the test ticket ──

function TestForm({ all, send, onwards }) {
  const [refusal, setRefusal] = useState(null);
  const kiosks = all.kiosks.filter(({ ready }) => ready);
  const [device, setDevice] = useState("");
  const chosen = kiosks.find((one) => one.device === device)?.device ?? kiosks[0]?.device;
  const under = all.test && ["asked", "taken"].includes(all.test.state);
  const print = () => send("/admin/start/test", { device: chosen }).then(() => setRefusal(null), setRefusal);
  return html`
    <p class="hint">${t(S.testHint)}</p>
    ${kiosks.length === 0 && html`<p class="note">${t(S.noKiosk)}</p>`}
    ${kiosks.length > 1 && html`<${Asked} words=${S.testKiosk}><select value=${chosen} onChange=${(event) => setDevice(event.target.value)}>${kiosks.map((one) => html`<option key=${one.device}>${one.device}</option>`)}</select><//>`}
    <${Problem} refusal=${refusal} />
    ${all.test && html`<p class=${`arrival ${all.test.state === "printed" ? "here" : ""}`} role="status"><b class="number">${all.test.number}</b> ${t(S[`test_${all.test.state}`])}</p>`}
    <div class="send">
      <button class=${all.test?.state === "printed" ? "" : "main"} type="button" aria-disabled=${!chosen || under} onClick=${() => chosen && !under && print()}>${t(S.print)}</button>
      ${all.test?.state === "printed" ? html`<button class="main" type="button" onClick=${onwards}>${t(S.goOn)}</button>` : html`<${Later} step="test" send=${send} onwards=${onwards} />`}
    </div>`;
}

// ── done ──

/** @type {[[string, string], string][]} */
const PLACES = [
  [S.consoleAt, "/console"], [S.deskAt, "/desk"], [S.phoneAt, "/items"],
];

function DoneForm({ all, send }) {
  const missing = all.steps.filter(({ state }) => state !== "done");
  const finish = () => send("/admin/start/finish").then(() => location.assign("/admin"), () => {});
  return html`
    ${missing.length === 0 ? html`<p class="arrival here">${t(S.doneAll)}</p>` : html`
      <div class="note"><b>${t(S.doneMissing)}</b><ul>${missing.map((one) => html`<li key=${one.step}><a href=${`#${one.step}`}>${t(STEPS[one.step])}</a>：${t([one.zh, one.en])}</li>`)}</ul></div>`}
    <h2>${t(S.addresses)}</h2>
    <dl class="places">
      ${PLACES.map(([words, path]) => html`<dt key=${path}>${t(words)}</dt><dd><a href=${path}>${location.origin}${path}</a></dd>`)}
      <dt>${t(S.kioskAt)}</dt><dd class="token">http://127.0.0.1:8092/</dd>
      <dt>${t(S.wallAt)}</dt><dd class="token">http://${location.hostname}:8090/</dd>
    </dl>
    <div class="send"><button class="main" type="button" onClick=${finish}>${t(S.finish)}</button></div>`;
}

export const FORMS = {
  hall: HallForm, windows: WindowsForm, items: ItemsForm, people: PeopleForm, kiosk: KioskForm, test: TestForm, done: DoneForm,
};
