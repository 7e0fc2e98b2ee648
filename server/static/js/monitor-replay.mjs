/** A past hour or day once more: a slider, a button, and the same picture as live. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { get } from "./api.mjs";
import { Picture } from "./monitor-picture.mjs";
import { M } from "./monitor-words.mjs";
import { Problem } from "./ui.mjs";
import { t } from "./words.mjs";

const SPEEDS = [1, 5, 10, 30, 60];
const FRAME_MS = 100;
const STEP_MS = 1000;
const WITHIN_MS = 30_000; // a whole day of a large hall on a slow server

/** What stands at a moment (ms): the start, and every change until then. */
function pictureAt(film, moment) {
  const queues = { ...film.start.queues }, windows = { ...film.start.windows };
  for (const step of film.steps) {
    if (step.ms > moment) break;
    Object.assign(queues, step.queues);
    Object.assign(windows, step.windows);
  }
  return { queues, windows };
}

/** Where the slider ends, in whole steps from its start: what happened in the last second counts too. */
function lastStep(film) {
  const begin = Date.parse(film.begin);
  return begin + Math.ceil((Date.parse(film.end) - begin) / STEP_MS) * STEP_MS;
}

/** The hall's own wall clock at a moment; `iso` tells its offset. */
function wallClock(moment, iso) {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? [iso, "+", "0", "0"];
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
  return new Date(moment + offset).toISOString().slice(11, 19);
}

export function Replay({ today, hour, onNumber, onSessionOver }) {
  const [asked, setAsked] = useState({ day: today, hour: String(hour) });
  const [film, setFilm] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [moment, setMoment] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(10);

  useEffect(() => {
    let gone = false;
    setPlaying(false);
    setFilm(null);
    const words = new URLSearchParams(asked.hour === "" ? { day: asked.day } : asked);
    get(`/replay?${words}`, WITHIN_MS).then(
      (answer) => {
        if (gone) return;
        setRefusal(null);
        setMoment(Date.parse(answer.begin));
        setFilm({ ...answer, steps: answer.steps.map((step) => ({ ...step, ms: Date.parse(step.at) })) });
      },
      (error) => (error.status === 401 ? onSessionOver() : !gone && setRefusal(error)),
    );
    return () => void (gone = true);
  }, [asked]);

  const end = film ? lastStep(film) : 0;
  useEffect(() => {
    if (!playing) return undefined;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const by = (now - last) * speed;
      last = now;
      setMoment((at) => Math.min(at + by, end));
    }, FRAME_MS);
    return () => clearInterval(timer);
  }, [playing, speed, end]);
  useEffect(() => {
    if (playing && moment >= end) setPlaying(false);
  }, [moment]);

  function play() {
    if (!playing && moment >= end) setMoment(Date.parse(film.begin));
    setPlaying(!playing);
  }
  const set = (name) => (event) => event.target.value !== asked[name] && setAsked({ ...asked, [name]: event.target.value });
  return html`
    <section class="replay" aria-labelledby="replay">
      <h2 id="replay" class="unseen">${t(M.replay)}</h2>
      <div class="asked">
        <label class="field"><span>${t(M.day)}</span><input type="date" name="day" value=${asked.day} max=${today} onChange=${set("day")}
          aria-invalid=${refusal?.field === "day" ? "true" : undefined} /></label>
        <label class="field"><span>${t(M.hour)}</span><select name="hour" value=${asked.hour} onChange=${set("hour")}>
          <option value="">${t(M.wholeDay)}</option>${[...Array(24).keys()].map((n) => html`<option key=${n} value=${String(n)}>${t(M.hourOf(n))}</option>`)}</select></label>
        <label class="field"><span>${t(M.speed)}</span><select name="speed" value=${String(speed)} onChange=${(event) => setSpeed(Number(event.target.value))}>
          ${SPEEDS.map((times) => html`<option key=${times} value=${String(times)}>${times}×</option>`)}</select></label>
        <button type="button" class="main" data-play onClick=${play} aria-disabled=${!film || film.steps.length === 0}>${playing ? "■" : "▶"} ${t(playing ? M.pause : M.play)}</button>
        <output class="number moment">${film ? wallClock(moment, film.begin) : "–"}</output>
        <span class="chip not-now">${t(M.replaying)}</span>
      </div>
      <${Problem} refusal=${refusal} />
      ${!film && !refusal && html`<p class="none">${t("loading")}</p>`}
      ${film && html`
        <input class="slider" type="range" name="moment" aria-label=${t(M.moment)} aria-valuetext=${wallClock(moment, film.begin)}
          min=${Date.parse(film.begin)} max=${end} step=${STEP_MS} value=${moment} onInput=${(event) => setMoment(Number(event.target.value))} />
        ${film.steps.length === 0 && html`<p class="hint">${t(M.nothing)}</p>`}
        <${Picture} infos=${film} picture=${pictureAt(film, moment)} now=${moment} onNumber=${onNumber} estimates=${false} />`}
    </section>`;
}
