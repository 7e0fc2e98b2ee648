/** Where a device hangs, chosen from what its machine sees; and the form that binds one. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { Form, whole } from "./admin-parts.mjs";
import { D, HANGING, HANGS } from "./devices-words.mjs";
import { sentences, t } from "./words.mjs";

const BAUDS = [2400, 4800, 9600, 19200, 38400, 57600, 115200];
const OTHER = "";
const AT_WINDOW = ["evaluator", "call_pad", "ledbar"];
/** Schemes that a kind of device may hang by. */
const SCHEMES = {
  printer: ["usb-lp", "serial"], evaluator: ["serial", "hidraw", "evdev"], call_pad: ["serial", "hidraw", "evdev"],
  scanner: ["evdev", "serial"], ledbar: ["serial"],
};

/** A field with the server's sentence beneath it, where the refusal names it. */
export function Field({ name, word, refusal, children }) {
  const wrong = Boolean(refusal) && refusal.field === name;
  const [first, second] = wrong ? sentences(refusal) : [];
  return html`
    <label class="field"><span>${t(word)}</span>${children}
      ${wrong && html`<span class="wrong" role="alert">${first}<small>${second}</small></span>`}</label>`;
}

/** As `Form`, with a refusal that names a field shown beneath that field. `draw(refusal)` draws the fields. */
export function FieldForm({ draw, onSend, ...more }) {
  const [refusal, setRefusal] = useState(/** @type {any} */ (null));
  const send = async (body) => {
    setRefusal(null);
    await onSend(body).catch((error) => {
      setRefusal(error);
      throw error;
    });
  };
  return html`<${Form} ...${more} className=${`bind ${refusal?.field ? "told" : ""}`} onSend=${send}>${draw(refusal)}<//>`;
}

/** Ports that came while this was shown: those that somebody unplugged and plugged in. */
function useFresh(ports) {
  const before = useRef(new Set(ports.map((port) => port.url)));
  const [fresh, setFresh] = useState(/** @type {string[]} */ ([]));
  const now = ports.map((port) => port.url);
  useEffect(() => {
    const came = now.filter((url) => !before.current.has(url));
    before.current = new Set(now);
    if (came.length) setFresh(came);
  }, [now.join(" ")]);
  return fresh;
}

const portName = (port) => [port.usb && `${t(D.port)} ${port.usb}`, port.product, port.node].filter(Boolean).join(" · ");

/** @param {{ machine: any, kind: string, own?: any, refusal: any, onUrl?: (url: string) => void }} props */
export function PortField({ machine, kind, own = null, refusal }) {
  const ports = machine.ports.filter((port) => SCHEMES[kind].includes(port.url.split(":")[0]));
  const fresh = useFresh(ports);
  const mine = own && ports.find((port) => same(port.url, own.url));
  const [chosen, setChosen] = useState(mine ? mine.url : own || !ports.length ? OTHER : ports[0].url);
  const serial = chosen.startsWith("serial:");
  const rate = Number(/baudrate=(\d+)/.exec((mine?.url === chosen ? own?.url : chosen) ?? "")?.[1] ?? 9600);
  const label = (port) => [portName(port), fresh.includes(port.url) ? `★ ${t(D.fresh)}` : port.taken || t(D.free)].join(" · ");
  return html`
    <${Field} name=${chosen === OTHER ? "" : "url"} word=${D.port} refusal=${refusal}>
      <select name=${chosen === OTHER ? "choice" : "url"} onChange=${(event) => setChosen(event.target.value)}>
        ${ports.map((port) => html`<option key=${port.url} value=${port.url} selected=${port.url === chosen}>${label(port)}</option>`)}
        <option value=${OTHER} selected=${chosen === OTHER}>${t(D.other)}</option>
      </select><//>
    ${chosen === OTHER && html`<${Field} name="url" word=${D.address} refusal=${refusal}>
      <input name="url" defaultValue=${own?.url ?? ""} maxlength="300" placeholder=${`tcp://192.168.1.50:${kind === "ledbar" ? 5005 : 9100}`} autocomplete="off" spellcheck="false" /><//>`}
    ${serial && html`<${Field} name="baud" word=${D.baud} refusal=${refusal}>
      <select key=${chosen} name="baud">${BAUDS.map((baud) => html`<option key=${baud} selected=${baud === rate}>${baud}</option>`)}</select><//>`}
    <p class="hint wide">${ports.length === 0 && t(D.noPorts)} ${t(D.unplug)} ${kind === "ledbar" && t(D.shareLine)}</p>`;
}

const same = (one, other) => one.split("?")[0] === other.split("?")[0];

/** The address that `PortField` asked for. */
export function chosenUrl(data) {
  const url = data.get("url").trim();
  return data.get("baud") ? `${url.split("?")[0]}?baudrate=${data.get("baud")}` : url;
}

/** @type {Record<string, string>} */
const USUAL = { printer: "generic-80", ledbar: "bx5" };
const opt = (value, chosen, text = value) => html`<option key=${value} value=${value} selected=${value === chosen}>${text}</option>`;

/** Bind a device to `machine`; with `old`, put another in its place. */
export function BindForm({ machine, all, old = null, send, onDone }) {
  const [kind, setKind] = useState(old?.kind ?? HANGS[machine.kind][0]);
  const profiles = { printer: machine.printers, ledbar: machine.bars.map((bar) => bar.name) }[kind] ?? machine.pads;
  const usual = old?.profile ?? USUAL[kind] ?? "ff68";
  const optional = (data, name) => data.get(name)?.trim() || null;
  const read = (data) => ({
    kind,
    url: chosenUrl(data),
    name: data.get("name").trim(),
    profile: data.get("profile") ?? "",
    window: data.get("window"),
    address: data.get("address") ? whole(data.get("address")) : 1,
    columns: data.get("columns")?.trim() ? whole(data.get("columns")) : null,
    scan_end: data.get("scan_end") ?? "line",
    transfer_queue: optional(data, "transfer_queue"),
    transfer_window: old?.transfer_window ?? null,
  });
  const path = `/admin/machines/${encodeURIComponent(machine.name)}/devices${old ? `/${old.code}/replace` : ""}`;
  const field = (refusal) => (name, word, input) => html`<${Field} name=${name} word=${word} refusal=${refusal}>${input}<//>`;
  const draw = (refusal) => {
    const f = field(refusal);
    return html`
      ${f("kind", D.kind, html`<select name="kind" disabled=${Boolean(old)} onChange=${(event) => setKind(event.target.value)}>${HANGS[machine.kind].map((one) => opt(one, kind, t(HANGING[one])))}</select>`)}
      ${f("name", D.name, html`<input name="name" defaultValue=${old?.name ?? ""} maxlength="60" autocomplete="off" />`)}
      ${AT_WINDOW.includes(kind) && f("window", D.window, html`<select name="window">${all.windows.map((one) => opt(one.no, old?.window, `${one.no} ${one.name}`))}</select>`)}
      <${PortField} key=${kind} machine=${machine} kind=${kind} own=${old} refusal=${refusal} />
      ${kind !== "scanner" && f("profile", D.profile, html`<select key=${kind} name="profile">${profiles.map((one) => opt(one, usual))}</select>`)}
      ${AT_WINDOW.includes(kind) && f("address", D.lineAddress, html`<input class="number" name="address" inputmode="numeric" defaultValue=${old?.address ?? 1} maxlength="10" />`)}
      ${kind === "printer" && f("columns", D.columns, html`<input class="number" name="columns" inputmode="numeric" defaultValue=${old?.columns ?? ""} placeholder=${t(D.usually)} maxlength="2" />`)}
      ${kind === "scanner" && f("scan_end", D.scanEnd, html`<select name="scan_end">${["line", "gap"].map((one) => opt(one, old?.scan_end, t(D[one])))}</select>`)}
      ${kind === "call_pad" && f("transfer_queue", D.transfer, html`<select name="transfer_queue">${opt("", old?.transfer_queue, t(D.none))}${all.queues.map((one) => opt(one.code, old?.transfer_queue, `${one.code} ${one.name}`))}</select>`)}`;
  };
  const done = async (body) => {
    await send(path, body);
    onDone();
  };
  return html`
    <${FieldForm} draw=${draw} read=${read} onSend=${done} action=${t(old ? D.replace : D.bind)}
      beside=${html`<button type="button" onClick=${onDone}>${t(D.cancel)}</button>`} />`;
}
