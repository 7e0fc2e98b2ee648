// What several pages are made of.
import { html } from "/faces/vendor/html.mjs";
import { icon } from "../icons.mjs";

/** A sentence that breaks after its commas, not within its words. */
export const phrases = (text) => text.split(/(?<=[，。；：])/).map((part) => html`<span>${part}</span>`);

export const Message = (sign, what, todo) => html`
  <section class="message" role="status" aria-live="polite">${icon(sign)}<h1>${what}</h1><p>${phrases(todo)}</p></section>`;

/** What the citizen must know before touching anything. */
export function Banner({ picture, ui, t }) {
  if (ui.agentLost) return Notice("link", t.agentLost, "");
  if (picture.server === "away") return Notice("link", t.linkLost, t.linkLostDo);
  if (picture.printer.ready) return null;
  const fault = picture.printer.faults.find((word) => t.printerFaults[word]);
  return Notice("warning", t.printerFaults[fault] ?? t.printerFault, t.printerDo);
}

const Notice = (sign, what, todo) => html`
  <div class="notice" role="status">${icon(sign)}<div><b>${what}</b><span>${todo}</span></div></div>`;

/** Names and reasons come from the hall, in Chinese and, mostly, in English. */
export const nameOf = (queue, t) => (t.names === "en" && queue.name_en ? queue.name_en : queue.name);

export const noteOf = (queue, t) => (t.names === "en" ? queue?.note_en : queue?.note);

/** How many stand on one page, upright and lying: in large letters, with a banner above these, in the low position, in
 * both. */
const ON_A_PAGE = {
  tiles: { elder: [4, 4], warned: [3, 2], low: [6, 4], both: [3, 2] },
  found: { elder: [3, 2], warned: [3, 2], low: [4, 2], both: [2, 2] },
};

/** In the plain size so many stand whole, upright and lying, and so many beside the key for more. */
const PLAIN = { tiles: { whole: [10, 9], most: [8, 6] }, found: { whole: [10, 4], most: [8, 4] } };

/** @param {any} world @param {"tiles" | "found"} kind @param {number} count */
function mostOf(world, kind, count) {
  const { elder, low, lying } = world.ui;
  const way = Number(lying);
  if (!elder && !low) return count > PLAIN[kind].whole[way] ? PLAIN[kind].most[way] : count;
  const mode = elder ? (low ? "both" : Banner(world) ? "warned" : "elder") : "low";
  return ON_A_PAGE[kind][mode][way];
}

/** A long list comes some at a time: what the edge cuts off is not seen, and few would think of pulling. */
export function Leaf(world, kind, all, show) {
  const { ui, act, t } = world;
  const most = mostOf(world, kind, all.length);
  const pages = Math.max(1, Math.ceil(all.length / most));
  const at = ui.leaf % pages;
  return html`
    <div class="leaf">
      <section class=${kind} tabindex=${most < all.length ? null : "0"}>${all.slice(at * most, (at + 1) * most).map(show)}</section>
      ${pages > 1 && html`
        <button class="more" onClick=${() => act.leaf(at + 1)}>
          ${icon("list")}<b>${at + 1 < pages ? t.more : t.first}</b><span>${t.leafOf(at + 1, pages)}</span></button>`}
    </div>`;
}

/** The end of a visit: whoever comes next finds the page as it was. */
export const Leave = ({ ui, act, t }) => html`
  <button class="primary" onClick=${act.done}>${t.done}<span>${t.backIn(ui.secondsLeft)}</span></button>`;
