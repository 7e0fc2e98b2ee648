/** Pieces that the pages share: dialogs, refusals, the header, the clock. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useLayoutEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { sentences, switchLanguage, t } from "./words.mjs";

/** The server's clock, so that a window PC that is minutes off still shows true waiting times. */
export const clock = {
  offset: 0,
  now: () => Date.now() + clock.offset,
  set: (serverMs) => void (clock.offset = serverMs - Date.now()),
};

/** The present moment in ms, again every `everyMs`. */
export function useNow(everyMs) {
  const [now, setNow] = useState(clock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.now()), everyMs);
    return () => clearInterval(timer);
  }, []);
  return Math.max(now, clock.now());
}

export const minutesBetween = (from, to) => Math.max(0, Math.floor((to - Date.parse(from)) / 60000));

const two = (n) => String(n).padStart(2, "0");

/** A length of time as 0:07 or 1:02:45; a dash for none. */
export function span(seconds) {
  if (seconds === null) return "–";
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return `${h ? `${h}:${two(m)}` : m}:${two(s)}`;
}

/** The hall's own time of an ISO moment as the server writes it, whatever zone this PC is set to. */
export const timeOfDay = (iso) => iso.slice(11, 16);

/** Running time since an ISO moment. */
export function Elapsed({ since }) {
  return html`<span class="number">${span((useNow(1000) - Date.parse(since)) / 1000)}</span>`;
}

export const Cap = ({ children }) => html`<kbd aria-hidden="true">${children}</kbd>`;

/** A refusal in both languages, the reader's own first. */
export function Problem({ refusal }) {
  if (!refusal) return null;
  const [first, second] = sentences(refusal);
  return html`<div class="problem" role="alert"><b>${first}</b><small>${second}</small></div>`;
}

export const Offline = () => html`<p class="banner" role="alert"><b>${t("offline")}</b> ${t("offlineText")}</p>`;

/** A modal dialog. Focus goes in on opening and back to where it was on closing; Esc closes. */
export function Dialog({ title, onClose, onSubmit = null, children, action = "", danger = false, wide = false }) {
  const ref = useRef(null);
  // Before the next paint, so that a fast typist's second key meets the dialog.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog.showModal();
    (dialog.querySelector("[data-focus]") ?? dialog.querySelector("button[type=submit]") ?? dialog.querySelector("button"))?.focus();
    return () => dialog.close();
  }, []);
  const submit = (event) => {
    event.preventDefault();
    onSubmit?.();
  };
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`
    <dialog ref=${ref} class=${wide ? "wide" : ""} onCancel=${cancel} aria-labelledby="dialog-title">
      <form onSubmit=${submit}>
        <h2 id="dialog-title">${title}</h2>
        ${children}
        <div class="dialog-actions">
          ${onSubmit && html`<button class=${danger ? "danger" : "main"} type="submit">${action || t("confirm")} <${Cap}>Enter<//></button>`}
          <button type="button" onClick=${onClose}>${onSubmit ? t("cancel") : t("close")} <${Cap}>Esc<//></button>
        </div>
      </form>
    </dialog>`;
}

export function LanguageSwitch({ onSwitch }) {
  const flip = () => {
    switchLanguage();
    onSwitch();
  };
  return html`<button class="quiet" type="button" onClick=${flip}>${t("language")}</button>`;
}

/** Redraw a whole page, for a change of language. */
export function useRedraw() {
  const [, setTurn] = useState(0);
  return () => setTurn((turn) => turn + 1);
}
