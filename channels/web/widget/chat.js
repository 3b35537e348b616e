// A conversation as this page knows it: its copy of the journal, what is still to be sent, and
// where it is kept. It tells the view what to show.

import { Outbox } from "./outbox.js";
import { Wire } from "./wire.js";

const typingEvery = 1000; // ms between two typing frames
const acceptWithin = 15_000; // ms until an unanswered frame means a dead connection
const answerWithin = 20_000; // ms until it is said that the bot's answer is late
const retryAfter = 2000; // ms, where the server doesn't say
const passing = ["rate_limited", "unavailable", "shutting_down", "internal"];
const mostKept = 400_000; // characters of events that a tab keeps for its next page

export class Chat {
  events = []; // the journal, as far as it came
  #offset = 0;
  #conversation;
  #epoch;
  #resumed = false;
  #quietUntil = 0; // events up to this offset were there before
  #token;
  #sent = new Set(); // ids sent on this connection
  #pausedUntil = 0;
  #watch = 0;
  #late = 0; // timer
  #isLate = false;
  #owner = "bot";
  #typed = 0;
  #replaced = false; // an earlier conversation couldn't be continued
  #seen; // {epoch, offset} up to which everything was looked at
  #settle = null; // tells whoever waits for a conversation to have begun

  constructor({ base, shop, locale, token, keep, tab, view, emit }) {
    Object.assign(this, { shop, locale, keep, tab, view, emit });
    this.#token = token;
    this.outbox = new Outbox(keep);
    this.#seen = keep.get("seen");
    const url = new URL("v1/chat", base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.wire = new Wire(url, { hello: () => this.#hello(), take: (f) => this.#take(f), told: (what, f) => this.#told(what, f) });
    keep.heed((name) => this.#heard(name));
    addEventListener("online", () => this.wire.busy && !this.wire.open && this.wire.restart());
    addEventListener("offline", () => {
      if (!this.wire.busy) return;
      this.wire.cut();
      this.view.status("offline");
    });
    document.addEventListener("visibilitychange", () => this.#visible());
    addEventListener("pagehide", () => { this.#save(); this.#leave(); });
    addEventListener("pageshow", (e) => e.persisted && this.#go());
  }

  /** Shows what the tab's last page knew, and connects if there is a conversation. */
  start() {
    const place = this.keep.get("place"), kept = this.tab.get("journal");
    if (place && kept?.conversation === place.conversation) {
      this.#conversation = kept.conversation;
      this.#epoch = kept.epoch;
      this.#quietUntil = Infinity;
      for (const event of kept.events) this.#event(event);
      this.#quietUntil = 0;
    }
    this.#go();
  }

  #go() {
    for (const frame of this.outbox.load()) this.view.pending(frame);
    if (this.keep.get("place") || this.outbox.all().length) this.connect();
  }

  /** Makes sure that there is a connection, or will be. One tab alone begins a conversation. */
  connect() {
    if (this.wire.busy) return;
    if (this.keep.get("place") || !navigator.locks) return this.wire.start();
    navigator.locks.request(`floorwalker/${this.shop}`, () => {
      if (this.wire.busy) return;
      this.wire.start();
      if (!this.keep.get("place")) return new Promise((resolve) => { this.#settle = resolve; });
    });
  }

  say(text) { this.#put({ type: "message", text }); }
  choose({ value, label }) { this.#put({ type: "choose", choice: value, text: label }); }
  rate(turn, rating) { this.#put({ type: "feedback", turn, rating }); }

  /** Sends a frame again that was refused. */
  retry(frame) {
    this.#sent.delete(frame.id);
    this.outbox.add(frame);
    this.connect();
    this.#flush();
  }

  typing() {
    this.connect();
    if (Date.now() - this.#typed < typingEvery) return;
    this.#typed = Date.now();
    this.wire.send({ type: "typing" });
  }

  /** The shopper has signed in at the shop. Somebody else's conversation isn't theirs to read. */
  signIn(token) {
    if (token === this.#token) return;
    const customer = subject(token), before = this.keep.get("place")?.customer;
    if (before && before !== customer) this.forget();
    this.#token = token;
    if (this.wire.busy) this.wire.restart();
  }

  signOut() {
    this.#token = undefined;
    this.forget();
  }

  /** Leaves the conversation: nothing of it stays in this browser. */
  forget() {
    this.#leave();
    this.outbox.clear();
    this.keep.remove("place");
    this.#see(null);
    this.#clear();
  }

  /** Everything so far has been looked at. */
  look() {
    if (this.#offset && this.#unseen(this.#offset)) this.#see({ epoch: this.#epoch, offset: this.#offset });
    this.#count();
  }

  #see(place) {
    this.#seen = place;
    if (place) this.keep.set("seen", place);
    else this.keep.remove("seen");
  }

  #unseen(offset) { return this.#seen?.epoch !== this.#epoch || offset > this.#seen.offset; }

  #count() { this.view.unread(this.events.filter((e) => this.#unseen(e.offset) && (e.kind === "reply" || e.role === "agent")).length); }

  #put(frame) {
    // randomUUID needs https, which a shop's test site may not have
    frame.id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
    this.outbox.add(frame);
    this.view.pending(frame);
    this.connect();
    this.#flush();
  }

  #flush() {
    if (!this.wire.open || Date.now() < this.#pausedUntil) return;
    for (const frame of this.outbox.all()) {
      if (this.#sent.has(frame.id)) continue;
      this.#sent.add(frame.id);
      this.wire.send(frame);
    }
    clearTimeout(this.#watch);
    if (this.outbox.all().length) this.#watch = setTimeout(() => this.wire.open && this.outbox.all().length && this.wire.restart(), acceptWithin);
  }

  #hello() {
    const place = this.keep.get("place");
    this.#resumed = Boolean(place && place.conversation === this.#conversation && this.#offset);
    return {
      type: "hello", shop: this.shop, locale: this.locale, ...(this.#token && { token: this.#token }),
      ...(place && { conversation: place.conversation, secret: place.secret }),
      ...(this.#resumed && { resume: { epoch: this.#epoch, offset: this.#offset } }),
    };
  }

  #take(frame) {
    ({
      welcome: () => this.#welcome(frame),
      accepted: () => this.#accepted(frame.id),
      event: () => this.#event(frame),
      delta: () => { this.#await(); this.view.stream(frame.turn, frame.seq, frame.text); },
      typing: () => { this.#await(); this.view.typing(frame.role); },
      error: () => this.wire.open && this.#error(frame),
    })[frame.type]?.();
  }

  #welcome(f) {
    const place = this.keep.get("place");
    if (!this.#resumed || f.reset) this.#clear();
    if (this.#replaced) this.view.note("other");
    this.#replaced = false;
    this.#conversation = f.conversation;
    this.#epoch = f.epoch;
    this.#quietUntil = this.#resumed && !f.reset ? 0 : f.offset;
    this.keep.set("place", { conversation: f.conversation, secret: f.secret ?? place?.secret, customer: subject(this.#token) ?? place?.customer });
    if (f.reset) this.#see({ epoch: f.epoch, offset: f.offset });
    this.#settle?.();
    this.view.owner(this.#owner = f.owner);
    this.view.status("");
    this.#await();
    this.#sent.clear();
    this.#pausedUntil = 0;
    for (const frame of this.outbox.load()) this.view.pending(frame);
    this.#flush();
  }

  #accepted(id) {
    this.outbox.remove(id);
    this.view.accepted(id);
    if (!this.outbox.all().length) clearTimeout(this.#watch);
  }

  #event(f) {
    if (f.offset <= this.#offset) return;
    this.#offset = f.offset;
    this.events.push(f);
    if (f.kind === "state") this.#owner = f.owner;
    if (f.id) this.#accepted(f.id); // of an utterance or rating that another connection sent
    const quiet = f.offset <= this.#quietUntil;
    this.view.event(f, quiet);
    if (!quiet && f.kind === "reply") this.emit("reply", f);
    this.#await();
    this.#count();
  }

  // Says so when the bot owes an answer and nothing comes: it may be busy, and the connection may be dead.
  #await() {
    clearTimeout(this.#late);
    if (this.#isLate) this.view.status("");
    this.#isLate = false;
    const answered = new Set(this.events.flatMap((e) => e.in_reply_to ?? []));
    const owed = this.#owner === "bot" && this.events.some((e) => e.kind === "utterance" && e.role === "shopper" && !answered.has(e.offset) && e.offset > this.#given);
    if (!owed || !this.wire.open) return;
    this.#late = setTimeout(() => {
      if (!this.wire.open) return;
      this.#isLate = true;
      this.view.status("late");
    }, answerWithin);
  }

  // Up to where nobody waits for the bot: what was said to people it doesn't answer.
  get #given() { return Math.max(0, ...this.events.filter((e) => e.kind === "state").map((e) => e.offset)); }

  #error(f) {
    const frame = this.outbox.get(f.id);
    if (!frame) return;
    const wait = f.retry_after_ms ?? (passing.includes(f.code) ? retryAfter : 0);
    if (!wait) {
      this.outbox.remove(f.id);
      return this.view.failed(frame, f.code);
    }
    if (Date.now() < this.#pausedUntil) return; // those behind it were refused too
    this.#pausedUntil = Date.now() + wait;
    clearTimeout(this.#watch);
    this.view.status("slow");
    setTimeout(() => {
      if (!this.wire.open) return;
      this.view.status("");
      this.#sent.clear();
      this.#flush();
    }, wait);
  }

  #told(what, refusal) {
    clearTimeout(this.#late);
    this.#isLate = false;
    this.view.hush(); // deltas don't come again
    if (what === "lost") return this.view.status(navigator.onLine ? "lost" : "offline");
    if (refusal?.code === "unauthorized" && this.#token) {
      this.#token = undefined;
      this.emit("token", { message: refusal.message });
      return this.wire.restart(); // the secret alone opens what it opened before
    }
    if (refusal?.code === "forbidden" && this.keep.get("place")) {
      this.keep.remove("place");
      for (const frame of this.outbox.all()) if (frame.type === "feedback") this.outbox.remove(frame.id);
      this.#clear();
      this.#replaced = true;
      return this.connect();
    }
    console.error(`floorwalker: the chat was refused: ${refusal?.message ?? "by policy"}`);
    this.#settle?.();
    this.view.status("stopped");
  }

  // Another tab has begun, left or read the conversation.
  #heard(name) {
    if (name === "seen") {
      this.#seen = this.keep.get("seen");
      return this.#count();
    }
    if (name !== "place" && name !== null) return;
    const place = this.keep.get("place");
    if (place?.conversation === this.#conversation) return;
    this.#leave();
    this.#clear();
    if (place) this.wire.start();
  }

  #leave() {
    clearTimeout(this.#late);
    this.wire.stop();
    this.#settle?.();
  }

  #visible() {
    if (document.hidden) this.#save();
    else if (this.wire.busy && !this.wire.open) this.wire.restart();
  }

  #save() {
    const journal = { conversation: this.#conversation, epoch: this.#epoch, events: this.events };
    if (this.#conversation && JSON.stringify(journal).length < mostKept) this.tab.set("journal", journal);
    else this.tab.remove("journal");
  }

  #clear() {
    this.events = [];
    this.#offset = 0;
    this.#conversation = this.#epoch = undefined;
    this.#resumed = false;
    this.tab.remove("journal");
    this.view.clear();
    for (const frame of this.outbox.all()) this.view.pending(frame);
    this.#count();
  }
}

/** Whom a token is for. The server verifies it; here it only tells customers apart. */
function subject(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub;
  } catch {
    return undefined;
  }
}
