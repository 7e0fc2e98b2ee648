/** A page whose window is no longer its own: says who has it now. Nothing can be done here but to go on. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { get, whoAmI } from "./api.mjs";
import { t } from "./words.mjs";
import { Cap } from "./ui.mjs";

export function Lost({ no, onGoOn, onSessionOver }) {
  const [now, setNow] = useState(null);
  useEffect(() => {
    document.title = `${t("lostTitle")} · ${no}`;
    Promise.all([whoAmI(), get("/windows")])
      .then(([me, { windows }]) => (me ? setNow({ me, seat: windows.find((w) => w.no === no) }) : onSessionOver()))
      .catch(() => setNow({})); // the server is away just now: the page still says what it knows
  }, []);
  if (!now) return html`<div class="plain"><p>${t("loading")}</p></div>`;
  const [title, text] = told(now, no);
  return html`
    <main class="plain lost" role="alert">
      <p class="subject"><b class="number">${no}</b> ${t("window")}</p>
      <h1>${title}</h1>
      <p>${text}</p>
      <p><button class="main" type="button" ref=${(button) => button?.focus()} onKeyDown=${deadSpace} onClick=${onGoOn}>${t("goOn")} <${Cap}>Enter<//></button></p>
    </main>`;
}

/** Whoever was about to press the one key must not wipe this away unread. */
const deadSpace = (event) => event.key === " " && event.preventDefault();

function told({ me, seat }, no) {
  const fill = (words, values) => values.reduce((text, value) => text.replace("{}", value), t(words));
  if (me && seat?.staff_name && me.window !== no) {
    return [fill("takenBy", [no, seat.staff_no ? `${seat.staff_name}（${seat.staff_no}）` : seat.staff_name]), t("takenByText")];
  }
  if (me?.window) return [fill("movedTo", [me.window]), fill("movedToText", [no])];
  return [fill("leftWindow", [no]), t("leftWindowText")];
}
