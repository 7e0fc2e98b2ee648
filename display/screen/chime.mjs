// Two soft tones, a falling third, made here so that no file is needed. Silent until the browser lets us sound.

const TONES = [[659.25, 0], [523.25, 0.28]]; // E5, C5: frequency in Hz, start in s
const LENGTH_S = 0.9;
const LOUDNESS = 0.22;
/** When a voice may set in: the second tone has faded enough. */
export const CHIME_S = 0.85;

/** @type {AudioContext | null} */
let context = null;

/** @returns {AudioContext} */
export function audio() {
  context ??= new AudioContext();
  return context;
}

/** True when the browser refuses sound until somebody touches the page. */
export function blocked() {
  return audio().state === "suspended";
}

/** Ask again; works inside a click, or at any time in a browser started with the autoplay flag. */
export function allow() {
  return audio().resume();
}

/** @param {AudioNode} to @param {number} at s of the audio clock */
export function chime(to, at) {
  for (const [hertz, start] of TONES) tone(to, hertz, at + start);
}

/** @param {AudioNode} to @param {number} hertz @param {number} at */
function tone(to, hertz, at) {
  const sound = audio();
  const pitch = sound.createOscillator();
  const volume = sound.createGain();
  pitch.frequency.value = hertz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + LENGTH_S);
  pitch.connect(volume).connect(to);
  pitch.onended = () => volume.disconnect(); // a wall chimes for a month: leave nothing connected
  pitch.start(at);
  pitch.stop(at + LENGTH_S);
}
