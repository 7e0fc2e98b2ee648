// The voice of this page. Of all pages of a zone the agent lets one speak, for a while at a time (election.py); the others
// hold each call until that one has said it. A call is chimed, then spoken from clips that the agent made beforehand.
import { CHIME_S, audio, blocked, chime } from "./chime.mjs";
import { done, onTurn } from "./spotlight.mjs";

/** @typedef {import("./spotlight.mjs").Call} Call */
/** @typedef {import("./spotlight.mjs").Spotlight} Spotlight */
/** @typedef {{words: boolean, volume: number, repeats: number, pause_ms: number,
 *   zones: {zone: string, page: string, said: number}[]}} VoiceState */
/** @typedef {{buffer: AudioBuffer | null, standsIn: boolean}} Clip */

const LEASE_MS = 16000; // election.py's LEASE_S
const MARGIN_MS = 500;
const RENEW_MS = 1500;
const REFUSED_MS = 5000;
const CLIP_WAIT_MS = 1500;
const CLIP_RETRY_MS = 150;
const GAPS_S = [0.06, 0.18]; // after 请，A and after 零零一号
const LEAD_S = 0.03;
const LATE_MS = 1500;
const LOOK_MS = 100;
const KEPT_CLIPS = 60;

/** @param {string} zone @param {boolean} silent this wall has no loudspeaker */
export function openVoice(zone, silent) {
  const page = randomName();
  const load = clipStore();
  /** @type {VoiceState} */
  let state = { words: false, volume: 0, repeats: 1, pause_ms: 0, zones: [] };
  let told = false; // whether the agent has told it, and how loud with it
  let grant = { askedAt: -Infinity, until: -Infinity, page: "" };
  let askAt = -Infinity; // when to ask next
  let knew = "";
  let said = 0;
  let saying = 0; // the call that is being spoken here, 0 for none
  let chimed = 0; // what could not be spoken is tried again, and not chimed again
  let light = /** @type {Spotlight | null} */ (null);

  const iSpeak = () => told && grant.page === page && performance.now() < grant.until;
  const elsewhere = () => state.zones.find((one) => one.zone === zone && one.page !== page);
  /** Will what begins now and takes `seconds` be over before another page may speak? @param {number} seconds */
  const covered = (seconds) => grant.page === page && performance.now() + seconds * 1000 < grant.until;

  /** @param {boolean} leaving */
  function question(leaving) {
    return JSON.stringify({ page, zone, able: !leaving && !blocked(), said, knew, leaving });
  }

  async function ask() {
    const askedAt = performance.now();
    askAt = askedAt + RENEW_MS;
    const body = question(false);
    const headers = { "Content-Type": "application/json" };
    try {
      const answer = await fetch("/voice/turn", { method: "POST", headers, body, signal: AbortSignal.timeout(RENEW_MS * 2) });
      if (answer.ok) answered(askedAt, await answer.json());
    } catch {
      // What was granted ends by itself.
    }
  }

  /** @param {number} askedAt @param {{page: string, said: number}} answer */
  function answered(askedAt, answer) {
    if (askedAt < grant.askedAt) return;
    if (answer.page === page && grant.page !== page) said = answer.said; // go on where the last speaker was
    grant = { askedAt, until: askedAt + LEASE_MS - MARGIN_MS, page: answer.page };
    knew = answer.page || knew;
    if (!answer.page) askAt = askedAt + REFUSED_MS;
  }

  /** @param {Call} call whether its words were spoken, or cannot be */
  async function say(call) {
    if (!state.volume) return true;
    if (!covered(CHIME_S)) return false;
    const out = loudness(state.volume);
    try {
      const begun = audio().currentTime + LEAD_S;
      if (call.seq !== chimed) chime(out, begun);
      chimed = call.seq;
      const pieces = state.words ? await load(call.clips) : null;
      return pieces ? await speak(call, pieces, out, begun + CHIME_S) : await silence(begun + CHIME_S);
    } finally {
      out.disconnect();
    }
  }

  /** Once, and again while it is the call of the moment, nobody else waits to be called, and nobody has come yet.
   * @param {Call} call @param {AudioBuffer[]} pieces @param {AudioNode} out @param {number} notBefore */
  async function speak(call, pieces, out, notBefore) {
    const length = lengthOf(pieces);
    for (let time = 0; time < state.repeats; time += 1) {
      if (time && !await again(call)) return true;
      const lead = () => Math.max(notBefore - audio().currentTime, LEAD_S);
      if (!covered(lead() + length)) await ask(); // a long call needs a new grant
      const wait = lead();
      if (!covered(wait + length)) return time > 0;
      await play(pieces, out, audio().currentTime + wait, length);
    }
    return true;
  }

  /** Waits out the pause; ends early with false when the call is not to be said again. @param {Call} call */
  async function again(call) {
    const until = performance.now() + state.pause_ms;
    for (;;) {
      if (light?.current?.seq !== call.seq || light.current.answered || light.waiting.length) return false;
      const left = until - performance.now();
      if (left <= 0) return true;
      await pause(Math.min(left, LOOK_MS));
    }
  }

  /** Calls that never get a turn here are over for the other walls too: they wait to hear of it.
   * @param {Spotlight} now */
  function passOver(now) {
    const passed = done(now, () => false) ?? 0;
    if (passed <= said) return;
    said = passed;
    ask();
  }

  function attend() {
    if (!light || !iSpeak() || saying) return;
    passOver(light);
    const call = light.current;
    if (!call || !onTurn(light) || call.seq <= said) return;
    saying = call.seq;
    say(call).then((whole) => { if (whole) said = call.seq; }, () => { said = call.seq; }).finally(() => {
      saying = 0;
      ask();
    });
  }

  if (!silent) {
    addEventListener("pagehide", () => navigator.sendBeacon("/voice/turn", new Blob([question(true)], { type: "application/json" })));
  }
  return {
    /** The agent told its state. @param {VoiceState} now */
    hear(now) {
      state = now;
      told = true;
      const other = elsewhere();
      if (!other) return;
      knew = other.page;
      if (!iSpeak()) said = other.said;
    },
    /** Nobody is heard from any more. */
    cutOff() {
      state = { ...state, zones: [] };
    },
    /** To be told of the spotlight often: speaks what has its turn, and keeps this page elected.
     * @param {Spotlight} now @param {number} seq of the wall's state, 0 before it came */
    attend(now, seq) {
      light = now;
      if (seq) said = Math.min(said, seq); // a server restored from a backup counts from further back
      if (silent) return;
      if (performance.now() >= askAt && (iSpeak() || !elsewhere())) ask();
      attend();
    },
    /** False while somebody is still to say, or saying, this call. @param {Call} call */
    spoken(call) {
      return saying !== call.seq && (call.seq <= said || !(iSpeak() || elsewhere()));
    },
    /** True when the browser keeps this page from sounding. */
    muted: () => !silent && blocked(),
    /** The browser lets us sound now. */
    unmuted: () => { askAt = -Infinity; },
  };
}

/** Of pages of one hall; not every browser has randomUUID where there is no TLS. */
function randomName() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}

/** Loads the pieces of a call, and keeps those used last. Gives null when one does not come soon. */
function clipStore() {
  /** @type {Map<string, AudioBuffer>} */
  const kept = new Map();

  /** @param {string} text @param {number} until @returns {Promise<Clip>} */
  async function found(text, until) {
    const buffer = kept.get(text);
    return buffer ? { buffer, standsIn: false } : fetched(text, until);
  }

  /** @param {string} text @param {number} until */
  async function one(text, until) {
    const { buffer, standsIn } = await found(text, until);
    if (!buffer || standsIn) return buffer;
    kept.delete(text);
    kept.set(text, buffer);
    if (kept.size > KEPT_CLIPS) kept.delete(kept.keys().next().value);
    return buffer;
  }

  /** @param {string[]} texts @returns {Promise<AudioBuffer[] | null>} */
  return async function load(texts) {
    const until = performance.now() + CLIP_WAIT_MS;
    const pieces = await Promise.all(texts.map((text) => one(text, until).catch(() => null)));
    return pieces.every(Boolean) ? pieces : null;
  };
}

/** A clip that is not made yet may be in a moment; one that stands in for a better one is said no-store.
 * @param {string} text @param {number} until @returns {Promise<Clip>} */
async function fetched(text, until) {
  for (;;) {
    const left = until - performance.now();
    if (left <= 0) return { buffer: null, standsIn: false };
    const answer = await fetch(`/voice/clips/${encodeURIComponent(text)}`, { signal: AbortSignal.timeout(left) });
    if (answer.ok) {
      const buffer = await audio().decodeAudioData(await answer.arrayBuffer());
      return { buffer, standsIn: answer.headers.get("Cache-Control") === "no-store" };
    }
    await pause(CLIP_RETRY_MS);
  }
}

/** @param {number} percent as people hear it */
function loudness(percent) {
  const out = audio().createGain();
  out.gain.value = (percent / 100) ** 2;
  out.connect(audio().destination);
  return out;
}

/** @param {AudioBuffer[]} pieces */
function lengthOf(pieces) {
  return pieces.reduce((sum, piece, i) => sum + piece.duration + (GAPS_S[i] ?? 0), 0);
}

/** Ends with the last piece. @param {AudioBuffer[]} pieces @param {AudioNode} out @param {number} at @param {number} length */
async function play(pieces, out, at, length) {
  let last = Promise.resolve();
  let start = at;
  pieces.forEach((piece, i) => {
    last = ended(piece, out, start);
    start += piece.duration + (GAPS_S[i] ?? 0);
  });
  await Promise.race([last, pause((at - audio().currentTime + length) * 1000 + LATE_MS)]); // a sound card may vanish
}

/** @param {AudioBuffer} piece @param {AudioNode} out @param {number} at @returns {Promise<void>} */
function ended(piece, out, at) {
  const source = audio().createBufferSource();
  source.buffer = piece;
  source.connect(out);
  source.start(at);
  return new Promise((resolve) => {
    source.onended = () => { source.disconnect(); resolve(); };
  });
}

/** @param {number} until s of the audio clock */
async function silence(until) {
  await pause((until - audio().currentTime) * 1000);
  return true;
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => { setTimeout(resolve, Math.max(0, ms)); });
}
