/** The admin page's part for 短信评价: on or off, how soon and how long, the message as people get it, and how it goes. */

import { html } from "/faces/vendor/html.mjs";
import { useEffect, useRef, useState } from "/faces/vendor/hooks.mjs";
import { Form, Labelled, whole } from "./admin-parts.mjs";
import { t } from "./words.mjs";

/** @type {Record<string, [string, string]>} */
const S = {
  on: ["向留了手机号而未评价的人发一条短信", "Send one message to who gave a number and has not rated"],
  delay: ["评价时限过后几分钟发送", "Minutes after the evaluator's time"],
  hours: ["几小时内回复有效", "Hours in which a reply counts"],
  hint: ["号码由导办台登记，须本人同意；发出后即清除。", "The guide desk takes numbers down, if people agree; they are cleared once the message is out."],
  words: ["短信内容", "The message"],
  wordsHint: [
    "写一行。花括号里的名称，发出时换成实际内容；带 * 的不能少，各用一次。清空并保存，就恢复默认内容。",
    "One line. A name in braces is replaced when the message goes out; those with * must be there, each once. Empty it and save for the usual words.",
  ],
  insert: ["点一下插入：", "Press to insert: "],
  usual: ["恢复默认内容", "The usual words"],
  preview: ["这样发出", "As it goes out"],
  recent: ["最近 7 天", "The last 7 days"],
  none: ["没有短信。", "No messages."],
  noGateway: ["还没有短信网关，短信发不出去。请到“设备”添加一个“短信网关”，见 docs/sms.md。", "There is no SMS gateway, so nothing goes out. Add one under Devices; see docs/sms.md."],
};

/** @type {[string, [string, string]][]} */
const STATES = [
  ["sent", ["已发出", "Sent"]],
  ["waiting", ["待发", "Waiting"]],
  ["leased", ["发送中", "Being sent"]],
  ["failed", ["发送失败", "Failed"]],
  ["unknown", ["结果不明，不会自动重发", "Unknown, not sent again"]],
  ["dropped", ["不再需要", "No longer needed"]],
];

export function SmsPart({ all, send }) {
  const { sms, devices } = all;
  const read = (data) => ({
    sms_on: data.has("sms_on"),
    sms_delay_minutes: whole(data.get("sms_delay_minutes")),
    sms_reply_hours: whole(data.get("sms_reply_hours")),
    sms_text: oneLine(data.get("sms_text")),
  });
  const number = (name, word) => html`
    <${Labelled} word=${word}><input class="number" name=${name} inputmode="numeric" defaultValue=${sms[name]} maxlength="9" /><//>`;
  const gateway = devices.some(({ kind, revoked }) => kind === "sms_gateway" && !revoked);
  return html`
    ${sms.sms_on && !gateway && html`<p class="note">${t(S.noGateway)}</p>`}
    <${Form} className="sheet" read=${read} onSend=${(body) => send("/admin/sms", body, "PUT")}>
      <label class="check"><input type="checkbox" name="sms_on" defaultChecked=${sms.sms_on} /> <b>${t(S.on)}</b></label>
      <p class="hint">${t(S.hint)}</p>
      <div class="two">${number("sms_delay_minutes", S.delay)}${number("sms_reply_hours", S.hours)}</div>
      <${Wording} key=${sms.sms_text} sms=${sms} />
    <//>
    <section class="add"><h2>${t(S.recent)}</h2><${Counts} sms=${sms} /></section>`;
}

const oneLine = (text) => text.replace(/\s*[\r\n]+\s*/g, "").trim();

/** As `domain.sms_text` fills it in; a name that there is not stays to be seen. */
function filled(text, fields) {
  const known = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
  return text.replaceAll("｛", "{").replaceAll("｝", "}").replace(/\{([^{}]*)\}/g, (whole, name) => known[name.trim()] ?? whole);
}

/** As `domain.sms.parts` counts: no sign of two units is cut in two. */
function partsOf(text, { whole: most, part }) {
  if (text.length <= most) return 1;
  let [count, room] = [1, part];
  for (const sign of text) {
    if (sign.length > room) [count, room] = [count + 1, part];
    room -= sign.length;
  }
  return count;
}

/** The hall's own words, what may stand in them, and at once how a phone would show them. */
function Wording({ sms }) {
  const [text, setText] = useState(sms.sms_text || sms.usual);
  const field = useRef(null);
  const caret = useRef(null);
  useEffect(() => {
    if (caret.current === null) return;
    field.current.focus();
    field.current.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [text]);
  function insert(name) {
    const { selectionStart, selectionEnd } = field.current;
    caret.current = selectionStart + name.length;
    setText(text.slice(0, selectionStart) + name + text.slice(selectionEnd));
  }
  const shown = filled(oneLine(text) || sms.usual, sms.fields);
  return html`
    <${Labelled} word=${S.words}><textarea ref=${field} name="sms_text" rows="3" placeholder=${sms.usual} maxlength=${sms.most_typed} value=${text}
      onInput=${(event) => setText(event.target.value)} aria-describedby="sms-words" lang="zh-CN" spellcheck="false"></textarea><//>
    <p class="hint" id="sms-words">${t(S.wordsHint)}</p>
    <div class="insert" role="group" aria-label=${t(S.insert)}><span>${t(S.insert)}</span>${sms.fields.map(({ name, must, zh, en }) => html`
      <button key=${name} type="button" onClick=${() => insert(`{${name}}`)}><b lang="zh-CN">${`{${name}}`}</b>${must && " *"} <small>${t([zh, en])}</small></button>`)}
      ${text !== sms.usual && html`<button type="button" onClick=${() => setText(sms.usual)}>${t(S.usual)}</button>`}</div>
    <h2>${t(S.preview)}</h2>
    <blockquote class="sms" lang="zh-CN">${shown}</blockquote>
    <p class="hint" role="status">${t(size(shown, sms))}</p>`;
}

/** @returns {[string, string]} */
function size(text, sms) {
  const { from_hour, to_hour, most_parts } = sms;
  const parts = partsOf(text, sms);
  return [
    `${[...text].length} 字，按 ${parts} 条短信计费（最多 ${most_parts} 条）；每天 ${from_hour}:00 到 ${to_hour}:00 发送。`,
    `${[...text].length} characters, billed as ${parts} messages (at most ${most_parts}); sent from ${from_hour}:00 to ${to_hour}:00.`,
  ];
}

function Counts({ sms }) {
  const there = STATES.filter(([state]) => sms.counts[state]);
  if (there.length === 0) return html`<p class="hint">${t(S.none)}</p>`;
  return html`
    <dl class="counts">${there.map(([state, words]) => html`<div key=${state} data-state=${state}><dt>${t(words)}</dt><dd class="number">${sms.counts[state]}</dd></div>`)}</dl>
    ${sms.trouble && html`<p class="note">${sms.trouble.at.slice(5, 16).replace("T", " ")} ${t([sms.trouble.zh, sms.trouble.en])}</p>`}`;
}
