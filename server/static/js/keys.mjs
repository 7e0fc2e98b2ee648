/** The keyboard of the console. One key press is one action, however long the key is held. */

import { useEffect, useRef } from "/faces/vendor/hooks.mjs";
import { KEYS } from "./rules.mjs";

const typing = (target) => target.closest?.("input:not([type=radio]), textarea, select");
/** What Space means something else to: the focused button, field or link has it first. */
const ownsSpace = (target) => target.closest?.("button, a, input, textarea, select");

/**
 * One key for each action, unless a dialog is open, text is being typed or composed, or the browser means something by
 * it. `press` gets the action's name, `digit` a number key's value (and answers whether it used it).
 *
 * @param {(name: string) => void} press
 * @param {(digit: number) => boolean} digit
 * @param {boolean} ready
 */
export function useKeys(press, digit, ready) {
  const latest = useRef(null);
  latest.current = { press, digit, ready };
  useEffect(() => {
    const onKey = (event) => {
      const { press, digit, ready } = latest.current;
      if (!ready || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      if (typing(event.target) || document.querySelector("dialog[open]")) return;
      const number = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
      const key = KEYS.find(({ code }) => code === event.code);
      if (number && !event.repeat && digit(Number(number[1]))) return event.preventDefault();
      if (!key || (key.code === "Space" && ownsSpace(event.target))) return;
      event.preventDefault();
      if (!event.repeat) press(key.name);
    };
    addEventListener("keydown", onKey);
    addEventListener("keydown", stopRepeats, true);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("keydown", stopRepeats, true);
    };
  }, []);
}

/** A held Enter would open a dialog with its first beat and confirm it with the second. */
function stopRepeats(event) {
  if (event.repeat && (event.key === "Enter" || (event.key === " " && !typing(event.target)))) event.preventDefault();
}

/** A click leaves no focus behind, or the Space after it would do the clicked thing again. */
export function keepFocus(event) {
  if (event.target.closest("button")) event.preventDefault();
}
