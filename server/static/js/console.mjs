/** The clerk console: sign in, choose a window, work. Each step is a component; this file says which one shows. */

import { html, render } from "/faces/vendor/html.mjs";
import { useState } from "/faces/vendor/hooks.mjs";
import { get } from "./api.mjs";
import { Desk } from "./desk.mjs";
import { Offered, Receive } from "./handover.mjs";
import { Lost } from "./lost.mjs";
import { Picker } from "./picker.mjs";
import { StaffPage } from "./staff-page.mjs";
import { clock } from "./ui.mjs";

let hall = "";
let offers = { to_me: [], by_me: [] };

async function prepare() {
  const [board, open] = await Promise.all([get("/board"), get("/me/handovers")]);
  offers = open;
  clock.set(Date.parse(board.at)); // until the first heartbeat: a reloaded page shows true times at once
  hall = board.hall_name;
}

function Clerk({ session }) {
  const [at, setAt] = useState(() => begin(session.me));
  const to = (step) => () => setAt({ ...at, step });
  const shared = { ...session, hall, no: at.no };
  const go = (no) => setAt(usual(no));
  if (at.step === "receive") return html`<${Receive} ...${shared} offer=${at.offer} onReceived=${go} onNotNow=${() => go(session.me.window)} />`;
  if (at.step === "offered") return html`<${Offered} ...${shared} offer=${at.offer} onTakenBack=${go} />`;
  if (at.step === "desk") return html`<${Desk} key=${at.no} ...${shared} onLeft=${to("picker")} onLost=${to("lost")} />`;
  if (at.step === "lost") return html`<${Lost} ...${shared} onGoOn=${session.reopen} />`;
  return html`<${Picker} ...${shared} onSeated=${(no) => setAt({ step: "desk", no })} />`;
}

const usual = (no) => ({ step: no ? "desk" : "picker", no });

/** Where somebody begins: with what was handed to them, or what they handed over and nobody has received. */
function begin(me) {
  const [mine] = offers.to_me, [given] = offers.by_me;
  if (mine) return { step: "receive", no: me.window, offer: mine };
  return given ? { step: "offered", no: me.window, offer: given } : usual(me.window);
}

const work = (session) => html`<${Clerk} session=${session} />`;
render(html`<${StaffPage} page="console" prepare=${prepare} work=${work} />`, document.getElementById("app"));
