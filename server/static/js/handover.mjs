/** 交接 at the console: to whom the window goes, and whoever it was offered to receiving it. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get } from "./api.mjs";
import { C } from "./cover-words.mjs";
import { Cap, Dialog, Problem } from "./ui.mjs";
import { t } from "./words.mjs";

/** Choose who takes over; done, this machine is theirs to sign in at. */
export function HandOver({ view, send, onClose, onOffered }) {
  const [found, setFound] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [to, setTo] = useState("");
  const note = useRef(null);
  useEffect(() => {
    get(`/windows/${view.no}/takers`).then((answer) => {
      setFound(answer);
      setTo(answer.takers[0]?.username ?? "");
    }, setRefusal);
  }, []);
  const offer = async () => {
    const taker = found?.takers.find((one) => one.username === to);
    if (taker && await send("handOver", "hand-over", { to, note: note.current.value.trim() })) onOffered(taker.name);
  };
  return html`
    <${Dialog} title=${t(C.handOverTitle)} action=${t(C.handOver)} onClose=${onClose} onSubmit=${offer}>
      <p class="subject"><b class="number">${view.no}</b> ${found?.post || view.name}${view.ticket && html` · <b class="number">${view.ticket.number}</b>`}</p>
      <p>${t(C.handOverText)} ${view.ticket && t(C.handOverTicket)}</p>
      <${Problem} refusal=${refusal} />
      ${!found && !refusal && html`<p>${t("loading")}</p>`}
      ${found?.takers.length === 0 && html`<p class="note">${t(C.noTakers)}</p>`}
      ${found?.takers.length > 0 && html`
        <label class="field"><span>${t(C.receive)}</span><select data-focus name="to" value=${to} ref=${(input) => input && document.activeElement === document.body && input.focus()}
          onChange=${(event) => setTo(event.target.value)}>${found.takers.map((one) => html`
          <option key=${one.username} value=${one.username}>${one.name} ${one.staff_no}</option>`)}</select></label>`}
      <label class="field"><span>${t(C.noteFor)}</span><input ref=${note} name="note" type="text" maxlength="200" autocomplete="off" /></label>
    <//>`;
}

/** What was offered to whoever signed in here. */
export function Receive({ offer, onReceived, onNotNow, onSessionOver }) {
  const [refusal, setRefusal] = useState(null);
  useEffect(() => void (document.title = t(C.receiveTitle(offer.window))), []);
  const receive = async () => {
    try {
      await command(`/windows/${offer.window}/receive`);
      onReceived(offer.window);
    } catch (error) {
      if (error.status === 401) onSessionOver();
      else setRefusal(error);
    }
  };
  return html`
    <main class="plain lost">
      <h1>${t(C.receiveTitle(offer.window))}</h1>
      <p class="subject"><b class="number">${offer.window}</b> ${offer.window_name} · ${t(C.receiveFrom(offer.from))}</p>
      <p><b>${t(offer.number ? C.inHand(offer.number) : C.nothingInHand)}</b></p>
      ${offer.note && html`<p class="subject" dir="auto">${offer.note}</p>`}
      <${Problem} refusal=${refusal} />
      <p class="two-ways"><button class="main" type="button" ref=${(button) => button?.focus()} onClick=${receive}>${t(C.receive)} <${Cap}>Enter<//></button>
        <button type="button" onClick=${onNotNow}>${t(C.notNow)}</button></p>
    </main>`;
}

/** What somebody offered who signed in again before it was received. */
export function Offered({ offer, onTakenBack, leave, onSessionOver }) {
  const [refusal, setRefusal] = useState(null);
  const takeBack = async () => {
    try {
      await command(`/windows/${offer.window}/withdraw`);
      onTakenBack(offer.window);
    } catch (error) {
      if (error.status === 401) onSessionOver();
      else if (error.code === "no_handover" || error.code === "not_your_window") onTakenBack("");
      else setRefusal(error);
    }
  };
  return html`
    <main class="plain lost">
      <h1>${t(C.offeredTitle(offer.to, offer.window))}</h1><p>${t(C.offeredText)}</p>
      <${Problem} refusal=${refusal} />
      <p class="two-ways"><button class="main" type="button" ref=${(button) => button?.focus()} onClick=${takeBack}>${t(C.takeBack)} <${Cap}>Enter<//></button>
        <button type="button" onClick=${leave}>${t(C.letBe)}</button></p>
    </main>`;
}
