/** Signing in. Both languages at once: who reads this has not chosen one yet. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { signIn } from "./api.mjs";
import { WORDS } from "./words.mjs";
import { Problem } from "./ui.mjs";

/** A page before the work: the brand, a title in two languages, and a form. */
export function Threshold({ title, children }) {
  return html`
    <main class="threshold">
      <p class="brand"><img src="/static/icon.svg" alt="" width="72" height="72" /> 叫号 <span lang="en">Jiaohao</span></p>
      <section class="card">
        <h1>${title[0]} <small lang="en">${title[1]}</small></h1>
        ${children}
      </section>
    </main>`;
}

/** One labelled input; `name` is the form's key. */
export function Field({ zh, en, field, ...input }) {
  return html`
    <label class="field"><span>${zh} <small lang="en">${en}</small></span>
      <input ref=${field} ...${input} required spellcheck=${false} autocapitalize="off" /></label>`;
}

export function SignIn({ page, note, onDone }) {
  const [refusal, setRefusal] = useState(null);
  const [busy, setBusy] = useState(false);
  const [wantsCode, setWantsCode] = useState(false);
  const code = useRef(null);
  const username = useRef(null);
  const password = useRef(null);
  useEffect(() => {
    document.title = `登录 Sign in · ${WORDS[page][0]}`;
    username.current.focus();
  }, []);
  useEffect(() => {
    if (wantsCode) code.current.focus();
  }, [wantsCode]);

  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setRefusal(null);
    try {
      await onDone(await signIn(username.current.value.trim(), password.current.value, code.current?.value ?? ""));
    } catch (error) {
      setBusy(false);
      if (error.code === "code_required") return setWantsCode(true);
      setRefusal(error);
      const wrong = error.code === "bad_code" ? code.current : password.current;
      wrong.focus();
      wrong.select();
    }
  }

  return html`
    <${Threshold} title=${WORDS[page]}>
      <form onSubmit=${submit}>
        ${note && !refusal && html`<p class="note" role="status"><b>${note[0]}</b><small lang="en">${note[1]}</small></p>`}
        <${Field} field=${username} zh="用户名" en="User name" name="username" autocomplete="username" maxlength="40" />
        <${Field} field=${password} zh="密码" en="Password" name="password" type="password" autocomplete="current-password" maxlength="200" />
        ${wantsCode && html`
          <${Field} field=${code} zh="动态口令（手机上的 6 位数）或恢复码" en="Code of your telephone, or a recovery code" name="code" autocomplete="one-time-code" maxlength="30" />`}
        <${Problem} refusal=${refusal} />
        <button class="main wide" type="submit" aria-disabled=${busy}>登录 <small lang="en">Sign in</small> <kbd aria-hidden="true">Enter</kbd></button>
      </form>
    <//>`;
}

export const SESSION_OVER = ["登录已失效，请重新登录。", "Your session has ended. Please sign in again."];
