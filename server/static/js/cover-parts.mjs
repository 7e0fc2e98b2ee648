/** What the admin's and the duty page share: people as they are typed, leave, covers, and the weeks with their gaps. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { Form } from "./admin-parts.mjs";
import { get } from "./api.mjs";
import { C } from "./cover-words.mjs";
import { Problem } from "./ui.mjs";
import { WEEKDAYS, t } from "./words.mjs";

/** The plan of some weeks, and a way to fetch it again. */
export function usePlan({ from, weeks, onSessionOver, news }) {
  const [plan, setPlan] = useState(null);
  const asked = useRef("");
  async function refresh() {
    const query = (asked.current = `/cover?weeks=${weeks}${from ? `&from=${from}` : ""}`);
    try {
      const found = await get(query);
      if (asked.current === query) setPlan(found);
    } catch (error) {
      if (error.status === 401) onSessionOver();
    }
  }
  useEffect(() => void refresh(), [from, weeks, news]);
  return [plan, refresh];
}

/** Somebody as the lists name them. */
export const named = (person) => (person.staff_no ? `${person.staff_no} ${person.name}` : person.name);

/** The user name of whoever was typed: by number, name or both; what fits nobody, or two, goes as it is and is refused. */
export function whoIs(staff, typed) {
  const text = typed.normalize("NFKC").trim();
  if (!text) return "";
  const fits = staff.filter((one) => [one.username, one.staff_no, one.name, named(one)].includes(text));
  return fits.length === 1 ? fits[0].username : text;
}

export const People = ({ staff }) => html`
  <datalist id="people">${staff.map((one) => html`<option key=${one.username} value=${named(one)} />`)}</datalist>`;

export const Person = ({ name, label, person = null }) => html`
  <label class="field"><span>${t(label)}</span>
    <input name=${name} list="people" autocomplete="off" maxlength="60" placeholder=${t(C.whoHint)} defaultValue=${person ? named(person) : ""} /></label>`;

const Day = ({ name, label, value }) => html`
  <label class="field day"><span>${t(label)}</span><input type="date" name=${name} defaultValue=${value} required /></label>`;

/** Leave and covers of these weeks with their forms, and the calendar. `send` raises what the server refuses. */
export function LeaveAndCovers({ plan, send, onWeek }) {
  const [refusal, setRefusal] = useState(null);
  const remove = (path) => send(path, {}).then(() => setRefusal(null), setRefusal);
  const postOf = (cover) => plan.posts.find((one) => one.id === cover.post);
  const days = (one) => html`<span class="number">${one.from_day}${one.to_day !== one.from_day && ` – ${one.to_day}`}</span>`;
  const leave = (data) => ({ username: whoIs(plan.staff, data.get("username")), from_day: data.get("from_day"), to_day: data.get("to_day"), reason: data.get("reason").trim() });
  const cover = (data) => ({ post: data.get("post"), username: whoIs(plan.staff, data.get("username")), from_day: data.get("from_day"), to_day: data.get("to_day") });
  return html`
    <${People} staff=${plan.staff} />
    ${plan.posts.length > 0 && html`<${Calendar} plan=${plan} onWeek=${onWeek} />`}
    <${Problem} refusal=${refusal} />
    <section class="part"><h2>${t(C.leaves)}</h2><p class="hint">${t(C.leavesHint)}</p>
      ${plan.leaves.length === 0 ? html`<p class="hint">${t(C.noLeaves)}</p>` : html`<ul class="plain-list">${plan.leaves.map((one) => html`
        <li key=${one.id}><b>${one.person.name}</b> ${days(one)} <span>${one.reason}</span> <small>${one.by} ${t(C.by)}</small>
          <button type="button" aria-label=${`${t(C.withdrawLeave)} ${one.person.name}`} onClick=${() => remove(`/cover/leaves/${one.id}/remove`)}>${t(C.withdrawLeave)}</button></li>`)}</ul>`}
      <${Form} className="inline leave" read=${leave} action=${t(C.addLeave)} resets onSend=${(body) => send("/cover/leaves", body)}>
        <${Person} name="username" label=${C.who} /><${Day} name="from_day" label=${C.from} value=${plan.today} /><${Day} name="to_day" label=${C.to} value=${plan.today} />
        <label class="field wide"><span>${t(C.reason)}</span><input name="reason" maxlength="60" autocomplete="off" /></label>
      <//>
    </section>
    <section class="part"><h2>${t(C.covers)}</h2><p class="hint">${t(C.coversHint)}</p>
      ${plan.covers.length === 0 ? html`<p class="hint">${t(C.noCovers)}</p>` : html`<ul class="plain-list">${plan.covers.map((one) => html`
        <li key=${one.id}><b>${one.person.name}</b> → ${postOf(one)?.name ?? ""} ${days(one)} <small>${one.by} ${t(C.by)}</small>
          <button type="button" aria-label=${`${t(C.removeCover)} ${one.person.name}`} onClick=${() => remove(`/cover/covers/${one.id}/remove`)}>${t(C.removeCover)}</button></li>`)}</ul>`}
      ${plan.posts.length > 0 && html`<${Form} className="inline cover" read=${cover} action=${t(C.addCover)} resets
        onSend=${({ post, ...body }) => send(`/cover/posts/${post}/covers`, body)}>
        <label class="field"><span>${t(C.post)}</span><select name="post">${plan.posts.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}</select></label>
        <${Person} name="username" label=${C.coverWho} /><${Day} name="from_day" label=${C.from} value=${plan.today} /><${Day} name="to_day" label=${C.to} value=${plan.today} />
      <//>`}
    </section>`;
}

const dayAfter = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** Weeks as rows of posts and columns of days, with a way to the week before and after. */
export const Weeks = ({ plan, onWeek }) => html`
  <div class="weeks">
    <button type="button" onClick=${() => onWeek(dayAfter(plan.days[0].day, -7))}>${t(C.weekBefore)}</button>
    <b class="number">${plan.days[0].day} – ${plan.days.at(-1).day}</b>
    <button type="button" onClick=${() => onWeek(dayAfter(plan.days[0].day, 7))}>${t(C.weekAfter)}</button>
  </div>`;

export const HeadOfDay = ({ day, n, today }) => html`
  <th scope="col" class=${`number ${day === today ? "today" : ""}`}>${t(WEEKDAYS[n % 7]).slice(-1 * (document.documentElement.lang === "en" ? 3 : 1))}<small>${day.slice(5)}</small></th>`;

function Calendar({ plan, onWeek }) {
  const coming = plan.days.map(({ day }, n) => ({ day, n })).filter(({ day }) => day >= plan.today);
  const gaps = plan.posts.flatMap((post) => coming.filter(({ n }) => post.days[n].due && !post.days[n].person));
  return html`
    <section class="part"><h2>${t(C.calendar)}</h2>
      <p class=${gaps.length ? "gaps" : "done"} role="status">${t(gaps.length ? C.gaps(gaps.length) : C.noGaps)}</p>
      <${Weeks} plan=${plan} onWeek=${onWeek} />
      ${[...Array(plan.days.length / 7).keys()].map((week) => html`
        <div key=${week} class="scroll plan"><table>
          <thead><tr><th scope="col">${t(C.post)}</th>${plan.days.slice(week * 7, week * 7 + 7).map(({ day }, n) => html`<${HeadOfDay} key=${day} day=${day} n=${n} today=${plan.today} />`)}</tr></thead>
          <tbody>${plan.posts.map((post) => html`<tr key=${post.id}><th scope="row">${post.name}</th>
            ${post.days.slice(week * 7, week * 7 + 7).map((cell, n) => html`<${Cell} key=${n} cell=${cell} />`)}</tr>`)}</tbody>
        </table></div>`)}
    </section>`;
}

function Cell({ cell }) {
  if (!cell.due) return html`<td class="undue">–</td>`;
  if (!cell.person) return html`<td class="gap">! ${t(C.gap)}</td>`;
  const mark = { backup: C.asBackup, cover: C.asCover }[cell.standing];
  return html`<td class=${cell.standing}>${cell.person.name}${mark && html` <i>${t(mark)}</i>`}</td>`;
}
