// The wall: hears the agent, gives each call its turn, draws. Nothing here grows while it runs.
import { html, render } from "/faces/vendor/html.mjs";
import * as sound from "./chime.mjs";
import { told } from "./clock.mjs";
import { Wall } from "./parts.mjs";
import { advance, dark, receive } from "./spotlight.mjs";
import { follow } from "./stream.mjs";
import { FAILURES } from "./words.mjs";
import { inZone, view } from "./view.mjs";

const TICK_MS = 200;
const REMEMBER_MS = 120000;
const { build, zone: usualZone } = document.documentElement.dataset;
const root = /** @type {HTMLElement} */ (document.getElementById("wall"));

const state = {
  wall: { hall: "", hall_name: "", seq: 0, open: false, resting: false, closed_reason: "", closed_reason_en: "", stale: true,
    confirmed_at: null, calls: [], calls_from: 0, queues: [] },
  reading: { items: [], notices: [] },
  light: dark(null),
  clock: /** @type {any} */ (null),
  heardAt: performance.now(),
  silent: false,
  zone: new URLSearchParams(location.search).get("zone") ?? usualZone ?? "",
};

/** The last call shown here, when that was just now: a reloaded page neither repeats nor skips.
 * @param {string} hall @returns {number | null} */
function recall(hall) {
  try {
    const kept = JSON.parse(localStorage.getItem("jiaohao.heard") ?? "null");
    return kept?.hall === hall && Math.abs(Date.now() - kept.at) < REMEMBER_MS ? kept.seq : null;
  } catch {
    return null;
  }
}

/** @param {number} seq */
function remember(seq) {
  try {
    localStorage.setItem("jiaohao.heard", JSON.stringify({ hall: state.wall.hall, seq, at: Date.now() }));
  } catch {
    // A browser without storage only forgets across a reload.
  }
}

/** The picture is confirmed: while it is stale, the last time that it was stays. */
function heard() {
  if (!state.wall.stale) state.heardAt = performance.now();
}

/** @param {any} wall */
function take(wall) {
  if (wall.hall === "" && state.wall.hall !== "") { // a restarted agent knows nothing yet: keep the last picture
    state.wall = { ...state.wall, stale: true };
  } else {
    if (wall.hall !== state.wall.hall) state.light = dark(recall(wall.hall));
    state.wall = wall;
    state.light = receive(state.light, inZone(wall.calls, state.zone), wall.calls_from, wall.seq);
  }
  heard();
  tick();
}

/** A newer agent serves newer files: load them, once. @param {string} served */
function checkBuild(served) {
  if (served === build || sessionStorage.getItem("jiaohao.reloaded-for") === served) return;
  sessionStorage.setItem("jiaohao.reloaded-for", served);
  location.reload();
}

let drawn = "";

function tick() {
  const now = performance.now();
  const light = advance(state.light, now);
  if (light !== state.light) {
    state.light = light;
    sound.chime();
    remember(/** @type {any} */ (light.current).seq);
  }
  draw(now);
}

/** @param {number} now */
function draw(now) {
  const picture = { ...view(state, now), mute: sound.blocked() };
  const key = JSON.stringify(picture);
  if (key === drawn) return;
  drawn = key;
  render(html`<${Wall} view=${{ ...picture, allowSound: () => sound.allow().then(tick) }} />`, root);
}

follow({
  wall: take,
  reading: (/** @type {any} */ reading) => { state.reading = reading; },
  time: (/** @type {string | null} */ iso) => {
    heard();
    state.clock = told(iso, performance.now()) ?? state.clock;
  },
  build: checkBuild,
  silent: (/** @type {boolean} */ silent) => { state.silent = silent; tick(); },
});
sound.allow().catch(() => {});
// The font comes in slices, from an agent that may be gone when its absence has to be told: fetch these now.
document.fonts.load('700 20px "Noto Sans SC Variable"', FAILURES).catch(() => {});
setInterval(tick, TICK_MS);
draw(performance.now());
