// The frame around the log: launcher, panel, menu, composer; focus, keys and what is announced.

import { el } from "./dom.js";
import { icon } from "./draw.js";
import { Log } from "./log.js";
import { download, transcript } from "./transcript.js";
import { language, say, wording, words } from "./words.js";

const typingFor = 10_000; // ms until a typing notice counts as stale
const sureFor = 5_000; // ms in which leaving the chat is to be confirmed
const phone = "(max-width: 480px), (max-height: 480px)";

export class Panel {
  #shop; // as /shop.json tells it
  #open = false;
  #before = null; // what had the focus when the panel opened
  #status = "";
  #owner = "bot";
  #typing = 0;
  #sure = 0;
  #unread = 0;
  #phone = matchMedia(phone);

  /** @param chat gives what is done here to the conversation; set before the first use */
  constructor({ shop, base, locale, emit, localeChosen }) {
    Object.assign(this, { base, locale, emit, localeChosen });
    this.#shop = shop;
    this.#build();
    this.setLocale(locale);
    this.#phone.addEventListener("change", () => this.#open && this.#show());
    globalThis.visualViewport?.addEventListener("resize", () => this.#fit());
    globalThis.visualViewport?.addEventListener("scroll", () => this.#fit());
    document.addEventListener("visibilitychange", () => this.#look());
  }

  #build() {
    this.badge = el("span", { class: "badge", "aria-hidden": "true", hidden: true });
    this.launcher = el("button", { type: "button", class: "launcher", "aria-haspopup": "dialog", "aria-expanded": "false",
      onclick: () => (this.#open ? this.close() : this.open()) }, this.badge);
    this.name = el("h2", { id: "name", tabindex: "-1" });
    this.who = el("p", { class: "who" });
    this.more = el("button", { type: "button", class: "icon-button", "aria-expanded": "false", "aria-controls": "menu", onclick: () => this.#menu(this.menu.hidden) }, icon("more"));
    this.shut = el("button", { type: "button", class: "icon-button", onclick: () => this.close() }, icon("close"));
    this.menu = el("div", { id: "menu", class: "menu", hidden: true });
    this.line = el("div", { class: "line", role: "status" });
    this.intro = el("div", { class: "intro" });
    this.log = new Log({ base: this.base, locale: this.locale, intro: this.intro,
      act: { choose: (c) => { this.chat.choose(c); this.#toComposer(); }, rate: (turn, n) => this.chat.rate(turn, n), retry: (f) => this.chat.retry(f) } });
    this.log.node.addEventListener("scroll", () => { if (this.log.atEnd) this.jump.hidden = true; });
    this.jump = el("button", { type: "button", class: "jump", hidden: true, onclick: () => { this.log.toEnd(); this.log.node.focus(); } });
    this.text = el("textarea", { id: "text", rows: "1", maxlength: "10000", enterkeyhint: "send", oninput: () => this.#typed(), onkeydown: (e) => this.#enter(e) });
    this.label = el("label", { for: "text", class: "unseen" });
    this.sendButton = el("button", { type: "submit", class: "send" }, icon("send"));
    this.talk = el("button", { type: "button", class: "link", onclick: () => this.#talk() });
    this.heard = el("div", { class: "unseen", "aria-live": "polite", "aria-atomic": "true" });
    this.dialog = el("dialog", { class: "panel", "aria-labelledby": "name", onkeydown: (e) => this.#keys(e), oncancel: (e) => { e.preventDefault(); this.#escape(); } },
      el("div", { class: "head" }, el("span", { class: "mark" }, icon("lantern")), el("div", { class: "names" }, this.name, this.who), this.more, this.shut, this.menu),
      this.line,
      el("div", { class: "body" }, this.log.node, this.jump),
      el("form", { autocomplete: "off", onsubmit: (e) => { e.preventDefault(); this.#send(); } }, this.label, this.text, this.sendButton),
      el("div", { class: "foot" }, this.talk), this.heard);
    this.outside = el("div", { class: "unseen", role: "status" });
    this.root = el("div", { class: "root" }, this.launcher, this.outside, this.dialog);
  }

  get shopName() { return wording(this.#shop.name, this.locale) || this.#shop.id; }

  setLocale(locale) {
    this.locale = locale;
    const word = (name, values) => say(locale, name, { shop: this.shopName, ...values });
    this.root.lang = locale;
    this.name.textContent = this.shopName;
    for (const [node, name] of [[this.more, "menu"], [this.shut, "close"], [this.sendButton, "send"]]) {
      node.setAttribute("aria-label", word(name));
      node.title = word(name);
    }
    this.label.textContent = word("label");
    this.text.placeholder = word("placeholder");
    this.jump.replaceChildren(word("jump"), icon("down"));
    this.talk.textContent = word("talk");
    this.log.setLocale(locale);
    this.#introduce();
    this.#offerMenu();
    this.owner(this.#owner);
    this.status(this.#status);
    this.#launch();
    if (this.chat) this.#redraw();
  }

  /** What the bot is, what is kept, and how to begin. */
  #introduce() {
    const notice = (name) => wording(this.#shop.notices?.[name], this.locale);
    const paragraphs = ["bot", "consent"].map(notice).filter(Boolean).map((text, i) => el("p", { class: i ? "small" : "" }, text));
    const starters = say(this.locale, "starters").map((text) => el("button", { type: "button", class: "chip", onclick: () => { this.chat.say(text); this.#toComposer(); } }, text));
    this.starters = el("div", { class: "choices", role: "group", "aria-label": say(this.locale, "choices") }, starters);
    this.intro.replaceChildren(...paragraphs, this.starters);
    this.#begun();
  }

  #offerMenu() {
    const item = (text, onclick, more = {}) => el("button", { type: "button", onclick, ...more }, text);
    const named = (l) => new Intl.DisplayNames([l], { type: "language" }).of(language(l));
    const spoken = this.#shop.locales.filter((l) => words[language(l)]);
    const languages = spoken.length < 2 ? [] : [el("div", { class: "languages", role: "group", "aria-label": say(this.locale, "language") },
      spoken.map((l) => item(named(l), () => { this.localeChosen(l); this.#menu(false); }, { lang: l, "aria-pressed": String(l === this.locale) })))];
    this.restart = item(say(this.locale, "restart"), () => this.#restart());
    this.talkItem = item(say(this.locale, "talk"), () => { this.#menu(false); this.#talk(); }, { hidden: this.#owner !== "bot" });
    this.menu.replaceChildren(this.talkItem, item(say(this.locale, "transcript"), () => this.#download()), ...languages, this.restart);
  }

  // Opening and closing

  get isOpen() { return this.#open; }

  /** @param quietly leaves the focus where it is: the shopper didn't ask just now */
  open(quietly = false) {
    if (this.#open) return;
    this.#before = quietly ? null : deepest(document.activeElement);
    this.#open = true;
    this.#show();
    this.#launch();
    this.log.toEnd();
    if (!quietly) this.#toComposer();
    this.#look();
    this.emit("open");
  }

  /** On a phone the panel is the whole screen, and the rest of the page waits. */
  #show() {
    if (this.dialog.open) this.dialog.close();
    if (this.#phone.matches) this.dialog.showModal();
    else this.dialog.open = true; // show() would take the focus
    this.#fit();
  }

  close() {
    if (!this.#open) return;
    this.#open = false;
    this.#menu(false);
    this.dialog.close();
    this.#launch();
    const back = this.#before?.isConnected && this.#before !== document.body ? this.#before : this.launcher;
    back.focus();
    this.emit("close");
  }

  // A keyboard on the screen covers the layout's bottom; what is seen is the visual viewport.
  #fit() {
    const seen = globalThis.visualViewport;
    if (!this.#open || !seen) return;
    const low = this.log.atEnd;
    this.dialog.style.setProperty("--seen-height", this.#phone.matches ? `${seen.height}px` : "");
    this.dialog.style.setProperty("--seen-top", this.#phone.matches ? `${seen.offsetTop}px` : "");
    if (low) this.log.toEnd();
  }

  /** Where writing goes on; a finger's keyboard comes only when asked for. */
  #toComposer() { (matchMedia("(pointer: coarse)").matches ? this.name : this.text).focus({ preventScroll: true }); }

  #launch() {
    const unread = this.#unread;
    const text = say(this.locale, this.#open ? "close" : "open", { shop: this.shopName });
    this.launcher.setAttribute("aria-label", unread && !this.#open ? `${text} (${say(this.locale, "unread", { n: unread })})` : text);
    this.launcher.setAttribute("aria-expanded", String(this.#open));
    this.launcher.replaceChildren(icon(this.#open ? "down" : "chat"), this.badge);
    this.root.classList.toggle("open", this.#open);
  }

  // Keys

  #keys(e) {
    if (e.key === "Escape") {
      e.preventDefault();
      e.stopPropagation();
      if (!e.isComposing) this.#escape();
    }
    if (e.key !== "Tab" || !this.#phone.matches) return;
    const stops = [...this.dialog.querySelectorAll("button, textarea, a[href], [tabindex='0']")].filter((n) => n.getClientRects().length);
    const now = this.dialog.getRootNode().activeElement, [first, last] = [stops[0], stops.at(-1)];
    if (e.shiftKey ? now === first || now === this.name : now === last) {
      e.preventDefault();
      (e.shiftKey ? last : first).focus();
    }
  }

  #escape() {
    if (this.menu.hidden) return this.close();
    this.#menu(false);
    this.more.focus();
  }

  // Enter sends; while an input method composes, it only picks a word.
  #enter(e) {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
    e.preventDefault();
    this.#send();
  }

  #typed() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight + 2}px`;
    if (this.text.value) this.chat.typing();
  }

  #send() {
    const text = this.text.value.trim();
    if (!text) return;
    this.text.value = "";
    this.text.style.height = "";
    this.chat.say(text);
    this.text.focus();
  }

  #talk() {
    this.chat.say(say(this.locale, "talkText"));
    this.#toComposer();
  }

  // Menu

  #menu(show) {
    this.menu.hidden = !show;
    this.more.setAttribute("aria-expanded", String(show));
    this.#sure = 0;
    this.restart.textContent = say(this.locale, "restart");
    if (show) this.menu.querySelector("button:not([hidden])").focus();
  }

  #download() {
    const day = new Date().toISOString().slice(0, 10);
    download(transcript(this.chat.events, { shop: this.shopName, locale: this.locale }), `${this.shopName} ${day}.txt`, document);
    this.#menu(false);
    this.more.focus();
  }

  #restart() {
    if (Date.now() - this.#sure > sureFor) {
      this.#sure = Date.now();
      this.restart.textContent = say(this.locale, "restartSure");
      this.#hear(this.restart.textContent);
      return;
    }
    this.#menu(false);
    this.chat.forget();
    this.#toComposer();
  }

  // What the chat tells

  event(f, quiet) {
    const low = this.log.atEnd;
    const heard = this.log.event(f, quiet);
    if (["reply", "state"].includes(f.kind) || f.role === "agent") this.#quiet(f.kind === "state" ? f.owner : undefined);
    this.#begun();
    if (quiet) return;
    if (heard && this.#open) this.#hear(heard);
    if (heard && !this.#open && f.kind !== "state") this.outside.textContent = say(this.locale, "fresh", { shop: this.shopName });
    if (!low && !this.log.atEnd && f.role !== "shopper") this.jump.hidden = false;
    this.#look();
  }

  // What is said again is heard again only if it differs.
  #hear(text) { this.heard.textContent = text === this.heard.textContent ? `${text}\u00a0` : text; }

  stream(...delta) { this.log.stream(...delta); }

  hush() {
    this.log.hush();
    this.#quiet();
  }

  // Nobody is writing any more.
  #quiet(owner = this.#owner) {
    clearTimeout(this.#typing);
    this.log.typing(false);
    this.owner(owner);
  }

  typing(role) {
    this.log.typing(true);
    this.who.textContent = role === "bot" ? say(this.locale, "typing") : this.#whoAnswers();
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#quiet(), typingFor);
  }

  pending(frame) {
    this.log.pending(frame);
    this.#begun();
  }

  accepted(id) { this.log.accepted(id); }

  failed(frame, code) { this.#hear(this.log.failed(frame, code)); }

  note(word) { this.#hear(this.log.note(say(this.locale, word))); }

  clear() {
    this.log.clear();
    this.owner("bot");
    this.#begun();
  }

  /** Who answers. A person is no bot, and needs no way to one. */
  owner(owner) {
    this.#owner = owner;
    this.who.textContent = this.#whoAnswers();
    this.talk.hidden = this.talkItem.hidden = owner !== "bot";
  }

  #whoAnswers() { return say(this.locale, { bot: "isBot", queue: "queue", agent: "person" }[this.#owner] ?? "isBot"); }

  /** A word on the connection, or "" where there is nothing to say. */
  status(word) {
    this.#status = word;
    const again = ["lost", "offline", "stopped", "late"].includes(word) &&
      el("button", { type: "button", class: "link", onclick: () => { this.text.focus(); this.chat.wire.restart(); } }, say(this.locale, "retryNow"));
    this.line.replaceChildren(...[word && el("span", {}, say(this.locale, word)), again].filter(Boolean));
  }

  unread(n) {
    if (this.#looking && n) return this.chat.look();
    if (n === this.#unread) return;
    this.#unread = n;
    this.badge.textContent = n > 99 ? "99+" : n || "";
    this.badge.hidden = !n;
    this.#launch();
    this.emit("unread", { count: n });
  }

  get #looking() { return this.#open && !document.hidden; }

  #look() { if (this.#looking) this.chat.look(); }

  #begun() { if (this.starters) this.starters.hidden = this.log.said.childElementCount + this.log.unsent.childElementCount > 0; }

  #redraw() {
    const { events, outbox } = this.chat;
    this.log.clear();
    for (const event of events) this.log.event(event, true);
    for (const frame of outbox.all()) this.log.pending(frame);
    this.#begun();
  }
}

/** The focused element, within shadow roots too. */
function deepest(node) {
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node;
}
