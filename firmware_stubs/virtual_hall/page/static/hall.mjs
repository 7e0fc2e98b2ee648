// The virtual hall's page: shows what the stubs say of themselves, and passes presses and faults on to them.

const FAULTS = { paper_out: "缺纸", paper_low: "纸将尽", cover_open: "开盖", unplug: "拔线", slow: "走纸慢", garbage: "线路乱码", mute: "不应答" };
const ON = { slow: 300 };
const PAPERS_SHOWN = 2;

/** @param {string} path @param {object} [body] */
async function post(path, body = {}) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json", "X-Jiaohao-Hall": "1" }, body: JSON.stringify(body),
  });
  if (!answer.ok) notice((await answer.json().catch(() => ({}))).detail ?? "没有成功，请再试一次。");
  return answer;
}

let hiding = 0;
/** @param {string} text */
function notice(text) {
  const place = $("#notice");
  place.textContent = text;
  place.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { place.hidden = true; }, 4000);
}

/** @param {string} selector @param {ParentNode} [within] @returns {HTMLElement} */
function $(selector, within = document) {
  return /** @type {HTMLElement} */ (within.querySelector(selector));
}

/** @param {string} selector @param {ParentNode} [within] @returns {HTMLElement[]} */
function $$(selector, within = document) {
  return [...within.querySelectorAll(selector)].map((node) => /** @type {HTMLElement} */ (node));
}

/** A face keeps its real size inside and is scaled to the room it has. @param {HTMLElement} box */
function fit(box) {
  const width = Number(box.dataset.width), height = Number(box.dataset.height);
  const frame = $("iframe", box);
  frame.style.width = `${width}px`;
  frame.style.height = `${height}px`;
  const scale = box.clientWidth / width;
  frame.style.transform = `scale(${scale})`;
  box.style.height = `${height * scale + 16}px`;
}

/** @param {string} kind @param {(state: any) => void} show @param {() => void} lost */
function follow(kind, show, lost) {
  const events = new EventSource(`/stub/${kind}/events`);
  events.onmessage = (message) => show(JSON.parse(message.data));
  events.onerror = lost;
}

/** @param {any} printer */
function printerWords(printer) {
  const faults = Object.keys(FAULTS).filter((name) => printer.faults[name]).map((name) => FAULTS[name]);
  if (faults.length) return `故障：${faults.join("、")}`;
  return printer.printing ? "正在打印… printing" : "就绪 ready";
}

let papers = -1;
/** @param {number} count */
async function showPaper(count) {
  if (count === papers) return;
  papers = count;
  if (count === 0) return;
  const list = (await (await fetch("/stub/printer/papers")).json()).papers.slice(0, PAPERS_SHOWN);
  const shown = list.flatMap((/** @type {any} */ paper) => {
    const image = document.createElement("img");
    image.src = `/stub/printer/paper/${paper.no}.png`;
    image.alt = paper.lines.join(" ");
    if (paper.complete) return [image];
    const torn = document.createElement("p");
    torn.className = "torn";
    torn.textContent = "这一张不完整 incomplete";
    return [torn, image];
  });
  $("#paper").replaceChildren(...shown);
}

/** @param {any} state */
function showPrinter(state) {
  const [printer] = state.devices;
  $("#printer-state").textContent = printerWords(printer);
  for (const button of $$("#printer-faults button")) {
    button.setAttribute("aria-pressed", String(Boolean(printer.faults[button.dataset.name ?? ""])));
  }
  showPaper(printer.papers);
}

/** @param {HTMLElement} card @param {string} kind @param {any} device */
function showSwitches(card, kind, device) {
  for (const button of $$(`[data-fault^="${kind}:"]`, card)) {
    const name = (button.dataset.fault ?? "").split(":")[1];
    button.setAttribute("aria-pressed", String(Boolean(device.faults[name])));
  }
}

/** @param {any} device @returns {[string, string]} */
function lamp(device) {
  if (!device.plugged) return ["away", "已拔线 unplugged"];
  if (device.thanking) return ["thanks", "谢谢您的评价 thank you"];
  if (device.prompting) return ["on", "请您评价 please rate"];
  return ["", "待机 idle"];
}

/** @param {any} state */
function showEvaluators(state) {
  for (const card of $$(".strip article")) {
    const device = state.devices[Number(card.dataset.index)];
    const [look, words] = lamp(device);
    $(".lamp", card).className = `lamp ${look}`;
    $(".lamp", card).textContent = words;
    showSwitches(card, "evaluator", device);
  }
}

/** @param {any} state */
function showBars(state) {
  for (const card of $$(".strip article")) {
    const device = state.devices[Number(card.dataset.index)];
    const image = /** @type {HTMLImageElement} */ ($(".bar", card));
    const source = `/stub/ledbar/bar/${device.index}.png?text=${encodeURIComponent(device.text)}`;
    if (image.getAttribute("src") !== source) image.src = source;
    image.alt = `条屏：${device.text}`;
    showSwitches(card, "ledbar", device);
  }
}

/** @param {HTMLElement} button */
function pressed(button) {
  return button.getAttribute("aria-pressed") === "true";
}

function layFaults() {
  const buttons = Object.entries(FAULTS).map(([name, words]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.name = name;
    button.textContent = words;
    button.setAttribute("aria-pressed", "false");
    button.onclick = () => post("/stub/printer/fault", { device: 0, name, value: pressed(button) ? false : ON[/** @type {"slow"} */ (name)] ?? true });
    return button;
  });
  $("#printer-faults").replaceChildren(...buttons);
}

function layWindows() {
  for (const card of $$(".strip article")) {
    const device = Number(card.dataset.index);
    for (const button of $$("[data-key]", card)) {
      button.onclick = () => post("/stub/evaluator/press", { device, key: button.dataset.key });
    }
    for (const button of $$("[data-fault]", card)) {
      const [kind, name] = (button.dataset.fault ?? "").split(":");
      button.onclick = () => post(`/stub/${kind}/fault`, { device, name, value: !pressed(button) });
    }
  }
}

async function layVisitors() {
  const button = $("#visitors");
  const show = (/** @type {boolean} */ on) => {
    button.setAttribute("aria-pressed", String(on));
    $("b", button).textContent = on ? "开 on" : "关 off";
  };
  button.onclick = async () => {
    button.setAttribute("disabled", "");
    const answer = await post("/visitors", { on: !pressed(button) });
    button.removeAttribute("disabled");
    if (answer.ok) show((await answer.json()).visitors);
  };
  show((await (await fetch("/state")).json()).visitors);
}

function layKills() {
  for (const button of $$("[data-kill]")) {
    button.onclick = async () => {
      await post(`/kill/${button.dataset.kill}`);
      notice("已断电（kill -9），正在重启… Power cut, starting again…");
    };
  }
}

async function openConsole() {
  await post("/sign-in");
  /** @type {HTMLIFrameElement} */ ($("#console")).src = `${document.body.dataset.server}/console`;
}

layFaults();
layWindows();
layKills();
layVisitors();
openConsole();
for (const box of $$(".scaled")) new ResizeObserver(() => fit(box)).observe(box);
follow("printer", showPrinter, () => { $("#printer-state").textContent = "已断开 disconnected"; });
follow("evaluator", showEvaluators, () => {});
follow("ledbar", showBars, () => {});
