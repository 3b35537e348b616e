// One conversation: what was said, and what can be done with it.

import { $, el } from "./dom.js";
import { nameOf } from "./list.js";
import { Refused, freshID, listen, post } from "./wire.js";
import { clock, done, languageOf, money, reason, say } from "./words.js";

let desk; // shop(), me(), agents(), read(conversation, offset), failed(error)
let head = null; // the conversation's standing
let items = []; // events and notes, in the order they are shown
let source = null;
let pending = null; // what was sent and not taken yet: {id, text, note}
let typed = 0;
let hideTyping;

export function prepare(d) {
  desk = d;
  $("take").addEventListener("click", () => act("take"));
  $("release").addEventListener("click", () => act("release"));
  $("pass").addEventListener("click", passOn);
  $("passing-no").addEventListener("click", () => $("passing").close());
  $("form").addEventListener("submit", send);
  $("as-note").addEventListener("change", showDeeds);
  $("text").addEventListener("input", typing);
  $("text").addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      $("form").requestSubmit();
    }
  });
}

export const current = () => head?.conversation ?? null;

/** open shows a conversation and follows it. */
export function open(conversation, summary) {
  close();
  head = { conversation, owner: "bot", locale: "", ...summary };
  $("nothing").hidden = true;
  $("open").hidden = false;
  $("log").replaceChildren();
  $("as-note").checked = false;
  $("text").value = "";
  redraw();
  source = listen(`conversations/${encodeURIComponent(conversation)}/live`, { shop: desk.shop() }, {
    head(h) {
      head = h;
      if (h.reset) items = [];
      redraw();
    },
    event: add,
    note: (n) => add({ ...n, kind: "note", offset: n.after + 0.001 * n.note }),
    typing: showTyping,
  });
  $("talk-name").focus();
}

export function close() {
  source?.close();
  source = head = pending = null;
  items = [];
  $("open").hidden = true;
  $("nothing").hidden = false;
}

function add(item) {
  const at = items.findIndex((i) => i.offset >= item.offset);
  if (at >= 0 && items[at].offset === item.offset) return; // told again
  if (item.kind === "state") {
    Object.assign(head, { owner: item.owner, agent: item.agent, position: item.position });
    showDeeds();
  }
  const log = $("log");
  const low = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const node = drawn(item);
  if (at < 0) {
    items.push(item);
    log.append(node);
  } else {
    items.splice(at, 0, item);
    log.insertBefore(node, log.children[at]);
  }
  if (low) log.scrollTop = log.scrollHeight;
  if (item.kind !== "note") {
    head.offset = Math.max(head.offset ?? 0, item.offset);
    desk.read(head.conversation, head.offset);
  }
  if (item.kind === "utterance" || item.kind === "reply") showTyping("");
}

/** redraw draws everything anew, in the language of the page. */
export function redraw() {
  if (!head) return;
  $("talk-name").textContent = nameOf(head);
  $("log").replaceChildren(...items.map(drawn));
  showTyping("");
  $("log").scrollTop = $("log").scrollHeight;
  showDeeds();
}

/** update takes over what the list knows newer. */
export function update(summary) {
  if (!head || !summary || summary.offset < (head.offset ?? 0)) return;
  Object.assign(head, { customer: summary.customer, verified: summary.verified, locale: summary.locale });
  $("talk-name").textContent = nameOf(head);
}

/** showDeeds shows who answers, and what this agent can do now. */
export function showDeeds() {
  if (!head) return;
  const mine = head.owner === "agent" && head.agent === desk.me();
  const state = mine ? say("hasMe") : head.owner === "agent" ? say("hasOther", head.agent) : head.owner === "queue" ? say("hasQueue", head.position) : say("hasBot");
  const text = head.locale ? `${state} · ${languageOf(head.locale)}` : state;
  if ($("talk-state").textContent !== text) $("talk-state").textContent = text;
  $("take").hidden = head.owner === "agent";
  $("release").hidden = !(mine || head.owner === "queue");
  $("pass").hidden = !mine;
  const noting = $("as-note").checked;
  $("form").classList.toggle("noting", noting);
  $("text").disabled = $("send").disabled = !mine && !noting;
  $("text-label").textContent = $("text").placeholder = noting ? say("note") : mine ? say("message") : say("takeFirst");
  $("send").textContent = noting ? say("keep") : say("send");
}

/** passOn asks to whom: those who are at the desk, or the queue. */
function passOn() {
  const to = (name, label) => el("button", { type: "button", onclick: () => { $("passing").close(); act("transfer", { to: name }); } }, label);
  $("passing-to").replaceChildren(to("", say("toQueue")), ...desk.agents().filter((name) => name !== desk.me()).map((name) => to(name, name)));
  $("passing").showModal();
}

async function act(what, more = {}) {
  const conversation = head.conversation;
  try {
    await post(`conversations/${encodeURIComponent(conversation)}/${what}`, { shop: desk.shop(), agent: desk.me(), ...more });
    if (what === "take" && current() === conversation) {
      $("text").disabled = false;
      $("text").focus();
    } else if (current() === conversation) {
      $("talk-name").focus(); // the button that was pressed goes
    }
  } catch (error) {
    desk.failed(error);
  }
}

/** send says or notes what is written. What was not taken stays, and keeps its id: sent again, it
 *  is there once. */
async function send(event) {
  event.preventDefault();
  const text = $("text").value.trim(), note = $("as-note").checked, conversation = head?.conversation;
  if (!text || !conversation || $("send").disabled) return;
  if (pending?.text !== text || pending.note !== note) pending = { id: freshID(), text, note };
  $("send").disabled = true;
  try {
    await post(`conversations/${encodeURIComponent(conversation)}/${note ? "note" : "message"}`,
      { shop: desk.shop(), agent: desk.me(), id: pending.id, text });
    if (current() === conversation) {
      pending = null;
      typed = 0;
      $("text").value = "";
      $("as-note").checked = false;
    }
  } catch (error) {
    desk.failed(error instanceof Refused ? error : new Error(say("notSent")));
  }
  showDeeds();
  if (current() === conversation) $("text").focus();
}

function typing() {
  const now = Date.now();
  if ($("as-note").checked || head?.agent !== desk.me() || now - typed < 2000) return;
  typed = now;
  // Nobody misses it if it doesn't arrive.
  post(`conversations/${encodeURIComponent(head.conversation)}/typing`, { shop: desk.shop(), agent: desk.me() }).catch(() => {});
}

function showTyping(role) {
  clearTimeout(hideTyping);
  $("typing").textContent = role === "shopper" ? say("typing") : role === "bot" ? say("botTyping") : "";
  if (role) hideTyping = setTimeout(() => showTyping(""), 4000);
}

/** drawn is an event or note as an entry of the log. */
function drawn(item) {
  const by = (name, ...more) => [el("span", { class: "by" }, `${name} · ${clock(item.at)}`), ...more];
  const entry = (kind, ...content) => el("div", { class: kind }, ...content);
  switch (item.kind) {
    case "utterance":
      if (item.role === "agent") return entry("agent", ...by(item.agent === desk.me() ? say("you") : item.agent, item.text));
      return entry("shopper", ...by(say("shopperName"), item.text || say("chose", item.choice)));
    case "reply":
      return entry("bot", ...by(say("botName"), item.text, cards(item.cards), choices(item.choices)));
    case "note":
      return entry("note", ...by(say("noteBy", item.agent), item.text));
    case "state": {
      const now = { bot: () => say("stateBot"), queue: () => say("stateQueue", item.position), agent: () => say("stateAgent", item.agent) }[item.owner]?.() ?? item.owner;
      const why = reason(item.reason);
      return entry("event", `${now}${why ? ` (${why})` : ""} · ${clock(item.at)}`);
    }
    case "action":
      return entry("event", `${done(item.name, item.record)} · ${clock(item.at)}`);
    case "feedback":
      return entry("event", [say("feedback", item.rating), item.comment].filter(Boolean).join(": "));
    case "closed":
      return entry("event", say("closed"));
  }
  return entry("event", item.kind);
}

function cards(list) {
  if (!list?.length) return "";
  return el("ul", { class: "cards" }, ...list.map((c) => el("li", {}, `${c.title} · ${money(c.price)}`)));
}

function choices(list) {
  return list?.length ? el("span", { class: "choices" }, say("offered", list.map((c) => c.label))) : "";
}
