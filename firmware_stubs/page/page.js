// The stub's by-hand page: a picture of the state that /events sends, and switches that post back.

const KINDS = { printer: "小票打印机", evaluator: "评价器", ledbar: "LED 条屏", keypad: "USB 键盘" };
const FAULTS = {
  paper_out: "缺纸", paper_low: "纸将尽", cover_open: "开盖", cutter: "切刀故障", offline: "脱机", mute: "不应答",
  no_fence: "不支持完成应答", slow: "慢速 960 B/s", garbage: "乱码", unplug: "拔线", noise: "干扰", loss: "丢帧 30%",
  duplicate: "重复帧",
};
const KEYS = { satisfied: "满意", basically_satisfied: "基本满意", dissatisfied: "不满意" };
const ON = { slow: 960, loss: 0.3 };
const SHOWN = {
  online: "联机", printing: "打印中", buffered: "缓冲字节", papers: "出票数", address: "地址", prompting: "请评价灯",
  thanking: "谢谢灯", beeps: "鸣叫", digits: "数码管", stars: "星级", pending: "待应答", last_acked: "最近已应答", text: "显示内容",
};
const PAPERS_SHOWN = 12;

function node(tag, props = {}, ...children) {
  const made = Object.assign(document.createElement(tag), props);
  made.append(...children);
  return made;
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  if (!answer.ok) tell((await answer.json()).detail, true);
}

function tell(text, lost) {
  const link = document.getElementById("link");
  link.textContent = text;
  link.classList.toggle("lost", lost);
}

function word(value) {
  if (value === true) return "是";
  if (value === false || value === null || value === "") return "–";
  return KEYS[value] ?? String(value);
}

function faultButton(device, name) {
  const on = Boolean(device.faults[name]);
  const button = node("button", { type: "button" }, FAULTS[name] ?? name);
  button.setAttribute("aria-pressed", String(on));
  button.onclick = () => post("fault", { device: device.index, name, value: on ? false : ON[name] ?? true });
  return button;
}

function keyButton(device, key) {
  const button = node("button", { type: "button", className: "key" }, KEYS[key] ?? key);
  button.onclick = () => post("press", { device: device.index, key });
  return button;
}

function card(device, version) {
  const where = device.pty ?? device.tcp ?? device.evdev;
  const facts = Object.keys(SHOWN).filter((name) => name in device);
  const made = node("section", { className: "device" }, node("h2", {}, `${KINDS[device.kind]} ${device.index}`));
  made.append(node("code", {}, where));
  if (device.plugged === false) made.append(node("p", { className: "alert" }, "线已拔出 unplugged"));
  if (device.kind === "ledbar") {
    made.append(node("img", { className: "bar", alt: device.text, src: `bar/${device.index}.png?${version}` }));
  }
  made.append(node("ul", { className: "shown" }, ...facts.map((f) => node("li", {}, `${SHOWN[f]}：${word(device[f])}`))));
  if (device.keys.length) {
    made.append(node("h3", {}, "按键"), node("div", { className: "row" }, ...device.keys.map((k) => keyButton(device, k))));
  }
  const faults = Object.keys(device.faults);
  if (faults.length) {
    made.append(node("h3", {}, "故障"), node("div", { className: "row" }, ...faults.map((f) => faultButton(device, f))));
  }
  return made;
}

let newest = 0;

async function showPapers(count) {
  if (count === newest) return;
  newest = count;
  const { papers } = await (await fetch("papers")).json();
  const figures = papers.slice(0, PAPERS_SHOWN).map((paper) =>
    node("figure", {},
      node("img", { src: `paper/${paper.no}.png`, alt: paper.lines.join(" ") }),
      node("figcaption", {}, `第 ${paper.no} 张 ${paper.complete ? "完整" : "不完整 incomplete"}`)));
  document.getElementById("roll").replaceChildren(...figures);
  document.getElementById("papers").hidden = false;
}

function show(state) {
  document.getElementById("kind").textContent = `${KINDS[state.kind]}（虚拟设备）`;
  document.getElementById("devices").replaceChildren(...state.devices.map((device) => card(device, state.version)));
  if (state.kind === "printer") showPapers(state.devices[0].papers);
}

const events = new EventSource("events");
events.onmessage = (message) => {
  tell("已连接 connected", false);
  show(JSON.parse(message.data));
};
events.onerror = () => tell("连接中断 disconnected", true);
