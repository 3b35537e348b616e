// The entrance: reads the script tag, fetches what the shop says of itself, and puts the widget
// on the page. `window.floorwalker` is there at once; what is asked of it early waits.

import { Chat } from "./chat.js";
import { el } from "./dom.js";
import { Keep } from "./keep.js";
import { Panel } from "./panel.js";
import { speak } from "./words.js";

const longest = 60_000; // ms between attempts to reach the server

/** What a site may do with the chat. Events tell of it: open, close, reply, unread, locale, token. */
class Floorwalker extends EventTarget {
  #ready;

  constructor(ready) {
    super();
    this.#ready = ready;
  }

  open() { return this.#ready.then(({ panel }) => panel.open()); }
  close() { return this.#ready.then(({ panel }) => panel.close()); }
  /** Says something as the shopper, in the open. */
  say(text) { return this.#ready.then(({ panel, chat }) => { panel.open(); chat.say(text); }); }
  signIn(token) { return this.#ready.then(({ chat }) => chat.signIn(token)); }
  signOut() { return this.#ready.then(({ chat }) => chat.signOut()); }
  setLocale(locale) { return this.#ready.then(({ choose }) => choose(locale)); }
}

/** Starts the widget of the script tag whose address is src. A second one on a page is ignored. */
export function start(src) {
  if (window.floorwalker) return;
  const script = [...document.scripts].find((s) => s.src === src);
  let set;
  const api = window.floorwalker = new Floorwalker(new Promise((resolve) => { set = resolve; }));
  build(new URL(".", src), script?.dataset ?? {}, api).then((parts) => {
    set(parts);
    window.dispatchEvent(new CustomEvent("floorwalker", { detail: api }));
  }, (error) => console.error(`floorwalker: ${error.message}`));
}

async function build(base, data, api) {
  const address = new URL(data.shop ? `shop.json?shop=${encodeURIComponent(data.shop)}` : "shop.json", base);
  const [shop, css] = await Promise.all([reach(address).then((r) => r.json()), reach(new URL("widget.css", import.meta.url)).then((r) => r.text())]);
  const keep = new Keep("localStorage", `floorwalker/${shop.id}/`), tab = new Keep("sessionStorage", `floorwalker/${shop.id}/`);
  const emit = (type, detail) => api.dispatchEvent(new CustomEvent(type, { detail }));

  const wish = data.locale && data.locale !== "auto" ? [data.locale] : [];
  const locale = speak(shop.locales, [keep.get("locale"), ...wish, document.documentElement.lang, ...navigator.languages]);
  const panel = new Panel({ shop, base, locale, emit, localeChosen: (l) => choose(l) });
  const chat = panel.chat = new Chat({ base, shop: shop.id, locale, token: data.token || undefined, keep, tab, view: panel, emit });
  function choose(wanted) {
    const l = speak(shop.locales, [wanted]);
    if (l === panel.locale) return;
    keep.set("locale", l);
    chat.locale = l;
    panel.setLocale(l);
    emit("locale", { locale: l });
  }

  if (data.token === "" && keep.get("place")?.customer) chat.forget(); // the site says: nobody is signed in
  document.body.append(place(panel, css, data.theme));
  chat.start();
  remember(panel, api, tab);
  return { panel, chat, choose };
}

/** An element with the widget in a shadow root, in which the page's styles don't reach. */
function place(panel, css, theme) {
  const host = el("floorwalker-chat");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => panel.root.classList.toggle("dark", theme === "dark" || theme !== "light" && dark.matches);
  dark.addEventListener("change", paint);
  paint();
  root.append(panel.root);
  return host;
}

// A panel that was open stays so on the tab's next page, unless it would cover all of it.
function remember(panel, api, tab) {
  api.addEventListener("open", () => tab.set("open", true));
  api.addEventListener("close", () => tab.remove("open"));
  if (tab.get("open") && !matchMedia("(max-width: 480px), (max-height: 480px)").matches) panel.open(true);
}

/** Fetches from the server, which may be away for a while. What it refuses, stays refused. */
async function reach(url) {
  for (let wait = 1000; ; wait = Math.min(longest, wait * 2)) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return response;
    if (response && response.status < 500) throw new Error(`${url}: ${await response.text()}`);
    await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
  }
}
