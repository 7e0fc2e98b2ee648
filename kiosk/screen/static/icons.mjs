// The line icons of all faces, drawn in the colour of the text around them: /faces/icons.svg.
import { html } from "/faces/vendor/html.mjs";

/** @param {string} name */
export const icon = (name) => html`
  <svg class="icon" aria-hidden="true"><use href=${`/faces/icons.svg#${name}`} /></svg>`;

const QUEUE_SIGNS = { G: "heart", N: "talk", Z: "guide", V: "express" };

/** Queues that everybody must recognise have a sign of their own; the others stand by their letter. */
export const queueIcon = (code) => (QUEUE_SIGNS[code] ? icon(QUEUE_SIGNS[code]) : null);
