/** Booking for somebody who calls or stands at the desk: business, time, and at the end the code to tell. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { MODES, W } from "./appointments-words.mjs";
import { get } from "./api.mjs";
import { Dialog, Problem } from "./ui.mjs";
import { WEEKDAYS, t } from "./words.mjs";

/** `day` is the one that the desk is looking at: its times are shown first. */
export function BookingDialog({ day, board, plans, send, onClose }) {
  const ways = [...new Set(plans.map((plan) => `${plan.queue} ${plan.mode}`))];
  const [way, setWay] = useState(ways[0] ?? "");
  const [slots, setSlots] = useState(null);
  const [wish, setWish] = useState({ day, starts_at: "", item: "", phone: "", contact: "" });
  const [refusal, setRefusal] = useState(null);
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState(null);
  const [queue, mode] = way.split(" ");
  const visit = mode === "home_visit";
  const set = (name) => (event) => setWish({ ...wish, [name]: event.target.value });

  const asked = useRef(way);
  asked.current = way;

  async function load() {
    if (!way) return;
    const { slots: fresh } = await get(`/appointments/slots/${encodeURIComponent(queue)}/${mode}`);
    if (asked.current !== way) return; // another one was chosen while this was under way
    setSlots(fresh.filter((slot) => slot.left > 0));
    setWish((before) => ({ ...before, item: "" }));
  }
  useEffect(() => {
    setSlots(null);
    load().catch(setRefusal);
  }, [way]);

  const days = [...new Set((slots ?? []).map(dayOf))];
  const chosen = days.includes(wish.day) ? wish.day : "";
  const times = (slots ?? []).filter((slot) => dayOf(slot) === chosen);
  const starts_at = (times.find((slot) => slot.starts_at === wish.starts_at) ?? times[0])?.starts_at;

  async function submit() {
    if (busy || !starts_at) return;
    setBusy(true);
    setRefusal(null);
    try {
      const { item, phone, contact } = wish;
      setMade(await send("/appointments", { queue, mode, starts_at, item: item || null, phone, contact }));
    } catch (error) {
      setRefusal(error);
      if (error.code === "slot_full" || error.code === "slot_closed") load().catch(setRefusal);
    }
    setBusy(false);
  }
  if (made) return html`<${Made} made=${made} onClose=${onClose} />`;
  const nameOf = (code) => board.queues.find((one) => one.code === code)?.name ?? "";
  const items = board.items.filter((item) => item.queue === queue);
  return html`
    <${Dialog} title=${t(W.newBooking)} action=${t("confirm")} onClose=${onClose} onSubmit=${submit}>
      <label class="field"><span>${t(W.chooseQueue)}</span>
        <select name="way" data-focus value=${way} onChange=${(event) => setWay(event.target.value)}>${ways.map((one) => html`
          <option key=${one} value=${one}>${one.split(" ")[0]} ${nameOf(one.split(" ")[0])} · ${t(MODES[one.split(" ")[1]])}</option>`)}</select></label>
      ${!slots && way ? html`<p class="note" role="status">${t(W.loadingSlots)}</p>` : !slots?.length ? html`<p class="note">${t(W.noSlots)}</p>` : html`
        <div class="when">
          <label class="field"><span>${t(W.chooseDay)}</span>
            <select class="number" name="day" value=${chosen} onChange=${set("day")}>
              ${!chosen && html`<option value="">${dayName(wish.day)}</option>`}
              ${days.map((one) => html`<option key=${one} value=${one}>${dayName(one)}</option>`)}</select></label>
          ${chosen ? html`
            <label class="field"><span>${t(W.chooseSlot)}</span>
              <select class="number" name="starts_at" value=${starts_at} onChange=${set("starts_at")}>${times.map((slot) => html`
                <option key=${slot.starts_at} value=${slot.starts_at}>${slot.starts_at.slice(11, 16)}–${slot.ends_at.slice(11, 16)} · ${t(W.left)} ${slot.left}</option>`)}</select></label>` : html`
            <p class="note" role="status">${t(W.notThatDay)}</p>`}
        </div>`}
      ${items.length > 0 && html`
        <label class="field"><span>${t(W.item)}</span>
          <select name="item" value=${wish.item} onChange=${set("item")}><option value="">${t(W.none)}</option>${items.map((item) => html`
            <option key=${item.code} value=${item.code}>${item.name}</option>`)}</select></label>`}
      <label class="field"><span>${t(visit ? W.phoneNeeded : W.phoneOptional)}</span>
        <input class="number" name="phone" inputmode="tel" maxlength="20" autocomplete="off" value=${wish.phone} onInput=${set("phone")} /></label>
      ${visit && html`
        <label class="field"><span>${t(W.contact)}</span>
          <input name="contact" maxlength="120" autocomplete="off" value=${wish.contact} onInput=${set("contact")} /></label>`}
      <${Problem} refusal=${refusal} />
    <//>`;
}

const dayOf = (slot) => slot.starts_at.slice(0, 10);

/** 03-04 周三: of the days ahead none needs its year. */
const dayName = (day) => `${day.slice(5)} ${t(WEEKDAYS[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7])}`;

const Made = ({ made, onClose }) => html`
  <${Dialog} title=${t(W.booked)} onClose=${onClose}>
    <p>${t(made.mode === "home_visit" ? W.bookedVisit : W.bookedText)}</p>
    <p class="subject"><b class="number">${made.starts_at.slice(0, 10)} ${made.starts_at.slice(11, 16)}</b><br />${made.queue_name}</p>
    ${made.mode !== "home_visit" && html`<p class="madecode number">${made.code.slice(0, 4)} ${made.code.slice(4)}</p>`}
  <//>`;
