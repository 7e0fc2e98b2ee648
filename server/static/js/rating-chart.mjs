/** Pictures of rating counts as SVG. Pure: numbers in, shapes out. What was not rated is always part of the picture, and each
 * part has a pattern of its own beside its colour. */

import { html } from "/faces/vendor/html.mjs";

/** In this order, from the left or from below. */
export const PARTS = ["good", "bad", "hidden", "unrated"];

/** How many services of each part. Where levels are not told, all that were rated are "hidden". */
export function partsOf({ levels, rated, unrated }) {
  if (!levels) return { good: 0, bad: 0, hidden: rated, unrated };
  const good = levels[0] + levels[1] + levels[2];
  return { good, bad: rated - good, hidden: 0, unrated };
}

/** Lengths that add up to `total`, one after the other: `[part, begin, length]`. Nothing of nothing. */
export function stacked(parts, whole, total) {
  let begin = 0;
  return PARTS.filter((part) => parts[part] > 0).map((part) => {
    const length = (parts[part] / whole) * total;
    begin += length;
    return /** @type {[string, number, number]} */ ([part, begin - length, length]);
  });
}

const fill = (part) => (part === "good" ? undefined : `url(#part-${part})`);

/** The patterns, once on a page that draws with them. */
export const Patterns = () => html`
  <svg class="unseen" width="1" height="1" aria-hidden="true"><defs>
    <pattern id="part-bad" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="ground" width="6" height="6" /><path class="bad" d="M0 0L6 6M-1 5L1 7M5 -1L7 1" /></pattern>
    <pattern id="part-hidden" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="ground" width="6" height="6" /><circle class="hidden" cx="3" cy="3" r="1.5" /></pattern>
    <pattern id="part-unrated" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="ground" width="6" height="6" /></pattern>
  </defs></svg>`;

const [BAR, THICK] = [200, 20];

/** One group as a bar of all its services. `label` says the same in words. */
export const Bar = ({ row, label }) => html`
  <svg class="bar-of" width=${BAR} height=${THICK} viewBox=${`0 0 ${BAR} ${THICK}`} role="img" aria-label=${label}>
    ${stacked(partsOf(row), row.rated + row.unrated, BAR).map(([part, x, length]) => html`
      <rect key=${part} class=${`part ${part}`} x=${x} width=${length} height=${THICK} fill=${fill(part)} />`)}
  </svg>`;

/** A sample of one part, for the legend. */
export const Sample = ({ part }) => html`
  <svg width="28" height="18" aria-hidden="true"><rect class=${`part ${part}`} x="1" y="1" width="26" height="16" fill=${fill(part)} /></svg>`;

const [STEP, WIDE, HIGH, LEFT, FOOT, SAID] = [22, 14, 180, 56, 28, 62];

/** Columns in order of time, each as high as it had services. Beneath stand months, and days without their year. */
export function Trend({ rows, label }) {
  const most = Math.max(1, ...rows.map((row) => row.asked));
  const width = LEFT + Math.max(rows.length * STEP, 200);
  const marked = (n) => n % Math.ceil(SAID / STEP) === 0 && n * STEP + SAID <= Math.max(rows.length * STEP, 200);
  return html`
    <svg class="trend" width=${width} height=${HIGH + FOOT + 12} viewBox=${`0 -12 ${width} ${HIGH + FOOT + 12}`} role="img" aria-label=${label}>
      ${[0, most / 2, most].map((mark) => html`
        <g key=${mark}><path class="grid" d=${`M${LEFT} ${HIGH - (mark / most) * HIGH}H${width}`} />
          ${Number.isInteger(mark) && html`<text x=${LEFT - 8} y=${HIGH - (mark / most) * HIGH + 5} text-anchor="end">${mark}</text>`}</g>`)}
      ${rows.map((row, n) => html`
        <g key=${row.key}>
          ${stacked(partsOf(row), most, HIGH).map(([part, y, length]) => html`
            <rect key=${part} class=${`part ${part}`} x=${LEFT + n * STEP + (STEP - WIDE) / 2} y=${HIGH - y - length} width=${WIDE} height=${length} fill=${fill(part)} />`)}
          ${marked(n) && html`<text x=${LEFT + n * STEP + 2} y=${HIGH + 20}>${row.key.replace(/^\d{4}-(?=..-)/, "")}</text>`}
        </g>`)}
    </svg>`;
}
