// The list of conversations: those who wait first.

import { $, el, keep } from "./dom.js";
import { ago, languageOf, say } from "./words.js";

/** nameOf is who writes in a conversation, as far as it is known. */
export function nameOf(c) {
  return c.customer ? say("customer", c.customer, c.verified) : say("visitor", c.conversation.slice(0, 5));
}

const groups = [
  { key: "waiting", none: "nobodyWaits", of: (list) => list.held.filter((c) => c.owner === "queue") },
  { key: "mine", none: "noneMine", of: (list, me) => list.held.filter((c) => c.owner === "agent" && c.agent === me) },
  { key: "others", none: "", of: (list, me) => list.held.filter((c) => c.owner === "agent" && c.agent !== me) },
  { key: "bot", none: "noneBot", of: (list) => list.open },
];

/** showList draws the list. read has the offsets up to which conversations were read. */
export function showList(list, { me, chosen, read, open }) {
  const focused = document.activeElement?.dataset.conversation; // a row that moves to another group is made anew there
  const shown = groups.map((g) => ({ ...g, items: g.of(list, me) })).filter((g) => g.items.length || g.none);
  keep($("talks"), shown, (g) => g.key, () => el("section", {}, el("h2"), el("p", { class: "empty" }), el("ul")), (node, g) => {
    const [title, empty, ul] = node.children;
    title.textContent = g.items.length ? say("counted", say(g.key), g.items.length) : say(g.key);
    empty.textContent = g.none ? say(g.none) : "";
    empty.hidden = g.items.length > 0;
    keep(ul, g.items, (c) => c.conversation, () => el("li", {}, row()), (li, c) => fill(li.firstChild, c));
  });

  if (focused && document.activeElement?.dataset.conversation !== focused) {
    [...$("talks").querySelectorAll(".row")].find((r) => r.dataset.conversation === focused)?.focus();
  }

  function row() {
    const button = el("button", { type: "button", class: "row" }, el("span", { class: "name" }), el("span", { class: "age" }),
      el("span", { class: "last" }), el("span", { class: "tag" }));
    button.addEventListener("click", () => open(button.dataset.conversation));
    return button;
  }

  function fill(button, c) {
    button.dataset.conversation = c.conversation;
    button.classList.toggle("queue", c.owner === "queue");
    const [name, age, last, tag] = button.children;
    const unread = c.owner === "agent" && c.agent === me && c.last?.role === "shopper" && (read.get(c.conversation) ?? 0) < c.offset;
    name.textContent = (unread ? "● " : "") + nameOf(c);
    name.classList.toggle("unread", unread);
    age.textContent = ago(c.owner === "bot" ? c.last?.at ?? c.began : c.since);
    last.textContent = words(c.last, me);
    const parts = [languageOf(c.locale)];
    if (c.owner === "queue" && c.position) parts.unshift(say("place", c.position));
    if (c.owner === "agent" && c.agent !== me) parts.unshift(c.agent);
    tag.textContent = parts.join(" · ");
    if (c.conversation === chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function words(last) {
  if (!last) return "";
  const who = { shopper: "", bot: say("botName") + ": ", agent: "→ " }[last.role];
  return who + last.text;
}

/** arrows moves focus through the list by the arrow keys, Home and End. */
export function arrows(event) {
  const rows = [...$("talks").querySelectorAll(".row")];
  const at = rows.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  rows[Math.min(Math.max(to, 0), rows.length - 1)].focus();
}
