// The messages of a conversation, in order: what is in the journal, then wording on its way,
// then what is still to be sent.

import { el } from "./dom.js";
import { cards, choices, linked, thumbs } from "./parts.js";
import { say } from "./words.js";

const pause = 20 * 60_000; // ms of silence after which a time is shown

export class Log {
  #pending = new Map(); // id → element
  #replies = new Map(); // turn → element
  #offers = null; // the quick replies that still stand
  #last = 0; // when the last event was
  #turn = null; // whose wording is coming
  #seq = -1;
  #void = new Set(); // turns whose wording another's has replaced

  /** @param act choose(choice), rate(turn, rating), retry(frame) */
  constructor({ base, locale, act, intro }) {
    Object.assign(this, { base, locale, act });
    this.said = el("ol", { class: "messages" });
    this.coming = el("div", { class: "message bot stream", "aria-hidden": "true", hidden: true });
    this.dots = el("div", { class: "message bot dots", "aria-hidden": "true", hidden: true }, el("i"), el("i"), el("i"));
    this.unsent = el("ol", { class: "messages" });
    this.node = el("div", { class: "scroll", role: "log", "aria-live": "off", tabindex: "0" }, intro, this.said, this.coming, this.dots, this.unsent);
    this.setLocale(locale);
  }

  setLocale(locale) {
    this.locale = locale;
    this.node.setAttribute("aria-label", say(locale, "log"));
  }

  /** Shows an event; returns what a screen reader is to hear of it. */
  event(f, quiet) {
    const show = { utterance: () => this.#utterance(f), reply: () => this.#reply(f), state: () => this.#state(f),
      feedback: () => this.#rated(f.turn, f.rating), closed: () => this.note(say(this.locale, "closed")) }[f.kind];
    if (!show) return "";
    const low = this.atEnd;
    if (f.kind !== "feedback") this.#time(f.at);
    const heard = show() ?? "";
    if (quiet || low || f.role === "shopper") this.toEnd(f.kind === "reply" ? this.said.lastElementChild : undefined);
    return heard;
  }

  #utterance(f) {
    const own = f.role === "shopper";
    this.#withdraw();
    if (own) {
      this.#pending.get(f.id)?.remove();
      this.#pending.delete(f.id);
      this.said.append(this.#message("own", say(this.locale, "you"), f.text || f.choice));
      return "";
    }
    const who = f.agent || say(this.locale, "person");
    this.said.append(this.#message("agent", who, f.text, true));
    return `${say(this.locale, "says", { who })} ${f.text}`;
  }

  #reply(f) {
    this.hush();
    this.#withdraw();
    const who = say(this.locale, "bot");
    const li = this.#message("bot", who, f.text);
    li.lang = f.language || this.locale;
    if (f.cards.length) li.append(cards(f.cards, li.lang, this.base));
    const rate = thumbs(this.locale, (rating) => {
      this.act.rate(f.turn, rating);
      this.#rated(f.turn, rating);
    });
    this.said.querySelectorAll(".rate:not(.rated)").forEach((old) => old.remove()); // one question at a time
    li.append(rate);
    this.#replies.set(f.turn, li);
    this.said.append(li);
    if (f.choices.length) {
      this.#offers = choices(f.choices, this.locale, (choice) => { this.#withdraw(); this.act.choose(choice); });
      this.#offers.lang = li.lang;
      li.append(this.#offers);
    }
    const offered = [...f.cards.map((c) => c.title), ...f.choices.map((c) => c.label)];
    return [`${say(this.locale, "says", { who })} ${f.text}`, ...offered].join("\n");
  }

  #state(f) {
    const word = f.owner === "queue" && f.position ? "position" : { queue: "queue", agent: "joined", bot: "back" }[f.owner];
    if (word) return this.note(say(this.locale, word, { n: f.position, who: f.agent || say(this.locale, "person") }));
  }

  #rated(turn, rating) {
    const group = this.#replies.get(turn)?.querySelector(".rate");
    group?.classList.add("rated");
    group?.querySelectorAll("button").forEach((b) => b.setAttribute("aria-pressed", String((b.dataset.rating > 2) === (rating > 2))));
  }

  /** A line about the conversation; returns its text. */
  note(text) {
    this.said.append(el("li", { class: "note" }, text));
    return text;
  }

  #message(kind, who, text, named = false) {
    return el("li", { class: `message ${kind}` }, el("span", { class: named ? "who" : "unseen" }, say(this.locale, "says", { who })),
      el("span", { class: "text" }, kind === "own" ? text : linked(text)));
  }

  #time(at) {
    const time = Date.parse(at);
    if (time - this.#last > pause) {
      const form = new Intl.DateTimeFormat(this.locale, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
      this.said.append(el("li", { class: "note" }, el("time", { datetime: at }, form.format(time))));
    }
    this.#last = time;
  }

  /** Offers end when something is said. */
  #withdraw() {
    this.#offers?.remove();
    this.#offers = null;
  }

  /** A message of the shopper's that isn't in the journal yet. */
  pending(frame) {
    if (frame.type === "feedback" || this.#pending.has(frame.id)) return;
    this.#withdraw();
    const li = this.#message("own", say(this.locale, "you"), frame.text);
    li.classList.add("waiting");
    li.append(el("span", { class: "fate" }, say(this.locale, "waiting")));
    this.#pending.set(frame.id, li);
    this.unsent.append(li);
    this.toEnd();
  }

  accepted(id) { this.#pending.get(id)?.classList.remove("waiting", "refused"); }

  /** A message that the server won't take as it is; returns what to hear. */
  failed(frame, code) {
    const li = this.#pending.get(frame.id), why = say(this.locale, code === "too_large" ? "tooLong" : "failed");
    if (!li) return "";
    li.classList.replace("waiting", "refused");
    li.querySelector(".fate").replaceChildren(why, " ", el("button", { type: "button", class: "link", onclick: () => {
      li.querySelector(".fate").replaceChildren(say(this.locale, "waiting"));
      li.classList.replace("refused", "waiting");
      this.act.retry(frame);
    } }, say(this.locale, "again")));
    return why;
  }

  /** Wording so far; that of any other turn is void. */
  stream(turn, seq, text) {
    if (this.#replies.has(turn) || this.#void.has(turn)) return;
    if (turn === this.#turn && seq <= this.#seq) return;
    if (this.#turn !== null && turn !== this.#turn) this.#void.add(this.#turn);
    const low = this.atEnd;
    this.#turn = turn;
    this.#seq = seq;
    this.coming.replaceChildren(el("span", { class: "text" }, text));
    this.coming.hidden = false;
    this.dots.hidden = true;
    if (low) this.toEnd();
  }

  typing(on) {
    const low = this.atEnd;
    this.dots.hidden = !on || !this.coming.hidden;
    if (on && low) this.toEnd();
  }

  /** Nothing is coming any more. */
  hush() {
    this.coming.hidden = true;
    this.coming.replaceChildren();
    this.dots.hidden = true;
    this.#turn = null;
    this.#seq = -1;
  }

  clear() {
    this.hush();
    this.#offers = null;
    this.#replies.clear();
    this.#pending.clear();
    this.#void.clear();
    this.#last = 0;
    this.said.replaceChildren();
    this.unsent.replaceChildren();
  }

  get atEnd() { return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 48; }

  /** Goes to the end, or only so far that the beginning of what is new stays in sight. */
  toEnd(fresh) {
    const end = this.node.scrollHeight - this.node.clientHeight;
    this.node.scrollTop = fresh ? Math.min(end, fresh.offsetTop - 8) : end;
  }
}
