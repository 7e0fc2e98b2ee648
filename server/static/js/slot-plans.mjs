/** 号源: the weekly plans of slots that may be booked, for an admin. One line, one plan; each saves by itself. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { MODES, W, WEEKDAYS } from "./appointments-words.mjs";
import { Dialog, Problem } from "./ui.mjs";
import { t } from "./words.mjs";

const FRESH = { mode: "hall", weekdays: [1, 2, 3, 4, 5], start_minute: 540, end_minute: 690, slot_minutes: 30, capacity: 4 };

const clock = (minute) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`;

/** Minutes since midnight of "9:00" (24:00 is the day's end), or a refusal in the page's own words. */
function minutes(text) {
  const match = /^(\d{1,2})[:：](\d{2})$/.exec(text.trim());
  if (!match || Number(match[2]) > 59) throw W.badTime;
  return Number(match[1]) * 60 + Number(match[2]);
}

/** A number field left empty or with letters is sent as text, and the server says what it wants. */
const whole = (text) => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : text);

const read = (data) => ({
  queue: data.get("queue"),
  mode: data.get("mode"),
  weekdays: data.getAll("weekdays").map(Number),
  start_minute: minutes(data.get("start")),
  end_minute: minutes(data.get("end")),
  slot_minutes: whole(data.get("slot_minutes")),
  capacity: whole(data.get("capacity")),
  from_day: data.get("from_day") || null,
  to_day: data.get("to_day") || null,
});

export function PlansPart({ planned, queues, send, onPlans }) {
  const { plans, hours } = planned;
  const [removing, setRemoving] = useState(null);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const keep = (answer) => {
    onPlans(answer);
    setMade(answer.plan ?? null);
  };
  async function add(body) {
    keep(await send("/admin/slot-plans", body));
    setAdding(false);
  }
  async function remove() {
    const plan = removing;
    setRemoving(null);
    await send(`/admin/slot-plans/${plan.id}/remove`).then(keep, setRefusal);
  }
  return html`
    <p class="hint">${t(W.plansHint)}</p>
    <${Problem} refusal=${refusal} />
    ${plans.map((plan) => html`
      <${PlanForm} key=${plan.id} plan=${plan} hours=${hours} queues=${queues} made=${made === plan.id} onRemove=${() => setRemoving(plan)}
        onSend=${async (body) => keep(await send(`/admin/slot-plans/${plan.id}`, body, "PUT"))} />`)}
    ${adding ? html`
      <section class="add"><h2>${t(W.newPlan)}</h2>
        <${PlanForm} plan=${FRESH} queues=${queues} onSend=${add} onCancel=${() => setAdding(false)} /></section>` : html`
      <p class="add"><button type="button" class="main" onClick=${() => setAdding(true)}>${t(W.newPlan)}</button></p>`}
    ${removing && html`
      <${Dialog} danger title=${t(W.removePlan)} action=${t(W.remove)} onClose=${() => setRemoving(null)} onSubmit=${remove}>
        <p class="subject">${removing.queue} ${removing.queue_name} · ${t(MODES[removing.mode])} · <span class="number">${clock(removing.start_minute)}–${clock(removing.end_minute)}</span></p>
        <p>${t(W.removePlanText)}</p>
      <//>`}`;
}

/** One plan; `made` says that it has just been added. What was saved comes into view and is marked until it is touched. */
function PlanForm({ plan, queues, onSend, hours = null, made = false, onRemove = null, onCancel = null }) {
  const form = useRef(null);
  const [told, setTold] = useState(/** @type {{ busy?: boolean, done?: boolean, refusal?: any }} */ ({ done: made }));
  useEffect(() => {
    if (told.done) form.current.scrollIntoView({ block: "center" });
  }, [told.done]);
  useEffect(() => {
    if (onCancel) form.current.elements[0].focus();
  }, []);
  async function submit(event) {
    event.preventDefault();
    if (told.busy) return;
    setTold({ busy: true });
    try {
      await onSend(read(new FormData(event.target)));
      setTold({ done: true });
    } catch (refusal) {
      setTold({ refusal });
    }
  }
  const field = (name, word, value, kind = {}) => html`
    <label class="field"><span>${t(word)}</span><input class="number" name=${name} defaultValue=${value} autocomplete="off" ...${kind} /></label>`;
  return html`
    <form ref=${form} class=${told.done ? "plan just" : "plan"} onSubmit=${submit} onInput=${() => told.done && setTold({})} novalidate>
      <label class="field queue"><span>${t(W.business)}</span>
        <select name="queue">${queues.map((queue) => html`<option key=${queue.code} value=${queue.code} selected=${queue.code === plan.queue}>${queue.code} ${queue.name}</option>`)}</select></label>
      <label class="field"><span>${t(W.mode)}</span>
        <select name="mode">${Object.keys(MODES).map((mode) => html`<option key=${mode} value=${mode} selected=${mode === plan.mode}>${t(MODES[mode])}</option>`)}</select></label>
      <fieldset class="weekdays"><legend>${t(W.weekdays)}</legend>${WEEKDAYS.map((word, n) => html`
        <label key=${n} class="check"><input type="checkbox" name="weekdays" value=${n + 1} defaultChecked=${plan.weekdays.includes(n + 1)} /> ${t(word)}</label>`)}</fieldset>
      ${field("start", W.from, clock(plan.start_minute), { maxlength: 5 })}
      ${field("end", W.to, clock(plan.end_minute), { maxlength: 5 })}
      ${field("slot_minutes", W.each, plan.slot_minutes, { inputmode: "numeric", maxlength: 3 })}
      ${field("capacity", W.capacity, plan.capacity, { inputmode: "numeric", maxlength: 3 })}
      ${field("from_day", W.fromDay, plan.from_day ?? "", { type: "date" })}
      ${field("to_day", W.toDay, plan.to_day ?? "", { type: "date" })}
      ${plan.offered < plan.slots && html`<p class="note" role="status">${t(W.outside(plan, hours))}</p>`}
      <${Problem} refusal=${told.refusal} />
      <div class="send">
        <button class="main" type="submit" aria-disabled=${Boolean(told.busy)}>${t("save")}</button>
        <span class="done" role="status">${told.done && t("saved")}</span>
        ${onRemove && html`<button type="button" onClick=${onRemove}>${t(W.remove)}</button>`}
        ${onCancel && html`<button type="button" onClick=${onCancel}>${t("cancel")}</button>`}
      </div>
    </form>`;
}
