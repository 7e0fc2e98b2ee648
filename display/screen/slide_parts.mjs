// What slides and the ticker look like.
import { html } from "/faces/vendor/html.mjs";

/** @type {Record<string, [zh: string, en: string]>} */
const KINDS = {
  notices: ["公告", "Notice"],
  items: ["办事公开", "Services"],
  leader: ["值班领导", "On duty today"],
  staff: ["服务监督牌", "Our staff"],
  ratings: ["评价公示", "Ratings"],
};

/** One page of a slide. @param {any} slide */
export function SlidePage({ key, kind, mark, title, long, facts, text, leader, cards, ratings }) {
  const [zh, en] = KINDS[kind];
  return html`
    <div key=${key} class=${`slide ${kind}`}>
      <p class="kind"><strong>${zh}</strong> <span lang="en">${en}</span> ${mark && html`<span class="mark number">${mark}</span>`}</p>
      <div class="told">
        ${text && html`<p class="notice">${text}</p>`}
        ${title && html`<h2 class=${long ? "title long" : "title"}>${title}</h2>`}
        ${facts && html`<dl class="facts">${facts.map(Fact)}</dl>`}
        ${leader && html`<${LeaderCard} ...${leader} />`}
        ${cards && html`<ul class="cards">${cards.map(StaffCard)}</ul>`}
        ${ratings && html`<${Ratings} ...${ratings} />`}
      </div>
    </div>`;
}

/** @param {import("./folding.mjs").Fact} fact */
function Fact([label, value]) {
  return html`<div key=${label}><dt>${label}</dt><dd>${value}</dd></div>`;
}

/** @param {any} leader */
function LeaderCard({ name, position, tel, long }) {
  return html`
    <div class="leader">
      <p class=${long ? "name long" : "name"}>${name}</p>
      ${position && html`<p class="position">${position}</p>`}
      ${tel && html`<p class="tel"><span>电话</span> <b class="number">${tel}</b></p>`}
    </div>`;
}

/** @param {any} card */
function StaffCard({ window, name, staff_no: staffNo, position, badges, photo }) {
  return html`
    <li key=${window}>
      <b class="at number">${window}<span>窗口</span></b>
      ${photo && html`<img src=${`/photos/${photo}`} alt="" />`}
      <div>
        <p class="name">${name || position}</p>
        <p class="post">${staffNo && html`<span>工号 <b class="number">${staffNo}</b></span>`} ${name && position}</p>
        ${badges.length > 0 && html`<p class="badges">${badges.map((/** @type {string} */ one) => html`<span key=${one}>${one}</span>`)}</p>`}
      </div>
    </li>`;
}

/** The share of the content never stands without those of who rated and who did not. @param {any} figures */
function Ratings({ from_day: from, to_day: to, asked, rated, good_permille: good, rated_permille: active, unrated_permille: none, closed_permille: closed }) {
  return html`
    <div class="shares">
      <dl>
        <${Share} name="好评率" en="of raters, content" permille=${good} />
        <${Share} name="主动评价率" en="rated" permille=${active} />
        <${Share} name="未评率" en="did not rate" permille=${none} />
      </dl>
      <p><span>${monthDay(from)}至${monthDay(to)}</span> <span class="counts">应评 ${asked} 件，已评 ${rated} 件</span>
        ${closed != null && html` <span class="counts">此前八周差评办结率 ${(closed / 10).toFixed(1)}%</span>`}</p>
    </div>`;
}

/** @param {{name: string, en: string, permille: number}} props */
function Share({ name, en, permille }) {
  return html`<div><dt>${name} <span lang="en">${en}</span></dt><dd class="number">${(permille / 10).toFixed(1)}<span>%</span></dd></div>`;
}

/** @param {string} day 2026-11-22 */
function monthDay(day) {
  const [, month, date] = day.split("-");
  return `${Number(month)}月${Number(date)}日`;
}

/** `seconds` for one way across, 0 to stand still. @param {{text: string, seconds: number}} props */
export function Ticker({ text, seconds }) {
  return html`
    <div class="ticker">
      <p key=${text} class=${seconds ? "rolls" : ""} style=${seconds ? { animationDuration: `${seconds}s` } : {}}>${text}</p>
    </div>`;
}
