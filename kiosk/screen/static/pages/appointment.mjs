// An appointment's code, typed.
import { html } from "/faces/vendor/html.mjs";
import { icon } from "../icons.mjs";
import { Banner } from "./parts.mjs";

const PLACES = [0, 1, 2, 3, 4, 5, 6, 7];
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

export function Appointment(world) {
  const { picture, ui, act, t } = world;
  const whole = ui.digits.length === 8;
  const can = picture.server === "online"; // the after-hours book is used when the hall is closed to others
  return html`
    <section class="pad">
      <div class="ask">
        <h1>${t.typeCode}</h1>
        <p class="soft">${t.typeCodeHint}</p>
        ${Banner(world)}
        <p class="digits number" role="status" aria-label=${ui.digits}>
          ${PLACES.map((n) => html`<i key=${n}>${ui.digits[n] ?? ""}</i>`)}</p>
        <button class="primary" disabled=${!whole || !can} onClick=${() => act.take({ appointment: ui.digits })}>
          ${icon("ticket")}${can ? t.take : t.linkLost}</button>
      </div>
      <div class="keys">
        ${KEYS.map((digit) => html`<button class="key number" key=${digit} onClick=${() => act.digit(digit)}>${digit}</button>`)}
        <button class="key word" onClick=${act.clear}>${t.clear}</button>
        <button class="key number" onClick=${() => act.digit("0")}>0</button>
        <button class="key word" aria-label=${t.backspace} onClick=${act.backspace}>${icon("backspace")}</button>
      </div>
    </section>`;
}

