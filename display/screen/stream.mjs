// The line to the agent: server-sent events, and the silence that means the agent is gone or frozen.

const SILENT_MS = 6000;
const RETRY_MS = 3000;

/** Calls `on.wall`, `on.reading`, `on.voice`, `on.time`, `on.build` with what came and `on.silent(bool)` when that changes.
 * @param {{wall: Function, reading: Function, voice: Function, time: Function, build: Function, silent: Function}} on */
export function follow(on) {
  let heardAt = performance.now();
  let connectedAt = heardAt;
  let openedAt = heardAt;
  let silent = false;
  let source = open();

  function open() {
    const events = new EventSource("/events");
    events.addEventListener("open", () => { connectedAt = performance.now(); });
    const hear = (/** @type {string} */ name, /** @type {(data: string) => void} */ tell) =>
      events.addEventListener(name, (event) => {
        if (performance.now() - Math.max(heardAt, connectedAt) > SILENT_MS) return again();
        heardAt = performance.now();
        say(false);
        tell(event.data);
      });
    hear("wall", (data) => on.wall(JSON.parse(data)));
    hear("voice", (data) => on.voice(JSON.parse(data)));
    hear("reading", (data) => on.reading(JSON.parse(data)));
    hear("heartbeat", (data) => on.time(JSON.parse(data).now));
    hear("build", (data) => on.build(data));
    return events;
  }

  /** Also for a page that slept: what piled up meanwhile would be taken for new. */
  function again() {
    source.close();
    openedAt = performance.now();
    connectedAt = openedAt;
    source = open();
  }

  /** @param {boolean} now */
  function say(now) {
    if (now === silent) return;
    silent = now;
    on.silent(now);
  }

  // EventSource comes back by itself from a lost connection, but not from a frozen one, nor after an HTTP error.
  setInterval(() => {
    const now = performance.now();
    if (now - heardAt < SILENT_MS) return;
    say(true);
    if (now - openedAt < RETRY_MS + SILENT_MS) return;
    again();
  }, 500);
}
