/** The screens part of the admin page: what the walls show beside calls. */

import { html } from "/faces/vendor/html.mjs";
import { useLayoutEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { weekdayOf } from "./admin-hours.mjs";
import { Form, Labelled, whole } from "./admin-parts.mjs";
import { PhotoField } from "./admin-photo.mjs";
import { SLIDES, STANDINGS, WEEKDAYS, t } from "./words.mjs";
import { Dialog, Problem } from "./ui.mjs";

const MAX_TEXT = 200;

export function ScreensPart({ all, send }) {
  const { screens } = all;
  return html`
    <${Notices} notices=${screens.notices} send=${send} />
    <${Duty} duty=${screens.duty} today=${screens.today} send=${send} />
    <${Staff} staff=${screens.staff} send=${send} />
    <${Playlist} playlist=${screens.playlist} zones=${screens.zones} send=${send} />
    <${Ticker} ticker=${screens.ticker} send=${send} />`;
}

// ── notices ──

function Notices({ notices, send }) {
  const [asked, setAsked] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const read = (data) => ({
    text: data.get("text").trim(),
    from_day: data.get("from_day") || null,
    to_day: data.get("to_day") || null,
  });
  const remove = async () => {
    setAsked(null);
    await send(`/admin/screens/notices/${asked.id}/remove`).then(() => setRefusal(null), setRefusal);
  };
  const beside = (notice, n) => html`
    <button type="button" aria-label=${`${t("remove")} ${n}`} onClick=${() => setAsked(notice)}>${t("remove")}</button>`;
  return html`
    <h2>${t("noticesTitle")}</h2><p class="hint">${t("noticesHint")}</p>
    <${Problem} refusal=${refusal} />
    ${notices.length === 0 ? html`<p class="note">${t("noNotices")}</p>` : html`
      <p class="counts">${Object.entries(STANDINGS).map(([name, word]) => html`
        <span key=${name}>${t(word)} <b class="number">${notices.filter((one) => one.standing === name).length}</b></span>`)}</p>
      <div class="rows">
        <div class="row notice head" aria-hidden="true">${["noticeText", "fromDay", "toDay", "state"].map((word) => html`<span key=${word}>${t(word)}</span>`)}</div>
        ${notices.map((notice, n) => html`
        <${Form} key=${notice.id} className=${`row notice ${notice.standing}`} read=${read} beside=${beside(notice, n + 1)}
          onSend=${(body) => send(`/admin/screens/notices/${notice.id}`, body, "PUT")}>
          <textarea name="text" rows="2" maxlength=${MAX_TEXT} aria-label=${`${n + 1} ${t("noticeText")}`} defaultValue=${notice.text} dir="auto"></textarea>
          ${[["from_day", "fromDay"], ["to_day", "toDay"]].map(([name, word]) => html`
            <input key=${name} type="date" name=${name} aria-label=${`${n + 1} ${t(word)}`} defaultValue=${notice[name] ?? ""} />`)}
          <span class=${`chip ${notice.standing}`}>${t(STANDINGS[notice.standing])}</span>
        <//>`)}
      </div>`}
    <section class="add new-notice"><h2>${t("newNotice")}</h2>
      <${Form} className="row" action=${t("add")} read=${read} resets onSend=${(body) => send("/admin/screens/notices", body)}>
        <label class="field wide"><span>${t("noticeText")}</span><textarea name="text" rows="2" maxlength=${MAX_TEXT} dir="auto"></textarea></label>
        <${Labelled} word="fromDayOptional"><input type="date" name="from_day" /><//>
        <${Labelled} word="toDayOptional"><input type="date" name="to_day" /><//>
      <//></section>
    ${asked && html`
      <${Dialog} danger title=${t("removeNotice")} action=${t("remove")} onClose=${() => setAsked(null)} onSubmit=${remove}>
        <p class="subject" dir="auto">${asked.text}</p>
      <//>`}`;
}

// ── the duty leader ──

const WEEK = [0, 1, 2, 3, 4, 5, 6];
const DUTY = ["name", "position", "tel"];
const DUTY_WORDS = { name: "leaderName", position: "leaderPosition", tel: "leaderTel" };

const dayAfter = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
const mondayOf = (day) => dayAfter(day, 1 - weekdayOf(day));

function Duty({ duty, today, send }) {
  const [monday, setMonday] = useState(mondayOf(today));
  const drafts = useRef({}); // weeks typed and not yet saved, by their Monday: looking at another week loses nothing
  const turn = (days) => setMonday(dayAfter(monday, days));
  return html`
    <section class="part duty"><h2>${t("dutyTitle")}</h2><p class="hint">${t("dutyHint")}</p>
      <div class="weeks">
        <button type="button" disabled=${monday <= mondayOf(today)} onClick=${() => turn(-7)}>${t("weekBefore")}</button>
        <b class="number">${monday} – ${dayAfter(monday, 6)}</b>
        <button type="button" onClick=${() => turn(7)}>${t("weekAfter")}</button>
      </div>
      <${DutyWeek} key=${monday} duty=${duty} today=${today} monday=${monday} drafts=${drafts.current} send=${send} />
    </section>`;
}

function DutyWeek({ duty, today, monday, drafts, send }) {
  const place = useRef(null);
  const days = WEEK.map((n) => dayAfter(monday, n));
  const kept = (day) => duty.find((one) => one.day === day);
  const on = (day) => (drafts[monday] ?? duty).find((one) => one.day === day);
  const before = days.map((day) => kept(dayAfter(day, -7)));
  const read = (data) => ({
    days: days.map((day, n) => ({ day, ...Object.fromEntries(DUTY.map((name) => [name, data.get(`days[${n}].${name}`).trim()])) })),
  });
  /** Fill in, not save: the admin may still change a day. */
  function asBefore() {
    before.forEach((one, n) => DUTY.forEach((name) => (place.current.querySelector(`[name="days[${n}].${name}"]`).value = one?.[name] ?? "")));
    place.current.querySelector("[name]").dispatchEvent(new Event("input", { bubbles: true })); // as if it had been typed
    place.current.querySelector("button[type=submit]").focus();
  }
  async function save(body) {
    await send("/admin/screens/duty", body, "PUT");
    delete drafts[monday];
  }
  const typed = () => (drafts[monday] = read(new FormData(place.current.querySelector("form"))).days);
  const likeBefore = html`<button type="button" disabled=${!before.some(Boolean)} onClick=${asBefore}>${t("asLastWeek")}</button>`;
  return html`
    <div ref=${place} onInput=${typed}><${Form} className="roster" read=${read} beside=${likeBefore} onSend=${save}>
      <div class="line head" aria-hidden="true"><span>${t("date")}</span>${DUTY.map((name) => html`<span key=${name}>${t(DUTY_WORDS[name])}</span>`)}</div>
      ${days.map((day, n) => html`
      <div key=${day} class=${`line ${day < today ? "past" : ""}`}>
        <span><b>${t(WEEKDAYS[n])}</b> <span class="number">${day.slice(5)}</span> ${day === today && html`<span class="chip on">${t("today")}</span>`}</span>
        ${DUTY.map((name) => html`
          <input key=${name} name=${`days[${n}].${name}`} aria-label=${`${day} ${t(DUTY_WORDS[name])}`} autocomplete="off" dir="auto"
            maxlength=${name === "name" ? 20 : 60} defaultValue=${on(day)?.[name] ?? ""} placeholder=${name === "name" ? t("nobody") : ""} />`)}
      </div>`)}
    <//></div>`;
}

// ── staff cards ──

const SEPARATORS = /[、,，;；]/;

function Staff({ staff, send }) {
  const read = (data) => ({
    name: data.get("name").trim(),
    position: data.get("position").trim(),
    badges: data.get("badges").split(SEPARATORS).map((one) => one.trim()).filter(Boolean),
  });
  return html`
    <section class="part"><h2>${t("staffTitle")}</h2><p class="hint">${t("staffHint")}</p>
      <div class="rows">
        <div class="row staff head" aria-hidden="true">${["photo", "fullName", "cardName", "cardPosition", "cardBadges"].map((word) => html`<span key=${word}>${t(word)}</span>`)}</div>
        ${staff.map((person) => html`
        <${Form} key=${person.username} className="row staff" read=${read}
          onSend=${(body) => send(`/admin/screens/staff/${encodeURIComponent(person.username)}`, body, "PUT")}>
          <${PhotoField} person=${person} send=${send} />
          <span class="who"><b>${person.full_name}</b> <span class="number">${person.staff_no}</span>
            <small>${person.window ? t("atWindow").replace("{}", person.window) : t("atNoWindow")}</small></span>
          <input name="name" aria-label=${`${person.full_name} ${t("cardName")}`} defaultValue=${person.name} maxlength="20" autocomplete="off" placeholder=${t("noName")} />
          <input name="position" aria-label=${`${person.full_name} ${t("cardPosition")}`} defaultValue=${person.position} maxlength="20" autocomplete="off" />
          <input name="badges" aria-label=${`${person.full_name} ${t("cardBadges")}`} defaultValue=${person.badges.join("、")} maxlength="60" autocomplete="off" />
        <//>`)}
      </div>
    </section>`;
}

// ── the playlist and the ticker ──

let made = 0;
/** Rows keep their place in the page by a key of their own, for two slides may be alike. */
const row = (slide) => ({ ...slide, key: (made += 1) });
const FRESH = { kind: "notices", seconds: 10, zone: "" };

function Playlist({ playlist, zones, send }) {
  const [draft, setDraft] = useState(null); // null: as the server has it
  const [moved, setMoved] = useState(null); // what the last move did: which row, which way
  const place = useRef(null);
  const slides = draft ?? playlist.map((slide, n) => ({ ...slide, key: -1 - n }));
  const change = (n, values) => setDraft(slides.map((slide, i) => (i === n ? { ...slide, ...values } : slide)));
  const drop = (n) => {
    setDraft(slides.filter((_, i) => i !== n));
    setMoved({ n: Math.min(n, slides.length - 2), way: "remove" });
  };
  function move(n, by) {
    const next = slides.filter((_, i) => i !== n);
    next.splice(n + by, 0, slides[n]);
    setDraft(next);
    setMoved({ n: n + by, way: by < 0 ? "up" : "down", said: `${t(SLIDES[slides[n].kind])} → ${n + by + 1}` });
  }
  // A row that moves, or goes, takes the keyboard's place with it: put it back.
  useLayoutEffect(() => {
    if (!moved) return;
    const buttons = [...place.current.querySelectorAll(`[data-row="${moved.n}"]`)];
    const wanted = buttons.find((button) => button.dataset.way === moved.way && !button.disabled) ?? buttons.find((button) => !button.disabled);
    (wanted ?? place.current.querySelector("[data-way=add]")).focus();
  }, [moved]);
  const body = () => ({ slides: slides.map(({ kind, seconds, zone }) => ({ kind, seconds: whole(String(seconds)), zone })) });
  const save = async (sent) => {
    await send("/admin/screens/playlist", sent, "PUT");
    setDraft(null);
  };
  const button = (n, way, word, act, off = false) => html`
    <button type="button" data-row=${n} data-way=${way} disabled=${off} aria-label=${`${t(word)} ${n + 1}`} onClick=${act}>${t(word)}</button>`;
  const zonesOf = (slide) => (!slide.zone || zones.includes(slide.zone) ? zones : [...zones, slide.zone]);
  const add = html`<button type="button" data-way="add" onClick=${() => setDraft([...slides, row(FRESH)])}>${t("addSlide")}</button>`;
  return html`
    <section class="part playlist"><h2>${t("playlistTitle")}</h2><p class="hint">${t("playlistHint")}</p>
      <div ref=${place}><${Form} className="rows" read=${body} onSend=${save} beside=${add}>
        ${slides.length === 0 ? html`<p class="note">${t("noSlides")}</p>` : html`
        <div class="row slide head" aria-hidden="true">${["slideNo", "slideKind", "slideSeconds", "slideZone"].map((word) => html`<span key=${word}>${t(word)}</span>`)}</div>`}
        ${slides.map((slide, n) => html`
        <div key=${slide.key} class="row slide">
          <b class="number code">${n + 1}</b>
          <select name=${`slides[${n}].kind`} aria-label=${`${n + 1} ${t("slideKind")}`} value=${slide.kind} onChange=${(event) => change(n, { kind: event.target.value })}>
            ${Object.entries(SLIDES).map(([value, word]) => html`<option key=${value} value=${value}>${t(word)}</option>`)}</select>
          <input class="number" name=${`slides[${n}].seconds`} inputmode="numeric" maxlength="3" aria-label=${`${n + 1} ${t("slideSeconds")}`}
            value=${slide.seconds} onInput=${(event) => change(n, { seconds: event.target.value })} />
          <select name=${`slides[${n}].zone`} aria-label=${`${n + 1} ${t("slideZone")}`} value=${slide.zone} onChange=${(event) => change(n, { zone: event.target.value })}>
            <option value="">${t("allZones")}</option>
            ${zonesOf(slide).map((zone) => html`<option key=${zone} value=${zone}>${zone}</option>`)}</select>
          <span class="moves">${button(n, "up", "up", () => move(n, -1), n === 0)}${button(n, "down", "down", () => move(n, 1), n === slides.length - 1)}${button(n, "remove", "remove", () => drop(n))}</span>
        </div>`)}
        <p class="draft" role="status">${draft && html`${t("notSaved")} ${moved?.said ?? ""}`}</p>
      <//></div>
    </section>`;
}

function Ticker({ ticker, send }) {
  return html`
    <section class="part ticker"><h2>${t("tickerTitle")}</h2><p class="hint">${t("tickerHint")}</p>
      <${Form} read=${(data) => ({ ticker: data.get("ticker").trim() })} onSend=${(body) => send("/admin/screens/ticker", body, "PUT")}>
        <${Labelled} word="tickerText"><input name="ticker" maxlength=${MAX_TEXT} autocomplete="off" dir="auto" defaultValue=${ticker} placeholder=${t("noTicker")} /><//>
      <//></section>`;
}
