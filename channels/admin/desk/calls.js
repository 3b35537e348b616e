// Call-backs: who wants to hear from a person.

import { $, el } from "./dom.js";
import { get, post } from "./wire.js";
import { ago, say } from "./words.js";

/** showCalls reads and draws the call-backs. */
export async function showCalls({ shop, me, open, failed }) {
  let lists;
  try {
    lists = await Promise.all(["open", "done"].map((state) => get("callbacks", { shop, state })));
  } catch (error) {
    return failed(error);
  }
  const again = () => showCalls({ shop, me, open, failed });
  const mark = async (c, state) => {
    try {
      await post(`callbacks/${c.id}`, { shop, agent: me, state });
    } catch (error) {
      failed(error);
    }
    await again();
    ($("calls").querySelector("button") ?? $("tab-calls")).focus();
  };
  const [waiting, done] = lists;
  const section = (title, none, items, make) =>
    el("section", {}, el("h2", {}, title), items.length ? el("ul", {}, ...items.map((c) => el("li", { class: "call" }, ...make(c)))) : el("p", { class: "empty" }, none));
  const about = (c) => [
    el("b", {}, c.contact),
    el("p", {}, [c.customer && say("customer", c.customer, true), ago(c.created_at), c.note].filter(Boolean).join(" · ")),
  ];
  const read = (c) => el("button", { type: "button", onclick: () => open(c.conversation) }, say("read"));
  $("calls").replaceChildren(
    section(say("openCalls"), say("noCalls"), waiting, (c) => [...about(c),
      el("div", {}, el("button", { type: "button", class: "strong", onclick: () => mark(c, "done") }, say("done")), read(c))]),
    section(say("doneCalls"), say("noDone"), done.reverse().slice(0, 50), (c) => [...about(c), el("p", {}, say("doneBy", c.done_by ?? "")),
      el("div", {}, el("button", { type: "button", onclick: () => mark(c, "open") }, say("reopen")), read(c))]),
  );
}
