// The demo page: some of the shop's products, things to try, and a customer to sign in as. The
// chat itself is the widget, embedded as on any other site.

import { options, price } from "./widget/now/parts.js";
import { picture } from "./widget/now/draw.js";
import { el } from "./widget/now/dom.js";
import { language, speak, wording } from "./widget/now/words.js";

const words = {
  en: { title: "Ask us anything", about: "This is a demo shop. The chat in the corner answers from its records: products, prices, stock, orders, and what the shop says about delivery and returns.",
    try: "Things to try", who: "Write as", guest: "A visitor (not signed in)", signed: "You're signed in as {name}.", products: "From the shop", out: "Not available", locales: "Language" },
  zh: { title: "有问题，尽管问", about: "这是一家演示商店。右下角的聊天助手根据店铺数据回答：商品、价格、库存、订单，以及配送和退货说明。",
    try: "可以试试", who: "以谁的身份聊天", guest: "访客（未登录）", signed: "已登录：{name}。", products: "店内商品", out: "暂时缺货", locales: "语言" },
};
const shown = 12;
const $ = (id) => document.getElementById(id);
const chat = new Promise((resolve) => { // the widget tells when it is there
  if (window.floorwalker) resolve(window.floorwalker);
  else addEventListener("floorwalker", (e) => resolve(e.detail), { once: true });
});
const say = (word) => (words[language(locale)] ?? words.en)[word];
const fetched = async (path) => { const r = await fetch(path); return r.ok ? r.json() : null; };

let locale = new URLSearchParams(location.search).get("locale") ?? navigator.languages[0] ?? "en";
document.documentElement.lang = locale; // before the widget looks
const shop = await fetched("shop.json");
await show(speak(shop.locales, [locale, ...navigator.languages]));
chat.then((c) => c.addEventListener("locale", (e) => e.detail.locale !== locale && show(e.detail.locale)));

async function show(to) {
  locale = document.documentElement.lang = to;
  document.title = $("name").textContent = wording(shop.name, locale) || shop.id;
  for (const [id, word] of [["title", "title"], ["about", "about"], ["try-title", "try"], ["products-title", "products"], ["who", "who"]]) $(id).textContent = say(word);
  $("locales").setAttribute("aria-label", say("locales"));
  $("locales").replaceChildren(...shop.locales.map((l) => el("button", { type: "button", lang: l, "aria-pressed": String(l === locale),
    onclick: () => { show(l); chat.then((c) => c.setLocale(l)); } }, new Intl.DisplayNames([l], { type: "language" }).of(l))));
  const [list, demo] = await Promise.all([fetched(`products.json?limit=${shown}&locale=${locale}`), fetched(`demo.json?locale=${locale}`)]);
  $("shelf").hidden = !list?.cards.length;
  $("products").replaceChildren(...(list?.cards ?? []).map(product));
  offer(demo ?? { try: [], customers: [] });
}

function product(c) {
  const image = c.image ? el("img", { src: c.image, alt: "", loading: "lazy", onerror: () => image.replaceWith(picture(c.product, c.title)) }) : picture(c.product, c.title);
  return el("li", {}, el("span", { class: "picture" }, image), el("h3", {}, c.title),
    c.options?.length && el("p", { class: "options" }, options(c, locale)), el("p", { class: "price" }, price(c, locale), !c.available && ` · ${say("out")}`));
}

function offer({ try: things, customers }) {
  $("trying").hidden = !things.length && !customers.length;
  $("try").replaceChildren(...things.map((text) => el("li", {}, el("button", { type: "button", onclick: () => chat.then((c) => { c.open(); c.say(text); }) }, text))));
  $("sign-in").hidden = !customers.length;
  const signed = sessionStorage.getItem("customer") ?? "";
  $("customer").replaceChildren(el("option", { value: "" }, say("guest")), ...customers.map((c) => el("option", { value: c.id, selected: c.id === signed }, c.name)));
  $("customer").onchange = () => signIn($("customer").value);
  tell(signed);
}

function tell(id) {
  const name = [...$("customer").options].find((o) => o.value === id)?.text;
  $("signed").textContent = id && name ? say("signed").replace("{name}", name) : "";
}

// As a shop's site would, with a token of its own making.
async function signIn(id) {
  const c = await chat;
  if (!id) {
    sessionStorage.removeItem("customer");
    await c.signOut();
    return tell("");
  }
  const response = await fetch("demo/token", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ customer: id }) });
  if (!response.ok) return;
  sessionStorage.setItem("customer", id);
  await c.signIn((await response.json()).token);
  tell(id);
}
chat.then((c) => c.addEventListener("token", () => signIn($("customer").value))); // it has run out
if (sessionStorage.getItem("customer")) await signIn(sessionStorage.getItem("customer"));
