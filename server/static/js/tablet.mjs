/**
 * A tablet at a window without buttons: asks for a rating while the window's invitation is open, and shows the staff
 * card else. What was pressed is shown to nobody afterwards: every page after the press is the same for all levels until
 * the citizen asks for the reasons. A press counts when the server says so, and not before.
 */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get, picture, speakAsTablet } from "./api.mjs";
import { follow } from "./news.mjs";
import { FACES, W, loadGlyphs } from "./tablet-words.mjs";

const PATIENCE_MS = 60_000; // so long a press is tried; then nobody stands there any more
const SLOW_MS = 1500;
const THANKS_MS = 12_000;
const WORD_MS = 5000;
const REASONS_MS = 40_000; // since the last touch
const REASONS_CLOSE_MS = 110_000; // since the press: the server takes them for two minutes
const DEAF_MS = 800;
const BAD_BELOW = 3;

/**
 * What became of the last press. `step`: sending, thanks, again, reasons, or a last word (missed, unsent …) that stands
 * for a moment. `until`: when it ends by itself. `sends`, and since when (`at`): rating, change or reasons; after the first
 * of these the rating is counted, whatever becomes of the others. `pressed`: when a face was touched first.
 * @typedef {{ step: string, invitation: number, level?: number, until?: number, pressed?: number, sends?: string, at?: number }} Mine
 */

/** Each word twice: Chinese, and English beneath. `{}` take the values in turn. */
function Both({ words, values = [] }) {
  const filled = (/** @type {string} */ text) => values.reduce((all, value) => all.replace("{}", value), text);
  return html`<span>${filled(words[0])}</span><small lang="en">${filled(words[1])}</small>`;
}

const MOUTHS = { 5: "M28 58a23 23 0 0 0 44 0z", 4: "M29 60q21 21 42 0", 3: "M31 66q19 8 38 0", 2: "M31 71q19-9 38 0", 1: "M29 75q21-26 42 0" };

const Face = ({ level }) => html`
  <svg viewBox="0 0 100 100" aria-hidden="true"><circle cx="50" cy="50" r="44" /><path d="M35 36v8M65 36v8" /><path d=${MOUTHS[level]} /></svg>`;

/** They come up under whatever finger is there, which meant the page before: for a moment they do not hear. */
function Faces({ onPress }) {
  const [deaf, setDeaf] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setDeaf(false), DEAF_MS);
    return () => clearTimeout(timer);
  }, []);
  return html`<div class="faces">${FACES.map(([level, label, words]) => html`
    <button key=${label} type="button" data-label=${label} aria-disabled=${deaf} onClick=${() => deaf || onPress(level, label)}>
      <${Face} level=${level} /><b><${Both} words=${words} /></b></button>`)}</div>`;
}

/** Of who sits here; nothing until it is there, and nothing of who sat here before. */
function Photo({ digest }) {
  const [seen, setSeen] = useState({ digest: "", src: "" });
  useEffect(() => {
    if (digest) picture(`/staff-photos/${digest}`).then((src) => setSeen({ digest, src }), () => {});
  }, [digest]);
  return seen.src && seen.digest === digest && html`<img src=${seen.src} alt="" />`;
}

function Card({ view }) {
  const { card } = view;
  const words = view.state === "open" ? W.idle : W[view.state];
  return html`
    <section class="card" data-step=${view.state === "open" ? "idle" : view.state}>
      <p class="at"><b class="number">${view.window}</b> <span>${view.window_name}</span></p>
      ${card && view.state !== "closed" && html`
        <div class="who">
          <${Photo} digest=${card.photo} />
          ${card.name && html`<p class="name">${card.name}</p>`}
          ${card.staff_no && html`<p class="no">${W.staffNo[0]} <b class="number">${card.staff_no}</b></p>`}
          ${card.position && html`<p>${card.position}</p>`}
          ${card.badges.length > 0 && html`<p class="badges">${card.badges.map((badge) => html`<span key=${badge}>${badge}</span>`)}</p>`}
        </div>`}
      <p class="say"><${Both} words=${words} /></p>
    </section>`;
}

/** Nothing here tells one level from another. */
function Word({ step, words, more = null, children = null }) {
  return html`
    <section class="word" data-step=${step} role="status">
      <svg viewBox="0 0 48 48" class="icon" aria-hidden="true"><use href=${`/faces/icons.svg#${step === "thanks" || step === "done" ? "done" : step === "sending" ? "clock" : "warning"}`} /></svg>
      <h1><${Both} words=${words} /></h1>
      ${more && html`<p><${Both} words=${more} /></p>`}
      ${children}
    </section>`;
}

function Reasons({ tags, onTouch, onSend, onDecline }) {
  const [chosen, setChosen] = useState(/** @type {string[]} */ ([]));
  const toggle = (code) => {
    setChosen(chosen.includes(code) ? chosen.filter((one) => one !== code) : [...chosen, code]);
    onTouch();
  };
  return html`
    <section class="why" data-step="reasons">
      <h1><${Both} words=${W.reasons} /></h1>
      <div class="tags">${Object.entries(tags).map(([code, words]) => html`
        <button key=${code} type="button" aria-pressed=${chosen.includes(code)} onClick=${() => toggle(code)}>${words}</button>`)}</div>
      <div class="choose">
        <button type="button" onClick=${onDecline}><${Both} words=${W.decline} /></button>
        <button class="main" type="button" aria-disabled=${chosen.length === 0} onClick=${() => chosen.length && onSend(chosen)}><${Both} words=${W.send} /></button>
      </div>
    </section>`;
}

function Tablet() {
  const [view, setView] = useState(/** @type {any} */ (null));
  const [link, setLink] = useState("live");
  const [mine, setMine] = useState(/** @type {Mine | null} */ (null));
  const [now, setNow] = useState(performance.now());
  const tags = useRef(/** @type {any} */ (null));
  const news = useRef(/** @type {any} */ (null));
  const pressing = useRef(false); // at once, not with the next drawing: a trembling hand touches twice

  async function refresh() {
    try {
      tags.current ??= await get("/ratings/tags");
      const asked = performance.now();
      const seen = await get("/tablet");
      setView({ ...seen, ends: asked + seen.seconds_left * 1000 });
    } catch (error) {
      if (error.status === 401 || error.status === 403) return location.reload(); // revoked: the page asks for a code
      throw error;
    }
  }
  useEffect(() => {
    loadGlyphs();
    news.current = follow({ refresh, onLink: setLink, auth: { as: "tablet" } });
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => {
      clearInterval(timer);
      news.current.close();
    };
  }, []);

  const shown = mine && !(now > mine.until) ? mine : null;
  const settled = view?.invitation === mine?.invitation && (shown || mine?.step !== "unsent");
  const asked = view?.invitation && now < view.ends && !settled ? view.invitation : null;
  const say = (/** @type {string} */ step, invitation) => setMine({ step, invitation, until: performance.now() + WORD_MS });

  async function press(level, label, invitation, first) {
    if (pressing.current) return;
    pressing.current = true;
    const at = performance.now();
    const pressed = first ? at : mine.pressed;
    setMine({ step: "sending", sends: first ? "rating" : "change", invitation, at });
    try {
      const answer = await command("/ratings", { label, invitation }, "POST", PATIENCE_MS);
      if (answer.accepted) setMine({ step: "thanks", invitation, level, pressed, until: performance.now() + THANKS_MS });
      else say(first ? (answer.reason === "already_rated" ? "taken" : "missed") : "kept", invitation);
    } catch (error) {
      if (error.status === 401 || error.status === 403) location.reload();
      else say(first ? "unsent" : "unchanged", invitation);
    }
    pressing.current = false;
    news.current.refresh();
  }
  async function reasons(tags) {
    const { invitation } = mine;
    setMine({ step: "sending", sends: "reasons", invitation, at: performance.now() });
    await command("/ratings/reasons", { invitation, tags }).then(() => say("reasonsKept", invitation), () => say("reasonsLost", invitation));
  }
  /** Below 基本满意 it is kept that somebody would rather not say: unseen, for the page would tell what was pressed. */
  function decline() {
    const { invitation, level } = mine;
    say("done", invitation);
    if (level < BAD_BELOW) command("/ratings/reasons", { invitation, declined: true }, "POST", PATIENCE_MS).catch(() => {});
  }
  const choosing = () => {
    const until = Math.min(performance.now() + REASONS_MS, mine.pressed + REASONS_CLOSE_MS);
    setMine({ ...mine, step: "reasons", until });
  };

  if (!view) return html`<section class="word"><h1><${Both} words=${link === "offline" ? W.away : W.loading} /></h1></section>`;
  if (shown?.step === "sending") return html`<${Word} step="sending" words=${now - shown.at < SLOW_MS ? W.sending : shown.sends === "rating" ? W.slow : W.retrying} />`;
  if (asked) {
    return html`
      <section class="ask" data-step="ask">
        <header><h1><${Both} words=${W.please} /></h1>
          <p class="left number"><${Both} words=${W.left} values=${[view.number, Math.ceil((view.ends - now) / 1000)]} /></p></header>
        <${Faces} key=${asked} onPress=${(level, label) => press(level, label, asked, true)} />
        <p class="free"><${Both} words=${W.free} /></p>
      </section>`;
  }
  const changes = shown?.pressed ? Math.max(0, Math.ceil(view.change_seconds - (now - shown.pressed) / 1000)) : 0;
  if (shown?.step === "again" && changes) {
    return html`
      <section class="ask" data-step="again">
        <header><h1><${Both} words=${W.again} values=${[changes]} /></h1></header>
        <${Faces} onPress=${(level, label) => press(level, label, shown.invitation, false)} />
      </section>`;
  }
  if (shown?.step === "thanks" || shown?.step === "again") {
    const again = () => setMine({ ...shown, step: "again", until: performance.now() + changes * 1000 + WORD_MS });
    return html`
      <${Word} step="thanks" words=${W.thanks}>
        <p class="say"><${Both} words=${W.askWhy} /></p>
        <div class="choose">
          <button type="button" onClick=${decline}><${Both} words=${W.decline} /></button>
          <button class="main" type="button" onClick=${choosing}><${Both} words=${W.say} /></button>
        </div>
        ${changes > 0 && html`<button class="quiet" type="button" onClick=${again}><${Both} words=${W.change} values=${[changes]} /></button>`}
      <//>`;
  }
  if (shown?.step === "reasons") return html`<${Reasons} tags=${tags.current[shown.level]} onTouch=${choosing} onSend=${reasons} onDecline=${decline} />`;
  if (shown?.step === "done") return html`<${Word} step="done" words=${W.thanks} />`;
  if (shown?.step === "reasonsKept") return html`<${Word} step="done" words=${W.reasonsKept} />`;
  if (shown) return html`<${Word} step=${shown.step} words=${W[shown.step]} more=${shown.step === "unsent" || shown.step === "missed" ? W.unsentDo : null} />`;
  if (link === "offline") return html`<${Word} step="away" words=${W.away} more=${W.awayDo} />`;
  return html`<${Card} view=${view} />`;
}

speakAsTablet();
render(html`<main><${Tablet} /></main>`, document.getElementById("app"));
