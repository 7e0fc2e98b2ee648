// What the wall looks like: pure functions from state to elements.
import { html } from "/faces/vendor/html.mjs";
import { SlidePage, Ticker } from "./slide_parts.mjs";
import { CONNECTING, RESTING, SHUT } from "./words.mjs";

/** @param {{view: any}} props */
export function Wall({ view }) {
  return html`
    <div class=${["page", view.cutOff && "cut-off", view.banner && "bannered"].filter(Boolean).join(" ")}>
      <${Head} ...${view} />
      ${view.banner && html`<${Banner} text=${view.banner} urgent=${view.cutOff} />`}
      <${Body} ...${view} />
      ${view.slide && !roomy(view) && html`<footer><${SlidePage} ...${view.slide} /></footer>`}
      ${view.ticker && html`<${Ticker} ...${view.ticker} />`}
    </div>`;
}

/** The slide stands in the middle, beside the calls. @param {any} view */
function roomy(view) {
  return view.large && view.page === "live";
}

/** @param {any} props */
function Head({ hallName, zone, clock, mute, allowSound }) {
  return html`
    <header>
      <h1>${hallName || "叫号大屏"}</h1>
      ${zone && html`<span class="zone">${zoneWord(zone)}</span>`}
      ${mute && html`<button class="sound" onClick=${allowSound}>点击开启声音</button>`}
      <span class="day">${clock.day}</span>
      <span class="time number">${clock.time}</span>
    </header>`;
}

/** @param {{text: {zh: string, en: string}, urgent: boolean}} props */
function Banner({ text, urgent }) {
  return html`
    <div class=${urgent ? "banner urgent" : "banner"} role=${urgent ? "alert" : "status"}>
      ${urgent && html`<svg viewBox="0 0 48 48" aria-hidden="true"><path d="M24 6 44 42H4Z M24 18v12 M24 35v2" /></svg>`}
      <p>${text.zh} <span lang="en">${text.en}</span></p>
    </div>`;
}

/** @param {any} view */
function Body(view) {
  if (view.page === "unknown") {
    return html`<${Plain} ...${CONNECTING} />`;
  }
  if (view.page === "resting") {
    return html`<${Plain} ...${RESTING} small=${view.closedReason || RESTING.small} en=${view.closedReasonEn || RESTING.en} />`;
  }
  return html`
    <main class=${roomy(view) ? "live roomy" : "live"}>
      <${Spot} ...${view} />
      ${roomy(view) && html`<section class="large"><${SlidePage} ...${view.slide} /></section>`}
      <${Recent} rows=${view.recent} />
      <${Queues} ...${view} />
    </main>`;
}

/** @param {{big: string, small: string, en: string}} props */
function Plain({ big, small, en }) {
  return html`<main class="plain"><h2>${big}</h2><p>${small}</p><p lang="en">${en}</p></main>`;
}

/** @param {any} props */
function Spot({ call, fresh, waitingCalls }) {
  if (!call) {
    return html`
      <section class="spot empty">
        <h2>取号后请在此等候叫号</h2>
        <p>叫到您的号码时，这里会显示号码和窗口</p>
        <p lang="en">Your number and window will be shown here.</p>
      </section>`;
  }
  return html`
    <section class=${fresh ? "spot fresh" : "spot"} data-seq=${call.seq} role="status" aria-label=${call.spoken}>
      <p class="label"><strong>${heading(call, fresh)}</strong>
        ${waitingCalls > 0 && html`<span class="more">后面还有 ${waitingCalls} 个号</span>`}</p>
      <div class="call">
        <p key=${call.seq} class="who number" data-length=${lengthClass(call.number)}>${call.number}</p>
        <p class="go" data-length=${lengthClass(call.window)}><span>请到</span><b class="number">${call.window}</b><span>${windowWord(call.window)}</span></p>
      </div>
      <p class="place">${place(call)}</p>
    </section>`;
}

/** @param {any} call @param {boolean} fresh */
function heading(call, fresh) {
  if (!fresh) return html`最近呼叫 <span lang="en">Last called</span>`;
  return call.recall
    ? html`再次呼叫 <span lang="en">Calling again</span>`
    : html`正在呼叫 <span lang="en">Now calling</span>`;
}

/** @param {string} no */
export function windowWord(no) {
  return /^\d+$/.test(no) ? "号窗口" : "窗口";
}

/** @param {string} number */
export function lengthClass(number) {
  return number.length <= 2 ? "tiny" : number.length <= 4 ? "short" : number.length <= 6 ? "middle" : "long";
}

/** A hall may call its zones "A" or "A区". @param {string} zone */
function zoneWord(zone) {
  return /^[A-Za-z0-9]+$/.test(zone) ? `${zone} 区` : zone;
}

/** @param {any} call */
function place(call) {
  const floor = call.floor && !call.zone.includes("楼") ? `${call.floor} 楼` : "";
  return [floor, zoneWord(call.zone), call.window_name].filter(Boolean).join(" · ");
}

/** @param {{rows: any[]}} props */
function Recent({ rows }) {
  return html`
    <section class="recent">
      <h2>叫号 <span lang="en">Called</span></h2>
      <ol>
        ${rows.map((row) => html`
          <li key=${row.seq} data-seq=${row.seq} class=${row.current ? "current" : ""}>
            <span class="mark" aria-hidden="true">${row.current ? html`<svg viewBox="0 0 24 24"><path d="M6 3 19 12 6 21Z" /></svg>` : ""}</span>
            <b class="number">${row.number}</b>
            <span class="to"><b class="number">${row.window}</b> ${windowWord(row.window)}</span>
          </li>`)}
      </ol>
      ${rows.length === 0 && html`<p class="none">暂无叫号 <span lang="en">No calls now</span></p>`}
    </section>`;
}

/** @param {any} props */
function Queues({ queues, queueColumns, queuePage, queuePages }) {
  if (!queues.length) return null;
  return html`
    <section class="queues" data-columns=${queueColumns} aria-label="等候情况">
      ${queues.map((/** @type {any} */ queue) => html`<${Queue} key=${queue.code} queue=${queue} />`)}
      ${queuePages > 1 && html`<p class="pager number">${queuePage + 1}/${queuePages}</p>`}
    </section>`;
}

/** @param {{queue: any}} props */
function Queue({ queue }) {
  return html`
    <article>
      <h3>${queue.name}</h3>
      ${queue.open ? html`<${Crowd} ...${queue} />` : html`<${Shut} ...${queue} />`}
      <p class="next">${!queue.open && queue.waiting > 0 && html`<span>等候 ${queue.waiting} 人</span>`}
        ${queue.order.length > 0 && html`<span>接下来</span>`}
        ${queue.order.slice(0, 3).map((/** @type {string} */ n) => html`<b key=${n} class="number">${n}</b>`)}</p>
    </article>`;
}

/** @param {any} queue */
function Crowd({ waiting, wait }) {
  if (!waiting) return html`<p class="count">暂无等候</p>`;
  return html`<p class="count">等候 <b class="number">${waiting}</b> 人${wait && html`<span class="wait">${waitWords(wait)}</span>`}</p>`;
}

/** Why it gives no numbers, in the queue's own words. @param {any} queue */
function Shut({ note, note_en: noteEn }) {
  const [zh, en] = note ? [note, noteEn] : [SHUT.zh, SHUT.en];
  return html`<p class="count shut"><em>${zh}</em>${en && html`<span lang="en">${en}</span>`}</p>`;
}

/** How long somebody would wait who came now. @param {{low_minutes: number, high_minutes: number}} wait */
function waitWords({ low_minutes: low, high_minutes: high }) {
  if (low === 0) return `${high} 分钟以内`;
  return low === high ? `约 ${low} 分钟` : `约 ${low}–${high} 分钟`;
}
