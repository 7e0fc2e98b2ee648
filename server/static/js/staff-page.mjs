/** The way into every staff page, and out again: open, sign in, refuse a stranger. The work inside is the page's own. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { signOut, whoAmI } from "./api.mjs";
import { SESSION_OVER, SignIn } from "./signin.mjs";
import { LanguageSwitch, Problem, useRedraw } from "./ui.mjs";
import { loadOfflineGlyphs, showLanguage, t } from "./words.mjs";

const RETRY_MS = 2000;

/** @typedef {{ step: string, me?: any, note?: string[], refusal?: any }} Step */

/**
 * `work` draws the page for who is signed in. It gets `me`, `redraw` after a change of language, `reopen` to ask again who
 * is signed in and begin anew, `leave` to sign out, and `onSessionOver` for when the server says that this has
 * happened.
 * `prepare` (async) is waited for before `work` is drawn first; where it fails, all is asked for again.
 */
export function StaffPage({ page, work, prepare = async () => {} }) {
  const [at, setAt] = useState(/** @type {Step} */ ({ step: "opening" }));
  const redraw = useRedraw();
  const onSignedOut = () => setAt({ step: "signin" });
  const onSessionOver = () => setAt({ step: "signin", note: SESSION_OVER });

  async function enter(me) {
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

  async function leave() {
    try {
      await signOut();
    } catch (refusal) {
      if (refusal.status !== 401 && refusal.status !== 403) { // still signed in over there: a reload would let anybody in
        setTimeout(leave, RETRY_MS);
        return setAt({ step: "leaving", refusal });
      }
    }
    onSignedOut();
  }
  if (at.step === "signin") return html`<${SignIn} page=${page} note=${at.note} onDone=${enter} />`;
  if (at.step === "work") return work({ me: at.me, redraw, reopen, leave, onSessionOver });
  return html`<div class="plain"><p>${t(at.step === "leaving" ? "leaving" : "loading")}</p><${Problem} refusal=${at.refusal} /></div>`;
}

/** As `StaffPage`, for those roles only. Everybody else reads `notAllowed` and may sign out. */
export function RolePage({ page, roles, notAllowed, work }) {
  const guarded = (session) => roles.includes(session.me.role) ? work(session) : html`
    <${Bar} title=${t(page)} session=${session} /><main class="plain"><p>${t(notAllowed)}</p></main>`;
  return html`<${StaffPage} page=${page} work=${guarded} />`;
}

/** @type {[string, string, string[]][]} path, name, and who works there */
const PAGES = [
  ["/desk", "guide", ["guide", "supervisor", "admin"]],
  ["/appointments", "appointments", ["guide", "supervisor", "admin"]],
  ["/admin", "admin", ["admin"]],
];

/** The other pages where this person may work. */
function Elsewhere({ role }) {
  const pages = PAGES.filter(([path, , roles]) => roles.includes(role) && location.pathname !== path);
  return pages.length > 0 && html`
    <nav class="elsewhere" aria-label=${t("elsewhere")}>${pages.map(([path, name]) => html`
      <a key=${path} href=${path}>${t(name)}</a>`)}</nav>`;
}

/** The bar on top: what page this is, who is signed in, the language and the way out. */
export function Bar({ title, place = "", session, children = null }) {
  return html`
    <header class="bar">
      <b class="hall">${title}</b>${place && html`<small>${place}</small>`}
      <${Elsewhere} role=${session.me.role} /><span class="spacer"></span>
      ${children}<span class="who">${session.me.name}</span>
      <${LanguageSwitch} onSwitch=${session.redraw} />
      <button class="quiet" type="button" onClick=${session.leave}>${t("signOut")}</button>
    </header>`;
}
