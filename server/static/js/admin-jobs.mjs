/** A test or a learning at a machine, watched while it goes on. Closing it stops it. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { get } from "./api.mjs";
import { D, KEYS } from "./devices-words.mjs";
import { Dialog, Problem } from "./ui.mjs";
import { t } from "./words.mjs";

const LOOK_MS = 500;
const OPEN = ["asked", "taken"];

/** `job` is as it was asked for; `onKept` after its profile was stored. */
export function JobDialog({ job: asked, title, send, onClose }) {
  const [job, setJob] = useState(asked);
  const [refusal, setRefusal] = useState(/** @type {any} */ (null));
  const name = useRef(/** @type {HTMLInputElement | null} */ (null));
  const open = OPEN.includes(job.state);
  useEffect(() => {
    if (!open) return undefined;
    const timer = setInterval(() => get(`/admin/jobs/${asked.code}`).then(setJob, () => {}), LOOK_MS);
    return () => clearInterval(timer);
  }, [open]);
  const close = () => {
    if (open) send(`/admin/jobs/${asked.code}/stop`).catch(() => {}); // its own clock ends it as well
    onClose();
  };
  const learned = job.kind === "learn" && job.state === "done";
  const keep = async () => {
    setRefusal(null);
    await send("/admin/device-profiles", { job: job.code, name: name.current?.value.trim() ?? "" }).then(onClose, setRefusal);
  };
  return html`
    <${Dialog} wide title=${title} onClose=${close} onSubmit=${learned ? keep : null} action=${t(D.store)}>
      <p class="subject" role="status">${said(job)}</p>
      ${job.seen.length > 0 && html`<${Seen} job=${job} />`}
      ${learned && html`
        <details><summary>${t(D.proposed)}</summary><pre class="toml">${job.profile.join("\n")}</pre></details>
        <label class="field"><span>${t(D.profileName)}</span>
          <input ref=${name} data-focus maxlength="40" autocomplete="off" spellcheck="false" aria-invalid=${String(refusal?.field === "name")} /></label>`}
      <${Problem} refusal=${refusal} />
    <//>`;
}

function said(job) {
  if (!OPEN.includes(job.state)) return html`<b class=${job.state === "done" ? "ended" : "ended not"}>${t([job.zh, job.en])}</b>`;
  const wanted = job.seen.findLast((line) => !line.raw);
  if (!wanted) return t(job.kind === "show" && job.state === "taken" ? D.showing : D[job.state]);
  if (!wanted.word) return t(D.pressAny);
  const nth = job.seen.filter((line) => !line.raw && line.word === wanted.word).length;
  return html`${t(D.pressThis)} <b class="press">${t(KEYS[wanted.word])}</b> <span class="number">${nth} / 3</span>`;
}

function Seen({ job }) {
  const lines = job.seen.filter((line) => line.raw).reverse();
  const meant = (word) => word.split(" ").filter(Boolean).map((one) => (KEYS[one] ? t(KEYS[one]) : one)).join("、");
  return lines.length > 0 && html`
    <div class="scroll seen"><table>
      <thead><tr><th>${t(D.means)}</th><th>${t(D.bytes)}</th></tr></thead>
      <tbody>${lines.map((line, at) => html`
        <tr key=${lines.length - at}><th scope="row">${meant(line.word) || t(D.unknownKey)}</th><td class="raw">${line.raw.replace(/(..)(?=.)/g, "$1 ")}</td></tr>`)}</tbody>
    </table></div>`;
}
