// What a reply carries beside its text: links, cards, quick replies, thumbs.

import { el } from "./dom.js";
import { icon, picture } from "./draw.js";
import { say } from "./words.js";

const address = /https?:\/\/[^\s<>"'，。；！？、）】》]+[^\s<>"'，。；！？、）】》.,;:!?)\]]/g;

/** Text with its addresses as links. */
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const { 0: href, index } of text.matchAll(address)) {
    parts.push(text.slice(end, index), el("a", { href, target: "_blank", rel: "noopener noreferrer" }, href));
    end = index + href.length;
  }
  return [...parts, text.slice(end)];
}

/** An address that is safe to follow, made whole; undefined for any other. */
function safe(address, base) {
  if (!address) return undefined;
  try {
    const url = new URL(address, base);
    return ["https:", "http:"].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

export function money({ amount, currency }, locale) {
  try {
    return new Intl.NumberFormat(locale, { style: "currency", currency }).format(amount);
  } catch {
    return `${amount} ${currency}`; // a unit that is no currency
  }
}

/** A card's price, which may be that of its cheapest variant. */
export const price = (c, locale) => (c.from ? say(locale, "from", { price: money(c.price, locale) }) : money(c.price, locale));

const mostValues = 4; // of an option, on a card

/** What a card's product comes in: "green, blue · 500 ml". */
export const options = (c, locale) => (c.options ?? []).map(({ values }) =>
  values.slice(0, mostValues).join(say(locale, "comma")) + (values.length > mostValues ? ` +${values.length - mostValues}` : "")).join(" · ");

/** Products side by side; whoever has no mouse scrolls with the arrow keys. */
export function cards(list, locale, base) {
  return el("div", { class: "cards", role: "group", "aria-label": say(locale, "cards"), tabindex: "0" }, el("ul", {}, list.map((c) => card(c, locale, base))));
}

/** A product. Pictures are addressed from the server, links from the page. */
function card(c, locale, base) {
  const src = safe(c.image, base), href = safe(c.url, document.baseURI);
  const drawn = () => picture(c.product, c.title);
  const image = src ? el("img", { src, alt: "", loading: "lazy", decoding: "async", referrerpolicy: "no-referrer",
    onerror: () => image.replaceWith(drawn()) }) : drawn();
  return el("li", { class: "card" }, el(href ? "a" : "div", href ? { href, target: "_top" } : {},
    el("span", { class: "picture" }, image),
    el("span", { class: "title" }, c.title),
    c.options?.length && el("span", { class: "options" }, options(c, locale)),
    el("span", { class: "price" }, price(c, locale)),
    !c.available && el("span", { class: "out" }, say(locale, "out")),
    c.why && el("span", { class: "why" }, c.why)));
}

/** Answers to choose from. */
export function choices(list, locale, take) {
  return el("div", { class: "choices", role: "group", "aria-label": say(locale, "choices") },
    list.map((choice) => el("button", { type: "button", class: "chip", onclick: () => take(choice) }, choice.label)));
}

/** Thumbs: 5 for up, 1 for down. */
export function thumbs(locale, rate) {
  const button = (word, drawn, rating) => el("button", { type: "button", class: "icon-button small", "aria-label": say(locale, word), title: say(locale, word),
    "aria-pressed": "false", "data-rating": rating, onclick: () => rate(rating) }, icon(drawn));
  return el("div", { class: "rate", role: "group", "aria-label": say(locale, "helpful") }, button("up", "up", 5), button("down", "thumbdown", 1));
}
