/** The hall's news. A page needs no picture of its own here: whatever happened, or was missed, it asks the server again. */

import { io } from "/faces/vendor/socket.io.mjs";

const STALE_AFTER_MS = 7000;
const POLL_MS = 3000;
const MIN_GAP_MS = 500; // what the call pad does is on the console within a second
const GRACE_MS = 3000; // the first picture may arrive before the socket does

/**
 * Keep a page's picture fresh.
 *
 * `refresh` fetches it (rejecting when the server is away) and is never run twice at once; bursts of news are one
 * refresh. `onNews` hears each news once; `onLink` hears "live", "polling" (HTTP works, sockets do not) or "offline";
 * `onClock` the server's time in ms. Returns { refresh, close }.
 *
 * `auth` says who listens, where it is not who signed in.
 *
 * @param {{ refresh: () => Promise<void>, onNews?: (news: any) => void, onLink: (link: string) => void,
 *   onClock?: (ms: number) => void, auth?: any }} page
 */
export function follow({ refresh, onNews = () => {}, onLink, onClock = () => {}, auth = undefined }) {
  const began = Date.now();
  let seq = 0, heard = 0, link = "", timer = 0, running = false, wanted = false, last = 0, closed = false;
  const socket = io("/news", { reconnectionDelay: 500, reconnectionDelayMax: 2000, forceNew: true, auth });

  const tell = (now) => {
    if (closed || now === link) return;
    link = now;
    onLink(link);
  };
  const fresh = () => socket.connected && Date.now() - heard < STALE_AFTER_MS;

  async function run() {
    timer = 0;
    if (running || closed) return void (wanted = true);
    running = true;
    wanted = false;
    try {
      await refresh();
      tell(fresh() || Date.now() - began < GRACE_MS ? "live" : "polling");
    } catch (error) {
      if (error.code === "unreachable" || error.status >= 500) tell("offline");
    }
    running = false;
    last = Date.now();
    if (wanted) soon();
  }

  function soon() {
    if (running) wanted = true;
    else if (!timer && !closed) timer = setTimeout(run, Math.max(0, last + MIN_GAP_MS - Date.now()));
  }

  const hear = (message) => {
    heard = Date.now();
    onClock(Date.parse(message.at));
    if (link !== "live") soon();
  };
  socket.on("news", (news) => {
    hear(news);
    if (news.seq <= seq) return;
    seq = news.seq;
    onNews(news);
    soon();
  });
  socket.on("heartbeat", (beat) => {
    hear(beat);
    if (beat.seq === seq) return;
    seq = beat.seq; // a gap, or a server with another database: either way the picture is old
    soon();
  });
  socket.on("connect", () => {
    heard = Date.now();
    soon();
  });
  socket.on("disconnect", soon);
  // A refused session is not retried by the client library; HTTP will say 401 and the page signs in again.
  socket.on("connect_error", soon);
  const poll = setInterval(() => {
    if (!fresh()) soon();
  }, POLL_MS);
  soon();

  return {
    refresh: soon,
    close() {
      closed = true;
      clearInterval(poll);
      clearTimeout(timer);
      socket.disconnect();
    },
  };
}
