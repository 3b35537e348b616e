// Every word the widget says itself, by language. What the bot says comes from the server.

export const words = {
  en: {
    open: "Chat with {shop}", close: "Close chat", unread: "{n} unread", fresh: "New message from {shop}",
    bot: "Assistant", isBot: "Assistant · bot", person: "A person", you: "You", says: "{who}:",
    label: "Message", placeholder: "Write a message…", send: "Send", log: "Conversation",
    menu: "More options", talk: "Talk to a person", talkText: "I would like to talk to a person.",
    transcript: "Download transcript", language: "Language",
    restart: "Start a new chat", restartSure: "This chat will be forgotten here. Press again.",
    offline: "You're offline. What you write waits here.", lost: "Connection lost. Trying again…", retryNow: "Try now",
    late: "The answer takes longer than usual. Your message has arrived.",
    stopped: "The chat isn't available at the moment.",
    waiting: "Waiting to be sent", failed: "Not sent.", tooLong: "Not sent: it's too long.", again: "Try again",
    slow: "Many messages at once: the rest follows shortly.",
    typing: "The assistant is writing", queue: "You're in the queue for a person.", position: "You're number {n} in the queue for a person.",
    joined: "{who} has joined the chat.", back: "The assistant is back.", closed: "This chat was closed. Write to open it again.",
    other: "The earlier chat can't be continued here; a new one begins.",
    helpful: "Was this helpful?", up: "Helpful", down: "Not helpful",
    out: "Not available", from: "from {price}", comma: ", ", cards: "Products", choices: "Suggested answers", jump: "New messages",
    starters: ["Where is my order?", "How do returns work?", "How long does delivery take?"],
  },
  zh: {
    open: "与{shop}聊天", close: "关闭聊天", unread: "{n} 条未读", fresh: "{shop}有新消息",
    bot: "智能助手", isBot: "智能助手 · 机器人", person: "人工客服", you: "您", says: "{who}：",
    label: "消息", placeholder: "请输入消息…", send: "发送", log: "对话",
    menu: "更多选项", talk: "转人工客服", talkText: "我想转人工客服。",
    transcript: "下载聊天记录", language: "语言",
    restart: "开始新的对话", restartSure: "这里将不再保留本次对话，再按一次确认。",
    offline: "您已离线，写下的内容会先保存在这里。", lost: "连接断开，正在重连…", retryNow: "立即重试",
    late: "回复比平时慢，您的消息已经收到。",
    stopped: "聊天暂时无法使用。",
    waiting: "等待发送", failed: "发送失败。", tooLong: "发送失败：内容太长。", again: "重试",
    slow: "消息太多，其余的稍后发送。",
    typing: "助手正在输入", queue: "您正在排队等候人工客服。", position: "正在排队等候人工客服，您排在第 {n} 位。",
    joined: "{who}已加入对话。", back: "智能助手继续为您服务。", closed: "本次对话已结束，发送消息可以重新开始。",
    other: "之前的对话无法在这里继续，已开始新的对话。",
    helpful: "这条回答有帮助吗？", up: "有帮助", down: "没有帮助",
    out: "暂时缺货", from: "{price} 起", comma: "、", cards: "商品", choices: "可选回答", jump: "新消息",
    starters: ["我的订单到哪了？", "怎么退货？", "配送要多久？"],
  },
};

/** The language of a locale: "zh" of "zh-CN". */
export const language = (locale) => locale.toLowerCase().split(/[-_]/)[0];

// Between Chinese and Latin letters or digits there is a space.
const latinFirst = /([A-Za-z0-9])(?=\p{Script=Han})/gu, hanFirst = /(\p{Script=Han})(?=[A-Za-z0-9])/gu;

/** Says a word in a locale's language, with {name}s filled in. */
export function say(locale, word, values = {}) {
  const text = (words[language(locale)] ?? words.en)[word];
  if (typeof text !== "string") return text;
  const said = text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  return language(locale) === "zh" ? said.replace(latinFirst, "$1 ").replace(hanFirst, "$1 ") : said;
}

/** Picks a shop's wording for a locale: the same tag, the same language, the one for all, any. */
export function wording(texts, locale) {
  if (!texts) return "";
  const same = Object.keys(texts).find((l) => language(l) === language(locale));
  return texts[locale] ?? texts[same] ?? texts[""] ?? texts.en ?? Object.values(texts)[0] ?? "";
}

/** Picks the shop's locale for the first wish that it speaks; its first otherwise. */
export function speak(locales, wishes) {
  for (const wish of wishes.filter(Boolean)) {
    const found = locales.find((l) => l === wish) ?? locales.find((l) => language(l) === language(wish));
    if (found) return found;
  }
  return locales[0] ?? "en";
}
