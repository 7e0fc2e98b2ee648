/** The hall monitor: what is so now, what is wrong, what was. Read from across an office. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get } from "./api.mjs";
import { Events, Spent } from "./guide-ticket.mjs";
import { Acknowledge, History, Strip, useAlerts } from "./monitor-alarms.mjs";
import { Picture } from "./monitor-picture.mjs";
import { Replay } from "./monitor-replay.mjs";
import { M } from "./monitor-words.mjs";
import { follow } from "./news.mjs";
import { Bar, RolePage } from "./staff-page.mjs";
import { Dialog, Problem, clock, timeOfDay, useNow } from "./ui.mjs";
import { FAULTS, HEALTH, LANES, ROLES, business, t } from "./words.mjs";

const LOOK_MS = 5000; // alarms and machines that fall silent make no news
const STALE_MS = 12_000;

/** @type {[string, [string, string]][]} */
const VIEWS = [["live", M.live], ["replay", M.replay], ["history", M.history], ["calls", M.calls]];
const named = () => (VIEWS.some(([name]) => `#${name}` === location.hash) ? location.hash.slice(1) : "live");

function Work({ session }) {
  const { me, onSessionOver } = session;
  const [all, setAll] = useState(null);
  const [link, setLink] = useState("live");
  const [view, setView] = useState(named());
  const [ticket, setTicket] = useState("");
  const [alarm, setAlarm] = useState(null);
  const [turn, setTurn] = useState(0); // counts acknowledgements, after which the history is asked for again
  const came = useRef(performance.now());
  const again = useRef(() => {});
  const now = useNow(1000);

  useEffect(() => {
    const refresh = async () => {
      try {
        const fresh = await get("/monitor");
        came.current = performance.now();
        clock.set(Date.parse(fresh.at));
        setAll(fresh);
      } catch (error) {
        if (error.status === 401) return onSessionOver();
        throw error;
      }
    };
    const news = follow({ refresh, onLink: setLink, onClock: clock.set });
    again.current = news.refresh;
    const timer = setInterval(news.refresh, LOOK_MS);
    return () => (clearInterval(timer), news.close());
  }, []);
  useEffect(() => {
    const onHash = () => setView(named());
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);
  const alarms = all?.alarms ?? [];
  const wanting = alarms.filter((one) => !one.acknowledged_at).length;
  const [alerts, flip] = useAlerts(alarms, me.username);
  useEffect(() => void (document.title = `${wanting ? `(${wanting}) ` : ""}${t("monitor")}`));

  async function acknowledge(one, note) {
    try {
      await command(`/alarms/${one.id}/acknowledge`, { note });
    } catch (error) {
      if (error.status === 401) onSessionOver();
      throw error;
    } finally {
      setTurn(turn + 1);
      again.current();
    }
  }

  const top = html`<${Bar} title=${t("monitor")} place=${all?.hall_name} session=${session} />`;
  if (!all) return html`${top}<main class="plain">${t("loading")}</main>`;
  const stale = link === "offline" || performance.now() - came.current > STALE_MS;
  return html`
    ${top}
    ${stale && html`<p class="banner" role="alert">! ${t(M.stale(all.at.slice(11, 19)))}</p>`}
    <main class=${`monitor ${stale ? "stale" : ""}`}>
      <h1 class="unseen">${t("monitor")}</h1>
      <${Strip} alarms=${alarms} alert=${alerts && wanting > 0} onAcknowledge=${setAlarm} />
      <div class="controls">
        <nav aria-label=${t(M.views)}>${VIEWS.map(([name, words]) => html`
          <a key=${name} href=${`#${name}`} aria-current=${name === view ? "page" : undefined}>${t(words)}</a>`)}</nav>
        <${Find} today=${all.at.slice(0, 10)} onFound=${setTicket} onSessionOver=${onSessionOver} />
        <span class="spacer"></span>
        ${!all.open && html`<span class="chip no">${t(M.closed)}</span>`}
        <button type="button" aria-pressed=${alerts} data-alerts onClick=${flip}>${t(alerts ? M.alertsOn : M.alertsOff)}</button>
        <span class="as-of"><i class=${`dot ${stale ? "offline" : link}`} aria-hidden="true"></i>${t(link === "polling" ? M.polling : M.asOf)} <b class="number">${all.at.slice(11, 19)}</b></span>
      </div>
      ${view === "live" && html`<${Picture} infos=${all} picture=${all.picture} now=${now} onNumber=${setTicket} /><${Rest} all=${all} />`}
      ${view === "replay" && html`<${Replay} today=${all.at.slice(0, 10)} hour=${Number(all.at.slice(11, 13))} onNumber=${setTicket} onSessionOver=${onSessionOver} />`}
      ${view === "history" && html`<${History} onAcknowledge=${setAlarm} onSessionOver=${onSessionOver} turn=${turn} />`}
      ${view === "calls" && html`<${Calls} today=${all.at.slice(0, 10)} onSessionOver=${onSessionOver} onNumber=${setTicket} />`}
    </main>
    ${ticket && html`<${Story} key=${ticket} id=${ticket} onClose=${() => setTicket("")} onSessionOver=${onSessionOver} />`}
    ${alarm && html`<${Acknowledge} key=${alarm.id} alarm=${alarm} send=${acknowledge} onClose=${() => setAlarm(null)} />`}`;
}

/** A number typed by hand leads to its story as well, one of an earlier day too: complaints come later. */
function Find({ today, onFound, onSessionOver }) {
  const [number, setNumber] = useState("");
  const [day, setDay] = useState("");
  const [refusal, setRefusal] = useState(null);
  async function submit(event) {
    event.preventDefault();
    if (!number.trim()) return;
    try {
      onFound((await get(`/tickets/numbered/${encodeURIComponent(number.trim())}${day && `?day=${day}`}`)).id);
      setRefusal(null);
    } catch (error) {
      if (error.status === 401) return onSessionOver();
      setRefusal(error);
    }
  }
  return html`
    <form class="find" onSubmit=${submit}>
      <input class="number" name="number" maxlength="10" autocomplete="off" placeholder=${t(M.find)} aria-label=${t(M.find)} value=${number}
        aria-invalid=${refusal ? "true" : undefined} onInput=${(event) => (setNumber(event.target.value), setRefusal(null))} />
      <input type="date" name="of" aria-label=${t(M.findDay)} title=${t(M.findDay)} max=${today} value=${day || today} onInput=${(event) => (setDay(event.target.value), setRefusal(null))} />
      <button type="submit">${t(M.findGo)}</button>
      ${refusal && html`<span class="refused" role="alert">${t([refusal.zh, refusal.en])}</span>`}
    </form>`;
}

/** People and machines, below the picture. */
function Rest({ all }) {
  const seated = Object.values(all.picture.windows).filter((cell) => cell.staff).length;
  const faults = (one) => (one.faults.length ? one.faults.map((word) => t(FAULTS[word] ?? [word, word])).join(" ") : t(HEALTH[one.state] ?? [one.state, one.state]));
  const ready = (printer) => printer.state === "online" && printer.faults.length === 0 && !printer.silent;
  return html`
    <div class="rest">
      <section aria-labelledby="staff"><h2 id="staff">${t(M.staff)} <small>${t(M.atWindows(seated))}</small></h2>
        <p>${all.others.map(({ name, role }) => html`<span key=${name} class="chip person">${name} <small>${t(ROLES[role] ?? [role, role])}</small></span>`)}</p></section>
      <section aria-labelledby="devices"><h2 id="devices">${t(M.devices)} <small>${t(all.devices.length ? M.unwell(all.devices.length) : M.well(all.devices_well))}</small></h2>
        <p>${all.silent.map((name) => html`<span key=${name} class="chip no">! ${name} ${t(M.silent)}</span>`)}
          ${all.devices.map((one) => html`<span key=${`${one.machine}/${one.device}`} class="chip no">! ${one.machine} · ${one.device}${one.window && ` (${one.window})`} ${faults(one)}</span>`)}</p></section>
      <section aria-labelledby="paper"><h2 id="paper">${t(M.paper)}</h2>
        <p>${all.printers.length === 0 && t(M.noPrinters)}${all.printers.map((one) => html`
          <span key=${one.machine} class=${`chip ${ready(one) ? "well" : "no"}`}>${ready(one) ? "✓" : "!"} ${one.machine} ${one.silent ? t(M.silent) : ready(one) ? t(M.paperOk) : faults(one)}</span>`)}</p></section>
    </div>`;
}

/** 特呼 of a day. */
function Calls({ today, onSessionOver, onNumber }) {
  const [day, setDay] = useState(today);
  const [found, setFound] = useState(null);
  const [refusal, setRefusal] = useState(null);
  useEffect(() => {
    let gone = false;
    get(`/reports/out-of-order?day=${encodeURIComponent(day)}`).then(
      (answer) => !gone && (setFound(answer), setRefusal(null)),
      (error) => (error.status === 401 ? onSessionOver() : !gone && setRefusal(error)),
    );
    return () => void (gone = true);
  }, [day]);
  const open = async (number) => {
    const { id } = await get(`/tickets/numbered/${encodeURIComponent(number)}?day=${found.day}`);
    onNumber(id);
  };
  const calls = [...(found?.calls ?? [])].reverse();
  return html`
    <section class="calls" aria-labelledby="calls">
      <h2 id="calls" class="unseen">${t(M.calls)}</h2>
      <div class="asked"><label class="field"><span>${t(M.day)}</span><input type="date" name="day" max=${today} value=${day} onChange=${(event) => setDay(event.target.value)} /></label>
        ${found && html`<span class="counted"><b class="number count">${calls.length}</b> ${t(M.times)}</span>`}</div>
      <${Problem} refusal=${refusal} />
      ${found && calls.length === 0 && html`<p class="none">${t(M.noCalls)}</p>`}
      ${calls.length > 0 && html`
        <div class="scroll"><table>
          <thead><tr>${[M.at, M.window, M.number, M.lanes, M.who, M.reason, M.passedOver].map((word) => html`<th key=${word[0]} scope="col">${t(word)}</th>`)}</tr></thead>
          <tbody>${calls.map((call) => html`
            <tr key=${call.at + call.window}>
              <td class="number">${timeOfDay(call.at)}</td><td class="number">${call.window}</td>
              <td><button type="button" class="number link-number" onClick=${() => open(call.number).catch(setRefusal)}>${call.number}</button></td>
              <td>${t(LANES[call.lane])}</td><td>${call.name || call.username}</td>
              <td>${t([call.reason, call.reason_en])}${call.undone && html` <span class="chip">${t(M.undone)}</span>`}</td><td class="number">${call.passed_over}</td>
            </tr>`)}</tbody>
        </table></div>`}
    </section>`;
}

/** A ticket's whole story. Nothing of its rating is in it. */
function Story({ id, onClose, onSessionOver }) {
  const [story, setStory] = useState(null);
  const [refusal, setRefusal] = useState(null);
  useEffect(() => {
    get(`/tickets/${id}/story`).then(setStory, (error) => (error.status === 401 ? onSessionOver() : setRefusal(error)));
  }, []);
  return html`
    <${Dialog} wide title=${story ? story.ticket.number : t("loading")} onClose=${onClose}>
      <${Problem} refusal=${refusal} />
      ${story && html`
        <p class="subject">${story.ticket.service_day} ${business(story.ticket)}${story.ticket.lane !== "normal" && html` <span class="chip lane">${t(LANES[story.ticket.lane])}</span>`}</p>
        <${Spent} spent=${story.spent} />
        <${Events} events=${story.events} day=${story.ticket.service_day} />`}
    <//>`;
}

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${RolePage} page="monitor" may="supervise" notAllowed=${M.notSupervisor} work=${work} />`, document.getElementById("app"));
