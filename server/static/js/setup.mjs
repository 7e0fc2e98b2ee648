/** The first admin. The code comes behind the # of the printed link and is taken out of the address at once. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { Refusal, get, setUp } from "./api.mjs";
import { Field, Threshold } from "./signin.mjs";
import { Problem } from "./ui.mjs";

const code = location.hash.slice(1); // where a form starts, never its value: a code typed by hand outlives a refusal
history.replaceState(null, "", location.pathname);

const MISMATCH = new Refusal({
  code: "mismatch",
  detail: "两次输入的密码不一致，请重新输入。",
  detail_en: "The two passwords differ. Enter them again.",
});

function SetUp() {
  const [refusal, setRefusal] = useState(null);
  const [busy, setBusy] = useState(false);
  const form = useRef(null);
  useEffect(() => form.current.elements[code ? "username" : "code"].focus(), []);

  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    const { again, ...values } = Object.fromEntries(new FormData(form.current));
    setRefusal(null);
    if (values.password !== again) return refuse(MISMATCH);
    setBusy(true);
    try {
      await setUp(values);
      location.replace((await get("/admin/start")).done ? "/admin" : "/start");
    } catch (error) {
      refuse(error);
    }
  }

  function refuse(error) {
    setRefusal(error);
    setBusy(false);
    form.current.elements[error.code === "setup_done" ? "code" : "password"].focus();
  }

  return html`
    <${Threshold} title=${["创建首位管理员", "Create the first admin"]}>
      <form ref=${form} onSubmit=${submit} onInput=${() => setRefusal(null)}>
        ${!code && html`<p class="hint">还没有管理员。服务器启动时打印了一个网址，请打开它，或把其中 # 后面的代码抄到这里。<small lang="en">There is no admin yet. The server printed an address when it started: open it, or copy the code behind its # to here.</small></p>`}
        <${Field} zh="一次性代码" en="One-time code" name="code" defaultValue=${code} autocomplete="off" maxlength="100" />
        <${Field} zh="用户名" en="User name" name="username" autocomplete="username" maxlength="40" />
        <${Field} zh="姓名" en="Your name" name="name" autocomplete="name" maxlength="40" />
        <${Field} zh="密码（至少 10 个字符）" en="Password, 10 characters or more" name="password" type="password" autocomplete="new-password" minlength="10" maxlength="200" />
        <${Field} zh="再输一次密码" en="Password again" name="again" type="password" autocomplete="new-password" maxlength="200" />
        <${Problem} refusal=${refusal} />
        ${refusal?.code === "setup_done" && html`<p><a href="/admin">去登录 <small lang="en">Go to sign-in</small></a></p>`}
        <button class="main wide" type="submit" aria-disabled=${busy}>创建并进入管理 <small lang="en">Create and continue</small></button>
      </form>
    <//>`;
}

render(html`<${SetUp} />`, document.getElementById("app"));
