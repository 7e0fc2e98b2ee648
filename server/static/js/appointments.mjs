/** The appointment book of the desk: the day's bookings, finding a code, booking for somebody, check-in. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { MODES, STATES, W } from "./appointments-words.mjs";
import { command, get } from "./api.mjs";
import { BookingDialog } from "./appointments-dialog.mjs";
import { follow } from "./news.mjs";
import { PlansPart } from "./slot-plans.mjs";
import { Bar, RolePage } from "./staff-page.mjs";
import { Dialog, Offline, Problem } from "./ui.mjs";
import { t } from "./words.mjs";


function Work({ session }) {
  const { me, onSessionOver } = session;
  const [day, setDay] = useState(namedDay());
  const [book, setBook] = useState(null);
  const [board, setBoard] = useState(null);
  const [planned, setPlanned] = useState(null);
  const [part, setPart] = useState("book");
  const [link, setLink] = useState("live");
  const again = useRef(() => {});
  const wanted = useRef(day);
  wanted.current = day;

  useEffect(() => {
    const refresh = async () => {
      const asked = wanted.current;
      try {
        const [fresh, plans, now] = await Promise.all([get(`/appointments/days/${asked}`), get("/slot-plans"), get("/board")]);
        if (asked === wanted.current) setBook(fresh);
        setPlanned(plans);
        setBoard(now);
      } catch (error) {
        if (error.status === 401) return onSessionOver();
        throw error;
      }
    };
    const news = follow({ refresh, onLink: setLink });
    again.current = news.refresh;
    return news.close;
  }, []);
  useEffect(() => again.current(), [day]);
  useEffect(() => {
    const onHash = () => setDay(namedDay());
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);
  useEffect(() => void (document.title = `${t(W[part])} · ${t("appointments")}`));

  /** Send a change and show what came of it. Raises what the server refuses. */
  async function send(path, body, method) {
    try {
      return await command(path, body, method);
    } catch (error) {
      if (error.status === 401) onSessionOver();
      throw error;
    } finally {
      again.current();
    }
  }

  const top = html`<${Bar} title=${t("appointments")} session=${session} />${link === "offline" && html`<${Offline} />`}`;
  if (!book || !board) return html`${top}<main class="plain">${t("loading")}</main>`;
  const tabs = me.may.includes("administer") && html`
    <nav class="tabs" aria-label=${t("appointments")}>${["book", "plans"].map((name) => html`
      <button key=${name} type="button" aria-pressed=${name === part} onClick=${() => setPart(name)}>${t(W[name])}</button>`)}</nav>`;
  return html`
    ${top}
    <main class="appointments">
      ${tabs}
      ${part === "plans"
        ? html`<${PlansPart} planned=${planned} queues=${board.queues} send=${send} onPlans=${setPlanned} />`
        : html`<${Book} book=${book} board=${board} plans=${planned.plans} me=${me} send=${send} setDay=${setDay} />`}
    </main>`;
}

/** The day that the address names, as the admin's page does; else today. */
const namedDay = () => (/^#\d{4}-\d\d-\d\d$/.test(location.hash) ? location.hash.slice(1) : "today");

/** The day as text, so many days on. Noon, so that no change of the clock turns it into another day. */
function shifted(day, by) {
  const moment = new Date(`${day}T12:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + by);
  return moment.toISOString().slice(0, 10);
}

function Book({ book, board, plans, me, send, setDay }) {
  const [mode, setMode] = useState("");
  const [found, setFound] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [cancelling, setCancelling] = useState(null);
  const [booking, setBooking] = useState(false);
  const code = useRef(null);
  const shown = book.appointments.filter((one) => !mode || one.mode === mode);
  const unkept = book.appointments.filter((one) => one.state === "booked" && one.closed);
  const count = (name) => book.appointments.filter((one) => !name || one.mode === name).length;

  /** One change at a time; its refusal stands over the list. */
  async function act(work) {
    setRefusal(null);
    try {
      return await work();
    } catch (error) {
      setRefusal(error);
      return null;
    }
  }
  async function find(event) {
    event.preventDefault();
    setFound(null);
    const one = await act(() => send("/appointments/find", { code: code.current.value.trim() }));
    if (one) setFound(one);
    code.current.select();
  }
  const acts = {
    checkIn: async (one) => {
      const ticket = await act(() => send("/tickets", { appointment: one.id }));
      if (ticket && found?.id === one.id) setFound({ ...one, state: "arrived", number: ticket.number });
    },
    cancel: setCancelling,
    mark: async (one, how) => {
      const after = await act(() => send(`/appointments/${one.id}/${how}`));
      if (after && found?.id === one.id) setFound(after);
    },
  };
  async function reallyCancel() {
    const one = cancelling;
    setCancelling(null);
    const after = await act(() => send(`/appointments/${one.id}/cancel`));
    if (after && found?.id === one.id) setFound(after);
  }
  return html`
    <div class="tools">
      <div class="dates">
        <button type="button" aria-label=${t(W.before)} onClick=${() => setDay(shifted(book.day, -1))}>◀</button>
        <input class="number" type="date" aria-label=${t(W.day)} value=${book.day} onChange=${(event) => event.target.value && setDay(event.target.value)} />
        <button type="button" aria-label=${t(W.after)} onClick=${() => setDay(shifted(book.day, 1))}>▶</button>
        <button type="button" aria-disabled=${book.day === book.today} onClick=${() => setDay("today")}>${t(W.today)}</button>
      </div>
      <form class="find" onSubmit=${find}>
        <input ref=${code} class="number" inputmode="numeric" maxlength="10" aria-label=${t(W.find)} placeholder=${t(W.codeHint)} />
        <button type="submit">${t(W.search)}</button>
      </form>
      <button class="main" type="button" onClick=${() => setBooking(true)}>${t(W.newBooking)}</button>
    </div>
    <${Problem} refusal=${refusal} />
    ${found && html`
      <section class="found"><h2>${t(W.found)} <button type="button" onClick=${() => setFound(null)}>${t(W.closeFound)}</button></h2>
        <${Table} rows=${[found]} today=${book.today} acts=${acts} dated /></section>`}
    ${unkept.length > 0 && html`
      <div class="problem" role="status"><b>${[...new Set(unkept.map((one) => t([one.closed, one.closed_en])))].join("；")}</b><span>${t(W.unkept(unkept.length))}</span></div>`}
    <div class="modes" role="group" aria-label=${t(W.mode)}>
      ${["", ...Object.keys(MODES)].map((name) => html`
        <button key=${name} type="button" aria-pressed=${mode === name} onClick=${() => setMode(name)}>${name ? t(MODES[name]) : t(W.all)} <b class="number">${count(name)}</b></button>`)}
    </div>
    ${plans.length === 0 && html`<p class="note">${t(me.may.includes("administer") ? W.noPlansAdmin : W.noPlans)}</p>`}
    ${shown.length ? html`<${Table} rows=${shown} today=${book.today} acts=${acts} />` : html`<p class="none">${t(W.nobody)}</p>`}
    ${cancelling && html`
      <${Dialog} danger title=${t(W.cancelTitle)} action=${t(W.cancelDo)} onClose=${() => setCancelling(null)} onSubmit=${reallyCancel}>
        <p class="subject"><span class="number">${timeOf(cancelling, true)}</span> ${cancelling.queue_name}</p><p>${t(W.cancelText)}</p>
      <//>`}
    ${booking && html`<${BookingDialog} day=${book.day} board=${board} plans=${plans} send=${send} onClose=${() => setBooking(false)} />`}`;
}

const timeOf = (one, dated) => `${dated ? `${one.starts_at.slice(0, 10)} ` : ""}${one.starts_at.slice(11, 16)}–${one.ends_at.slice(11, 16)}`;

function Table({ rows, today, acts, dated }) {
  return html`
    <div class="scroll"><table>
      <thead><tr>${["time", "business", "mode", "code", "phone", "state", "number"].map((word) => html`<th key=${word}>${t(W[word])}</th>`)}<th></th></tr></thead>
      <tbody>${rows.map((one) => html`
        <tr key=${one.id} class=${one.state}>
          <th scope="row" class="number">${timeOf(one, dated)}</th>
          <td>${one.queue} ${one.queue_name}${one.item_name && html`<small>${one.item_name}</small>`}${one.contact && html`<small class="contact">${one.contact}</small>`}
            ${one.closed && html`<small class="closed">${t([one.closed, one.closed_en])}</small>`}</td>
          <td><span class=${`chip ${one.mode}`}>${t(MODES[one.mode])}</span></td>
          <td class="number code">${one.code.slice(0, 4)} ${one.code.slice(4)}</td>
          <td class="number">${one.phone}</td>
          <td><span class=${`is ${one.state}`}>${t(STATES[one.state])}</span></td>
          <td class="number">${one.number}</td>
          <td><${Actions} one=${one} today=${today} acts=${acts} /></td>
        </tr>`)}</tbody>
    </table></div>`;
}

/** What may be done with a booking now; the server judges it again. */
function Actions({ one, today, acts }) {
  const isToday = one.starts_at.slice(0, 10) === today;
  const open = one.state === "booked";
  const visit = one.mode === "home_visit";
  return html`<span class="acts">
    ${!visit && isToday && (open || one.state === "missed") && html`<button class="main" type="button" onClick=${() => acts.checkIn(one)}>${t(W.checkIn)}</button>`}
    ${visit && (open || one.state === "missed") && html`<button type="button" onClick=${() => acts.mark(one, "done")}>${t(W.done)}</button>`}
    ${visit && open && !one.closed && html`<button type="button" onClick=${() => acts.mark(one, "missed")}>${t(W.missed)}</button>`}
    ${open && html`<button type="button" onClick=${() => acts.cancel(one)}>${t(W.cancel)}</button>`}
  </span>`;
}

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${RolePage} page="appointments" may="desk" notAllowed=${W.notDesk} work=${work} />`, document.getElementById("app"));
