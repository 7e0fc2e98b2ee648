/** The photograph of a staff card: chosen, sent at once, and refused at its own field. */

import { html } from "/faces/vendor/html.mjs";
import { useState } from "/faces/vendor/hooks.mjs";
import { upload } from "./api.mjs";
import { I } from "./items-words.mjs";
import { Problem } from "./ui.mjs";
import { t } from "./words.mjs";

/** The new picture comes with the news of it. The input has no name: it is no part of the card's own form. */
export function PhotoField({ person, send }) {
  const [told, setTold] = useState(/** @type {{ busy?: boolean, refusal?: any }} */ ({}));
  const path = `/admin/screens/staff/${encodeURIComponent(person.username)}/photo`;
  const during = (work) => {
    setTold({ busy: true });
    work.then(() => setTold({}), (refusal) => setTold({ refusal }));
  };
  const choose = (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) during(upload(path, file, "PUT"));
  };
  return html`
    <span class="photo">
      <label>
        ${person.photo ? html`<img src=${`/api/v1/staff-photos/${person.photo}`} alt="" />` : html`<span class="blank">${t(I.addPhoto)}</span>`}
        <input type="file" accept="image/jpeg,image/png" aria-label=${t(I.choosePhoto(person.full_name))}
          aria-invalid=${String(Boolean(told.refusal))} onChange=${choose} />
      </label>
      ${told.busy && html`<small role="status">${t(I.sending)}</small>`}
      ${person.photo && html`<button type="button" aria-label=${`${t(I.removePhoto)} ${person.full_name}`} onClick=${() => during(send(`${path}/remove`))}>${t(I.removePhoto)}</button>`}
    </span>
    <${Problem} refusal=${told.refusal} />`;
}
