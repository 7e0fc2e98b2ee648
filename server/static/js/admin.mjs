/** Administration: one page of settings. Every change is a whole form; the server judges it and says what is wrong. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get } from "./api.mjs";
import { AlarmsPart } from "./admin-alarms.mjs";
import { CoverPart } from "./admin-cover.mjs";
import { DevicesPart } from "./admin-devices.mjs";
import { DraftPart } from "./admin-draft.mjs";
import { HistoryPart } from "./admin-history.mjs";
import { HoursPart } from "./admin-hours.mjs";
import { ItemsPart } from "./admin-items.mjs";
import { OperationsPart } from "./admin-operations.mjs";
import { HallPart, QueuesPart, WindowsPart } from "./admin-parts.mjs";
import { PeoplePart } from "./admin-people.mjs";
import { ScreensPart } from "./admin-screens.mjs";
import { SmsPart } from "./admin-sms.mjs";
import { follow } from "./news.mjs";
import { Bar, RolePage } from "./staff-page.mjs";
import { StartBanner } from "./start-banner.mjs";
import { Offline } from "./ui.mjs";
import { t } from "./words.mjs";

const PARTS = {
  hall: HallPart, hours: HoursPart, queues: QueuesPart, windows: WindowsPart, items: ItemsPart, devices: DevicesPart,
  users: PeoplePart, cover: CoverPart, screens: ScreensPart, sms: SmsPart, alarms: AlarmsPart, operations: OperationsPart,
  draft: DraftPart, history: HistoryPart,
};
const COUNTS_MS = 10_000;

function Work({ session }) {
  const { me, onSessionOver } = session;
  const [all, setAll] = useState(null);
  const [link, setLink] = useState("live");
  const [part, setPart] = usePart();
  const ahead = useRef(0); // ms by which the server's clock is ahead of this machine's
  const again = useRef(() => {});
  const turn = useRef(0); // counts changes, so that a picture fetched before one is not shown after it

  useEffect(() => {
    const refresh = async () => {
      const asked = turn.current;
      try {
        const fresh = await get("/admin");
        if (asked === turn.current) setAll(fresh);
      } catch (error) {
        if (error.status === 401) return onSessionOver();
        throw error;
      }
    };
    const news = follow({ refresh, onLink: setLink, onClock: (ms) => (ahead.current = ms - Date.now()) });
    again.current = news.refresh;
    return news.close;
  }, []);
  useEffect(() => {
    if (part !== "devices") return undefined;
    const timer = setInterval(() => again.current(), COUNTS_MS); // counts grow without any news
    return () => clearInterval(timer);
  }, [part]);
  useEffect(() => void (document.title = `${t(part)} · ${t("admin")}`));

  /** Send a change; the answer is the new picture, but for a token. Raises what the server refuses. */
  async function send(path, body, method) {
    turn.current += 1;
    try {
      const answer = await command(path, body, method);
      if (answer.hall) setAll(answer);
      else if (answer.machines) setAll((known) => ({ ...known, machines: answer.machines }));
      return answer;
    } catch (error) {
      if (error.status === 401) onSessionOver();
      throw error;
    } finally {
      turn.current += 1;
    }
  }

  const Part = PARTS[part];
  return html`
    <${Bar} title=${t("admin")} session=${session} />
    ${link === "offline" && html`<${Offline} />`}
    <${StartBanner} />
    <div class="admin">
      <nav aria-label=${t("admin")}>${Object.keys(PARTS).map((name) => html`
        <a key=${name} href=${`#${name}`} aria-current=${name === part ? "page" : undefined} onClick=${() => setPart(name)}>${t(name)}</a>`)}</nav>
      <main><h1>${t(part)}</h1>${all ? html`<${Part} key=${part} all=${all} me=${me} send=${send} ahead=${ahead.current} />` : t("loading")}</main>
    </div>`;
}

/**
 * The part named in the address, so that reload and Back keep their place.
 * @returns {[string, (part: string) => void]}
 */
function usePart() {
  const named = () => (location.hash.slice(1) in PARTS ? location.hash.slice(1) : "hall");
  const [part, setPart] = useState(named());
  useEffect(() => {
    const onHash = () => setPart(named());
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);
  return [part, setPart];
}

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${RolePage} page="admin" may="administer" notAllowed="notAdmin" work=${work} />`, document.getElementById("app"));
