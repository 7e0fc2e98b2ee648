// What checks.py asks of a page, as the browser drew it. Each function gives its findings as lines, [] for none.

/** What can be seen and is not put out of work by an open dialog. */
const layer = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;

function seen(element) {
  if (!layer.contains(element) || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  for (let e = element; e && e !== document.body; e = e.parentElement) {
    const style = getComputedStyle(e);
    const box = e.getBoundingClientRect();
    const clipped = style.overflowX !== "visible" && (box.width < 2 || box.height < 2);
    if (clipped || style.clipPath.startsWith("inset(50%") || style.clip === "rect(0px, 0px, 0px, 0px)") return false;
  }
  return true;
}

const short = (text) => (text.length > 60 ? `${text.slice(0, 57)}…` : text).replace(/\s+/g, " ").trim();

function name(element) {
  const classes = typeof element.className === "string" ? element.className : element.className.baseVal;
  const own = element.tagName.toLowerCase() + classes.split(/\s+/).filter(Boolean).map((c) => `.${c}`).join("");
  return element.parentElement && element.parentElement !== document.body ? `${element.parentElement.tagName.toLowerCase()} > ${own}` : own;
}

/** Every piece of text that can be read: the element that it stands in, what it says, and its boxes. */
function* texts() {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || /^(script|style|noscript|option|template|title|desc)$/i.test(element.tagName) || !seen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 0.5);
    if (boxes.length) yield { element, says: short(walk.currentNode.data), boxes, style: getComputedStyle(element), node: walk.currentNode };
  }
  for (const element of document.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox], [type=range], [type=color]), select, textarea")) {
    if (!seen(element)) continue;
    const asked = !element.value && element.placeholder;
    const style = getComputedStyle(element, asked ? "::placeholder" : undefined);
    yield { element, says: short(element.value || element.placeholder || element.name || "field"), boxes: [], style, own: true };
  }
  for (const element of document.body.querySelectorAll("*")) {
    for (const pseudo of ["::before", "::after"]) {
      const style = getComputedStyle(element, pseudo);
      const said = /^"(.+)"/.exec(style.content)?.[1].trim();
      if (said && style.display !== "none" && seen(element)) yield { element, says: said, boxes: [], style };
    }
  }
}

// --- contrast

const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });

/** Any CSS colour as [r, g, b, alpha], 0–1. */
function rgba(colour) {
  const said = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(colour);
  if (said) return [said[1] / 255, said[2] / 255, said[3] / 255, Number(said[4] ?? 1)];
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
}

const over = ([r, g, b, alpha], ground) => [r, g, b].map((part, i) => part * alpha + ground[i] * (1 - alpha));

/** The ground an element stands on, over everything that its ancestors paint; a part see-through one lets theirs through. */
function ground(element) {
  if (!element) return [1, 1, 1];
  const style = getComputedStyle(element);
  const [r, g, b, alpha] = rgba(style.backgroundColor);
  const through = alpha * Number(style.opacity);
  return through === 1 ? [r, g, b] : over([r, g, b, through], ground(element.parentElement));
}

function luminance(colour) {
  const [r, g, b] = colour.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function ink({ element, style }) {
  const svg = element instanceof SVGElement;
  const [r, g, b, alpha] = rgba(svg ? style.fill : style.color);
  let shows = alpha;
  for (let e = element; e; e = e.parentElement) shows *= Number(getComputedStyle(e).opacity);
  return [r, g, b, shows];
}

function contrast(least) {
  const found = new Set();
  for (const text of texts()) {
    const under = ground(text.element);
    const is = ratio(over(ink(text), under), under);
    if (is < least - 0.005) found.add(`${is.toFixed(2)}:1 ${name(text.element)}: ${text.says}`);
  }
  return [...found];
}

// --- sizes

const CONTROLS =
  "button, a[href], input:not([type=hidden]), select, textarea, summary, " +
  "[role=button], [role=link], [role=option], [role=tab], [role=checkbox], [role=radio], [role=switch], [role=menuitem]";

/** A link within a sentence is as high as its line, which is right. */
function inSentence(element) {
  if (element.tagName !== "A" || getComputedStyle(element).display !== "inline") return false;
  return [...element.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
}

function targets(least) {
  const found = [];
  for (const control of document.querySelectorAll(CONTROLS)) {
    if (!seen(control) || inSentence(control) || control.parentElement.closest(CONTROLS)) continue;
    const box = (/^(radio|checkbox)$/.test(control.type) && control.closest("label") || control).getBoundingClientRect();
    if (box.width < least - 0.5 || box.height < least - 0.5) {
      found.push(`${Math.round(box.width)}×${Math.round(box.height)} px ${name(control)}: ${short(control.innerText || control.value || control.ariaLabel || "")}`);
    }
  }
  return found;
}

/** How much larger than its own CSS pixels an element is drawn. */
function scale(element) {
  if (element instanceof SVGGraphicsElement) return Math.abs(element.getScreenCTM().a);
  const drawn = element.offsetWidth ? element.getBoundingClientRect().width / element.offsetWidth : 1;
  return Math.abs(drawn - 1) > 0.05 ? drawn : 1; // offsetWidth is rounded, which tells on what is narrow
}

function text_sizes(least) {
  const found = new Set();
  for (const { element, says, style } of texts()) {
    if (!/[\p{L}\p{N}]/u.test(says)) continue; // a sign beside the text
    const size = parseFloat(style.fontSize) * scale(element);
    if (size < least - 0.05) found.add(`${size.toFixed(1)} px ${name(element)}: ${says}`);
  }
  return [...found];
}

// --- overflow

const SCROLLS = /auto|scroll/;
const CUTS = /hidden|clip/;

/** The part of a line of text that bears ink: a font's own box is half as high again as its letters. */
function inked(box, style) {
  const half = Math.min(box.height, parseFloat(style.fontSize) * 0.9) / 2;
  const middle = (box.top + box.bottom) / 2;
  return { left: box.left, right: box.right, top: middle - half, bottom: middle + half };
}

const hasEdge = (style) => rgba(style.backgroundColor)[3] > 0 || (parseFloat(style.borderTopWidth) > 0 && parseFloat(style.borderLeftWidth) > 0);

/** What is wrong with where a box stands: the first ancestor that cuts it, or whose edge it crosses, or the viewport. */
function misplaced(box, element, ellipsis) {
  const slack = 2;
  let [x, y, edge] = [true, true, true];
  for (let e = element; e && e !== document.body && (x || y); e = e.parentElement) {
    const style = getComputedStyle(e);
    if (style.display === "inline" || style.display === "contents") continue;
    const frame = e.getBoundingClientRect();
    const wide = box.left < frame.left - slack || box.right > frame.right + slack;
    const high = box.top < frame.top - slack || box.bottom > frame.bottom + slack;
    if (ellipsis && CUTS.test(style.overflowX) && (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none")) return "";
    if (SCROLLS.test(style.overflowX)) x = false;
    if (SCROLLS.test(style.overflowY)) y = false;
    if (x && wide && CUTS.test(style.overflowX)) return `cut off at the side by ${name(e)}`;
    if (y && high && CUTS.test(style.overflowY)) return `cut off above or below by ${name(e)}`;
    if (edge && hasEdge(style)) {
      if ((x && wide) || (y && high)) return `crosses the edge of ${name(e)}`;
      edge = false;
    }
    if (style.position === "fixed" && y && (box.top < -slack || box.bottom > innerHeight + slack)) return "leaves the viewport above or below";
  }
  const root = document.scrollingElement;
  const still = [document.documentElement, document.body].some((e) => CUTS.test(getComputedStyle(e).overflowY));
  if (x && (box.left < -slack || box.right > root.clientWidth + slack)) return "leaves the viewport at the side";
  const [top, bottom] = still ? [0, innerHeight] : [-root.scrollTop, root.scrollHeight - root.scrollTop];
  return y && (box.top < top - slack || box.bottom > bottom + slack) ? "leaves the viewport above or below" : "";
}

const LONGEST_WORD = 14;

/** Words of common length that a line's end tears apart; who writes longer ones must bear it. */
function* torn(node) {
  const range = document.createRange();
  for (const { 0: word, index } of node.data.matchAll(/(?<=^|[\s\p{Script=Han}])\p{Script=Latin}+(?=$|[\s\p{Script=Han},.:?!])/gu)) {
    if (word.length > LONGEST_WORD) continue;
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) yield word;
  }
}

function overflow(ellipsis) {
  const found = new Set();
  const root = document.scrollingElement;
  if (root.scrollWidth > root.clientWidth + 1) found.add(`the page is ${root.scrollWidth} px wide in ${root.clientWidth} px`);
  for (const { element, says, boxes, style, node } of texts()) {
    for (const word of node ? torn(node) : []) found.add(`torn word ${word}: ${name(element)}: ${says}`);
    for (const box of boxes) {
      const wrong = misplaced(inked(box, style), element, ellipsis);
      if (wrong) found.add(`${wrong}: ${name(element)}: ${says}`);
    }
  }
  for (const control of document.querySelectorAll(`${CONTROLS}, img`)) {
    const box = control.getBoundingClientRect();
    const wrong = seen(control) && box.width && !inSentence(control) && misplaced(box, control.parentElement, ellipsis);
    if (wrong) found.add(`${wrong}: ${name(control)}: ${short(control.innerText || control.name || control.alt || "")}`);
  }
  return [...found];
}
