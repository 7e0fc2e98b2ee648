/** What a clerk may do just now, and which key does it. Pure; the server decides in the end. */

/** The one key: it does what comes next in the ordinary course, as the big button says. */
export const STEP = { name: "step", code: "Space", cap: ["空格", "Space"] };

/** Actions with a button of their own, in their order on the console. `code` is `KeyboardEvent.code`. */
export const ACTIONS = [
  { name: "recall", code: "KeyR", cap: "R" },
  { name: "noShow", code: "KeyM", cap: "M" },
  { name: "undo", code: "KeyU", cap: "U" },
  { name: "hold", code: "KeyH", cap: "H" },
  { name: "transfer", code: "KeyT", cap: "T" },
  { name: "pause", code: "KeyP", cap: "P" },
];
/** What the big button does in its turn, for fingers that want to say exactly which. */
export const EXACT = [
  { name: "next", code: "F2", cap: "F2" },
  { name: "begin", code: "KeyB", cap: "B" },
  { name: "finish", code: "KeyF", cap: "F" },
];
export const LIST = { name: "list", code: "KeyL", cap: "L" };
export const HELD = { name: "heldKey", code: "KeyG", cap: "G" };
export const DAY = { name: "day", code: "KeyD", cap: "D" };
export const HAND = { name: "handOver", code: "KeyJ", cap: "J" };
export const LEAVE = { name: "leave", code: "KeyQ", cap: "Q" };
export const HELP = { name: "help", code: "Slash", cap: "?" };

export const KEYS = [STEP, ...EXACT, ...ACTIONS, LIST, HELD, DAY, HAND, LEAVE, HELP];

const called = (view) => (!view.ticket ? "whyNoTicket" : view.ticket.state === "called" ? "" : "whyBegun");
const inHand = (view) => (view.ticket ? "" : "whyNoTicket");
const serving = (view) => (!view.ticket ? "whyNoTicket" : view.ticket.state === "serving" ? "" : "whyNotBegun");
const free = (view) => (view.ticket ? "whyHasTicket" : view.state === "open" ? "" : "whyPaused");
const empty = (view) => (view.ticket ? "whyHasTicket" : "");
const always = () => "";

const NEEDS = {
  next: free, special: free, resumeHeld: free, recall: called, begin: called, finish: serving, noShow: called,
  hold: inHand, transfer: inHand, undo: called, leave: empty, pause: always, takeBack: always, release: always,
  day: always, help: always, handOver: always,
};

/** The word that says why `action` cannot be done at this window now, or "" when it can. */
export const blocked = (action, view) => NEEDS[action](view);

/** The one action that comes next in the ordinary course. */
export function usual(view) {
  if (view.ticket) return view.ticket.state === "called" ? "begin" : "finish";
  return view.state === "paused" ? "pause" : "next";
}

/** What the one key would do, to whom. A press in the moment after this has changed was meant for what stood before. */
export const meaning = (view) => `${usual(view)} ${view.ticket?.id ?? ""}`;

/** Whether this number was called past the order. */
export const outOfOrder = (view) => view.rule === "specific";

/** Queues, then windows, then the people who sit there, that a transfer may go to and that fit what was typed. */
export function targets(queues, windows, own, typed) {
  const text = typed.trim().toLowerCase();
  const others = windows.filter((w) => w.no !== own);
  const place = (w) => ({ waiting: w.waiting, open: w.state === "open", state: w.state });
  const all = [
    ...queues.map((q) => ({
      kind: "queue", code: q.code, name: q.name, who: "", to: q.code, waiting: q.waiting, open: q.open && q.windows > 0, state: q.open ? "" : "closed",
    })),
    ...others.map((w) => ({ ...place(w), kind: "window", code: w.no, name: w.name, who: w.staff_name, to: w.no })),
    ...others.filter((w) => w.staff_name).map((w) => ({ ...place(w), kind: "staff", code: w.no, name: w.staff_name, who: w.staff_no, to: w.username })),
  ];
  const starts = (target) => target.code.toLowerCase().startsWith(text) || Number(target.code) === Number(text || NaN);
  const within = (words) => words.toLowerCase().includes(text);
  return all.filter((target) => starts(target) || within(target.name) || within(target.who));
}
