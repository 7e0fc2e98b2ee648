// How much text a slide page holds. Pure. Widths are estimated in em, a little too wide rather than too narrow: a page
// that is not quite full is read, a line that was cut off is not.

/** `em`: width of a line; `lines` of them. `inline`: facts follow each other in one run of text, else each begins a line.
 * @typedef {{em: number, lines: number, inline: boolean}} Room */
/** @typedef {[label: string, value: string]} Fact */

const SPACE_EM = 0.26;
const NARROW_EM = 0.6;
const CAPITAL_EM = 0.8;
const EMOJI_EM = 1.4;
const GAP_EM = 2; // between two facts of one run
const PHRASE_ENDS = /[，。；：！？,;!?·　]/;
const LEAST_EM = 4; // less of a value is not worth beginning at the end of a page

/** @param {string} sign one character */
function signWidth(sign) {
  const code = /** @type {number} */ (sign.codePointAt(0));
  if (code > 0xffff) return EMOJI_EM;
  if (code >= 0x2000) return 1;
  if (sign === " ") return SPACE_EM;
  return /[A-Z@%&mwMW]/.test(sign) ? CAPITAL_EM : NARROW_EM;
}

/** @param {string} text */
export function width(text) {
  return Array.from(text).reduce((sum, sign) => sum + signWidth(sign), 0);
}

/** The text in pieces that are at most so wide, the first perhaps less. A piece ends with a phrase when that leaves it at
 * least half full. @param {string} text @param {number} em @param {number} [first] @returns {string[]} */
export function cut(text, em, first = em) {
  /** @type {string[][]} */
  const pieces = [[]];
  let room = first;
  for (const sign of text) {
    room -= signWidth(sign);
    if (room < 0) {
      const rest = afterPhrase(/** @type {string[]} */ (pieces.at(-1)));
      pieces.push(rest);
      room = em - width(rest.join("")) - signWidth(sign);
    }
    /** @type {string[]} */ (pieces.at(-1)).push(sign);
  }
  return pieces.map((piece) => piece.join(""));
}

/** Takes from `piece` what comes after its last phrase, unless that is most of it, and gives it.
 * @param {string[]} piece @returns {string[]} */
function afterPhrase(piece) {
  const end = piece.findLastIndex((sign) => PHRASE_ENDS.test(sign)) + 1;
  return end * 2 >= piece.length ? piece.splice(end) : [];
}

/** Facts on as many pages as they take; a value that does not fit goes on, its label with it.
 * @param {Fact[]} facts @param {Room} room @returns {Fact[][]} */
export function pages(facts, room) {
  /** @type {Fact[][]} */
  const made = [];
  let left = 0;
  for (const [label, value] of facts) {
    const besides = room.inline ? width(label) + GAP_EM : 0;
    const whole = room.inline ? room.em * room.lines : room.lines;
    const fits = (/** @type {number} */ lines) => (room.inline ? lines - besides : lines * room.em);
    const takes = (/** @type {string} */ text) => (room.inline ? width(text) + besides : Math.ceil(width(text) / room.em));
    const begins = fits(left) >= Math.min(LEAST_EM, width(value)) && (takes(value) <= left || takes(value) > whole);
    const pieces = cut(value, fits(whole), begins ? fits(left) : fits(whole));
    pieces.forEach((piece, i) => {
      if (i > 0 || !begins) {
        made.push([]);
        left = whole;
      }
      /** @type {Fact[]} */ (made.at(-1)).push([label, piece]);
      left -= takes(piece);
    });
  }
  return made;
}
