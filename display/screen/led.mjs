// The wall for a coarse LED screen: two columns, number → window, and nothing that takes more than a glance.
import { html } from "/faces/vendor/html.mjs";
import { lengthClass, windowWord } from "./parts.mjs";
import { Ticker } from "./slide_parts.mjs";
import { CONNECTING, RESTING } from "./words.mjs";

/** @param {{view: any}} props */
export function Led({ view }) {
  return html`
    <div class=${view.cutOff ? "page cut-off" : "page"}>
      <${Head} ...${view} />
      <${Body} ...${view} />
      ${view.ticker && html`<${Ticker} ...${view.ticker} />`}
    </div>`;
}

/** @param {any} view */
function Head({ headline, cutOff, clock, hallName, call, page }) {
  if (headline) return html`<header class=${cutOff ? "urgent" : "told"} role=${cutOff ? "alert" : "status"}>${headline}</header>`;
  const columns = html`<b class="column">号码</b><b class="column">窗口</b><b class="column" aria-hidden="true">号码</b><b class="column" aria-hidden="true">窗口</b>`;
  const listed = call && page === "live";
  return html`<header>${listed ? columns : html`<b class="hall">${hallName}</b>`}<span class="time number">${clock.time}</span></header>`;
}

/** @param {any} view */
function Body(view) {
  if (view.page === "unknown") return html`<main class="plain"><h1>${CONNECTING.big}</h1></main>`;
  if (view.page === "resting") return html`<main class="plain"><h1>${RESTING.big}</h1><p>${view.closedReason || RESTING.small}</p></main>`;
  const rows = [...(view.call ? [view.call] : []), ...view.recent.filter((/** @type {any} */ row) => !row.current)];
  if (!rows.length) return html`<main class="plain"><h1>请等候叫号</h1></main>`;
  return html`<main><ol>${rows.map((row, i) => html`<${Row} key=${row.seq} ...${row} fresh=${i === 0 && view.fresh} />`)}</ol></main>`;
}

/** The first row has its turn; it names its call as the spotlight does. @param {any} row */
function Row({ seq, number, window, fresh }) {
  return html`
    <li data-seq=${seq} class=${fresh ? "fresh" : ""}>
      <b class="who number" data-length=${lengthClass(number)}>${number}</b>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 2 21 12 4 22Z" /></svg>
      <p class="go" data-length=${lengthClass(window)}><b class="number">${window}</b> ${windowWord(window)}</p>
    </li>`;
}
