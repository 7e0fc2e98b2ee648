/** The clerk console: sign in, choose a window, work. Each step is a component; this file says which one shows. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { get, whoAmI } from "./api.mjs";
import { Desk } from "./desk.mjs";
import { Lost } from "./lost.mjs";
import { Picker } from "./picker.mjs";
import { SESSION_OVER, SignIn } from "./signin.mjs";
import { loadOfflineGlyphs, showLanguage, t } from "./words.mjs";
import { Problem, clock, useRedraw } from "./ui.mjs";

const RETRY_MS = 2000;

/** @typedef {{ step: string, me?: any, no?: string, hall?: string, note?: any, refusal?: any }} Step */

function Console() {
  const [at, setAt] = useState(/** @type {Step} */ ({ step: "opening" }));
  const redraw = useRedraw();
  const enter = async (me) => {
    const board = await get("/board");
    clock.set(Date.parse(board.at)); // until the first heartbeat: a reloaded page shows true times at once
    setAt({ step: me.window ? "desk" : "picker", me, no: me.window, hall: board.hall_name });
  };

  async function open() {
    try {
      const me = await whoAmI();
      await (me ? enter(me) : setAt({ step: "signin" }));
    } catch (refusal) {
      setAt({ step: "opening", refusal });
      setTimeout(open, RETRY_MS);
    }
  }
  useEffect(() => {
    showLanguage();
    loadOfflineGlyphs();
    open();
  }, []);

  const shared = {
    ...at,
    redraw,
    onSessionOver: () => setAt({ step: "signin", note: SESSION_OVER }),
    onSignedOut: () => setAt({ step: "signin" }),
  };
  if (at.step === "signin") return html`<${SignIn} page="console" note=${at.note} onDone=${enter} />`;
  if (at.step === "picker") return html`<${Picker} ...${shared} onSeated=${(no) => setAt({ ...at, step: "desk", no })} />`;
  if (at.step === "lost") return html`<${Lost} ...${shared} onGoOn=${open} />`;
  if (at.step === "desk") {
    const to = (step) => () => setAt({ ...at, step });
    return html`<${Desk} key=${at.no} ...${shared} onLeft=${to("picker")} onLost=${to("lost")} />`;
  }
  return html`<div class="plain"><p>${t("loading")}</p><${Problem} refusal=${at.refusal} /></div>`;
}

render(html`<${Console} />`, document.getElementById("app"));
