/** 值班: who is at which post now, the rota of a week, leave with its covers, and how a day was kept. */

import { html, render } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { command, get } from "./api.mjs";
import { Kept } from "./duty-kept.mjs";
import { Now } from "./duty-now.mjs";
import { Rota } from "./duty-rota.mjs";
import { LeaveAndCovers, usePlan } from "./cover-parts.mjs";
import { C } from "./cover-words.mjs";
import { follow } from "./news.mjs";
import { Bar, StaffPage } from "./staff-page.mjs";
import { Offline, Problem, clock } from "./ui.mjs";
import { t } from "./words.mjs";

const AGAIN_MS = 15_000; // minutes pass without news
const PARTS = { now: C.now, rota: C.rota, away: C.away, kept: C.kept };

function Work({ session }) {
  const [all, setAll] = useState(null);
  const [day, setDay] = useState("");
  const [link, setLink] = useState("live");
  const [part, setPart] = useState(location.hash.slice(1) in PARTS ? location.hash.slice(1) : "now");
  const again = useRef(() => {});
  const asking = useRef(day);
  asking.current = day;
  useEffect(() => {
    const refresh = async () => {
      try {
        const found = await get(`/duty${asking.current ? `?day=${asking.current}` : ""}`);
        if (!asking.current || !found.leads || found.day === asking.current) setAll(found);
      } catch (error) {
        if (error.status === 401) return session.onSessionOver();
        throw error;
      }
    };
    const news = follow({ refresh, onLink: setLink, onClock: clock.set });
    again.current = news.refresh;
    const timer = setInterval(news.refresh, AGAIN_MS);
    return () => (clearInterval(timer), news.close());
  }, []);
  useEffect(() => again.current(), [day]);
  useEffect(() => void (document.title = t("duty")));

  async function send(path, body, method) {
    try {
      return await command(path, body, method);
    } catch (error) {
      if (error.status === 401) session.onSessionOver();
      throw error;
    } finally {
      again.current();
    }
  }

  const top = html`<${Bar} title=${t("duty")} session=${session} />${link === "offline" && html`<${Offline} />`}`;
  if (!all) return html`${top}<main class="plain">${t("loading")}</main>`;
  const Part = { now: Now, rota: Rota, away: Away, kept: Kept }[part];
  return html`
    ${top}
    <main class="duty">
      <${Mine} mine=${all.mine} send=${send} bare=${!all.leads} />
      ${all.leads && html`
        <nav class="parts" aria-label=${t("duty")}>${Object.entries(PARTS).map(([name, words]) => html`
          <a key=${name} href=${`#${name}`} aria-current=${name === part ? "page" : undefined} onClick=${() => setPart(name)}>${t(words)}</a>`)}</nav>
        <${Part} all=${all} send=${send} onDay=${setDay} onSessionOver=${session.onSessionOver} />`}
    </main>`;
}

/** What is mine today; a post without a window is signed in at here. */
function Mine({ mine, send, bare }) {
  const [refusal, setRefusal] = useState(null);
  const press = (post) => send(`/duty/posts/${post.id}/${post.signed_in ? "sign-out" : "sign-in"}`).then(() => setRefusal(null), setRefusal);
  if (!mine.length) return bare && html`<p class="note">${t(C.noneMine)}</p>`;
  return html`
    <section class="mine" aria-label=${t(C.mine)}><h2>${t(C.mine)}</h2>
      ${mine.map((post) => html`
        <p key=${post.id}><b>${post.name}</b> ${post.window ? t(C.byWindow(post.window)) : html`
          ${post.signed_in && html`<span class="done">${t(C.signedIn)}</span>`}
          <button type="button" class=${post.signed_in ? "" : "main"} onClick=${() => press(post)}>${t(post.signed_in ? C.signOut : C.signIn)}</button>`}</p>`)}
      <${Problem} refusal=${refusal} /></section>`;
}

function Away({ all, send, onSessionOver }) {
  const [from, setFrom] = useState("");
  const [plan, refresh] = usePlan({ from, weeks: 4, onSessionOver, news: all });
  if (!plan) return t("loading");
  return html`<${LeaveAndCovers} plan=${plan} onWeek=${setFrom} send=${async (path, body) => {
    await send(path, body);
    await refresh();
  }} />`;
}

const work = (session) => html`<${Work} session=${session} />`;
render(html`<${StaffPage} page="duty" work=${work} />`, document.getElementById("app"));
