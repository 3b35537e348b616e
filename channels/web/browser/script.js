// A conversation played to the page frame by frame, for what a bot shows only for a moment or
// in its own time. The frames are those of docs PROTOCOL; hello is answered as a server does.

const at = (minute) => new Date(Date.UTC(2026, 9, 1, 10, minute)).toISOString();

/** Plays frames to a page's widget, after its hello. */
export class Script {
  #offset = 0;
  #client;
  received = [];
  down = false; // nobody answers: the browser's being offline doesn't keep this script away

  /** Takes the place of the server's socket; before the page is loaded. */
  static async on(page) {
    const s = new Script();
    s.ready = new Promise((resolve) => { s.welcomed = resolve; });
    await page.routeWebSocket(/v1\/chat/, (client) => {
      if (s.down) return client.close({ code: 1001 });
      s.#client = client;
      client.onMessage((m) => s.#heard(JSON.parse(m)));
    });
    return s;
  }

  #heard(f) {
    this.received.push(f);
    if (f.type === "hello") {
      this.send({ type: "welcome", conversation: "c1", ...(!f.conversation && { secret: "s" }), epoch: "e", offset: this.#offset, shop: "demo", locale: f.locale, owner: "bot" });
      this.welcomed();
    }
    if (f.type !== "message" && f.type !== "choose") return;
    if (this.answer) this.answer(f);
    else this.event({ kind: "utterance", role: "shopper", id: f.id, text: f.text, choice: f.choice });
  }

  send(frame) { this.#client.send(JSON.stringify(frame)); }

  event(fields) {
    this.#offset++;
    this.send({ type: "event", epoch: "e", offset: this.#offset, at: at(this.#offset), ...fields });
  }

  reply(turn, text, more = {}) {
    this.event({ kind: "reply", turn, in_reply_to: [], text, facts: [], cards: [], choices: [], intents: [], language: "en", ...more });
  }

  delta(turn, seq, text) { this.send({ type: "delta", turn, seq, text }); }
}

const card = (product, title, amount, more = {}) => ({ product, title, price: { amount, currency: "USD" }, available: true, ...more });

/** What the pictures show, by language. */
export const scenes = {
  en: {
    language: "en", ask: "Do you have a flask that keeps tea hot?", found: "Yes, these keep tea hot for 8 to 12 hours:",
    cards: [card("flask-trail", "Trail Flask", "24.90", { from: true, options: [{ name: "color", values: ["green", "blue", "red", "black", "white", "sand"] }, { name: "size", values: ["500 ml", "750 ml"] }] }), card("flask-commuter", "Commuter Flask with Tea Strainer", "27.50", { available: false }), card("flask-kids", "Little Otter Kids' Flask", "18.90")],
    choices: [{ label: "Show me the Trail Flask", value: "a" }, { label: "Something else", value: "b" }],
    next: "Is the green one in stock?", half: "The Trail Flask in green is in", offline: "And in blue?",
  },
  zh: {
    language: "zh", ask: "有没有能保温的杯子？", found: "有的，这几款可以保温 8 到 12 小时：",
    cards: [card("flask-trail", "山径保温杯", "24.90", { from: true, options: [{ name: "color", values: ["绿色", "蓝色", "红色", "黑色", "白色", "沙色"] }, { name: "size", values: ["500 毫升", "750 毫升"] }] }), card("flask-commuter", "通勤泡茶保温杯", "27.50", { available: false }), card("flask-kids", "小水獭儿童保温杯", "18.90")],
    choices: [{ label: "看看山径保温杯", value: "a" }, { label: "换一个", value: "b" }],
    next: "绿色的有货吗？", half: "山径保温杯绿色款目前", offline: "蓝色呢？",
  },
};

/** Plays a scene up to its cards. */
export async function play(chat, script, scene) {
  await chat.open();
  await chat.say(scene.ask);
  await script.ready;
  await chat.own.first().waitFor();
  script.reply("t1", scene.found, { cards: scene.cards, choices: scene.choices, language: scene.language });
  await chat.replies.first().locator(".chip").first().waitFor();
}
