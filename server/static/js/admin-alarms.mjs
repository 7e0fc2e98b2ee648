/** The admin page's part for alarms: which there are, and from where on. */

import { html } from "/faces/vendor/html.mjs";
import { Form, Labelled, whole } from "./admin-parts.mjs";
import { t } from "./words.mjs";

/** @type {Record<string, [string, string]>} */
const A = {
  hint: ["报警显示在“大厅监控”。取消勾选，就不再报这一种。", "Alarms show on the hall monitor. Without its tick a kind is never raised."],
  escalate: ["几分钟无人确认就升级显示", "Minutes unacknowledged before it is shown more loudly"],
  none: ["没有可设的数值", "Nothing to set"],
};

export function AlarmsPart({ all, send }) {
  const { alarms } = all;
  const read = (data) => ({
    escalate_minutes: whole(data.get("escalate_minutes")),
    rules: alarms.rules.map(({ kind, limit }, i) => ({
      kind, on: data.has(kind), limit: limit === null ? null : whole(data.get(`rules[${i}].limit`)),
    })),
  });
  return html`
    <${Form} className="sheet" read=${read} onSend=${(body) => send("/admin/alarms", body, "PUT")}>
      <p class="hint">${t(A.hint)}</p>
      <${Labelled} word=${A.escalate}><input class="number" name="escalate_minutes" inputmode="numeric" defaultValue=${alarms.escalate_minutes} maxlength="9" /><//>
      <div class="alarm-rules">${alarms.rules.map((rule, i) => html`<${Rule} key=${rule.kind} rule=${rule} name=${`rules[${i}].limit`} />`)}</div>
    <//>`;
}

function Rule({ rule, name }) {
  const word = t([rule.zh, rule.en]);
  return html`
    <div class="alarm-rule">
      <label class="check"><input type="checkbox" name=${rule.kind} defaultChecked=${rule.on} /> <b>${word}</b></label>
      ${rule.limit === null ? html`<span class="hint">${t(A.none)}</span>` : html`
        <label class="limit"><input class="number" name=${name} inputmode="numeric" aria-label=${`${word} ${t([rule.unit, rule.unit_en])}`}
          defaultValue=${rule.limit} maxlength="9" /> <span>${t([rule.unit, rule.unit_en])}</span></label>`}
    </div>`;
}
