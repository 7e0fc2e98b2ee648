// My turn, where scripts run: the page renews itself in place, keeps what it shows while the hall cannot be reached
// and says so. Without scripts the browser loads it anew.

const PATIENCE_MS = 8000;
const away = document.getElementById("away");
const said = document.getElementById("said");
let timer = 0;

/** @returns {HTMLElement} */
function main() {
  return document.querySelector("main");
}

function state() {
  return main().querySelector("#state")?.textContent ?? "";
}

/** Once there is nothing more to wait for, the page says no time. */
function plan() {
  clearTimeout(timer);
  const seconds = Number(main().dataset.renews);
  if (seconds) timer = setTimeout(renew, seconds * 1000);
}

async function renew() {
  if (!document.hidden) {
    try {
      const page = await fetched();
      if (page) show(page);
      away.hidden = true;
    } catch {
      away.hidden = false;
    }
  }
  plan();
}

/** The page as it is now, also one that says that the link has expired; null when a neighbour behind the same address
 * has tried too many wrong links: that passes by itself. */
async function fetched() {
  const late = new AbortController(); // not AbortSignal.timeout, which the phones of the old do not know
  const patience = setTimeout(() => late.abort(), PATIENCE_MS);
  const answer = await fetch(location.href, { cache: "no-store", signal: late.signal }).finally(() => clearTimeout(patience));
  if (answer.status === 429) return null;
  if (answer.status >= 500) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("main[data-citizen]")) throw new Error("not a page of ours"); // a network that wants its terms agreed to
  return page;
}

/** @param {Document} page */
function show(page) {
  const before = state();
  const held = document.activeElement?.id;
  main().replaceWith(page.querySelector("main"));
  document.title = page.title;
  if (held) document.getElementById(held)?.focus({ preventScroll: true });
  if (state() !== before) said.textContent = state(); // for those who listen to the page
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && main().dataset.renews) renew();
});
plan();
