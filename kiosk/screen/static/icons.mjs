// Line icons of our own, 48 × 48, drawn in the colour of the text around them.
import { html } from "/faces/vendor/html.mjs";

const PATHS = {
  ticket: "M10 6h28v36l-5-4-4 4-5-4-5 4-4-4-5 4zM17 16h14M17 24h14",
  list: "M18 12h22M18 24h22M18 36h22M8 12h2M8 24h2M8 36h2",
  home: "M6 24 24 8l18 16M12 20v20h24V20M20 40V28h8v12",
  letters: "M4 38 15 10l11 28M8 28h14M30 38l7-18 7 18M32.5 32h9",
  globe: "M24 5a19 19 0 1 0 0 38 19 19 0 0 0 0-38zM5 24h38M24 5c-12 12-12 26 0 38M24 5c12 12 12 26 0 38",
  warning: "M24 6 44 41H4zM24 19v11M24 35v1",
  link: "M6 18c10-10 26-10 36 0M13 26c6-6 16-6 22 0M24 35v1M6 42 42 6",
  clock: "M24 5a19 19 0 1 0 0 38 19 19 0 0 0 0-38zM24 13v12l8 5",
  heart: "M24 41C6 29 4 19 9 13s12-3 15 3c3-6 10-9 15-3s3 16-15 28z",
  talk: "M6 9h36v24H24l-9 8v-8H6zM20 17c0-5 9-5 9 0 0 4-5 3-5 6M24 28v1",
  guide: "M24 5a19 19 0 1 0 0 38 19 19 0 0 0 0-38zM24 21v13M24 14v1",
  express: "M8 42V8h20v34M28 20h12v22M4 42h40M15 16h6M15 25h6M15 34h6",
  calendar: "M8 10h32v32H8zM8 19h32M16 5v9M32 5v9M16 27h6M26 27h6M16 34h6",
  backspace: "M16 10h26v28H16L5 24zM24 18l11 12M35 18 24 30",
  done: "M8 25l11 11 22-24",
};

/** @param {keyof typeof PATHS} name */
export const icon = (name) => html`
  <svg class="icon" viewBox="0 0 48 48" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;

const QUEUE_SIGNS = { G: "heart", N: "talk", Z: "guide", V: "express" };

/** Queues that everybody must recognise have a sign of their own; the others stand by their letter. */
export const queueIcon = (code) => (QUEUE_SIGNS[code] ? icon(QUEUE_SIGNS[code]) : null);
