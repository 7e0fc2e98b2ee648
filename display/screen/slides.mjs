// Which slide is on, and which page of it. Pure: time (ms of a steady clock) is passed in.
// A page stands its seconds whatever happens; when its place grows or shrinks, its subject begins anew there.
import { cut, pages, width } from "./folding.mjs";

/** What is told in one go: a notice, an item, the leader, the staff, the rating figures.
 * @typedef {{key: string, kind: string, seconds: number, told: any}} Subject */
/** @typedef {{name: string, facts: import("./folding.mjs").Room, notice: import("./folding.mjs").Room, cards: number}} Place */
/** @typedef {{reading: any, round: Subject[], at: number, place: Place | null, pages: any[], page: number, since: number,
 *   nextItem: number}} Show */

const SECONDS = 10;
const TITLE_EM = 28; // of one line; a longer name stands whole among the facts
const SHORT_EM = 22;

/** @returns {Show} */
export function closed() {
  return { reading: null, round: [], at: 0, place: null, pages: [], page: 0, since: 0, nextItem: 0 };
}

/** The page that is on, or null when there is nothing to tell. @param {Show} show */
export function onNow(show) {
  const subject = show.round[show.at];
  if (!subject) return null;
  const mark = show.pages.length > 1 ? `${show.page + 1}/${show.pages.length}` : "";
  return { key: `${subject.key}-${show.page}`, kind: subject.kind, mark, ...show.pages[show.page] };
}

/** @param {Show} show @param {any} reading what there is to tell @param {string} zone of this wall @param {Place} place
 * @param {number} now @returns {Show} the same object when nothing changed */
export function advance(show, reading, zone, place, now) {
  if (show.reading !== reading) return renewed(show, reading, zone, place, now);
  if (show.place?.name !== place.name) return begin({ ...show, place }, show.at, now);
  const subject = show.round[show.at];
  if (!subject || now - show.since < subject.seconds * 1000) return show;
  if (show.page + 1 < show.pages.length) return { ...show, page: show.page + 1, since: now };
  if (show.at + 1 < show.round.length) return begin(show, show.at + 1, now);
  const nextItem = show.nextItem + itemsOf(show.round);
  return begin({ ...show, nextItem, round: round(reading, zone, nextItem) }, 0, now);
}

/** Other things are to be told. What stands stays when it still holds. @param {Show} show @param {any} reading
 * @param {string} zone @param {Place} place @param {number} now @returns {Show} */
function renewed(show, reading, zone, place, now) {
  const made = round(reading, zone, show.nextItem);
  const old = show.round[show.at];
  const at = Math.max(0, made.findIndex((subject) => subject.key === old?.key));
  const same = JSON.stringify(made[at]) === JSON.stringify(old) && show.place?.name === place.name;
  const next = { ...show, reading, round: made, place };
  return same ? { ...next, at } : begin(next, at, now);
}

/** @param {Show} show @param {number} at @param {number} now @returns {Show} */
function begin(show, at, now) {
  const subject = show.round[at];
  return { ...show, at, page: 0, since: now, pages: subject && show.place ? PAGES[subject.kind](subject.told, show.place) : [] };
}

/** @param {Subject[]} made */
function itemsOf(made) {
  return made.filter((subject) => subject.kind === "items").length;
}

/** Once through the playlist. "items" is one item each time it comes round, so that forty of them keep nothing else
 * from the wall; without a playlist, all notices and all items. @param {any} reading @param {string} zone
 * @param {number} nextItem @returns {Subject[]} */
function round(reading, zone, nextItem) {
  if (!reading.playlist.length) {
    return [...noticeSubjects(reading, SECONDS), ...reading.items.map((/** @type {any} */ item) => itemSubject(item, SECONDS))];
  }
  let item = nextItem;
  return reading.playlist
    .filter((/** @type {any} */ slide) => slide.zone === "" || slide.zone === zone)
    .flatMap((/** @type {any} */ slide, /** @type {number} */ i) => {
      if (slide.kind === "items") {
        return reading.items.length ? [itemSubject(reading.items[item++ % reading.items.length], slide.seconds)] : [];
      }
      return (SUBJECTS[slide.kind]?.(reading, slide.seconds, zone) ?? []).map(
        (/** @type {Subject} */ subject) => ({ ...subject, key: `${i}-${subject.key}` }));
    });
}

/** @param {any} reading @param {number} seconds @returns {Subject[]} */
function noticeSubjects({ notices }, seconds) {
  return notices.map((/** @type {string} */ told, /** @type {number} */ i) => ({ key: `notice-${i}`, kind: "notices", seconds, told }));
}

/** @param {any} told @param {number} seconds @returns {Subject} */
function itemSubject(told, seconds) {
  return { key: `item-${told.code}`, kind: "items", seconds, told };
}

/** @param {any} reading @param {number} seconds @returns {Subject[]} */
function leaderSubjects({ leader }, seconds) {
  return leader ? [{ key: "leader", kind: "leader", seconds, told: leader }] : [];
}

/** @param {any} reading @param {number} seconds @param {string} zone @returns {Subject[]} */
function staffSubjects({ staff }, seconds, zone) {
  const told = staff.filter((/** @type {any} */ card) => !zone || card.zone === zone);
  return told.length ? [{ key: "staff", kind: "staff", seconds, told }] : [];
}

/** @param {any} reading @param {number} seconds @returns {Subject[]} */
function ratingSubjects({ ratings }, seconds) {
  return ratings ? [{ key: "ratings", kind: "ratings", seconds, told: ratings }] : [];
}

/** @type {Record<string, (reading: any, seconds: number, zone: string) => Subject[]>} */
const SUBJECTS = { notices: noticeSubjects, leader: leaderSubjects, staff: staffSubjects, ratings: ratingSubjects };

/** @param {string} text @param {Place} place */
function noticePages(text, { notice }) {
  return cut(text, notice.em * notice.lines).map((piece) => ({ text: piece }));
}

/** All ten public fields, what one has to do first. @param {any} item @param {Place} place */
function itemPages(item, { facts }) {
  const told = /** @type {import("./folding.mjs").Fact[]} */ ([
    ["申报材料", numbered(item.materials)],
    ["办理流程", item.process.join(" → ")],
    ["承诺时限", item.promise],
    ["收费标准及依据", item.fee],
    ["办理地点", item.location],
    ["办理主体", item.handling_body],
    ["法律依据", item.legal_basis],
    ["监督机构", item.supervisor],
    ["投诉电话", item.complaint_tel],
  ]).filter(([, value]) => value);
  const [title, ...more] = cut(item.name, TITLE_EM);
  const whole = more.length ? [/** @type {any} */ (["事项名称", item.name]), ...told] : told;
  const made = pages(whole, facts);
  const head = { title: more.length ? `${title}…` : title, long: width(item.name) > SHORT_EM };
  return (made.length ? made : [[]]).map((page) => ({ ...head, facts: page }));
}

/** @param {string[]} names */
function numbered(names) {
  return names.length > 1 ? names.map((name, i) => `${i + 1}. ${name}`).join("；") : names.join("");
}

/** @param {any} leader */
function leaderPages(leader) {
  return [{ leader: { ...leader, long: width(leader.name) > 6 } }];
}

/** @param {any[]} staff @param {Place} place */
function staffPages(staff, { cards }) {
  const count = Math.ceil(staff.length / cards);
  return Array.from({ length: count }, (_, i) => ({ cards: staff.slice(i * cards, (i + 1) * cards) }));
}

/** @param {any} ratings */
function ratingPages(ratings) {
  return [{ ratings }];
}

/** @type {Record<string, (told: any, place: Place) => any[]>} */
const PAGES = { notices: noticePages, items: itemPages, leader: leaderPages, staff: staffPages, ratings: ratingPages };
