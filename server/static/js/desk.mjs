/** The work view of one window: the number in hand, what may be done with it, and the line behind it. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get } from "./api.mjs";
import { C } from "./cover-words.mjs";
import { DIALOGS } from "./dialogs.mjs";
import { InHand } from "./hand.mjs";
import { keepFocus, useKeys } from "./keys.mjs";
import { Devices, Held, Today, Waiting } from "./lists.mjs";
import { follow } from "./news.mjs";
import { ACTIONS, HAND, HELP, LEAVE, STEP, blocked, meaning, usual } from "./rules.mjs";
import { OUTCOMES, WORDS, sentences, t } from "./words.mjs";
import { Cap, LanguageSwitch, Offline, clock } from "./ui.mjs";

/** Actions that need no further word from the clerk, and the path that does each. */
const AT_ONCE = { next: "call-next", recall: "recall", begin: "begin", undo: "undo", finish: "finish" };
/** For so long after the one key's meaning changed it does nothing: longer than the gap of a double press. */
const SETTLE_MS = 600;
/** What only looks. */
const LOOKS = ["day", "help"];
const NOTHING = {
  view: null, waiting: [], held: [], holds: {}, notes: {}, printers: [], day: null, link: "live", busy: "", said: null, inviting: false,
  outcome: OUTCOMES[0][0],
};

export function Desk({ me, no, hall, redraw, leave, leaveSaying, onLeft, onLost, onSessionOver }) {
  const [desk, setDesk] = useState(NOTHING);
  const [dialog, setDialog] = useState(null);
  const now = useRef(desk);
  const changed = useRef(-Infinity); // when the one key's meaning last did
  const turn = useRef(0); // counts commands, so that a picture fetched before one is not shown after it
  const dayDue = useRef(true);
  const news = useRef(null);
  const lists = useRef(null);

  function change(part) {
    const before = now.current.view;
    const next = { ...now.current, ...part };
    if (part.view && part.view.ticket?.id !== before?.ticket?.id) next.outcome = OUTCOMES[0][0];
    if (part.view && before && meaning(part.view) !== meaning(before)) changed.current = performance.now();
    setDesk((now.current = next));
  }

  /** Whether this page has nothing more to do here. One that leaves by itself hears of that from its own command. */
  function gone(error) {
    if (error.status === 401) onSessionOver();
    else if (error.code !== "not_your_window") return false;
    else if (now.current.busy !== "leave") onLost();
    return true;
  }

  async function refresh() {
    const asked = turn.current;
    const withDay = dayDue.current;
    dayDue.current = false;
    try {
      const [view, line, day] = await Promise.all([
        get(`/windows/${no}`), get(`/windows/${no}/queue`), withDay ? get("/me/day") : now.current.day,
      ]);
      if (asked === turn.current) change({ view, ...line, day });
      else news.current.refresh();
    } catch (error) {
      dayDue.current = dayDue.current || withDay;
      if (!gone(error)) throw error;
    }
  }

  useEffect(() => {
    news.current = follow({
      refresh,
      onClock: clock.set,
      onLink: (link) => {
        dayDue.current = true;
        change({ link, said: saysOffline(now.current.said) ? null : now.current.said });
      },
      onNews: ({ kind, data }) => {
        if (data.window !== no) return;
        dayDue.current = true;
        if (kind.startsWith("invitation.")) change({ inviting: kind === "invitation.opened" });
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

  /**
   * Send one command; true when a leave or an offer is done. While it is under way nothing else is sent. `path` is under this
   * window's, unless it begins with a slash.
   */
  async function send(action, path, body) {
    setDialog(null);
    if (refuse(action)) return false;
    turn.current += 1;
    change({ busy: action, said: null });
    try {
      const answer = await command(path.startsWith("/") ? path : `/windows/${no}/${path}`, body);
      if (action === "leave") {
        onLeft();
        return true;
      }
      if (!path.startsWith("/")) change({ view: answer });
      if (answer.message) say("note", answer.message);
    } catch (error) {
      if (gone(error)) {
        if (action === "leave" && error.code === "not_your_window") onLeft();
        return false;
      }
      say("no", ...sentences(error));
    }
    turn.current += 1;
    dayDue.current = true;
    change({ busy: "" });
    news.current.refresh();
    return action === "handOver" && !now.current.said;
  }

  function press(action, ticket) {
    if (LOOKS.includes(action)) return setDialog({ action });
    if (action === "list" || action === "heldKey") return toList(action === "list" ? ".waiting" : ".held");
    if (action === "step") return takeStep();
    if (refuse(action)) return;
    const { view, outcome } = now.current;
    if (action === "pause" && view.state === "paused") send("pause", "resume");
    else if (AT_ONCE[action]) send(action, AT_ONCE[action], action === "finish" ? { outcome } : {});
    else setDialog({ action, ticket, inHand: view.ticket?.id });
  }

  function takeStep() {
    if (performance.now() - changed.current < SETTLE_MS) return say("note", t("justChanged"));
    press(usual(now.current.view));
  }

  function toList(which) {
    const row = lists.current?.querySelector(`${which} ol button`);
    if (row) row.focus();
    else say("note", t(which === ".held" ? "nothingHeld" : "nobodyWaits"));
  }

  function mark(place) {
    if (now.current.view.ticket?.state !== "serving" || !OUTCOMES[place - 1]) return false;
    change({ outcome: OUTCOMES[place - 1][0] });
    return true;
  }

  // A question about a number that has left the window meanwhile (by the call pad, or in another tab) is void.
  const isVoid = dialog && !LOOKS.includes(dialog.action) && (dialog.inHand !== desk.view.ticket?.id || blocked(dialog.action, desk.view));
  useEffect(() => {
    if (!isVoid) return;
    setDialog(null);
    say("no", t("dialogVoid"));
  }, [Boolean(isVoid)]);

  useKeys(press, mark, desk.view !== null);
  useTitle(desk, no);
  if (!desk.view) return desk.link === "offline" ? html`<${Offline} />` : html`<div class="plain"><p>${t("loading")}</p></div>`;
  const Asked = dialog && !isVoid && DIALOGS[dialog.action];
  return html`
    <header class="bar" onMouseDown=${keepFocus}>
      <span class="plate"><b class="number">${no}</b> ${t("window")}</span>
      <span class="place"><b>${desk.view.name}</b><small>${hall}</small></span>
      <span class="spacer"></span>
      <${Link} link=${desk.link} />
      <span class="who"><b>${me.name}</b>${me.staff_no && html` <small>${me.staff_no}</small>`}</span>
      <${LanguageSwitch} onSwitch=${redraw} />
      <button class="quiet" type="button" onClick=${() => press("help")}>${t("help")} <${Cap}>${HELP.cap}<//></button>
      <button class="quiet" type="button" onClick=${() => press("handOver")}>${t("handOver")} <${Cap}>${HAND.cap}<//></button>
      <button class="quiet" type="button" aria-disabled=${Boolean(desk.view.ticket)} onClick=${() => press("leave")}>${t("leave")} <${Cap}>${LEAVE.cap}<//></button>
    </header>
    ${desk.link === "offline" && html`<${Offline} />`}
    <main class="desk" onMouseDown=${keepFocus}>
      <section class=${`hand ${desk.view.ticket?.state ?? desk.view.state}`} aria-label=${t("window")}>
        <${InHand} view=${desk.view} waiting=${desk.waiting} inviting=${desk.inviting} outcome=${desk.outcome} onOutcome=${(outcome) => change({ outcome })} />
      </section>
      <p class=${`said ${desk.said?.tone ?? ""}`} role="status" aria-live="polite">
        ${desk.busy ? html`<span class="working">${t("busy")}：${t(desk.busy)}…</span>` : ""}
        ${desk.said && html`<b>${desk.said.lines[0]}</b> <small>${desk.said.lines[1]}</small>`}
      </p>
      <${Buttons} desk=${desk} onPress=${press} onStep=${takeStep} />
      <aside ref=${lists}>
        <${Waiting} tickets=${desk.waiting} notes=${desk.notes} onPick=${(ticket) => press("special", ticket)} />
        <${Held} tickets=${desk.held} holds=${desk.holds} onPick=${(ticket) => press("takeBack", ticket)} />
        <${Devices} view=${desk.view} printers=${desk.printers} />
        <${Today} day=${desk.day} onOpen=${() => press("day")} />
      </aside>
    </main>
    ${Asked && html`<${Asked} view=${desk.view} day=${desk.day} ticket=${dialog.ticket} hold=${desk.holds[dialog.ticket?.id]}
      send=${send} onClose=${() => setDialog(null)} onSignOut=${leave} onOffered=${(name) => leaveSaying(C.offeredTo(name, no))} />`}`;
}

const saysOffline = (said) => said?.lines[0] === t("offlineWhy");

function Link({ link }) {
  return html`<span class=${`link ${link}`} role="status"><i></i>${t(link)}</span>`;
}

function Buttons({ desk, onPress, onStep }) {
  const { view, busy, link, outcome } = desk;
  const why = (name) => (busy || link === "offline" ? "offlineWhy" : blocked(name, view));
  const button = (name, cap, label, kind, onClick) => html`
    <button key=${kind || name} type="button" data-action=${name} aria-disabled=${Boolean(why(name))}
      class=${[kind, busy === name && "sending"].filter(Boolean).join(" ")}
      title=${why(name) && !busy ? t(why(name)) : ""} onClick=${onClick}><span>${label}</span> <${Cap}>${cap}<//></button>`;
  const first = usual(view);
  return html`
    <div class="actions" aria-busy=${Boolean(busy)}>
      ${button(first, t(STEP.cap), stepWords(first, outcome), "main", onStep)}
      ${ACTIONS.map(({ name, cap }) => button(name, cap, t(name === "pause" && view.state === "paused" ? "resume" : name), "", () => onPress(name)))}
    </div>`;
}

/** What the big button says: with an outcome other than the first, that too. */
function stepWords(first, outcome) {
  if (first === "pause") return t("resume");
  const [, words] = OUTCOMES.find(([value]) => value === outcome);
  return first === "finish" && outcome !== OUTCOMES[0][0] ? `${t("finishAs")} · ${t(words)}` : t(first);
}

function useTitle({ view, link }, no) {
  const what = link === "offline" ? t("offline") : view?.ticket?.number ?? t(view?.state === "paused" ? "paused" : "free");
  useEffect(() => void (document.title = `${what} · ${no} · ${WORDS.console[0]}`), [what]);
}
