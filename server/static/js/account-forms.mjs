/** Forms about one's own account: on its page, and before the work where the hall wants it first. */

import { html } from "/faces/vendor/html.mjs";
import { useRef, useState } from "/faces/vendor/hooks.mjs";
import { post, Refusal } from "./api.mjs";
import { P } from "./people-words.mjs";
import { Threshold } from "./signin.mjs";
import { Problem } from "./ui.mjs";
import { t } from "./words.mjs";

const MISMATCH = new Refusal({
  code: "mismatch",
  field: "again",
  detail: "两次输入的新密码不一致，请重新输入。",
  detail_en: "The two new passwords differ. Enter them again.",
});

/** A form whose fields are kept by the browser alone. A refusal stands beneath the field it names, else by the button. */
export function OwnForm({ fields, action, onSend, danger = false }) {
  const form = useRef(null);
  const [told, setTold] = useState(/** @type {{ busy?: boolean, refusal?: any }} */ ({}));
  const { refusal } = told;
  async function submit(event) {
    event.preventDefault();
    if (told.busy) return;
    setTold({ busy: true });
    try {
      await onSend(Object.fromEntries(/** @type {any} */ (new FormData(form.current))));
      form.current?.reset(); // a form that led on to something else is gone
      setTold({});
    } catch (error) {
      setTold({ refusal: error });
      form.current?.elements[named(error.field)]?.focus();
    }
  }
  const named = (field) => (fields.some(({ name }) => name === field) ? field : "");
  return html`
    <form ref=${form} class="own" onSubmit=${submit} novalidate>
      ${fields.map(({ name, words, ...input }) => html`
        <label class="field" key=${name}><span>${t(words)}</span>
          <input name=${name} aria-invalid=${String(refusal?.field === name)} spellcheck=${false} autocapitalize="off" ...${input} /></label>
        ${refusal?.field === name && html`<${Problem} refusal=${refusal} />`}`)}
      ${refusal && !named(refusal.field) && html`<${Problem} refusal=${refusal} />`}
      <button class=${danger ? "danger" : "main"} type="submit" aria-disabled=${Boolean(told.busy)}>${t(action)}</button>
    </form>`;
}

const secret = (name, words, autocomplete) => ({ name, words, type: "password", autocomplete, maxlength: 200 });
/** Asked for once more before anything by which one signs in is shown or changed. */
export const PROOF = secret("old", P.yourPassword, "current-password");

export function PasswordForm({ onDone, first = P.oldPassword }) {
  async function send({ again, ...values }) {
    if (values.password !== again) throw MISMATCH;
    await post("/me/password", values);
    onDone();
  }
  const fields = [
    { ...PROOF, words: first }, secret("password", P.newPassword, "new-password"), secret("again", P.newPasswordAgain, "new-password"),
  ];
  return html`<p class="hint">${t(P.passwordHint)}</p><${OwnForm} fields=${fields} action=${P.change} onSend=${send} />`;
}

/** @typedef {{ old?: string, offer?: any, codes?: string[] }} Setup */

/** From the password to the recovery codes. `onDone` is called once they are written down. */
export function TotpSetup({ onDone, action = P.totpBegin }) {
  const [at, setAt] = useState(/** @type {Setup} */ ({}));
  const begin = async ({ old }) => setAt({ old, offer: await post("/me/totp/offer", { old }) });
  async function finish({ code }) {
    const { recovery_codes: codes } = await post("/me/totp", { old: at.old, secret: at.offer.secret, code });
    setAt({ codes });
  }
  if (at.codes) return html`<${Codes} codes=${at.codes} onDone=${onDone} />`;
  if (!at.offer) return html`<${OwnForm} key="begin" fields=${[PROOF]} action=${action} onSend=${begin} />`;
  const { qr, secret: key } = at.offer;
  const code = { name: "code", words: P.firstCode, inputmode: "numeric", autocomplete: "one-time-code", maxlength: 10, class: "code" };
  return html`
    <p>${t(P.scan)}</p>
    <svg class="qr" viewBox=${`0 0 ${qr.width} ${qr.width}`} role="img" aria-label="QR"><rect width="100%" height="100%" fill="#fff" /><path d=${qr.path} fill="#000" /></svg>
    <p>${t(P.orType)}<br /><b class="key">${key.replace(/(.{4})/g, "$1 ").trim()}</b></p>
    <${OwnForm} key="code" fields=${[code]} action=${P.switchOn} onSend=${finish} />`;
}

const Codes = ({ codes, onDone }) => html`
  <h3>${t(P.codesTitle)}</h3><p>${t(P.codesText)}</p>
  <ol class="codes">${codes.map((code) => html`<li key=${code}>${code}</li>`)}</ol>
  <p><button class="main" type="button" onClick=${onDone}>${t(P.codesKept)}</button></p>`;

/** What somebody who is signed in has to do before any work. */
export function Must({ me, onDone, onLeave }) {
  const password = me.must === "password_change_required";
  return html`
    <${Threshold} title=${password ? P.mustChange : P.mustTotp}>
      ${password
        ? html`<${PasswordForm} first=${P.start} onDone=${onDone} />`
        : html`<p>${t(P.mustTotpText)}</p><${TotpSetup} onDone=${onDone} />`}
      <p><button class="quiet" type="button" onClick=${onLeave}>${t("signOut")}</button></p>
    <//>`;
}
