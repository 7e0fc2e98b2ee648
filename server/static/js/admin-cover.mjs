/** The admin page's part for AB岗: posts with their pairs, when an empty window is told, and leave with its covers. */

import { html } from "/faces/vendor/html.mjs";
import { useState } from "/faces/vendor/hooks.mjs";
import { Form, whole } from "./admin-parts.mjs";
import { LeaveAndCovers, Person, usePlan, whoIs } from "./cover-parts.mjs";
import { C, KINDS, PARTS_OF_DAY } from "./cover-words.mjs";
import { Dialog, Problem } from "./ui.mjs";
import { WEEKDAYS, t } from "./words.mjs";

export function CoverPart({ all, send }) {
  const [from, setFrom] = useState("");
  // A change of anybody's redraws the page with a new picture of all settings: then the plan is asked for again.
  const [plan, refresh] = usePlan({ from, weeks: 4, onSessionOver: () => location.reload(), news: all });
  if (!plan) return html`<p>${t("loading")}</p>`;
  const change = async (path, body, method = "POST") => {
    await send(path, body, method);
    await refresh();
  };
  const settings = (data) => ({ empty_minutes: whole(data.get("empty_minutes")), late_minutes: whole(data.get("late_minutes")) });
  const minutes = (name, label) => html`
    <label class="field"><span>${t(label)}</span><input class="number" name=${name} inputmode="numeric" maxlength="4" defaultValue=${plan.settings[name]} /></label>`;
  return html`
    <section><h2>${t(C.posts)}</h2><p class="hint">${t(C.postsHint)}</p><${Posts} plan=${plan} change=${change} /></section>
    <section class="part"><h2>${t(C.settings)}</h2>
      <${Form} className="sheet" read=${settings} onSend=${(body) => change("/admin/cover/settings", body, "PUT")}>
        <div class="two">${minutes("empty_minutes", C.emptyMinutes)}${minutes("late_minutes", C.lateMinutes)}</div>
      <//></section>
    <${LeaveAndCovers} plan=${plan} send=${change} onWeek=${setFrom} />`;
}

function Posts({ plan, change }) {
  const [asked, setAsked] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const read = (data) => ({
    kind: data.get("kind"), name: data.get("name").trim(), part: data.get("part"), window: data.get("window") || null,
    weekdays: data.getAll("weekdays").map(Number),
    primary: whoIs(plan.staff, data.get("primary")) || null, backup: whoIs(plan.staff, data.get("backup")) || null,
  });
  const remove = () => {
    setAsked(null);
    change(`/admin/cover/posts/${asked.id}/remove`, {}).then(() => setRefusal(null), setRefusal);
  };
  const beside = (post) => html`<button type="button" aria-label=${`${t(C.remove)} ${post.name}`} onClick=${() => setAsked(post)}>${t(C.remove)}</button>`;
  return html`
    <${Problem} refusal=${refusal} />
    ${plan.posts.length === 0 && html`<p class="note">${t(C.noPosts)}</p>`}
    ${plan.posts.map((post) => html`
      <${Form} key=${post.id} className="row post" read=${read} beside=${beside(post)}
        onSend=${(body) => change(`/admin/cover/posts/${post.id}`, body, "PUT")}><${Fields} post=${post} windows=${plan.windows} /><//>`)}
    <section class="add"><h2>${t(C.newPost)}</h2>
      <${Form} className="row post new" action=${t(C.add)} read=${read} resets onSend=${(body) => change("/admin/cover/posts", body)}>
        <${Fields} post=${FRESH} windows=${plan.windows} /><//></section>
    ${asked && html`
      <${Dialog} danger title=${t(C.removePost)} action=${t(C.remove)} onClose=${() => setAsked(null)} onSubmit=${remove}>
        <p class="subject">${asked.name}</p><p>${t(C.removePostText)}</p>
      <//>`}`;
}

const FRESH = { kind: "window", name: "", part: "day", window: null, weekdays: [1, 2, 3, 4, 5], primary: null, backup: null };

function Fields({ post, windows }) {
  const choice = (name, label, options, value) => html`
    <label class="field"><span>${t(label)}</span><select name=${name} defaultValue=${value}>
      ${options.map(([key, words]) => html`<option key=${key} value=${key} selected=${key === value}>${words}</option>`)}</select></label>`;
  const worded = (table) => Object.entries(table).map(([key, words]) => [key, t(words)]);
  return html`
    <label class="field"><span>${t(C.name)}</span><input name="name" maxlength="60" autocomplete="off" defaultValue=${post.name} /></label>
    ${choice("kind", C.kind, worded(KINDS), post.kind)}
    ${choice("window", C.window, [["", t(C.noWindow)], ...windows.map((one) => [one.no, `${one.no} ${one.name}`])], post.window ?? "")}
    <${Person} name="primary" label=${C.primary} person=${post.primary} /><${Person} name="backup" label=${C.backup} person=${post.backup} />
    ${choice("part", C.partOfDay, worded(PARTS_OF_DAY), post.part)}
    <fieldset class="days"><legend class="unseen">${t(C.weekdays)}</legend>${WEEKDAYS.map((word, n) => html`
      <label key=${word} class="check"><input type="checkbox" name="weekdays" value=${n + 1} defaultChecked=${post.weekdays.includes(n + 1)} /> ${t(word)}</label>`)}</fieldset>`;
}
