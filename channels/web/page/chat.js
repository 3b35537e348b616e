// A plain chat page over the protocol floorwalker.v1: sends what is typed, shows events in
// order, and resumes from the last offset when the connection was lost.

const words = {
  en: { send: "Send", message: "Message", offline: "Connection lost; trying again…", closed: "The chat is closed. Reload the page to try again.", typing: "The assistant is writing…",
    queue: "You are in the queue for a person.", agent: "A person has joined.", bot: "The assistant is back.",
    out: "not available", again: "The message was not sent: " },
  zh: { send: "发送", message: "消息", offline: "连接断开，正在重连…", closed: "聊天已关闭，请刷新页面重试。", typing: "助手正在输入…",
    queue: "您正在排队等候人工客服。", agent: "人工客服已加入。", bot: "助手继续为您服务。",
    out: "缺货", again: "消息没有发出：" },
};

const $ = (id) => document.getElementById(id);
const shop = await (await fetch("shop.json")).json();
const preferred = navigator.languages.map((l) => l.slice(0, 2)).find((l) => shop.locales.includes(l));
let locale = new URLSearchParams(location.search).get("locale") ?? preferred ?? shop.locales[0];
let socket, place, waits = 0;
const pending = new Map(); // id → frame, until accepted
const bubbles = new Map(); // id → element of an own message
const key = () => `floorwalker/${shop.id}/${locale}`;
const say = (word) => (words[locale.slice(0, 2)] ?? words.en)[word];

function setLocale(to) {
  locale = to;
  place = JSON.parse(sessionStorage.getItem(key()) ?? "null");
  document.documentElement.lang = locale;
  $("name").textContent = document.title = shop.name?.[locale] ?? shop.name?.en ?? shop.id;
  $("notice").textContent = shop.notices?.[locale] ?? "";
  $("send").textContent = say("send");
  $("label").textContent = $("text").placeholder = say("message");
  $("locales").replaceChildren(...shop.locales.map((l) => {
    const b = document.createElement("button");
    b.textContent = new Intl.DisplayNames([l], { type: "language" }).of(l);
    b.lang = l;
    b.setAttribute("aria-pressed", l === locale);
    b.onclick = () => l !== locale && setLocale(l);
    return b;
  }));
  $("log").replaceChildren();
  bubbles.clear();
  pending.clear();
  connect();
}

function connect() {
  socket?.close();
  const ws = socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/chat`, "floorwalker.v1");
  ws.onopen = () => ws.send(JSON.stringify({ type: "hello", shop: shop.id, locale,
    ...(place && { conversation: place.conversation, secret: place.secret,
      ...(place.shown && { resume: { epoch: place.epoch, offset: place.offset } }) }) }));
  ws.onmessage = (m) => ws === socket && take(JSON.parse(m.data));
  ws.onclose = (e) => {
    if (ws !== socket) return;
    if (e.code === 1008) { // the place is not ours, or no page is welcome
      const had = place;
      sessionStorage.removeItem(key());
      place = null;
      if (had) return connect();
      $("status").textContent = say("closed");
      return;
    }
    $("status").textContent = say("offline");
    setTimeout(() => ws === socket && connect(), Math.min(10000, 500 * 2 ** waits++) * (0.5 + Math.random()));
  };
}

const take = (f) => ({ welcome, accepted, event, error,
  typing: () => { $("status").textContent = say("typing"); },
  delta: () => {} })[f.type]?.(f);

function welcome(f) {
  waits = 0;
  $("status").textContent = "";
  if (f.reset) { // all comes again
    bubbles.forEach((b, id) => pending.has(id) || (b.remove(), bubbles.delete(id)));
    $("log").replaceChildren(...bubbles.values());
  }
  place = { conversation: f.conversation, secret: f.secret ?? place?.secret, epoch: f.epoch,
    offset: place?.shown && !f.reset ? place.offset : 0, shown: true };
  keep();
  for (const frame of pending.values()) socket.send(JSON.stringify(frame));
}

// keep remembers the place for a reload of the page, which then wants all events again.
const keep = () => sessionStorage.setItem(key(), JSON.stringify({ ...place, shown: false }));

function accepted(f) {
  pending.delete(f.id);
  bubbles.get(f.id)?.classList.remove("waiting");
}

function error(f) {
  if (f.id && pending.has(f.id) && f.retry_after_ms) {
    setTimeout(() => pending.has(f.id) && socket.send(JSON.stringify(pending.get(f.id))), f.retry_after_ms);
    return;
  }
  pending.delete(f.id);
  $("status").textContent = say("again") + f.message;
}

function event(f) {
  if (f.offset <= place.offset) return;
  place.offset = f.offset;
  keep();
  ({
    utterance: () => bubbles.has(f.id) && f.role === "shopper" ? accepted(f) : bubbles.set(f.id, bubble(f.role, f.text || f.choice)),
    reply: () => { $("status").textContent = ""; reply(f); },
    state: () => bubble("note", say(f.owner)),
  })[f.kind]?.();
}

function bubble(kind, text) {
  const li = document.createElement("li");
  li.className = kind;
  li.textContent = text;
  $("log").append(li);
  li.scrollIntoView({ block: "end" });
  return li;
}

function reply(f) {
  const li = bubble("bot", f.text);
  li.lang = f.language;
  document.querySelectorAll(".choices").forEach((c) => c.remove());
  if (f.cards.length) li.append(row("cards", f.cards.map(card)));
  if (f.choices.length) li.append(row("choices", f.choices.map(choice)));
  li.scrollIntoView({ block: "end" });
}

function row(name, children) {
  const div = document.createElement("div");
  div.className = name;
  div.append(...children);
  return div;
}

function card(c) {
  const div = row("card", []);
  const title = document.createElement("b");
  title.textContent = c.title;
  const price = new Intl.NumberFormat(locale, { style: "currency", currency: c.price.currency }).format(c.price.amount);
  div.append(title, c.available ? price : `${price} · ${say("out")}`);
  return div;
}

function choice(c) {
  const b = document.createElement("button");
  b.type = "button";
  b.textContent = c.label;
  b.onclick = () => { b.parentElement.remove(); send({ type: "choose", choice: c.value, text: c.label }); };
  return b;
}

function send(frame) {
  frame.id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join(""); // randomUUID needs https
  pending.set(frame.id, frame);
  const li = bubble("shopper", frame.text);
  li.classList.add("waiting");
  bubbles.set(frame.id, li);
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

const text = $("text");
$("form").onsubmit = (e) => {
  e.preventDefault();
  const said = text.value.trim();
  if (!said) return;
  text.value = "";
  text.style.height = "";
  send({ type: "message", text: said });
};
text.onkeydown = (e) => {
  if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); $("form").requestSubmit(); }
};
let typed = 0;
text.oninput = () => {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
  if (Date.now() - typed > 1000 && socket.readyState === WebSocket.OPEN && text.value) {
    typed = Date.now();
    socket.send(JSON.stringify({ type: "typing" }));
  }
};
setLocale(shop.locales.includes(locale) ? locale : shop.locales[0]);
