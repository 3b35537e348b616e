// The conversation as a text file.

import { say } from "./words.js";

/** @param events the journal, as protocol events */
export function transcript(events, { shop, locale }) {
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const word = (name, values) => say(locale, name, values);
  const line = {
    utterance: (e) => [e.role === "agent" ? e.agent || word("person") : word("you"), e.text || e.choice],
    reply: (e) => [word("bot"), [e.text, ...e.cards.map((c) => `  - ${c.title} · ${c.price.amount} ${c.price.currency}`)].join("\n")],
  };
  const said = events.filter((e) => line[e.kind]).map((e) => {
    const [who, text] = line[e.kind](e);
    return `[${time.format(new Date(e.at))}] ${word("says", { who })} ${text}`;
  });
  return [shop, "", ...said, ""].join("\n");
}

/** Hands a text to the shopper as a file. */
export function download(text, name, document) {
  const href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
