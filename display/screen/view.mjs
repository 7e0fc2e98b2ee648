// State → what the parts draw. Pure: times are passed in, in ms of a steady clock.
import { isFresh } from "./spotlight.mjs";
import { exact, reading as clockReading, timeOf } from "./clock.mjs";
import { CUT_OFF, NO_MORE } from "./words.mjs";

const ROWS = 7;
const QUEUES_A_PAGE = 4;
const SLIDE_MS = 10000;
const QUEUE_PAGE_MS = 8000;
const MATERIAL_CHARS = 46; // two lines of an upright screen, the narrowest

/** @param {any[]} calls @param {string} zone */
export function inZone(calls, zone) {
  return zone ? calls.filter((call) => call.zone === zone) : calls;
}

/** @param {{wall: any, reading: any, light: any, clock: any, silent: boolean, zone: string}} state
 * @param {number} now */
export function view(state, now) {
  const { wall, light } = state;
  const queues = worthShowing(wall.queues);
  const pages = Math.max(1, Math.ceil(queues.length / QUEUES_A_PAGE));
  const columns = Math.ceil(queues.length / pages); // 5 queues are 3 + 2, not 4 + 1
  const page = turn(now, QUEUE_PAGE_MS, pages);
  return {
    hallName: wall.hall_name,
    zone: state.zone,
    clock: clockReading(state.clock, now),
    banner: banner(state),
    cutOff: cutOff(state),
    page: wall.hall === "" ? "unknown" : wall.resting ? "resting" : "live",
    closedReason: wall.closed_reason,
    closedReasonEn: wall.closed_reason_en,
    call: light.current,
    fresh: isFresh(light, now) && !cutOff(state),
    waitingCalls: light.waiting.length,
    recent: recent(inZone(wall.calls, state.zone), light.current),
    queues: queues.slice(page * columns, (page + 1) * columns),
    queueColumns: columns,
    queuePage: page,
    queuePages: pages,
    slide: slide(state.reading, now),
  };
}

/** Where people wait; a page that these do not fill has room for queues that are served, then for others. In the
 * hall's own order, so that nothing jumps about. @param {any[]} queues */
function worthShowing(queues) {
  const waited = queues.filter((queue) => queue.waiting);
  const idle = queues.filter((queue) => !queue.waiting);
  const served = [...idle.filter((queue) => queue.windows), ...idle.filter((queue) => !queue.windows)];
  const shown = new Set([...waited, ...served.slice(0, Math.max(0, QUEUES_A_PAGE - waited.length))]);
  return queues.filter((queue) => shown.has(queue));
}

/** @param {{wall: any, silent: boolean}} state */
function cutOff({ wall, silent }) {
  return silent || wall.stale;
}

/** @param {any} state */
function banner(state) {
  const { wall } = state;
  if (wall.hall === "" && !state.silent) return null; // the page says so itself
  if (cutOff(state)) {
    const since = timeOf(wall.confirmed_at) || exact(state.clock, state.heardAt) || "--:--";
    return { zh: CUT_OFF.zh(since), en: CUT_OFF.en(since) };
  }
  if (!wall.open && !wall.resting) {
    return { zh: wall.closed_reason || NO_MORE.zh, en: wall.closed_reason_en || NO_MORE.en };
  }
  return null;
}

/** Latest call of each number, newest first. @param {any[]} calls oldest first @param {any} current */
function recent(calls, current) {
  const latest = new Map();
  for (const call of calls) {
    latest.delete(call.number);
    latest.set(call.number, call);
  }
  return [...latest.values()].reverse().slice(0, ROWS).map((call) => ({ ...call, current: call.seq === current?.seq }));
}

/** @param {number} now @param {number} each @param {number} count */
function turn(now, each, count) {
  return Math.floor(now / each) % count;
}

/** Notices and public items take turns at the foot. @param {{items: any[], notices: string[]}} reading @param {number} now */
function slide(reading, now) {
  const slides = [...reading.notices.map(noticeSlide), ...reading.items.flatMap(itemSlides)];
  return slides.length ? slides[turn(now, SLIDE_MS, slides.length)] : null;
}

/** @param {string} text @param {number} index */
function noticeSlide(text, index) {
  return { key: `notice-${index}`, kind: "公告", title: text, facts: null };
}

/** What it takes and costs, then what to bring: nobody can prepare a material that was cut off. @param {any} item */
function itemSlides(item) {
  const terms = [["承诺时限", item.promise], ["收费", item.fee], ["监督投诉", item.complaint_tel]];
  const pages = materialPages(item.materials);
  const materials = pages.map((text, i) => [[pages.length > 1 ? `申报材料 ${i + 1}/${pages.length}` : "申报材料", text]]);
  return [terms.filter(([, value]) => value), ...materials]
    .filter((facts) => facts.length)
    .map((facts, i) => ({ key: `${item.code}-${i}`, kind: "办事公开", title: item.name, facts }));
}

/** Materials joined into pages that fit their two lines. @param {string[]} materials @returns {string[]} */
function materialPages(materials) {
  const pieces = materials.flatMap((one) => one.match(new RegExp(`.{1,${MATERIAL_CHARS}}`, "gsu")) ?? []);
  return pieces.reduce((/** @type {string[]} */ pages, piece) => {
    const joined = pages.length ? `${pages.at(-1)}、${piece}` : piece;
    return joined.length <= MATERIAL_CHARS ? [...pages.slice(0, -1), joined] : [...pages, piece];
  }, []);
}
