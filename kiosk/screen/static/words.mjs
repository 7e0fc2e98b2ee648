// The languages of this machine: what the files in lang/ say, the hall's own first.

/** Sentences by language. A file that cannot be read costs its language, not the page. @type {Record<string, any>} */
export const WORDS = {};

const codes = document.getElementById("app").dataset.languages.split(" ");
const files = await Promise.allSettled(codes.map((code) => import(`./lang/${code}.mjs`)));
files.forEach((file, n) => { if (file.status === "fulfilled") WORDS[codes[n]] = file.value.default; });

/** What the page speaks until somebody chooses. */
export const FIRST = Object.keys(WORDS)[0];

/** The range of a wait: half of the people wait at most its low end, nine of ten at most its high end.
 * @param {{low_minutes: number, high_minutes: number}} wait @param {any} t */
export function waitWords({ low_minutes: low, high_minutes: high }, t) {
  if (low === 0) return t.waitWithin(high);
  return t.waitAbout(low === high ? low : `${low}–${high}`);
}

/** Every sentence as one text: its glyphs must be on this machine before the connection fails. */
export const ALL_TEXT = Object.values(WORDS).flatMap(Object.values).flatMap(said).join("");

function said(words) {
  if (typeof words === "function") return [words(0), words(1), words("0123456789")].flat();
  return typeof words === "object" ? Object.values(words).flat().flatMap(said) : [words];
}
