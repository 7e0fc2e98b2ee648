/** The way into every staff page, and out again: open, sign in, refuse a stranger. The work inside is the page's own. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { signOut, whoAmI } from "./api.mjs";
import { Must } from "./account-forms.mjs";
import { P, PERMISSIONS } from "./people-words.mjs";
import { SESSION_OVER, SignIn } from "./signin.mjs";
import { LanguageSwitch, Problem, useRedraw } from "./ui.mjs";
import { loadOfflineGlyphs, showLanguage, t } from "./words.mjs";

const RETRY_MS = 2000;

/** @typedef {{ step: string, me?: any, note?: string[], refusal?: any }} Step */

/**
 * `work` draws the page for who is signed in. It gets `me`, `redraw` after a change of language, `reopen` to ask again who
 * is signed in and begin anew, `leave` to sign out, `leaveSaying` to do so with a note (Chinese, English) for whoever signs
 * in next, and `onSessionOver` for when the server says that this has
 * happened.
 * `prepare` (async) is waited for before `work` is drawn first; where it fails, all is asked for again.
 */
export function StaffPage({ page, work, prepare = async () => {} }) {
  const [at, setAt] = useState(/** @type {Step} */ ({ step: "opening" }));
  const redraw = useRedraw();
  const onSignedOut = (note = undefined) => setAt({ step: "signin", note });
  // What was asked before a sign-out may be refused after it: that is no news.
  const onSessionOver = () => setAt((now) => (now.step === "work" ? { step: "signin", note: SESSION_OVER } : now));

  async function enter(me) {
    if (me.must) return setAt({ step: "must", me });
    await prepare();
    setAt({ step: "work", me });
  }
  async function open() {
    try {
      const me = await whoAmI();
      await (me ? enter(me) : onSignedOut());
    } catch (refusal) {
      setAt({ step: "opening", refusal });
      setTimeout(open, RETRY_MS);
    }
  }
  function reopen() {
    setAt({ step: "opening" });
    open();
  }
  useEffect(() => {
    showLanguage();
    loadOfflineGlyphs();
    open();
  }, []);

  async function leave(note = undefined) {
    try {
      await signOut();
    } catch (refusal) {
      if (refusal.status !== 401 && refusal.status !== 403) { // still signed in over there: a reload would let anybody in
        setTimeout(() => leave(note), RETRY_MS);
        return setAt({ step: "leaving", refusal });
      }
    }
    onSignedOut(note);
  }
  if (at.step === "signin") return html`<${SignIn} page=${page} note=${at.note} onDone=${enter} />`;
  if (at.step === "must") return html`<${Must} me=${at.me} onDone=${reopen} onLeave=${() => leave()} />`;
  if (at.step === "work") return work({ me: at.me, redraw, reopen, leave: () => leave(), leaveSaying: leave, onSessionOver });
  return html`<div class="plain"><p>${t(at.step === "leaving" ? "leaving" : "loading")}</p><${Problem} refusal=${at.refusal} /></div>`;
}

/** As `StaffPage`, for who has that permission only. Everybody else reads `notAllowed` and may sign out. */
export function RolePage({ page, may, notAllowed, work }) {
  const guarded = (session) => session.me.may.includes(may) ? work(session) : html`
    <${Bar} title=${t(page)} session=${session} /><main class="plain"><p>${t(notAllowed)}</p></main>`;
  return html`<${StaffPage} page=${page} work=${guarded} />`;
}

/** @type {[string, string, string][]} path, name, and the permission that opens it */
const PAGES = [
  ["/console", "console", "serve"],
  ["/desk", "guide", "desk"],
  ["/appointments", "appointments", "desk"],
  ["/duty", "duty", "serve"],
  ["/monitor", "monitor", "supervise"],
  ["/statistics", "statistics", "supervise"],
  ["/reports", "reports", "supervise"],
  ["/rating-entry", "ratingEntry", "supervise"],
  ["/rectifications", "rectifications", "supervise"],
  ["/audit", "audit", "supervise"],
  ["/admin", "admin", "administer"],
  ["/uploads", "uploads", "administer"],
];
/** So many stand in the bar; more would push out who is signed in, and open from a key. */
const MOST_IN_THE_BAR = 3;

/** The other pages where this person may work. */
function Elsewhere({ may }) {
  const pages = PAGES.filter(([path, , permission]) => may.includes(permission) && location.pathname !== path);
  const links = html`
    <nav class="elsewhere" aria-label=${t("elsewhere")}>${pages.map(([path, name]) => html`
      <a key=${path} href=${path}>${t(name)}</a>`)}</nav>`;
  if (pages.length <= MOST_IN_THE_BAR) return pages.length > 0 && links;
  return html`
    <details class="more" onKeyDown=${(event) => event.key === "Escape" && shut(event.currentTarget)}
        onFocusOut=${(event) => event.currentTarget.contains(event.relatedTarget) || (event.currentTarget.open = false)}>
      <summary>${t("elsewhere")}</summary>${links}
    </details>`;
}

function shut(menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
}

const lent = ({ permission, to_day: last }) => `${t(PERMISSIONS[permission])}${last ? ` ${t(P.until)} ${last.slice(5)}` : ""}`;

/** By which grants this person does more today than the role says. */
const Granted = ({ grants }) => grants.length > 0 && html`<span class="granted">${t(P.granted)}${grants.map(lent).join(" · ")}</span>`;

/** The bar on top: what page this is, who is signed in, the language and the way out. */
export function Bar({ title, place = "", session, children = null }) {
  return html`
    <header class="bar">
      <b class="hall">${title}</b>${place && html`<small>${place}</small>`}
      <${Elsewhere} may=${session.me.may} /><span class="spacer"></span>
      ${children}<${Granted} grants=${session.me.grants} />
      ${location.pathname === "/account" ? html`<span class="who">${session.me.name}</span>` : html`<a class="who" href="/account" title=${t(P.myAccount)}>${session.me.name}</a>`}
      <${LanguageSwitch} onSwitch=${session.redraw} />
      <button class="quiet" type="button" onClick=${session.leave}>${t("signOut")}</button>
    </header>`;
}
