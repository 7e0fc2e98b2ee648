// Two soft tones, a falling third, made here so that no file is needed. Silent until the browser lets us sound.

const TONES = [[659.25, 0], [523.25, 0.28]]; // E5, C5: frequency in Hz, start in s
const LENGTH_S = 0.9;
const LOUDNESS = 0.22;

/** @type {AudioContext | null} */
let context = null;

/** @returns {AudioContext} */
function audio() {
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

export function chime() {
  const sound = audio();
  if (sound.state !== "running") return;
  for (const [hertz, start] of TONES) tone(sound, hertz, sound.currentTime + start);
}

/** @param {AudioContext} sound @param {number} hertz @param {number} at */
function tone(sound, hertz, at) {
  const pitch = sound.createOscillator();
  const volume = sound.createGain();
  pitch.frequency.value = hertz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + LENGTH_S);
  pitch.connect(volume).connect(sound.destination);
  pitch.onended = () => volume.disconnect(); // a wall chimes for a month: leave nothing connected
  pitch.start(at);
  pitch.stop(at + LENGTH_S);
}
