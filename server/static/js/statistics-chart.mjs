/** Pictures of service figures as SVG. Pure: numbers in, shapes out. What a shade says, a number or a pattern says too. */

import { html } from "/faces/vendor/html.mjs";

const [STEP, WIDE, HIGH, LEFT, FOOT, SAID] = [26, 18, 190, 64, 28, 66];

/** The pattern of what was not served, once on a page. */
export const Patterns = () => html`
  <svg class="unseen" width="1" height="1" aria-hidden="true"><defs>
    <pattern id="part-other" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="ground" width="6" height="6" /><path class="stripe" d="M0 0L6 6M-1 5L1 7M5 -1L7 1" /></pattern>
  </defs></svg>`;

export const Sample = ({ part }) => html`
  <svg width="28" height="18" aria-hidden="true"><rect class=${`part ${part}`} x="1" y="1" width="26" height="16" fill=${part === "other" ? "url(#part-other)" : undefined} /></svg>`;

/** A round number not less than `n`, so that the scale has plain marks. */
export function roundUp(n) {
  const size = 10 ** Math.floor(Math.log10(Math.max(1, n)));
  return [1, 2, 4, 5, 10].map((step) => step * size).find((mark) => mark >= n) ?? n;
}

/** Columns in order of days: served below, what was not above. */
export function Trend({ days, label }) {
  const most = roundUp(Math.max(4, ...days.map((day) => day.taken)));
  const width = LEFT + Math.max(days.length * STEP, 240);
  const y = (n) => HIGH - (n / most) * HIGH;
  const every = Math.ceil(SAID / STEP);
  return html`
    <svg class="trend" width=${width} height=${HIGH + FOOT + 12} viewBox=${`0 -12 ${width} ${HIGH + FOOT + 12}`} role="img" aria-label=${label}>
      ${[0, most / 2, most].map((mark) => html`
        <g key=${mark}><path class="grid" d=${`M${LEFT} ${y(mark)}H${width}`} /><text x=${LEFT - 8} y=${y(mark) + 5} text-anchor="end">${mark}</text></g>`)}
      ${days.map((day, n) => {
        const x = LEFT + n * STEP + (STEP - WIDE) / 2;
        return html`<g key=${day.day}>
          <rect class="part served" x=${x} y=${y(day.served)} width=${WIDE} height=${HIGH - y(day.served)} />
          <rect class="part other" x=${x} y=${y(day.taken)} width=${WIDE} height=${y(day.served) - y(day.taken)} fill="url(#part-other)" />
          ${n % every === 0 && html`<text x=${x} y=${HIGH + 20}>${day.day.slice(5)}</text>`}
        </g>`;
      })}
    </svg>`;
}

const [CELL, ROW, SIDE, TOP] = [58, 34, 64, 28];

/** Seven rows of hours. A cell is the darker the more it holds, and says how many; none is too dark to read on. */
export function Heat({ cells, hours, weekdays, label }) {
  const most = Math.max(1, ...cells.map((cell) => cell.taken));
  const [width, height] = [SIDE + hours.length * CELL, TOP + 7 * ROW];
  return html`
    <svg class="heat" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${label}>
      ${hours.map((hour, n) => html`<text key=${hour} x=${SIDE + (n + 0.5) * CELL} y=${TOP - 9} text-anchor="middle">${hour}:00</text>`)}
      ${weekdays.map((word, n) => html`<text key=${word} x=${SIDE - 8} y=${TOP + (n + 0.5) * ROW + 5} text-anchor="end">${word}</text>`)}
      ${weekdays.map((word, n) => hours.map((hour, place) => {
        const cell = cells.find((one) => one.weekday === n + 1 && one.hour === hour);
        const shade = cell ? Math.ceil((cell.taken / most) * 5) : 0;
        const [x, y] = [SIDE + place * CELL, TOP + n * ROW];
        return html`<g key=${`${n} ${hour}`}>
          <rect class=${`shade s${shade}`} x=${x + 1} y=${y + 1} width=${CELL - 2} height=${ROW - 2} />
          ${cell && html`<text class="on" x=${x + CELL / 2} y=${y + ROW / 2 + 5} text-anchor="middle">${cell.taken}</text>`}</g>`;
      }))}
    </svg>`;
}

const [BAR, THICK] = [150, 20];

/** One group's wait: a bar to the median, a line to what nine of ten did not exceed; `most` seconds fill it. */
export const WaitBar = ({ wait, most, label }) => html`
  <svg class="wait-of" width=${BAR} height=${THICK} viewBox=${`0 0 ${BAR} ${THICK}`} role="img" aria-label=${label}>
    ${wait.n > 0 && html`
      <rect class="part served" x="0" y="4" width=${Math.max(1, (wait.median / most) * (BAR - 2))} height=${THICK - 8} />
      <path class="whisker" d=${`M0 ${THICK / 2}H${(wait.p90 / most) * (BAR - 2)}m0 -7v14`} />`}
  </svg>`;
