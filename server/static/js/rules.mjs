/** What a clerk may do just now, and the order of things on the console. Pure; the server decides in the end. */

/** Actions in their order on the console, each with its key (`KeyboardEvent.code`) and the cap drawn on the button. */
export const ACTIONS = [
  { name: "next", code: "F2", cap: "F2", row: 1 },
  { name: "recall", code: "KeyR", cap: "R", row: 1 },
  { name: "begin", code: "KeyB", cap: "B", row: 1 },
  { name: "finish", code: "KeyF", cap: "F", row: 1 },
  { name: "noShow", code: "KeyM", cap: "M", row: 2 },
  { name: "hold", code: "KeyH", cap: "H", row: 2 },
  { name: "transfer", code: "KeyT", cap: "T", row: 2 },
  { name: "undo", code: "KeyU", cap: "U", row: 2 },
  { name: "pause", code: "KeyP", cap: "P", row: 2 },
];
export const LEAVE = { name: "leave", code: "KeyQ", cap: "Q" };
export const LIST = { name: "list", code: "KeyL", cap: "L" };

const called = (view) => (!view.ticket ? "whyNoTicket" : view.ticket.state === "called" ? "" : "whyBegun");
const inHand = (view) => (view.ticket ? "" : "whyNoTicket");
const serving = (view) => (!view.ticket ? "whyNoTicket" : view.ticket.state === "serving" ? "" : "whyNotBegun");
const free = (view) => (view.ticket ? "whyHasTicket" : view.state === "open" ? "" : "whyPaused");
const empty = (view) => (view.ticket ? "whyHasTicket" : "");

const NEEDS = {
  next: free, special: free, recall: called, begin: called, finish: serving, noShow: called,
  hold: inHand, transfer: inHand, undo: called, pause: () => "", leave: empty,
};

/** The word that says why `action` cannot be done at this window now, or "" when it can. */
export const blocked = (action, view) => NEEDS[action](view);

/** The one action that comes next in the ordinary course. */
export function usual(view) {
  if (view.ticket) return view.ticket.state === "called" ? "begin" : "finish";
  return view.state === "paused" ? "pause" : "next";
}

/** Queues, then windows, that a transfer may go to and that fit what was typed. */
export function targets(board, own, typed) {
  const text = typed.trim().toLowerCase();
  const all = [
    ...board.queues.map((q) => ({ kind: "queue", code: q.code, name: q.name, waiting: q.waiting, open: q.open })),
    ...board.windows.filter((w) => w.no !== own).map((w) => ({ kind: "window", code: w.no, name: w.name, state: w.state })),
  ];
  const starts = (target) => target.code.toLowerCase().startsWith(text) || Number(target.code) === Number(text || NaN);
  return all.filter((target) => starts(target) || target.name.toLowerCase().includes(text));
}
