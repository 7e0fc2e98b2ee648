// Choosing a reason to go first, or a language.
import { html } from "/faces/vendor/html.mjs";
import { icon } from "../icons.mjs";
import { WORDS } from "../words.mjs";

/** Of each reason that `kiosk/lanes.py` knows. */
const SIGNS = { elderly: "cane", disabled: "chair", soldier: "medal", infant: "infant" };

/** Nothing of it stays on the screen: the next page only says that the number will be called earlier. */
export const Lanes = ({ act, t }) => html`
  <section class="greeting"><h1>${t.priorityAsk}</h1><p>${t.priorityHint}</p></section>
  <section class="choices">
    ${Object.entries(SIGNS).map(([reason, sign]) => html`
      <button class="choice" key=${reason} onClick=${() => act.reason(reason)}>${icon(sign)}${t.reasons[reason]}</button>`)}
  </section>`;

export const Languages = ({ act, t }) => html`
  <section class="greeting"><h1>${t.chooseLanguage}</h1></section>
  <section class="choices">
    ${Object.entries(WORDS).map(([code, words]) => html`
      <button class="choice" key=${code} lang=${words.lang} onClick=${() => act.lang(code)}>${words.own}</button>`)}
  </section>`;
