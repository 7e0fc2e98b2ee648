// The two wires to the agent: its picture comes by SSE, a touch goes by POST and is repeated until it arrives.

const SILENT_MS = 10_000; // three of the agent's heartbeats
const RETRY_MS = 1_000;

/** Follow the agent's picture. `lost` is called when nothing has come for a while. */
export function follow(onPicture, onLost) {
  let source, heardAt;
  const open = () => {
    source?.close();
    heardAt = Date.now();
    source = new EventSource("/events");
    source.onmessage = (event) => { heardAt = Date.now(); onPicture(JSON.parse(event.data)); };
    source.addEventListener("heartbeat", () => { heardAt = Date.now(); });
    source.onerror = () => onLost();
  };
  open();
  setInterval(() => {
    if (Date.now() - heardAt > SILENT_MS || source.readyState === EventSource.CLOSED) {
      onLost();
      open();
    }
  }, RETRY_MS);
}

/** Names one touch. Works on pages where `crypto.randomUUID` does not (plain http on an address). */
export const newPressId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Send a touch until the agent answers; the same press_id never makes a second ticket. Null: gave up. */
export const take = (press, wanted) => repeat("/take", press, wanted);

/** Ask for a guide sheet, likewise. */
export const askSheet = (press, wanted) => repeat("/sheet", press, wanted);

async function repeat(path, press, wanted) {
  while (wanted()) {
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Jiaohao-Kiosk": "1" },
        body: JSON.stringify(press),
      });
      if (answer.ok || answer.status === 503) return await answer.json();
    } catch {
      // the agent is restarting; its journal knows whether it had this touch
    }
    await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
  }
  return null;
}
