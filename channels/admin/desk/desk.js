// The desk: who is there, what waits, and one conversation at a time.

import { showCalls } from "./calls.js";
import { $, el } from "./dom.js";
import { arrows, showList } from "./list.js";
import * as talk from "./talk.js";
import { Refused, get, listen } from "./wire.js";
import { say, speak, spoken } from "./words.js";

let shops = [];
let shop = null;
let me = localStorage.getItem("desk.name") ?? "";
let list = { held: [], open: [], agents: [], callbacks: 0 };
let source = null;
let waiting = 0;
let away = 0; // when the connection was lost, 0: it is there
const read = new Map(); // conversation → offset read

talk.prepare({
  shop: () => shop.id,
  me: () => me,
  agents: () => list.agents,
  failed,
  read(conversation, offset) {
    read.set(conversation, offset);
  },
});

/** words puts the page into its language. */
function words() {
  document.documentElement.lang = spoken();
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = say(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(node.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", button.dataset.language === spoken());
  $("back").title = say("back");
  talk.redraw();
  show();
}

/** show draws what depends on the list. */
function show() {
  $("shop-name").textContent = shop ? shop.name[spoken()] ?? shop.name.en ?? Object.values(shop.name)[0] ?? shop.id : "";
  $("there").textContent = say("there", list.agents);
  $("me").textContent = me ? say("me", me) : "";
  $("tab-calls").textContent = say("callbacks", list.callbacks);
  showList(list, { me, chosen: talk.current(), read, open: choose });
  talk.update([...list.held, ...list.open].find((c) => c.conversation === talk.current()));
  talk.showDeeds();
  const n = list.held.filter((c) => c.owner === "queue").length;
  document.title = (n ? `(${n}) ` : "") + say("desk");
  if (n > waiting) $("news").textContent = say("newWaiting", n);
  waiting = n;
}

function choose(conversation) {
  talk.open(conversation, [...list.held, ...list.open].find((c) => c.conversation === conversation));
  document.querySelector("main").classList.add("reading");
  show();
}

function leave() {
  const last = talk.current();
  talk.close();
  document.querySelector("main").classList.remove("reading");
  show();
  const row = [...document.querySelectorAll(".row")].find((r) => r.dataset.conversation === last);
  (row ?? document.querySelector(".row") ?? $("tab-talks")).focus();
}

function tab(calls) {
  $("talks").hidden = calls;
  $("calls").hidden = !calls;
  $("tab-talks").setAttribute("aria-pressed", !calls);
  $("tab-calls").setAttribute("aria-pressed", calls);
  if (calls) drawCalls();
}

function drawCalls() {
  if (!$("calls").hidden) showCalls({ shop: shop.id, me, open: choose, failed });
}

/** failed tells what went wrong, for a while. */
function failed(error) {
  trouble(error instanceof Refused ? say("refused", error.message) : error.message);
  clearTimeout(failed.timer);
  failed.timer = setTimeout(() => trouble(away ? say("lost") : ""), 8000);
}

function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
}

/** sitDown opens a shop's desk under the agent's name; the open connection is the presence. */
function sitDown() {
  source?.close();
  talk.close();
  list = { held: [], open: [], agents: [], callbacks: 0 };
  let calls = -1;
  source = listen("live", { shop: shop.id, agent: me }, {
    list(now) {
      list = now;
      show();
      if (calls !== list.callbacks) drawCalls();
      calls = list.callbacks;
    },
  }, (there) => {
    if (there) {
      if (away) trouble("");
      away = 0;
    } else if (!away) {
      away = Date.now();
      setTimeout(() => away && trouble(say("lost")), 2000); // the browser comes again at once, mostly
    }
  });
  words();
}

function askName() {
  $("name").value = me;
  $("who").showModal();
  $("name").select();
}

$("who-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("name").value.trim();
  if (!name) return;
  me = name;
  localStorage.setItem("desk.name", me);
  $("who").close();
  sitDown();
});
$("who").addEventListener("cancel", (event) => me || event.preventDefault());
$("me").addEventListener("click", askName);
$("back").addEventListener("click", leave);
$("tab-talks").addEventListener("click", () => tab(false));
$("tab-calls").addEventListener("click", () => tab(true));
$("talks").addEventListener("keydown", arrows);
document.addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && talk.current() && !document.querySelector("dialog[open]") && leave());
$("shop").addEventListener("change", () => {
  shop = shops.find((s) => s.id === $("shop").value);
  localStorage.setItem("desk.shop", shop.id);
  sitDown();
});
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    speak(button.dataset.language);
    words();
    drawCalls();
  });
}
setInterval(show, 15000); // ages grow

words();
try {
  shops = await get("shops");
  shop = shops.find((s) => s.id === localStorage.getItem("desk.shop")) ?? shops[0];
  $("shop").replaceChildren(...shops.map((s) => el("option", { value: s.id }, s.name.en ?? s.id)));
  $("shop").value = shop.id;
  $("shop").hidden = shops.length < 2;
  words();
  if (me) sitDown();
  else askName();
} catch (error) {
  failed(error);
}
