/** The hours part of the admin page: the week, the limits of queues, holidays and make-up workdays. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { Form, Labelled, whole } from "./admin-parts.mjs";
import { WEEKDAYS, queueName, t } from "./words.mjs";
import { Problem } from "./ui.mjs";

export const DAYS = [1, 2, 3, 4, 5, 6, 7];

export function HoursPart({ all, send, ahead }) {
  const { hours } = all;
  return html`
    <${Unkept} days=${hours.unkept} />
    <${Week} hours=${hours} send=${send} />
    <${Limits} hours=${hours} send=${send} />
    <${SpecialDays} hours=${hours} send=${send} today=${isoDay(Date.now() + ahead)} />`;
}

/** Bookings that the hours as they stand now leave stranded. It shows itself when there are more than before. */
function Unkept({ days }) {
  const place = useRef(null);
  const told = useRef(days.length);
  useEffect(() => {
    if (days.length > told.current) place.current.scrollIntoView({ block: "center" });
    told.current = days.length;
  }, [days.length]);
  if (!days.length) return null;
  return html`
    <div ref=${place} class="problem unkept" role="alert"><b>${t("unkept")}</b>
      <ul>${days.map((one) => html`
        <li key=${one.day}><a href=${`/appointments#${one.day}`}><span class="number">${one.day}</span> ${t(WEEKDAYS[weekdayOf(one.day) - 1])}${" "}
          <b class="number">${one.bookings}</b> ${t("unkeptBookings")}</a> ${t([one.reason, one.reason_en])}</li>`)}</ul></div>`;
}

// ── the week ──

const SESSION = /^(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})$/;
const two = (n) => String(n).padStart(2, "0");
const clock = (minutes) => `${Math.floor(minutes / 60)}:${two(minutes % 60)}`;

/** "8:30-11:30 13:00-16:30", as one types it. */
export const written = (sessions, weekday) =>
  sessions.filter((s) => s.weekday === weekday).map((s) => `${clock(s.opens)}-${clock(s.closes)}`).join("  ");

/** The sessions of a weekday as typed; raises a refusal that names the field `day1` to `day7`. */
export function parsed(text, weekday) {
  const parts = text.trim().replace(/\s*[-–—~～至]\s*/g, "-").split(/[\s,，、;；]+/).filter(Boolean);
  return parts.map((part) => {
    const found = SESSION.exec(part)?.slice(1).map(Number);
    if (!found || found[1] > 59 || found[3] > 59) throw unreadable(weekday, part);
    return { weekday, opens: found[0] * 60 + found[1], closes: found[2] * 60 + found[3] };
  });
}

const unreadable = (weekday, part) => ({
  field: `day${weekday}`,
  zh: `${WEEKDAYS[weekday - 1][0]}的“${part}”看不懂，请写成 8:30-11:30，多段用空格隔开。`,
  en: `“${part}” on ${WEEKDAYS[weekday - 1][1]} cannot be read: write 8:30-11:30, several with a space between.`,
});

function Week({ hours, send }) {
  const form = useRef(null);
  const read = (data) => ({
    sessions: DAYS.flatMap((weekday) => parsed(data.get(`day${weekday}`), weekday)),
    cutoff_minutes: whole(data.get("cutoff_minutes")),
    one_live_ticket: data.has("one_live_ticket"),
  });
  /** The server counts sessions; the form has a line for each day. */
  async function save(body) {
    try {
      await send("/admin/hours", body, "PUT");
    } catch (refusal) {
      const place = /^sessions\[(\d+)\]/.exec(refusal.field);
      if (place) refusal.field = `day${body.sessions[Number(place[1])].weekday}`;
      throw refusal;
    }
  }
  function likeMonday() {
    const inputs = DAYS.map((weekday) => form.current.querySelector(`[name=day${weekday}]`));
    for (const input of inputs.slice(1, 5)) input.value = inputs[0].value;
  }
  return html`
    <h2>${t("week")}</h2><p class="hint">${t("weekHint")}</p>
    <div ref=${form}><${Form} className="sheet week" read=${read} onSend=${save}>
      ${DAYS.map((weekday) => html`
        <label key=${weekday} class="line"><b>${t(WEEKDAYS[weekday - 1])}</b>
          <input class="number" name=${`day${weekday}`} defaultValue=${written(hours.sessions, weekday)} maxlength="120" autocomplete="off"
            placeholder=${t(hours.sessions.length ? "closedAllDay" : "anyTime")} /></label>
        ${weekday === 1 && html`<button type="button" class="like" onClick=${likeMonday}>${t("likeMonday")}</button>`}`)}
      <div class="two">
        <${Labelled} word="cutoffMinutes"><input class="number" name="cutoff_minutes" inputmode="numeric" defaultValue=${hours.cutoff_minutes} maxlength="4" /><//>
        <div class="field"><label class="check"><input type="checkbox" name="one_live_ticket" defaultChecked=${hours.one_live_ticket} /> <b>${t("oneLiveTicket")}</b></label>
          <small>${t("oneLiveTicketHint")}</small></div>
      </div>
    <//></div>`;
}

// ── the queues ──

const wholeOrNone = (text) => (text.trim() ? whole(text) : null);

function Limits({ hours, send }) {
  const read = (data) => ({
    quota_day: wholeOrNone(data.get("quota_day")),
    quota_session: wholeOrNone(data.get("quota_session")),
    from_day: data.get("from_day") || null,
    to_day: data.get("to_day") || null,
  });
  return html`
    <section class="part"><h2>${t("limits")}</h2><p class="hint">${t("limitsHint")}</p>
      ${hours.queues.length === 0 ? html`<p class="note">${t("queuesFirst")}</p>` : html`
      <div class="rows">
        <div class="row limits head" aria-hidden="true">${["code", "name", "quotaDay", "quotaSession", "fromDay", "toDay"].map((word) => html`<span>${t(word)}</span>`)}</div>
        ${hours.queues.map((queue) => html`
        <${Form} key=${queue.code} className="row limits" read=${read}
          onSend=${(body) => send(`/admin/hours/queues/${encodeURIComponent(queue.code)}`, body, "PUT")}>
          <b class="number code">${queue.code}</b><span>${queueName(queue.name, queue.name_en)}</span>
          ${[["quota_day", "quotaDay"], ["quota_session", "quotaSession"]].map(([name, word]) => html`
            <input key=${name} class="number" name=${name} inputmode="numeric" aria-label=${`${queue.code} ${t(word)}`} defaultValue=${queue[name] ?? ""} maxlength="5" placeholder=${t("noLimit")} />`)}
          ${[["from_day", "fromDay"], ["to_day", "toDay"]].map(([name, word]) => html`
            <input key=${name} type="date" name=${name} aria-label=${`${queue.code} ${t(word)}`} defaultValue=${queue[name] ?? ""} />`)}
        <//>`)}
      </div>`}
    </section>`;
}

// ── holidays and make-up workdays ──

const isoDay = (ms) => {
  const day = new Date(ms);
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
};

/** The ISO number of a date's weekday. */
export const weekdayOf = (day) => new Date(`${day}T00:00:00Z`).getUTCDay() || 7;

const weekdays = () => DAYS.map((weekday) => html`<option key=${weekday} value=${weekday}>${t(WEEKDAYS[weekday - 1])}</option>`);

function SpecialDays({ hours, send, today }) {
  const [refusal, setRefusal] = useState(null);
  const [kind, setKind] = useState("holiday");
  const remove = (day) => send(`/admin/hours/days/${day}/remove`).then(() => setRefusal(null), setRefusal);
  const add = async ({ day, ...body }) => {
    if (!day) throw { field: "day", zh: "请选择日期。", en: "Choose a date." };
    await send(`/admin/hours/days/${day}`, body, "PUT");
  };
  const read = (data) => ({
    day: data.get("day"),
    kind,
    name: data.get("name").trim(),
    as_weekday: kind === "workday" ? Number(data.get("as_weekday")) : 1,
  });
  const past = hours.days.filter(({ day }) => day < today);
  return html`
    <section class="part"><h2>${t("specialDays")}</h2><p class="hint">${t("specialDaysHint")}</p>
      <${Problem} refusal=${refusal} />
      <${DayTable} days=${hours.days.filter(({ day }) => day >= today)} remove=${remove} />
      ${past.length > 0 && html`<details><summary>${t("pastDays")} <span class="number">${past.length}</span></summary><${DayTable} days=${past} remove=${remove} /></details>`}
    </section>
    <section class="add new-day"><h2>${t("newDay")}</h2>
      <${Form} className="row" action=${t("add")} read=${read} onSend=${add}>
        <${Labelled} word="date"><input type="date" name="day" /><//>
        <${Labelled} word="kind"><select name="kind" value=${kind} onChange=${(event) => setKind(event.target.value)}>
          <option value="holiday">${t("holiday")}</option><option value="workday">${t("workday")}</option></select><//>
        <${Labelled} word="dayName"><input name="name" maxlength="30" autocomplete="off" /><//>
        ${kind === "workday" && html`<${Labelled} word="asWeekday"><select name="as_weekday">${weekdays()}</select><//>`}
      <//></section>
    <${Import} send=${send} />`;
}

function DayTable({ days, remove }) {
  if (!days.length) return html`<p class="note">${t("noSpecialDays")}</p>`;
  return html`
    <div class="scroll"><table>
      <thead><tr><th>${t("date")}</th><th>${t("kind")}</th><th>${t("dayName")}</th><th></th></tr></thead>
      <tbody>${days.map((one) => html`
        <tr key=${one.day}>
          <th scope="row"><span class="number">${one.day}</span> ${t(WEEKDAYS[weekdayOf(one.day) - 1])}</th>
          <td><span class=${`chip ${one.kind}`}>${t(one.kind)}</span> ${one.kind === "workday" && html`${t("hoursOf")} ${t(WEEKDAYS[one.as_weekday - 1])}`}</td>
          <td>${one.name}</td>
          <td><button type="button" aria-label=${`${t("remove")} ${one.day}`} onClick=${() => remove(one.day)}>${t("remove")}</button></td>
        </tr>`)}</tbody>
    </table></div>`;
}

const EXAMPLE = "2027-10-01~2027-10-07, 放假, 国庆节\n2027-10-09, 上班, 国庆节调休, 周一";

function Import({ send }) {
  const text = useRef(null);
  async function load(event) {
    const [file] = event.target.files;
    if (file) text.current.value = decoded(await file.arrayBuffer());
    event.target.value = ""; // so that the same file, corrected, can be chosen again
  }
  const read = (data) => ({ lines: data.get("lines").replace(/\s+$/, "").split(/\r\n?|\n/) });
  return html`
    <section class="add import"><h2>${t("importDays")}</h2><p class="hint">${t("importDaysHint")}</p>
      <${Form} read=${read} resets action=${t("importAction")} onSend=${(body) => send("/admin/hours/import", body)}>
        <${Labelled} word="importLines"><textarea ref=${text} name="lines" rows="6" placeholder=${EXAMPLE} spellcheck="false"></textarea><//>
        <${Labelled} word="importFile"><input type="file" accept=".csv,.txt,text/csv,text/plain" onChange=${load} /><//>
      <//></section>`;
}

/** Table programs save Chinese either way. */
function decoded(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}
