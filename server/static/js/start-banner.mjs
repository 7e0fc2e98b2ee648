/** On the admin page while the first steps are not finished: the way back to them. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useState } from "/faces/vendor/hooks.mjs";
import { get } from "./api.mjs";
import { S } from "./start-words.mjs";
import { t } from "./words.mjs";

export function StartBanner() {
  const [done, setDone] = useState(true);
  useEffect(() => void get("/admin/start").then((told) => setDone(told.done), () => {}), []);
  return !done && html`<p class="unstarted">${t(S.unfinished)} <a href="/start">${t(S.resume)}</a></p>`;
}
