/** The hall at one moment, live or in a replay: a table of queues and a wall of windows. Pure drawing. */

import { html } from "/faces/vendor/html.mjs";
import { M } from "./monitor-words.mjs";
import { minutesBetween, span } from "./ui.mjs";
import { LANES, queueName, t } from "./words.mjs";

/** `infos`: { queues, windows, names }; `picture`: { queues, windows }; `now` in ms; `onNumber` opens a ticket's story. */
export function Picture({ infos, picture, now, onNumber, estimates = true }) {
  return html`
    <div class="picture">
      <${Queues} infos=${infos} picture=${picture} now=${now} onNumber=${onNumber} estimates=${estimates} />
      <${Windows} infos=${infos} picture=${picture} now=${now} onNumber=${onNumber} />
    </div>`;
}

const NumberButton = ({ id, number, onNumber }) => html`
  <button type="button" class="number link-number" onClick=${() => onNumber(id)}>${number}</button>`;

function Queues({ infos, picture, now, onNumber, estimates }) {
  const head = [M.queue, M.waiting, M.lanes, M.longest, ...(estimates ? [M.estimate] : []), M.called, M.serving];
  return html`
    <section class="queues" aria-labelledby="queues">
      <h2 id="queues" class="unseen">${t(M.queues)}</h2>
      <table>
        <thead><tr>${head.map((word) => html`<th key=${word[0]} scope="col">${t(word)}</th>`)}</tr></thead>
        <tbody>${infos.queues.map((queue) => html`
          <${Queue} key=${queue.code} queue=${queue} cell=${picture.queues[queue.code]} now=${now} onNumber=${onNumber} estimates=${estimates}
            windows=${openFor(queue.code, infos.windows, picture.windows)} />`)}</tbody>
      </table>
    </section>`;
}

const openFor = (code, windows, cells) =>
  windows.filter(({ no, queues }) => queues.includes(code) && cells[no]?.state === "open").length;

function Queue({ queue, cell, now, onNumber, estimates, windows }) {
  if (!cell) return null;
  const lanes = Object.entries(cell.lanes ?? {}).filter(([lane]) => lane !== "normal");
  const unserved = cell.waiting > 0 && windows === 0;
  const name = queueName(queue.name, queue.name_en);
  return html`
    <tr data-queue=${queue.code} class=${unserved ? "unserved" : cell.waiting ? "" : "empty"}>
      <th scope="row"><b class="number">${queue.code}</b><span class="name" title=${name}>${name}</span>${estimates && !queue.open && html`<small>${t(M.issuing)}</small>`}</th>
      <td class="number waiting">${cell.waiting}</td>
      <td class="lanes">${lanes.map(([lane, count]) => html`<span key=${lane} class="chip lane">${t(LANES[lane])} ${count}</span>`)}</td>
      <td class="longest">${cell.waiting > 0 && html`<span><b class="number">${minutesBetween(cell.oldest_from, now)}</b> ${t(M.minutes)}</span>
        <${NumberButton} id=${cell.oldest_id} number=${cell.oldest} onNumber=${onNumber} />`}</td>
      ${estimates && html`<td>${queue.wait ? html`<span class="number">${queue.wait.low_minutes}–${queue.wait.high_minutes}</span> ${t(M.minutes)}` : "–"}</td>`}
      <td class="number">${cell.called}</td>
      <td class="number serving">${unserved ? html`<span class="chip no">! ${t(M.unserved)}</span>` : windows}</td>
    </tr>`;
}

function Windows({ infos, picture, now, onNumber }) {
  const cells = infos.windows.map((window) => ({ window, cell: picture.windows[window.no] ?? { state: "closed", number: "", staff: "" } }));
  const count = (state) => cells.filter(({ cell }) => cell.state === state).length;
  return html`
    <section class="windows" aria-labelledby="windows">
      <h2 id="windows">${t(M.windows)} <small>${t(M.counts(count("open"), count("paused"), count("closed")))}</small></h2>
      <ul>${cells.map(({ window, cell }) => html`
        <${Window} key=${window.no} window=${window} cell=${cell} now=${now} who=${infos.names[cell.staff] ?? cell.staff} onNumber=${onNumber} />`)}</ul>
    </section>`;
}

const looks = (cell) => (cell.number ? (cell.serving ? "serving" : "called") : cell.state);

function Window({ window, cell, now, who, onNumber }) {
  const look = looks(cell);
  const paused = cell.state === "paused";
  return html`
    <li class=${`${look} ${paused ? "paused" : ""}`} data-window=${window.no} data-look=${look}>
      <p class="top"><b class="number no">${window.no}</b><span>${t(M.states[paused ? "paused" : look])}</span></p>
      <p class="main">${cell.number ? html`<${NumberButton} id=${cell.ticket_id} number=${cell.number} onNumber=${onNumber} />` : paused ? html`<span class="why" title=${cell.pause_reason}>${cell.pause_reason}</span>` : ""}</p>
      <p class="foot"><span class="who" title=${who}>${who}</span>${cell.since && look !== "closed" && html`<span class="number time">${span((now - Date.parse(cell.since)) / 1000)}</span>`}</p>
    </li>`;
}
