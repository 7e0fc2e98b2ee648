/** The first-run guide: from an empty hall to a paper in hand. How far it has come the server says, so it may be left
 * and taken up again at any step. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get } from "./api.mjs";
import { follow } from "./news.mjs";
import { Bar, RolePage } from "./staff-page.mjs";
import { FORMS } from "./start-forms.mjs";
import { S, STEPS } from "./start-words.mjs";
import { Offline } from "./ui.mjs";
import { t } from "./words.mjs";

const NAMES = Object.keys(STEPS);
const LOOK_MS = 2000; // a kiosk's health is no news

function Work({ session }) {
  const { onSessionOver } = session;
  const [all, setAll] = useState(null);
  const [link, setLink] = useState("live");
  const [step, goTo] = useStep(all);
  const made = useState(null); // the kiosk's token, which is shown once: kept while one looks at other steps
  const turn = useRef(0);

  async function refresh() {
    const asked = turn.current;
    try {
      const fresh = await get("/admin/start");
      if (asked === turn.current) setAll(fresh);
    } catch (error) {
      if (error.status === 401) return onSessionOver();
      throw error;
    }
  }
  useEffect(() => {
    const news = follow({ refresh, onLink: setLink });
    const timer = setInterval(news.refresh, LOOK_MS);
    return () => {
      clearInterval(timer);
      news.close();
    };
  }, []);
  useEffect(() => void (document.title = `${t(STEPS[step] ?? "start")} · ${t("start")}`));
  const shown = useRef(null);
  useEffect(() => void shown.current?.querySelector("input:not([type=hidden]):enabled, button, a")?.focus(), [step, all === null]);

  /** Send an answer; the server's is how far the hall is now, but for a token. Raises what the server refuses. */
  async function send(path, body, method) {
    turn.current += 1;
    try {
      const answer = await command(path, body, method);
      if (answer.steps) setAll(answer);
      else await refresh();
      return answer;
    } catch (error) {
      if (error.status === 401) onSessionOver();
      throw error;
    } finally {
      turn.current += 1;
    }
  }
  const onwards = () => goTo(NAMES[Math.min(NAMES.indexOf(step) + 1, NAMES.length - 1)]);
  const Shown = FORMS[step];
  return html`
    <${Bar} title=${t("start")} session=${session} />
    ${link === "offline" && html`<${Offline} />`}
    <div class="start">
      ${all && html`<${Steps} all=${all} step=${step} goTo=${goTo} />`}
      <main ref=${shown}>${all && Shown ? html`<h1>${t(STEPS[step])}</h1><${Shown} key=${step} all=${all} send=${send} onwards=${onwards} made=${made} />` : t("loading")}</main>
    </div>`;
}

function Steps({ all, step, goTo }) {
  return html`
    <nav aria-label=${t(S.steps)}><ol>${all.steps.map((one) => html`
      <li key=${one.step} class=${`is-${one.state}`}><a href=${`#${one.step}`} aria-current=${one.step === step ? "step" : undefined} onClick=${() => goTo(one.step)}>
        <b>${t(STEPS[one.step])}</b> <span class="state">${t(S[`state_${one.state}`])}</span><small>${t([one.zh, one.en])}</small></a></li>`)}
      <li class="end"><a href="#done" aria-current=${step === "done" ? "step" : undefined} onClick=${() => goTo("done")}><b>${t(STEPS.done)}</b></a></li>
    </ol></nav>`;
}

/**
 * The step in the address; without one, the first that is not done yet.
 * @returns {[string, (step: string) => void]}
 */
function useStep(all) {
  const named = () => location.hash.slice(1) in STEPS && location.hash.slice(1);
  const [step, setStep] = useState(named());
  useEffect(() => {
    const onHash = () => named() && setStep(named());
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);
  useEffect(() => {
    if (all && !step) setStep(all.steps.find(({ state }) => state === "open")?.step ?? "done");
  }, [all, step]);
  const goTo = (name) => {
    location.hash = name;
    setStep(name);
  };
  return [step, goTo];
}

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${RolePage} page="start" may="administer" notAllowed="notAdmin" work=${work} />`, document.getElementById("app"));
