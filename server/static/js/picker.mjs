/** Choosing a window: all of them on one page, by mouse, by arrow keys, or by typing the number. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get } from "./api.mjs";
import { follow } from "./news.mjs";
import { Bar } from "./staff-page.mjs";
import { t } from "./words.mjs";
import { Dialog, Offline, Problem } from "./ui.mjs";

const TYPING_MS = 900;

export function Picker({ hall, onSeated, ...session }) {
  const { me, onSessionOver } = session;
  const [windows, setWindows] = useState(null);
  const [link, setLink] = useState("live");
  const [refusal, setRefusal] = useState(null);
  const [taking, setTaking] = useState(null);
  const grid = useRef(null);
  const busy = useRef(false);
  const typed = useTypedNumber(grid);

  useEffect(() => {
    document.title = `${t("chooseWindow")} · ${hall}`;
    const refresh = async () => {
      try {
        setWindows((await get("/windows")).windows);
      } catch (error) {
        if (error.status === 401) return onSessionOver();
        throw error;
      }
    };
    const news = follow({ refresh, onLink: setLink });
    return news.close;
  }, []);
  useEffect(() => grid.current?.querySelector("button")?.focus(), [windows !== null]);

  async function sit(window, take_over = false) {
    if (busy.current) return;
    if (window.staff_name && window.staff_no + window.staff_name !== me.staff_no + me.name && !take_over) return setTaking(window);
    busy.current = true;
    setRefusal(null);
    try {
      await command(`/windows/${window.no}/sign-in`, { take_over });
      return onSeated(window.no);
    } catch (error) {
      if (error.status === 401) return onSessionOver();
      if (error.code === "window_taken") setTaking(window);
      else setRefusal(error);
    }
    busy.current = false;
  }

  const floors = [...new Set((windows ?? []).map((w) => w.floor))];
  return html`
    <${Bar} title=${hall} session=${session} />
    ${link === "offline" && html`<${Offline} />`}
    <main class="picker" ref=${grid} onKeyDown=${typed}>
      <h1>${t("chooseWindow")} <small>${t("chooseHint")}</small></h1>
      <${Problem} refusal=${refusal} />
      ${floors.map((floor) => html`
        <section aria-label=${`${floor} ${t("floor")}`}>
          <h2>${floor} ${t("floor")}</h2>
          <div class="seats">${windows.filter((w) => w.floor === floor).map((w) => html`<${Seat} key=${w.no} seat=${w} onSit=${sit} />`)}</div>
        </section>`)}
    </main>
    ${taking && html`
      <${Dialog} title=${t("takeOverTitle")} action=${t("takeOver")} onClose=${() => setTaking(null)}
        onSubmit=${() => { setTaking(null); sit(taking, true); }}>
        <p>${t("takeOverText")}</p>
        <p class="subject"><b class="number">${taking.no}</b> ${taking.name} · <b>${taking.staff_name}</b> ${taking.staff_no}</p>
      <//>`}`;
}

function Seat({ seat, onSit }) {
  return html`
    <button type="button" title=${seat.name} class=${seat.staff_name ? "seat taken" : "seat"} data-no=${seat.no} onClick=${() => onSit(seat)}>
      <span class="number">${seat.no}</span>
      <span class="seat-name">${seat.name}</span>
      <span class="seat-who"><span>${seat.staff_name ? html`<b>${seat.staff_name}</b> · ${t(seat.state === "paused" ? "paused" : "taken")}` : t("free")}</span>
        <i class="codes">${seat.queues.join(" ")}</i></span>
    </button>`;
}

/** Arrow keys walk over the seats as they are laid out; digits go to the seat of that number. */
function useTypedNumber(grid) {
  const typed = useRef({ text: "", at: 0 });
  return (event) => {
    const seats = [...grid.current.querySelectorAll(".seat")];
    const here = seats.indexOf(document.activeElement);
    let to = null;
    if (/^\d$/.test(event.key)) {
      const recent = Date.now() - typed.current.at < TYPING_MS ? typed.current.text : "";
      typed.current = { text: recent + event.key, at: Date.now() };
      to = seats.find((seat) => Number(seat.dataset.no) === Number(typed.current.text));
    } else if (event.key === "ArrowRight") to = seats[here + 1];
    else if (event.key === "ArrowLeft") to = seats[here - 1];
    else if (event.key === "ArrowDown") to = vertical(seats, here, 1);
    else if (event.key === "ArrowUp") to = vertical(seats, here, -1);
    else return;
    event.preventDefault();
    to?.focus();
  };
}

function vertical(seats, here, way) {
  const box = seats[here]?.getBoundingClientRect();
  const rest = way > 0 ? seats.slice(here + 1) : seats.slice(0, Math.max(here, 0)).reverse();
  return rest.find((seat) => {
    const other = seat.getBoundingClientRect();
    return way * (other.top - box.top) > 8 && Math.abs(other.left - box.left) < box.width / 2;
  });
}
