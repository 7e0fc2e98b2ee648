/** The work view of one window: the number in hand, what may be done with it, and the line behind it. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get, signOut } from "./api.mjs";
import { DIALOGS } from "./dialogs.mjs";
import { follow } from "./news.mjs";
import { ACTIONS, LEAVE, LIST, blocked, usual } from "./rules.mjs";
import { FAULTS, HEALTH, LANES, WORDS, sentences, t } from "./words.mjs";
import { Cap, Elapsed, LanguageSwitch, Offline, clock, minutesBetween, useNow } from "./ui.mjs";

/** Actions that need no further word from the clerk, and the path that does each. */
const AT_ONCE = { next: "call-next", recall: "recall", begin: "begin", undo: "undo", resume: "resume" };
const EVALUATOR = { absent: "evaluatorAbsent", fault: "evaluatorFault" };
const RATING = { opened: "ratingOpen", rated: "ratingRated", unrated: "ratingOver" };

export function Desk({ me, no, hall, redraw, onLeft, onSessionOver, onSignedOut }) {
  const [desk, setDesk] = useState({ view: null, waiting: [], held: [], printers: [], link: "live", busy: "", said: null, rating: "" });
  const [dialog, setDialog] = useState(null);
  const now = useRef(desk);
  const turn = useRef(0); // counts commands, so that a picture fetched before one is not shown after it
  const news = useRef(null);
  const list = useRef(null);
  const change = (part) => setDesk((now.current = { ...now.current, ...part }));

  function gone(error) {
    if (error.status === 401) onSessionOver();
    else if (error.code === "not_your_window") onLeft("lostWindow");
    else return false;
    return true;
  }

  async function refresh() {
    const asked = turn.current;
    try {
      const [view, line] = await Promise.all([get(`/windows/${no}`), get(`/windows/${no}/queue`)]);
      if (asked === turn.current) change({ view, ...line });
      else news.current.refresh();
    } catch (error) {
      if (!gone(error)) throw error;
    }
  }

  useEffect(() => {
    news.current = follow({
      refresh,
      onClock: clock.set,
      onLink: (link) => change({ link, said: saysOffline(now.current.said) ? null : now.current.said }),
      onNews: ({ kind, data }) => {
        if (data.window !== no) return;
        if (kind === "invitation.opened") change({ rating: "opened" });
        if (kind === "invitation.closed") change({ rating: data.how === "rated" || !now.current.view?.ticket ? data.how : "" });
      },
    });
    return news.current.close;
  }, []);

  const say = (tone, ...lines) => change({ said: { tone, lines } });

  /** Why nothing may be sent now, said aloud; true when so. */
  function refuse(action) {
    const { busy, link, view } = now.current;
    const why = busy ? "busyWhy" : link === "offline" ? "offlineWhy" : blocked(action, view);
    if (why) say("no", t(why));
    return Boolean(why);
  }

  /** Send one command; true when a leave is done. While it is under way nothing else is sent. */
  async function send(action, path, body) {
    setDialog(null);
    if (refuse(action)) return false;
    turn.current += 1;
    change({ busy: action, said: null });
    try {
      const view = await command(`/windows/${no}/${path}`, body);
      if (action === "leave") {
        onLeft();
        return true;
      }
      change({ view });
      if (view.message) say("note", view.message);
    } catch (error) {
      if (gone(error)) return false;
      say("no", ...sentences(error));
    }
    turn.current += 1;
    change({ busy: "" });
    news.current.refresh();
    return false;
  }

  function press(action, ticket) {
    if (refuse(action)) return;
    if (action === "pause" && now.current.view.state === "paused") send("pause", AT_ONCE.resume);
    else if (AT_ONCE[action]) send(action, AT_ONCE[action]);
    else setDialog({ action, ticket });
  }

  async function leaveAndSignOut() {
    try {
      await signOut();
      onSignedOut();
    } catch (error) {
      say("no", ...sentences(error));
    }
  }

  useKeys(press, () => list.current?.querySelector("button")?.focus(), desk.view !== null);
  useTitle(desk, no);
  if (!desk.view) return desk.link === "offline" ? html`<${Offline} />` : html`<div class="plain"><p>${t("loading")}</p></div>`;
  const Asked = dialog && DIALOGS[dialog.action];
  return html`
    <header class="bar">
      <span class="plate"><b class="number">${no}</b> ${t("window")}</span>
      <span class="place"><b>${desk.view.name}</b><small>${hall}</small></span>
      <span class="spacer"></span>
      ${EVALUATOR[desk.view.evaluator] && html`<span class="chip evaluator" role="status">! ${t(EVALUATOR[desk.view.evaluator])}</span>`}
      <${Printers} alarms=${desk.printers} />
      <${Link} link=${desk.link} />
      <span class="who">${me.name}${me.staff_no && html` <small>${me.staff_no}</small>`}</span>
      <${LanguageSwitch} onSwitch=${redraw} />
      <button class="quiet" type="button" aria-disabled=${Boolean(desk.view.ticket)} onClick=${() => press("leave")}>${t("leave")} <${Cap}>Q<//></button>
    </header>
    ${desk.link === "offline" && html`<${Offline} />`}
    <main class="desk">
      <section class=${`hand ${stateOf(desk.view)}`} aria-label=${t("window")}>
        <${InHand} view=${desk.view} waiting=${desk.waiting} rating=${desk.rating} />
      </section>
      <p class=${`said ${desk.said?.tone ?? ""}`} role="status" aria-live="polite">
        ${desk.busy ? html`<span class="working">${t("busy")}：${t(desk.busy)}…</span>` : ""}
        ${desk.said && html`<b>${desk.said.lines[0]}</b> <small>${desk.said.lines[1]}</small>`}
      </p>
      <${Buttons} desk=${desk} onPress=${press} />
      <aside ref=${list} onKeyDown=${walk}>
        <${Line} title="waitingList" hint tickets=${desk.waiting} onPick=${(ticket) => press("special", ticket)} />
        ${desk.held.length > 0 && html`<${Line} title="heldList" tickets=${desk.held} onPick=${(ticket) => press("special", ticket)} />`}
      </aside>
    </main>
    ${Asked && html`<${Asked} view=${desk.view} ticket=${dialog.ticket} send=${send} onClose=${() => setDialog(null)} onSignOut=${leaveAndSignOut} />`}`;
}

const saysOffline = (said) => said?.lines[0] === t("offlineWhy");

const stateOf = (view) => view.ticket?.state ?? view.state;

/** The server sends at most fifty. */
const count = (tickets) => (tickets.length < 50 ? tickets.length : "50+");

/** The first printer that wants a hand, and how many more do. */
function Printers({ alarms: [first, ...others] }) {
  if (!first) return null;
  const faults = first.faults.length ? first.faults.map((word) => (FAULTS[word] ? t(FAULTS[word]) : word)) : [t(HEALTH[first.state])];
  return html`<span class="chip alarm" role="alert">! ${t("printer")} ${first.machine} ${faults.join(" ")}${others.length > 0 && ` +${others.length}`}</span>`;
}

function Link({ link }) {
  return html`<span class=${`link ${link}`} role="status"><i></i>${t(link)}</span>`;
}

function InHand({ view, waiting, rating }) {
  const { ticket } = view;
  const chip = ticket?.state !== "serving" && RATING[rating] && html`<span class=${`chip rating ${rating}`} role="status">${ticket ? t("lastPerson") : ""}${t(RATING[rating])}</span>`;
  if (!ticket) {
    const paused = view.state === "paused";
    return html`
      <p class="state">${t(paused ? "pausedState" : "idle")} ${chip}</p>
      <p class="big">${paused ? view.pause_reason : waiting.length ? html`<span class="number">${count(waiting)}</span> ${t("people")}` : t("nobodyWaits")}</p>
      <p class="facts">${t(paused ? "pausedHint" : waiting.length ? "idleHint" : "idleEmpty")}</p>`;
  }
  const began = ticket.state === "serving";
  return html`
    <p class="state">${t(began ? "serving" : "called")}
      ${ticket.lane !== "normal" && html`<span class="chip lane">${t(LANES[ticket.lane])}</span>`}
      ${view.state === "paused" && html`<span class="chip">${t("pausedState")} · ${view.pause_reason}</span>`}
      ${chip}</p>
    <p class="big number" id="number">${ticket.number}</p>
    <p class="item">${ticket.item_name || ticket.queue_name}</p>
    <dl class="facts">
      <div><dt>${t("waited")}</dt><dd><b class="number">${minutesBetween(ticket.issued_at, Date.parse(ticket.called_at))}</b> ${t("minutes")}</dd></div>
      <div><dt>${t(began ? "sinceBegin" : "sinceCall")}</dt><dd><b><${Elapsed} since=${began ? view.begun_at : ticket.called_at} /></b></dd></div>
      ${ticket.recalls > 0 && html`<div><dt>${t("recalls")}</dt><dd><b class="number">${ticket.recalls}</b> ${t("times")}</dd></div>`}
      <div class="reason"><dt>${t("why")}</dt><dd>${view.reason}</dd></div>
    </dl>
    ${["failed", "unknown"].includes(ticket.print_state) && html`<p class="paper">${t("notPrinted")}</p>`}`;
}

function Buttons({ desk, onPress }) {
  const { view, busy, link } = desk;
  const first = usual(view);
  const button = ({ name, cap }) => {
    const off = busy || link === "offline" || blocked(name, view);
    const label = name === "pause" && view.state === "paused" ? "resume" : name;
    return html`
      <button key=${name} type="button" data-action=${name} aria-disabled=${Boolean(off)} aria-keyshortcuts=${cap}
        class=${[name === first && "main", busy === name && "sending"].filter(Boolean).join(" ")}
        title=${off && !busy ? t(link === "offline" ? "offlineWhy" : off) : ""}
        onClick=${() => onPress(name)}><span>${t(label)}</span> <${Cap}>${cap}<//></button>`;
  };
  return html`
    <div class="actions" aria-busy=${Boolean(busy)}>
      ${[1, 2].map((row) => html`<div class=${`row${row}`}>${ACTIONS.filter((a) => a.row === row).map(button)}</div>`)}
    </div>`;
}

function Line({ title, hint, tickets, onPick }) {
  const now = useNow(10000);
  return html`
    <section class="line">
      <h2>${t(title)} <b class="number">${count(tickets)}</b>${hint && tickets.length > 0 && html`<small>${t("listKey")}</small>`}</h2>
      ${tickets.length === 0 && html`<p class="none">${t("nobodyWaits")}</p>`}
      <ol>${tickets.map((ticket) => html`
        <li key=${ticket.id}><button type="button" onClick=${() => onPick(ticket)}>
          <b class="number">${ticket.number}</b>
          <span class="what">${ticket.item_name || ticket.queue_name}</span>
          ${ticket.lane !== "normal" && html`<span class="chip lane">${t(LANES[ticket.lane])}</span>`}
          <span class="wait"><b class="number">${minutesBetween(ticket.issued_at, now)}</b> ${t("minutes")}</span>
        </button></li>`)}</ol>
    </section>`;
}

/** Up and down in the lists; Esc goes back to the page. */
function walk(event) {
  const rows = [...event.currentTarget.querySelectorAll("button")];
  const here = rows.indexOf(document.activeElement);
  const to = { ArrowDown: rows[here + 1], ArrowUp: rows[here - 1], Home: rows[0], End: rows.at(-1) }[event.key];
  if (event.key === "Escape") rows[here]?.blur();
  else if (!to) return;
  event.preventDefault();
  to?.focus();
}

/** One key for each action, unless a dialog is open, text is being typed, or the browser means something by it. */
function useKeys(press, toList, ready) {
  const latest = useRef(null);
  latest.current = { press, toList, ready };
  useEffect(() => {
    const onKey = (event) => {
      const { press, toList, ready } = latest.current;
      if (!ready || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
      const action = [...ACTIONS, LEAVE, LIST].find(({ code }) => code === event.code);
      if (!action) return;
      event.preventDefault();
      if (event.repeat) return; // a key held down is one press
      if (action === LIST) toList();
      else press(action.name);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

function useTitle({ view, link }, no) {
  const what = link === "offline" ? t("offline") : view?.ticket?.number ?? t(view?.state === "paused" ? "paused" : "free");
  useEffect(() => void (document.title = `${what} · ${no} · ${WORDS.console[0]}`), [what]);
}
