// The wall: hears the agent, gives each call its turn, draws, speaks. Nothing here grows while it runs.
import { html, render } from "/faces/vendor/html.mjs";
import { allow } from "./chime.mjs";
import { now as hallNow, hour, told } from "./clock.mjs";
import { Led } from "./led.mjs";
import { Wall } from "./parts.mjs";
import * as slides from "./slides.mjs";
import { advance, dark, done, isFresh, onTurn, receive } from "./spotlight.mjs";
import { follow } from "./stream.mjs";
import { mayReload, mustReload, recalled } from "./upkeep.mjs";
import { openVoice } from "./voice.mjs";
import { FAILURES } from "./words.mjs";
import { cutOff, inZone, isQuiet, placeOf, view } from "./view.mjs";

const TICK_MS = 200;
const REMEMBER_EVERY_MS = 10000;
const PAINT_EVERY_MS = 5000;
const RESCUE_EVERY_MS = 600_000;
const { build, zone: usualZone } = document.documentElement.dataset;
const root = /** @type {HTMLElement} */ (document.getElementById("wall"));
const asked = new URLSearchParams(location.search);
const uprightNow = matchMedia("(max-aspect-ratio: 1/1)");
const stillNow = matchMedia("(prefers-reduced-motion: reduce)");

const state = {
  wall: { hall: "", hall_name: "", seq: 0, open: false, resting: false, closed_reason: "", closed_reason_en: "", stale: true,
    confirmed_at: null, calls: [], calls_from: 0, queues: [] },
  reading: { items: [], notices: [], leader: null, staff: [], playlist: [], ticker: "", ratings: null },
  light: dark(null),
  show: slides.closed(),
  clock: /** @type {any} */ (null),
  heardAt: performance.now(),
  silent: false,
  zone: asked.get("zone") ?? usualZone ?? "",
  led: asked.get("layout") === "led",
  upright: uprightNow.matches,
  still: stillNow.matches,
};
const heardKey = `jiaohao.heard ${state.zone}`; // walls of several zones may share a browser
const voice = openVoice(state.zone, asked.has("silent"));

/** When this page did what it has to do again and again, in ms of performance.now(); null: not now. */
const since = {
  loaded: performance.now(),
  silent: /** @type {number | null} */ (null),
  failing: /** @type {number | null} */ (null),
  askedToPaint: /** @type {number | null} */ (null),
  remembered: 0,
};

/** @param {string} hall @returns {number | null} */
function recall(hall) {
  try {
    return recalled(JSON.parse(localStorage.getItem(heardKey) ?? "null"), hall, Date.now());
  } catch {
    return null;
  }
}

/** What has been shown up to now, for the page after this one. */
function remember() {
  const seq = done(state.light, voice.spoken);
  if (seq === null || leaving) return;
  since.remembered = performance.now();
  remembered = seq;
  try {
    localStorage.setItem(heardKey, JSON.stringify({ hall: state.wall.hall, seq, at: Date.now() }));
  } catch {
    // A browser without storage only forgets across a reload.
  }
}

/** The picture is confirmed: while it is stale, the last time that it was stays. */
function heard() {
  const now = performance.now();
  if (!state.wall.stale) state.heardAt = now;
  if (!state.wall.stale && now - since.remembered >= REMEMBER_EVERY_MS) remember();
}

/** @param {any} wall */
function take(wall) {
  if (wall.hall === "" && state.wall.hall !== "") { // a restarted agent knows nothing yet: keep the last picture
    state.wall = { ...state.wall, stale: true };
  } else {
    if (wall.hall !== state.wall.hall) state.light = dark(recall(wall.hall));
    state.wall = wall;
    const calls = inZone(wall.calls, state.zone);
    state.light = receive(state.light, calls, wall.calls_from, wall.seq, hallNow(state.clock, performance.now()));
  }
  heard();
  tick();
}

/** A newer agent serves newer files: load them, once. @param {string} served */
function checkBuild(served) {
  if (served === build || sessionStorage.getItem("jiaohao.reloaded-for") === served) return;
  sessionStorage.setItem("jiaohao.reloaded-for", served);
  reload();
}

/** From here on calls are for the next page. */
function reload() {
  if (!state.wall.stale) remember();
  leaving = true;
  location.reload();
}

/** Only when the agent answers, and it is `still` time then: a browser that finds nobody shows a page of its own, for ever. */
async function reloadIfServed(still = () => true) {
  const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(3000) }).catch(() => null);
  if (answer?.ok && still()) reload();
}

let drawn = "";
let leaving = false;
let remembered = /** @type {number | null} */ (null);

function tick() {
  if (leaving) return;
  const now = performance.now();
  try {
    step(now);
    since.failing = null;
  } catch (error) {
    drawn = "";
    since.failing ??= now;
    console.error(error);
  }
}

/** @param {number} now */
function step(now) {
  state.light = advance(state.light, now, voice.spoken);
  voice.attend(state.light, state.wall.seq);
  if (done(state.light, voice.spoken) !== remembered) remember();
  state.upright = uprightNow.matches;
  state.still = stillNow.matches;
  state.show = slides.advance(state.show, state.reading, state.zone, placeOf(state.upright, isQuiet(state, now)), now);
  draw(now);
}

function allowSound() {
  allow().then(() => {
    voice.unmuted();
    tick();
  }, () => {});
}

/** @param {number} now */
function draw(now) {
  const picture = { ...view(state, now), mute: voice.muted() };
  const key = JSON.stringify(picture);
  if (key === drawn) return;
  drawn = key;
  const Face = state.led ? Led : Wall;
  render(html`<${Face} view=${{ ...picture, allowSound }} />`, root);
}

/** Once a second is often enough. */
function lookAfter() {
  const now = performance.now();
  if (mayReload({
    age: now - since.loaded,
    hour: hour(state.clock, now),
    resting: state.wall.resting,
    idle: isIdle(now),
    cutOff: cutOff(state),
  })) {
    since.loaded = now; // not again at once, should nobody answer
    reloadIfServed(() => isIdle(performance.now()));
  }
  if (isStuck(now)) rescue();
}

/** Nobody is called, and the last call is spoken. @param {number} now */
function isIdle(now) {
  const { light } = state;
  return !light.waiting.length && !isFresh(light, now) && (!onTurn(light) || voice.spoken(/** @type {any} */ (light.current)));
}

/** @param {number} now */
function isStuck(now) {
  const forHowLong = (/** @type {number | null} */ from) => (from === null ? 0 : now - from);
  return mustReload({
    silent: forHowLong(since.silent),
    failing: forHowLong(since.failing),
    undrawn: forHowLong(since.askedToPaint),
    visible: document.visibilityState === "visible",
  });
}

/** Seldom: what a reload does not cure, ten do not. */
function rescue() {
  const last = Number(sessionStorage.getItem("jiaohao.rescued-at") ?? 0);
  if (Math.abs(Date.now() - last) < RESCUE_EVERY_MS) return;
  sessionStorage.setItem("jiaohao.rescued-at", String(Date.now()));
  reloadIfServed();
}

/** A browser that still runs but paints no more never answers this. */
function askToPaint() {
  if (since.askedToPaint !== null) return;
  since.askedToPaint = performance.now();
  requestAnimationFrame(() => { since.askedToPaint = null; });
}

follow({
  wall: take,
  reading: (/** @type {any} */ reading) => { state.reading = reading; },
  voice: voice.hear,
  time: (/** @type {string | null} */ iso) => {
    heard();
    state.clock = told(iso, performance.now()) ?? state.clock;
  },
  build: checkBuild,
  silent: (/** @type {boolean} */ silent) => {
    state.silent = silent;
    since.silent = silent ? performance.now() : null;
    if (silent) voice.cutOff();
    tick();
  },
});
document.documentElement.classList.toggle("led", state.led);
allowSound();
// The font comes in slices, from an agent that may be gone when its absence has to be told: fetch these now.
document.fonts.load('700 20px "Noto Sans SC Variable"', FAILURES).catch(() => {});
document.addEventListener("visibilitychange", () => { since.askedToPaint = null; }); // hidden pages are not painted
setInterval(tick, TICK_MS);
setInterval(lookAfter, 1000);
setInterval(askToPaint, PAINT_EVERY_MS);
tick();
