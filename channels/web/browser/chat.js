// The widget on a page, as a shopper has it before them.

import assert from "node:assert/strict";

export class Chat {
  constructor(page) {
    this.page = page;
    this.launcher = page.locator(".launcher");
    this.text = page.locator("#text");
    this.log = page.locator("[role=log]");
    this.status = page.locator(".line");
    this.broken = []; // what the page complained of
    page.on("pageerror", (e) => this.broken.push(e.stack));
    page.on("console", (m) => m.type() === "error" && !/WebSocket|ERR_|Failed to load resource/.test(m.text()) && this.broken.push(m.text()));
  }

  /** A page of a fresh browser profile. */
  static async visit(context, url) {
    const chat = new Chat(await context.newPage());
    await chat.page.goto(url);
    await chat.launcher.waitFor();
    return chat;
  }

  async open() {
    if ((await this.launcher.getAttribute("aria-expanded")) === "false") await this.launcher.click();
    await this.text.waitFor();
  }

  async say(text) {
    await this.text.fill(text);
    await this.text.press("Enter");
  }

  /** Says something and waits for the answer, whose text it returns. */
  async ask(text) {
    const before = await this.replies.count();
    await this.say(text);
    await this.replies.nth(before).waitFor();
    return this.replies.nth(before).locator(".text").innerText();
  }

  get replies() { return this.log.locator("li.bot"); }
  get own() { return this.log.locator("li.own > .text"); }
  get waiting() { return this.log.locator("li.waiting"); }

  /** Everything said, in order: "own: …", "bot: …". */
  async said() {
    return this.log.locator("li.message").evaluateAll((all) => all.map((li) => `${li.classList[1]}: ${li.querySelector(".text").textContent}`));
  }

  /** Waits until nothing is waiting to be sent and each of the texts has been answered. */
  async settled() {
    await this.page.waitForFunction(() => {
      const log = document.querySelector("floorwalker-chat").shadowRoot.querySelector("[role=log]");
      const all = [...log.querySelectorAll("li.message")];
      return all.length && all.at(-1).matches(".bot") && !log.querySelector(".waiting, .refused");
    });
  }

  place() { return this.page.evaluate(() => JSON.parse(localStorage.getItem("floorwalker/demo/place"))); }

  /** What the server keeps of the conversation: its events, without anything this page remembers. */
  async journal() {
    const place = await this.place();
    return this.page.evaluate(({ conversation, secret }) => new Promise((resolve, reject) => {
      const socket = new WebSocket(new URL("v1/chat", location.href.replace("http", "ws")), "floorwalker.v1");
      const events = [];
      let last = Infinity;
      socket.onerror = reject;
      socket.onopen = () => socket.send(JSON.stringify({ type: "hello", shop: "demo", conversation, secret }));
      socket.onmessage = (m) => {
        const f = JSON.parse(m.data);
        if (f.type === "error") reject(new Error(m.data));
        if (f.type === "welcome") last = f.offset;
        if (f.type === "event") events.push(f);
        if (last === 0 || events.at(-1)?.offset >= last) { socket.close(); resolve(events); }
      };
    }), place);
  }

  /** The page shows what the server keeps, in its order, once. Two messages may be two turns: the second may still come. */
  async agrees() {
    const patience = Date.now() + 15_000;
    for (;;) {
      const events = await this.journal();
      const kept = events.filter((e) => ["utterance", "reply"].includes(e.kind)).map((e) => (e.kind === "reply" ? `bot: ${e.text}` : `own: ${e.text}`));
      const answered = events.flatMap((e) => e.in_reply_to ?? []);
      const whole = events.every((e) => e.kind !== "utterance" || answered.includes(e.offset));
      const said = await this.said();
      if ((whole && said.length === kept.length) || Date.now() > patience) return assert.deepEqual(said, kept);
    }
  }

  whole() { assert.deepEqual(this.broken, []); }
}
