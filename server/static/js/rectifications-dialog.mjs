/** One case: what happened so far, and the next step. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useLayoutEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { get } from "./api.mjs";
import { EVENTS, KINDS, LEVELS, STATES, STEPS, W } from "./rectifications-words.mjs";
import { Dialog, Problem, timeOfDay } from "./ui.mjs";
import { t } from "./words.mjs";

const LONGEST = 300;
/** Where a choice is somebody's judgement or the citizen's answer, none is marked beforehand. */
const UNMARKED = ["appealed", "to_contact", "to_re_rate"];
/** Where the next step is a call to the citizen. */
const CALLED = ["to_contact", "to_contact", "to_re_rate"];

/** What the citizen gave: the level, the reasons, the words. */
export function Said({ one }) {
  const none = one.reason_declined ? t(W.declined) : t(W.noReason);
  return html`
    <p class="rating"><b>${t(LEVELS[one.level])}</b> ${one.tags.map((tag) => html`<span key=${tag} class="tag" lang="zh-CN">${tag}</span>`)}
      ${!one.tags.length && !one.text && html`<span class="hint">${none}</span>`}</p>
    ${one.text && html`<blockquote>${one.text}</blockquote>`}
    ${one.comment && html`<blockquote><small>${t(W.comment)}</small> ${one.comment}</blockquote>`}`;
}

/**
 * `take` sends a step of the case as it was seen, and closes the dialog when that is done. `draft` is the case `one` and
 * what was chosen and typed before, which is kept up to date in it.
 */
export function CaseDialog({ draft, owners, take, onClose }) {
  const { one } = draft;
  const [seen, setSeen] = useState({ case: one, events: null });
  const [step, setStep] = useState(draft.step ?? marked(one));
  const [wish, setWish] = useState(draft.wish ?? { text: "", kind: "", owner: "" });
  const [refusal, setRefusal] = useState(null);
  const busy = useRef(false);
  const may = seen.case.steps;
  Object.assign(draft, { step, wish });

  async function look() {
    const fresh = await get(`/rectifications/${one.number}`);
    setSeen(fresh);
    setStep((before) => (fresh.case.steps.includes(before) ? before : "")); // or words for one step would be sent as another
  }
  useEffect(() => void look().catch(setRefusal), []);

  async function submit() {
    if (busy.current) return;
    if (!step) return void setRefusal(W.chooseFirst);
    busy.current = true;
    setRefusal(null);
    const { text, kind, owner } = wish;
    try {
      await take(seen.case, { step, text: STEPS[step][1] ? text : "", ...(step === "verify" && kind && { kind }), ...(step === "assign" && { owner }) });
    } catch (error) {
      setRefusal(error);
      if (error.status === 409) look().catch(setRefusal); // somebody was faster: what is typed stays
    }
    busy.current = false;
  }
  const set = (name) => (event) => setWish({ ...wish, [name]: event.target.value });
  const asks = step ? STEPS[step][1] : null;
  return html`
    <${Dialog} wide title=${`${t(W.case)} ${one.number} · ${t(STATES[seen.case.state])}`} onClose=${onClose} onSubmit=${may.length > 0 ? submit : null}>
      <${Said} one=${seen.case} />
      <${Story} events=${seen.events} />
      ${may.length > 0 && html`
        <fieldset class="steps"><legend>${t(W.whatNow)}</legend>${may.map((name) => html`
          <label key=${name} class="check"><input type="radio" name="step" value=${name} checked=${name === step} data-focus=${name === step || undefined} onChange=${() => setStep(name)} /> ${t(STEPS[name][0])}</label>`)}</fieldset>`}
      ${CALLED.includes(seen.case.state) && html`<p class="hint">${t(W.whereFrom)}</p>`}
      ${step === "verify" && html`
        <fieldset class="steps"><legend>${t(W.whichKind)}</legend>${Object.entries(KINDS).map(([name, words]) => html`
          <label key=${name} class="check"><input type="radio" name="kind" value=${name} checked=${name === wish.kind} onChange=${set("kind")} /> ${t(words)}</label>`)}</fieldset>`}
      ${step === "assign" && html`
        <label class="field"><span>${t(W.chooseOwner)}</span>
          <select name="owner" value=${wish.owner} onChange=${set("owner")}><option value="">${t(W.choose)}</option>${owners.map((who) => html`
            <option key=${who.username} value=${who.username}>${who.name}</option>`)}</select></label>`}
      ${asks && html`
        <label class="field"><span>${t(asks)}</span>
          <textarea name="text" rows="3" maxlength=${LONGEST} value=${wish.text} onInput=${set("text")}></textarea></label>`}
      <${Problem} refusal=${refusal} />
    <//>`;
}

const marked = (one) => (UNMARKED.includes(one.state) ? "" : one.steps.find((step) => step !== "assign") ?? "");

function Story({ events }) {
  const section = useRef(null);
  useLayoutEffect(() => void (section.current && (section.current.scrollTop = section.current.scrollHeight)), [events]); // the latest
  if (!events) return html`<p class="hint">${t("loading")}</p>`;
  return html`
    <section ref=${section} class="story" tabindex="0" aria-label=${t(W.happened)}><h3>${t(W.happened)}</h3>
      <ol>${events.map((event, n) => html`<li key=${n}>
        <span class="number">${event.at.slice(5, 10)} ${timeOfDay(event.at)}</span>
        <span><b>${nameOf(event)}</b> ${who(event)}${event.reached !== null && ` · ${t(event.reached ? W.reached : W.missed)}`}${event.due && html` <small class="number">${t(W.dueBy(event.due))}</small>`}
          ${event.text && html`<span class="words">${event.text}</span>`}</span></li>`)}</ol>
    </section>`;
}

/** A step of staff by its own name; the citizen's answer and the clock's doings by theirs. */
const nameOf = (event) => t((!event.who && EVENTS[event.what]) || (STEPS[event.what]?.[0] ?? EVENTS[event.what]));

const CITIZENS = ["opened", "change", "return", "satisfied", "dissatisfied"];
const who = (event) => event.who || t(CITIZENS.includes(event.what) ? W.citizen : W.clock);
