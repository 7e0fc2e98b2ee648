// The stub's by-hand page: a picture of the state that /events sends, and switches that post back.

const KINDS = { printer: "小票打印机", evaluator: "评价器", ledbar: "LED 条屏", keypad: "USB 键盘", scanner: "扫码器", modem: "短信模块",
  province: "省好差评平台",
};
const FAULTS = {
  paper_out: "缺纸", paper_low: "纸将尽", cover_open: "开盖", cutter: "切刀故障", offline: "脱机", mute: "不应答",
  no_fence: "不支持完成应答", slow: "慢速 960 B/s", garbage: "乱码", unplug: "拔线", noise: "干扰", loss: "丢帧 30%",
  duplicate: "重复帧", no_clear: "不支持清缓冲", wrong_baud: "波特率不符", power_off: "断电", roll: "余纸 200 mm",
  partial: "只收 100 字节", half: "只发一半", delay: "延迟 1 s", no_sim: "无 SIM 卡", pin: "要 PIN", not_registered: "未登记网络", no_signal: "无信号",
  down: "不可达", flapping: "时好时坏", error_500: "一律 500", refuse: "拒收十分之一", lose_answer: "收下但断开",
  no_result: "收下不答复", echo: "关不掉回显", chatter: "夹杂上报", refuse_part: "拒绝下一条", slow_prompt: "提示符慢 2 s",
};
const KEYS = { satisfied: "满意", basically_satisfied: "基本满意", dissatisfied: "不满意", tear: "撕纸", restart: "重启" };
const ON = { slow: 960, loss: 0.3, roll: 200, partial: 100, delay: 1, refuse_part: 1, slow_prompt: 2, flapping: 5, refuse: 10, lose_answer: 1 };
const SHOWN = {
  online: "联机", printing: "打印中", buffered: "缓冲字节", papers: "出票数", address: "地址", prompting: "请评价灯",
  thanking: "谢谢灯", beeps: "鸣叫", digits: "数码管", stars: "星级", pending: "待应答", last_acked: "最近已应答", text: "显示内容",
  last_scan: "最近扫码", stored: "卡内短信", records: "已收评价", waiting_parts: "未到齐分条",
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
  const button = node("button", { type: "button" }, FAULTS[name] ?? name);
  const isOn = () => button.getAttribute("aria-pressed") === "true";
  button.onclick = () => post("fault", { device: device.index, name, value: isOn() ? false : ON[name] ?? true });
  return [button, (now) => button.setAttribute("aria-pressed", String(Boolean(now.faults[name])))];
}

function keyButton(device, key) {
  const button = node("button", { type: "button", className: "key" }, KEYS[key] ?? key);
  button.onclick = () => post("press", { device: device.index, key });
  return button;
}

function scanForm(device) {
  const code = node("input", { type: "text", maxLength: 4000, ariaLabel: "码的内容" });
  const form = node("form", { className: "row" }, code, node("button", { type: "submit", className: "key" }, "扫码"));
  form.onsubmit = (event) => {
    event.preventDefault();
    post("press", { device: device.index, key: code.value });
  };
  return form;
}

function receiveForm(device) {
  const number = node("input", { type: "text", maxLength: 21, value: "+8613800138000", ariaLabel: "发送号码" });
  const text = node("input", { type: "text", maxLength: 2000, ariaLabel: "短信内容" });
  const form = node("form", { className: "row" }, number, text,
    node("button", { type: "submit", className: "key" }, "来短信"));
  form.onsubmit = (event) => {
    event.preventDefault();
    post("receive", { device: device.index, number: number.value, text: text.value });
  };
  return form;
}

function sentList() {
  const list = node("ul", { className: "shown" });
  return [list, (now) => {
    list.replaceChildren(...now.sent.map((each) => node("li", {}, `${each.number}（${each.parts} 条）：${each.text}`)));
  }];
}

function fact(name) {
  const line = node("li");
  return [line, (now) => { line.textContent = `${SHOWN[name]}：${word(now[name])}`; }];
}

function barPicture(device) {
  const picture = node("img", { className: "bar" });
  return [picture, (now) => {
    if (picture.alt === now.text && picture.src) return;
    picture.alt = now.text;
    picture.src = `bar/${device.index}.png?${encodeURIComponent(now.text)}`;
  }];
}

function unpluggedNote() {
  const note = node("p", { className: "alert" }, "线已拔出 unplugged");
  return [note, (now) => { note.hidden = now.plugged !== false; }];
}

// A card is built once and then only updated: a button replaced under a finger would lose the press.
function card(device) {
  const head = [node("h2", {}, `${KINDS[device.kind]} ${device.index}`), node("code", {}, device.pty ?? device.tcp ?? device.evdev)];
  const facts = Object.keys(SHOWN).filter((name) => name in device).map(fact);
  const faults = Object.keys(device.faults).map((name) => faultButton(device, name));
  const note = unpluggedNote();
  const pictures = device.kind === "ledbar" ? [barPicture(device)] : [];
  const nodes = (parts) => parts.map(([made]) => made);
  const made = node("section", { className: "device" }, ...head, ...nodes([note, ...pictures]),
    node("ul", { className: "shown" }, ...nodes(facts)));
  if (device.keys.length) {
    made.append(node("h3", {}, "按键"), node("div", { className: "row" }, ...device.keys.map((key) => keyButton(device, key))));
  }
  if (device.kind === "scanner") made.append(node("h3", {}, "扫码"), scanForm(device));
  const sent = device.kind === "modem" ? [sentList()] : [];
  if (device.kind === "modem") {
    made.append(node("h3", {}, "已发出"), ...nodes(sent), node("h3", {}, "来短信"), receiveForm(device));
  }
  if (faults.length) made.append(node("h3", {}, "故障"), node("div", { className: "row" }, ...nodes(faults)));
  const updates = [note, ...pictures, ...facts, ...faults, ...sent].map(([, update]) => update);
  return { made, update: (now) => updates.forEach((update) => update(now)) };
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

let cards = [];

function show(state) {
  if (!cards.length) {
    document.getElementById("kind").textContent = `${KINDS[state.kind]}（虚拟设备）`;
    cards = state.devices.map(card);
    document.getElementById("devices").append(...cards.map((each) => each.made));
  }
  state.devices.forEach((device, index) => cards[index].update(device));
  if (state.kind === "printer") showPapers(state.devices[0].papers);
}

const events = new EventSource("events");
events.onmessage = (message) => {
  tell("已连接 connected", false);
  show(JSON.parse(message.data));
};
events.onerror = () => tell("连接中断 disconnected", true);
