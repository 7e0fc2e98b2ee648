/** The guide desk: issue for somebody, find a ticket and its story, put no-shows back. One page, by keyboard or mouse. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get } from "./api.mjs";
import { Issue } from "./guide-issue.mjs";
import { DIALOGS, Said, TicketCard, possible } from "./guide-ticket.mjs";
import { EXCEPTIONS, G } from "./guide-words.mjs";
import { follow } from "./news.mjs";
import { Bar, RolePage } from "./staff-page.mjs";
import { FAULTS, HEALTH, WORDS, business, t } from "./words.mjs";
import { Cap, Dialog, Offline } from "./ui.mjs";

const WAIT = { tone: "no", zh: WORDS.busyWhy[0], en: WORDS.busyWhy[1] };
/**
 * What stands in the search box: a paper's QR code is an address that ends in /t/ID/KEY, which a scanner types; anything else
 * is a number. Scanners type as the keyboard is set, full-width or in capitals too.
 */
export function wanted(text) {
  const plain = text.normalize("NFKC").trim();
  const id = /(?:^|\/t\/)([0-9a-f]{16})(?:\/[a-z2-7]{8})?\/?$/i.exec(plain);
  return id ? { id: id[1].toLowerCase() } : { number: plain.toUpperCase() };
}

function Work({ session }) {
  const { onSessionOver } = session;
  const [page, setPage] = useState({ board: null, desk: null, story: null, sms: null, link: "live", busy: "", said: null, issued: "", form: 0 });
  const [dialog, setDialog] = useState("");
  const [exception, setException] = useState(null);
  const [day, setDay] = useState("");
  const now = useRef(page);
  const turn = useRef(0); // counts commands and look-ups, so that a picture fetched before one is not shown after it
  const news = useRef(null);
  const [entry, search, missed] = [useRef(null), useRef(null), useRef(null)];
  const change = (part) => setPage((now.current = { ...now.current, ...part }));

  async function refresh() {
    const asked = turn.current;
    const open = now.current.story?.ticket.id;
    try {
      const [board, desk, story, sms] = await Promise.all([
        get("/board"), get("/desk"), open ? get(`/tickets/${open}/story`) : null, open ? get(`/tickets/${open}/sms`) : null,
      ]);
      if (asked === turn.current) change({ board, desk, story, sms });
      else news.current.refresh();
    } catch (error) {
      if (error.status !== 401) throw error;
      onSessionOver();
    }
  }
  useEffect(() => {
    news.current = follow({ refresh, onLink: (link) => change({ link }) });
    return news.current.close;
  }, []);
  useEffect(() => search.current?.focus(), [page.desk !== null]);
  useEffect(() => void (document.title = t("guide")));

  /** Why nothing may be begun now, said aloud; true when so. */
  function refuse() {
    if (now.current.busy) change({ said: WAIT });
    return Boolean(now.current.busy);
  }

  /** Do one thing at a time; its refusal is shown. True when it went well. */
  async function doing(what, work) {
    setDialog("");
    if (refuse()) return false;
    turn.current += 1;
    change({ busy: what, said: null });
    let went = true;
    try {
      await work();
    } catch (error) {
      if (error.status === 401) return onSessionOver();
      change({ said: { tone: "no", zh: error.zh, en: error.en } });
      went = false;
    }
    turn.current += 1;
    change({ busy: "", said: now.current.said === WAIT ? null : now.current.said });
    news.current.refresh();
    return went;
  }

  async function show(id, issued = "") {
    const [story, sms] = await Promise.all([get(`/tickets/${id}/story`), get(`/tickets/${id}/sms`)]);
    change({ story, sms, issued });
  }

  const lookUp = (text) =>
    doing("find", async () => {
      const { id, number } = wanted(text);
      if (!id && !number) return;
      change({ story: null }); // nobody shall act on the ticket before, should this one not be found
      const when = day ? `?day=${day}` : "";
      await show(id ?? (await get(`/tickets/numbered/${encodeURIComponent(number)}${when}`)).id);
    });

  const issue = (wish, device, phone = "") =>
    doing("issue", async () => {
      const ticket = await command("/tickets", wish).catch((refusal) => {
        if (!EXCEPTIONS[refusal.code]) throw refusal;
        const [zh, en] = EXCEPTIONS[refusal.code];
        setException({ wish, device, phone, words: [zh, en] });
        throw Object.assign(refusal, { zh, en }); // its own sentence is for citizens, whom it sends to the desk
      });
      change({ form: now.current.form + 1 }); // nothing of this citizen stays in it for the next
      search.current.value = ticket.number;
      search.current.focus();
      search.current.select();
      const lost = [];
      const orTell = (words) => (error) => lost.push({ zh: `${words[0]}${error.zh}`, en: `${words[1]} ${error.en}` });
      if (phone) await command(`/tickets/${ticket.id}/sms`, { phone }, "PUT").catch(orTell(G.issuedNoSms));
      if (device) await command(`/tickets/${ticket.id}/reprint`, { device }).catch(orTell(G.issuedNoPaper));
      if (lost.length) change({ said: { tone: "no", zh: lost.map(({ zh }) => zh).join(""), en: lost.map(({ en }) => en).join(" ") } });
      await show(ticket.id, ticket.id);
    });

  const send = (path, body, id = now.current.story.ticket.id, method = "POST") =>
    doing(path, async () => {
      await command(`/tickets/${id}/${path}`, body, method);
      await show(id);
    });

  function makeException(override_reason) {
    setException(null);
    issue({ ...exception.wish, override: true, override_reason }, exception.device, exception.phone);
  }

  function act(name) {
    if (!now.current.story || refuse()) return;
    if (DIALOGS[name]) setDialog(name);
    else send(name);
  }
  const focusFirst = (place) => place.current?.querySelector("button")?.focus();
  useKeys({
    F2: () => entry.current?.focus(),
    F4: () => (search.current?.focus(), search.current?.select()),
    F6: () => focusFirst(missed),
    act: (code) => {
      const action = page.story && possible(page.story.ticket, page.desk.sms).find((one) => one.code === code);
      if (action) act(action.name);
    },
  });

  if (!page.desk) return page.link === "offline" ? html`<${Offline} />` : html`<div class="plain"><p>${t("loading")}</p></div>`;
  const Asked = DIALOGS[dialog];
  const { desk, story, sms, board } = page;
  return html`
    <${Bar} title=${t("guide")} place=${board.hall_name} session=${session}>
      <span class=${`link ${page.link}`} role="status"><i></i>${t(page.link)}</span>
    <//>
    ${page.link === "offline" && html`<${Offline} />`}
    <main class="guide">
      <${Issue} key=${page.form} board=${board} printers=${desk.printers} sms=${desk.sms} busy=${page.busy} onIssue=${issue} entry=${entry} />
      <section class="found">
        <form class="search" role="search" onSubmit=${(event) => { event.preventDefault(); lookUp(search.current.value); search.current.select(); }}>
          <label class="field"><span>${t(G.find)} <${Cap}>F4<//></span>
            <input ref=${search} type="text" autocomplete="off" spellcheck=${false} maxlength="300" placeholder=${t(G.findHint)} /></label>
          <label class="field day"><span>${t(G.day)}</span>
            <input type="date" value=${day} max=${board.at.slice(0, 10)} onInput=${(event) => setDay(event.target.value)} /></label>
          <button class="main" type="submit">${t(G.find)}</button>
        </form>
        <${Said} said=${page.said} />
        ${story
          ? html`<${TicketCard} story=${story} sms=${desk.sms && sms} issued=${page.issued === story.ticket.id} onAct=${act} busy=${page.busy} />`
          : html`<p class="nothing">${t(G.nothing)}</p>`}
      </section>
      <aside>
        <section class="missed" ref=${missed}>
          <h2>${t(G.noShows)} <b class="number">${desk.no_shows.length}</b> <${Cap}>F6<//></h2>
          ${desk.no_shows.length === 0 && html`<p class="none">${t(G.noShowsNone)}</p>`}
          <ul onKeyDown=${walk}>${desk.no_shows.map((ticket) => html`<${Missed} key=${ticket.id} ticket=${ticket}
            onShow=${() => doing("find", () => show(ticket.id))} onReinstate=${() => send("reinstate", {}, ticket.id)} />`)}</ul>
        </section>
        <${Printers} printers=${desk.printers} />
      </aside>
    </main>
    ${exception && html`<${Exception} words=${exception.words} onMake=${makeException} onClose=${() => setException(null)} />`}
    ${Asked && story && html`<${Asked} story=${story} sms=${sms} printers=${desk.printers} send=${send} onClose=${() => setDialog("")} />`}`;
}

/** Asks for a reason first, so that Enter upon Enter makes no exception. */
function Exception({ words, onMake, onClose }) {
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState(false);
  const submit = () => (reason.trim() ? onMake(reason.trim()) : setWrong(true));
  return html`
    <${Dialog} title=${t(G.overrideTitle)} action=${t(G.override)} onClose=${onClose} onSubmit=${submit}>
      <p><b>${t(words)}</b> ${t(G.overrideText)}</p>
      <label class="field"><span>${t(G.overrideReason)}</span>
        <input type="text" data-focus maxlength="60" autocomplete="off" value=${reason} onInput=${(event) => setReason(event.target.value)} /></label>
      ${wrong && html`<p class="problem" role="alert"><b>${t(G.overrideNeeds)}</b></p>`}
    <//>`;
}

/** When it was called, and to which window. */
const missedAt = ({ called_at, window }) =>
  [called_at?.slice(11, 16), window && t([`${window} 窗口`, `window ${window}`])].filter(Boolean).join(" · ");

function Missed({ ticket, onShow, onReinstate }) {
  return html`
    <li>
      <button type="button" class="plain-row" onClick=${onShow}><b class="number">${ticket.number}</b> <span>${business(ticket)}</span>
        <small>${missedAt(ticket)}</small></button>
      <button type="button" aria-label=${`${t(G.reinstate)} ${ticket.number}`} onClick=${onReinstate}>${t(G.reinstate)}</button>
    </li>`;
}

function Printers({ printers }) {
  const words = ({ ready, state, faults }) =>
    faults.length ? faults.map((word) => (FAULTS[word] ? t(FAULTS[word]) : word)).join(" ") : ready ? t(G.ready) : t(state === "online" ? HEALTH.absent : HEALTH[state] ?? HEALTH.absent);
  return html`
    <section class="printers">
      <h2>${t(G.printers)}</h2>
      ${printers.length === 0 && html`<p class="none">${t(G.printersNone)}</p>`}
      <ul>${printers.map((printer) => html`
        <li key=${printer.device} class=${printer.ready ? (printer.faults.length ? "low" : "ok") : "bad"}>
          <b>${printer.device}</b> <span>${printer.ready && !printer.faults.length ? "✓" : "!"} ${words(printer)}</span></li>`)}</ul>
    </section>`;
}

/** Up and down over the no-shows: left and right are the browser's own Tab order. */
function walk(event) {
  const step = { ArrowDown: 2, ArrowUp: -2, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const to = buttons[buttons.indexOf(document.activeElement) + step];
  event.preventDefault();
  to?.focus();
}

/** Function keys only: letters belong to whoever types, or scans, into the boxes. */
function useKeys(keys) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !/^F([2346789]|10)$/.test(event.code)) return;
      event.preventDefault();
      if (event.repeat || document.querySelector("dialog[open]")) return;
      if (latest.current[event.code]) latest.current[event.code]();
      else latest.current.act(event.code);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${RolePage} page="guide" may="desk" notAllowed=${G.notDesk} work=${work} />`, document.getElementById("app"));
