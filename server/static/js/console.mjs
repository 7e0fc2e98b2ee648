/** The clerk console: sign in, choose a window, work. Each step is a component; this file says which one shows. */

import { html, render } from "/faces/vendor/html.mjs";
import { useState } from "/faces/vendor/hooks.mjs";
import { get } from "./api.mjs";
import { Desk } from "./desk.mjs";
import { Lost } from "./lost.mjs";
import { Picker } from "./picker.mjs";
import { StaffPage } from "./staff-page.mjs";
import { clock } from "./ui.mjs";

let hall = "";

async function prepare() {
  const board = await get("/board");
  clock.set(Date.parse(board.at)); // until the first heartbeat: a reloaded page shows true times at once
  hall = board.hall_name;
}

function Clerk({ session }) {
  const [at, setAt] = useState({ step: session.me.window ? "desk" : "picker", no: session.me.window });
  const to = (step) => () => setAt({ ...at, step });
  const shared = { ...session, hall, no: at.no };
  if (at.step === "desk") return html`<${Desk} key=${at.no} ...${shared} onLeft=${to("picker")} onLost=${to("lost")} />`;
  if (at.step === "lost") return html`<${Lost} ...${shared} onGoOn=${session.reopen} />`;
  return html`<${Picker} ...${shared} onSeated=${(no) => setAt({ step: "desk", no })} />`;
}

const work = (session) => html`<${Clerk} session=${session} />`;
render(html`<${StaffPage} page="console" prepare=${prepare} work=${work} />`, document.getElementById("app"));
