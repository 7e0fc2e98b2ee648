/** Who is at which post now, and which windows stand empty. */

import { html } from "/faces/vendor/html.mjs";
import { useState } from "/faces/vendor/hooks.mjs";
import { People, Person, named, whoIs } from "./cover-parts.mjs";
import { C, KINDS, PARTS_OF_DAY, REASONS, STANDINGS } from "./cover-words.mjs";
import { Dialog, Problem, minutesBetween, timeOfDay, useNow } from "./ui.mjs";
import { t } from "./words.mjs";

export function Now({ all, send }) {
  const [naming, setNaming] = useState(null);
  const now = useNow(20_000);
  const empty = (post) => all.empty.find((one) => post.window && one.window === post.window);
  return html`
    <p class="leader">${all.leader ? html`${t(C.leaderToday)} <b>${all.leader.name}</b> ${all.leader.position} ${all.leader.tel}` : t(C.noLeader)}</p>
    ${all.empty.length > 0 && html`
      <section class="alarm" role="alert"><h2>! ${t(C.emptyTitle)} <b class="number">${all.empty.length}</b></h2>
        <ul>${all.empty.map((one) => html`<li key=${one.window}><b class="number">${one.window}</b> ${one.post}
          <span>${t(REASONS[one.reason])}</span> <b>${t(C.emptySince(minutesBetween(one.since, now)))}</b></li>`)}</ul></section>`}
    ${all.posts.length === 0 ? html`<p class="note">${t(C.noPosts)}</p>` : html`
    <div class="scroll"><table class="now">
      <thead><tr>${[C.post, C.should, C.is, C.stateNow].map((name) => html`<th key=${name} scope="col">${t(name)}</th>`)}<th scope="col"><span class="unseen">${t(C.nameCover)}</span></th></tr></thead>
      <tbody>${all.posts.map((post) => html`<${Row} key=${post.id} post=${post} empty=${empty(post)} onName=${() => setNaming(post)} />`)}</tbody>
    </table></div>`}
    <div class="beside">
      <section><h2>${t(C.onLeave)}</h2>${all.on_leave.length === 0 ? html`<p class="hint">${t(C.nobodyOnLeave)}</p>` : html`
        <ul>${all.on_leave.map((one) => html`<li key=${one.id}><b>${one.person.name}</b> <span class="number">${one.from_day} – ${one.to_day}</span></li>`)}</ul>`}</section>
      ${all.unposted.length > 0 && html`<section><h2>${t(C.unposted)}</h2>
        <ul>${all.unposted.map((one) => html`<li key=${one.window}><b class="number">${one.window}</b> ${one.person.name} · ${t(SEATED[one.state])}</li>`)}</ul></section>`}
    </div>
    ${naming && html`<${NameCover} post=${naming} all=${all} send=${send} onClose=${() => setNaming(null)} />`}`;
}

const SEATED = { open: C.filled, paused: C.pausedNow, closed: C.closedNow };

function Row({ post, empty, onName }) {
  const tone = empty ? "empty" : !post.due ? "idle" : post.state;
  return html`
    <tr class=${tone}>
      <th scope="row">${post.name}<small>${t(KINDS[post.kind])} · ${t(PARTS_OF_DAY[post.part])}</small></th>
      <td>${post.today ? html`${post.person ? post.person.name : html`<b class="nobody">! ${t(C.nobody)}</b>`}${post.person && post.standing !== "primary" && html` <i class="as">${t(STANDINGS[post.standing])}</i>`}` : "–"}</td>
      <td>${post.seated ? html`${post.seated.name} <i class="as">${t(STANDINGS[post.seated_as])}</i>` : "–"}</td>
      <td><b class="state">${t(!post.due && !post.seated ? C.notDue : SEATED[post.state])}</b> ${post.seated && post.since && html`<span class="number">${timeOfDay(post.since)} ${t(C.since)}</span>`} ${post.pause_reason}</td>
      <td>${post.today && html`<button type="button" aria-label=${`${t(C.nameCover)} ${post.name}`} onClick=${onName}>${t(C.nameCover)}</button>`}</td>
    </tr>`;
}

function NameCover({ post, all, send, onClose }) {
  const [refusal, setRefusal] = useState(null);
  async function name() {
    const typed = /** @type {HTMLInputElement} */ (document.querySelector("dialog input[name=username]")).value;
    const body = { username: whoIs(all.staff, typed), from_day: all.today, to_day: all.today };
    await send(`/cover/posts/${post.id}/covers`, body).then(onClose, setRefusal);
  }
  return html`
    <${Dialog} title=${t(C.nameCover)} action=${t(C.addCover)} onClose=${onClose} onSubmit=${name}>
      <p class="subject">${post.name} <span class="number">${all.today}</span></p>
      <${People} staff=${all.staff} />
      <${Person} name="username" label=${C.coverWho} />
      <p class="hint">${post.person ? `${t(C.should)}：${named(post.person)}` : t(C.coversHint)}</p>
      <${Problem} refusal=${refusal} />
    <//>`;
}
