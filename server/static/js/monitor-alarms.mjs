/** Alarms on the monitor: those that stand, acknowledging one, the history, and the sound that a person may switch off. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { get } from "./api.mjs";
import { KINDS, M } from "./monitor-words.mjs";
import { Dialog, Problem, timeOfDay } from "./ui.mjs";
import { FAULTS, t } from "./words.mjs";

const SHOWN = 6;
const AGAIN_MS = 20_000; // between two sounds while something is escalated

export const saying = (alarm) =>
  [t([alarm.zh, alarm.en]), ...alarm.faults.map((word) => t(FAULTS[word] ?? [word, word]))].join(t(["，", ", "]));

/** The strip at the top: the gravest first, all others behind a link. */
export function Strip({ alarms, alert, onAcknowledge }) {
  const more = alarms.length - SHOWN;
  return html`
    <section class=${`alarms ${alert ? "alert" : ""}`} aria-label=${t("alarms")} aria-live="polite">
      ${alarms.length === 0 && html`<p class="calm">✓ ${t(M.noAlarms)}</p>`}
      <ul>${alarms.slice(0, SHOWN).map((alarm) => html`<${Alarm} key=${alarm.id} alarm=${alarm} onAcknowledge=${onAcknowledge} />`)}</ul>
      ${more > 0 && html`<a href="#history" class="more">${t(M.more(more))}</a>`}
    </section>`;
}

const tone = (alarm) => (alarm.acknowledged_at ? "seen" : alarm.escalated_at ? "loud" : "new");

function Alarm({ alarm, onAcknowledge }) {
  return html`
    <li class=${tone(alarm)} data-kind=${alarm.kind} data-tone=${tone(alarm)}>
      <span class="sign" aria-hidden="true">${alarm.acknowledged_at ? "✓" : "!"}</span>
      <p><b>${saying(alarm)}</b>
        <small><span class="number">${timeOfDay(alarm.raised_at)}</span> ${t(M.raised)}${alarm.escalated_at && !alarm.acknowledged_at && html` · <b>${t(M.escalated)}</b>`}
          ${alarm.acknowledged_at && html` · ${t(M.by(alarm.by, timeOfDay(alarm.acknowledged_at)))}${alarm.note && html` · ${alarm.note}`}`}</small></p>
      ${!alarm.acknowledged_at && html`<button type="button" onClick=${() => onAcknowledge(alarm)} aria-label=${`${t(M.acknowledge)} ${saying(alarm)}`}>${t(M.acknowledge)}</button>`}
    </li>`;
}

export function Acknowledge({ alarm, send, onClose }) {
  const [note, setNote] = useState("");
  const [refusal, setRefusal] = useState(null);
  const busy = useRef(false);
  async function submit() {
    if (busy.current) return;
    busy.current = true;
    try {
      await send(alarm, note.trim());
      onClose();
    } catch (error) {
      setRefusal(error);
    }
    busy.current = false;
  }
  return html`
    <${Dialog} title=${t(M.acknowledgeTitle)} action=${t(M.acknowledge)} onClose=${onClose} onSubmit=${submit}>
      <p class="subject">${saying(alarm)}</p>
      <label class="field"><span>${t(M.note)}</span>
        <input name="note" data-focus maxlength="200" autocomplete="off" value=${note} onInput=${(event) => setNote(event.target.value)}
          aria-invalid=${refusal?.field === "note" ? "true" : undefined} /></label>
      <${Problem} refusal=${refusal} />
    <//>`;
}

/** Two tones; four while something is escalated. A browser that allows no sound yet stays silent. */
function ring(loud) {
  const audio = new AudioContext();
  const ends = audio.currentTime + (loud ? 1.6 : 0.8);
  for (let at = audio.currentTime, n = 0; at < ends; at += 0.4, n += 1) {
    const tone = audio.createOscillator(), gain = audio.createGain();
    tone.frequency.value = n % 2 ? 660 : 880;
    gain.gain.value = loud ? 0.3 : 0.15;
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.3);
  }
  setTimeout(() => audio.close(), 3000);
}

/**
 * Rings for each alarm that is new to this page or escalated, again and again while one is escalated. A person's choice is
 * kept on this machine under their own name.
 * @returns {[boolean, () => void]}
 */
export function useAlerts(alarms, username) {
  const key = `jiaohao.monitor.alerts.${username}`;
  const [on, setOn] = useState(localStorage.getItem(key) !== "off");
  const known = useRef(/** @type {Set<string> | null} */ (null));
  const wanting = alarms.filter((alarm) => !alarm.acknowledged_at);
  const loud = wanting.some((alarm) => alarm.escalated_at);
  const marks = wanting.map((alarm) => `${alarm.id}${alarm.escalated_at ? "!" : ""}`);
  useEffect(() => {
    const fresh = marks.some((mark) => !known.current?.has(mark));
    known.current = new Set(marks);
    if (fresh && on) ring(loud);
  }, [marks.join()]);
  useEffect(() => {
    if (!on || !loud) return undefined;
    const timer = setInterval(() => ring(true), AGAIN_MS);
    return () => clearInterval(timer);
  }, [on, loud]);
  function flip() {
    localStorage.setItem(key, on ? "off" : "on");
    setOn(!on);
  }
  return [on, flip];
}

const moment = (iso) => iso.slice(5, 16).replace("T", " ");

export function History({ onAcknowledge, onSessionOver, turn }) {
  const [asked, setAsked] = useState({ from: "", to: "", kind: "", state: "all" });
  const [found, setFound] = useState(null);
  const [refusal, setRefusal] = useState(null);
  useEffect(() => {
    let gone = false;
    get(`/alarms?${new URLSearchParams(asked)}`).then(
      (answer) => !gone && (setFound(answer), setRefusal(null)),
      (error) => (error.status === 401 ? onSessionOver() : !gone && setRefusal(error)),
    );
    return () => void (gone = true);
  }, [asked, turn]);
  const set = (name) => (event) => setAsked({ ...asked, [name]: event.target.value });
  const day = (name, word) => html`
    <label class="field"><span>${t(word)}</span><input type="date" name=${name} value=${asked[name] || found?.[`${name}_day`]} onChange=${set(name)}
      aria-invalid=${refusal?.field === name ? "true" : undefined} /></label>`;
  return html`
    <section class="history" aria-labelledby="history">
      <h2 id="history" class="unseen">${t(M.history)}</h2>
      <div class="asked">
        ${day("from", M.from)}${day("to", M.to)}
        <label class="field"><span>${t(M.kind)}</span><select name="kind" value=${asked.kind} onChange=${set("kind")}>
          <option value="">${t(M.all)}</option>${KINDS.map(([kind, words]) => html`<option key=${kind} value=${kind}>${t(words)}</option>`)}</select></label>
        <label class="field"><span>${t(M.state)}</span><select name="state" value=${asked.state} onChange=${set("state")}>
          ${Object.entries(M.stateOf).map(([state, words]) => html`<option key=${state} value=${state}>${t(words)}</option>`)}</select></label>
      </div>
      <${Problem} refusal=${refusal} />
      ${found && (found.alarms.length === 0 ? html`<p class="none">${t(M.noHistory)}</p>` : html`<${Rows} found=${found} onAcknowledge=${onAcknowledge} />`)}
    </section>`;
}

function Rows({ found, onAcknowledge }) {
  return html`
    <div class="scroll"><table>
      <thead><tr>${[M.raised, M.what, M.ended, M.handled].map((word) => html`<th key=${word[0]} scope="col">${t(word)}</th>`)}</tr></thead>
      <tbody>${found.alarms.map((alarm) => html`
        <tr key=${alarm.id} data-kind=${alarm.kind}>
          <td class="number when">${moment(alarm.raised_at)}</td>
          <td><b>${saying(alarm)}</b>${alarm.escalated_at && html` <span class="chip no">! ${t(M.escalated)} ${timeOfDay(alarm.escalated_at)}</span>`}</td>
          <td class="number when">${alarm.ended_at ? moment(alarm.ended_at) : html`<span class="chip no">${t(M.stands)}</span>`}</td>
          <td>${alarm.acknowledged_at ? html`${t(M.by(alarm.by, moment(alarm.acknowledged_at)))}${alarm.note && html`<br />${alarm.note}`}`
            : html`<button type="button" onClick=${() => onAcknowledge(alarm)}>${t(M.acknowledge)}</button>`}</td>
        </tr>`)}</tbody>
    </table></div>
    ${found.more && html`<p class="hint">${t(M.tooMany)}</p>`}`;
}
