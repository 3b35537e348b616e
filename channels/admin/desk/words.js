// The page's words in both languages. Text is by key; a function takes what it tells.

const en = {
  desk: "Desk", shop: "Shop", language: "Language", lists: "What there is to do", conversation: "Conversation",
  conversations: "Conversations", callbacks: (n) => (n ? `Call-backs (${n})` : "Call-backs"),
  counted: (title, n) => `${title} (${n})`,
  there: (names) => (names.length ? `At the desk: ${names.join(", ")}` : "Nobody is at the desk"),
  me: (name) => `You are ${name}`,
  now: "just now", waiting: "Waiting for a person", mine: "With you", others: "With colleagues", bot: "With the bot",
  nobodyWaits: "Nobody is waiting.", noneMine: "None.", noneOthers: "None.", noneBot: "No conversation yet.",
  visitor: (id) => `Visitor ${id}`, customer: (id, verified) => (verified ? `Customer ${id}` : `Customer ${id}, not verified`),
  you: "You", botName: "Bot", shopperName: "Shopper", agentName: (name) => name,
  place: (n) => `No. ${n}`,
  choose: "Choose a conversation to read it.",
  take: "Take", release: "Give back to the bot", pass: "Pass on…", passTo: "Pass the conversation on to", toQueue: "The queue", keepIt: "Keep it",
  back: "Back to the list",
  hasQueue: (n) => (n ? `Waiting for a person, number ${n} in the queue` : "Waiting for a person"),
  hasBot: "The bot answers", hasMe: "You answer; the bot is silent", hasOther: (name) => `${name} answers`,
  stateBot: "The bot answers again", stateQueue: (n) => (n ? `In the queue, number ${n}` : "In the queue"), stateAgent: (name) => `${name} took the conversation`,
  reasons: { agent_left: "the agent left", desk_empty: "nobody was at the desk", transferred: "passed on", released: "given back" },
  did: {
    cancel_order: (id) => `The bot cancelled order ${id}`, return_items: (id) => `The bot noted a return for order ${id}`,
    exchange_items: (id) => `The bot noted an exchange for order ${id}`, change_items: (id) => `The bot changed items of order ${id}`,
    change_address: (id) => `The bot changed the address of order ${id}`, change_payment: (id) => `The bot changed how order ${id} is paid`,
    change_default_address: (id) => `The bot changed the address of customer ${id}`,
    request_callback: () => "The bot noted a call-back", withdraw_callback: () => "The bot took the call-back out again",
  },
  action: (name, record) => `The bot did ${name} on ${record}`, feedback: (n) => `Rated ${n} of 5`, closed: "Closed",
  offered: (list) => `Offered: ${list.join(" · ")}`, chose: (value) => `chose ${value}`,
  message: "Message to the shopper", takeFirst: "Take the conversation to answer", note: "Note that only colleagues see",
  asNote: "Note for colleagues", noteBy: (name) => `Note by ${name}`,
  send: "Send", keep: "Keep the note",
  typing: "The shopper is writing…", botTyping: "The bot is writing…",
  yourName: "Your name", yourNameWhy: "Shoppers see it when you take their conversation. Colleagues do, too.", sitDown: "Open the desk",
  noCalls: "No open call-backs.", noDone: "None done yet.", openCalls: "Open", doneCalls: "Done", done: "Done", reopen: "Not done after all",
  read: "Read the conversation", doneBy: (name) => `Done by ${name}`,
  lost: "The connection is lost. Trying again…", refused: (text) => text, notSent: "Not sent. Please try again.",
  newWaiting: (n) => (n === 1 ? "One shopper is waiting." : `${n} shoppers are waiting.`),
};

const zh = {
  desk: "客服台", shop: "店铺", language: "语言", lists: "待办", conversation: "对话",
  conversations: "对话", callbacks: (n) => (n ? `回电（${n}）` : "回电"),
  counted: (title, n) => `${title}（${n}）`,
  there: (names) => (names.length ? `在线：${names.join("、")}` : "没有客服在线"),
  me: (name) => `我是${name}`,
  now: "刚刚", waiting: "等待人工", mine: "我接待的", others: "同事接待的", bot: "机器人接待的",
  nobodyWaits: "没有人在等待。", noneMine: "暂无。", noneOthers: "暂无。", noneBot: "还没有对话。",
  visitor: (id) => `访客 ${id}`, customer: (id, verified) => (verified ? `顾客 ${id}` : `顾客 ${id}（未验证）`),
  you: "我", botName: "机器人", shopperName: "顾客", agentName: (name) => name,
  place: (n) => `第 ${n} 位`,
  choose: "请选择一个对话。",
  take: "接待", release: "交还机器人", pass: "转交…", passTo: "把对话转交给", toQueue: "排队", keepIt: "不转交",
  back: "返回列表",
  hasQueue: (n) => (n ? `正在等待人工，第 ${n} 位` : "正在等待人工"),
  hasBot: "机器人在回复", hasMe: "您在回复，机器人不再说话", hasOther: (name) => `${name} 在回复`,
  stateBot: "机器人继续回复", stateQueue: (n) => (n ? `排队中，第 ${n} 位` : "排队中"), stateAgent: (name) => `${name} 接待了对话`,
  reasons: { agent_left: "客服离开", desk_empty: "没有客服在线", transferred: "转交", released: "交还" },
  did: {
    cancel_order: (id) => `机器人取消了订单 ${id}`, return_items: (id) => `机器人为订单 ${id} 登记了退货`,
    exchange_items: (id) => `机器人为订单 ${id} 登记了换货`, change_items: (id) => `机器人修改了订单 ${id} 的商品`,
    change_address: (id) => `机器人修改了订单 ${id} 的地址`, change_payment: (id) => `机器人修改了订单 ${id} 的支付方式`,
    change_default_address: (id) => `机器人修改了顾客 ${id} 的地址`,
    request_callback: () => "机器人登记了回电", withdraw_callback: () => "机器人撤销了回电",
  },
  action: (name, record) => `机器人执行了 ${name}：${record}`, feedback: (n) => `评分 ${n}/5`, closed: "已结束",
  offered: (list) => `选项：${list.join(" · ")}`, chose: (value) => `选择了 ${value}`,
  message: "给顾客的消息", takeFirst: "接待后才能回复", note: "只有同事能看到的备注",
  asNote: "内部备注", noteBy: (name) => `${name} 的备注`,
  send: "发送", keep: "保存备注",
  typing: "顾客正在输入…", botTyping: "机器人正在输入…",
  yourName: "您的名字", yourNameWhy: "接待顾客时，顾客和同事会看到这个名字。", sitDown: "进入客服台",
  noCalls: "没有待回电的顾客。", noDone: "还没有已完成的。", openCalls: "待回电", doneCalls: "已完成", done: "已完成", reopen: "重新打开",
  read: "查看对话", doneBy: (name) => `${name} 已完成`,
  lost: "连接已断开，正在重试…", refused: (text) => text, notSent: "未发送，请重试。",
  newWaiting: (n) => `有 ${n} 位顾客在等待。`,
};

const all = { en, zh };
const kept = localStorage.getItem("desk.language");
let language = all[kept] ? kept : navigator.language.startsWith("zh") ? "zh" : "en";

/** speak changes the language of the page. */
export function speak(to) {
  language = to;
  localStorage.setItem("desk.language", to);
}

export const spoken = () => language;

/** say is a text in the page's language. */
export function say(key, ...args) {
  const word = all[language][key];
  return typeof word === "function" ? word(...args) : word;
}

/** reason is what stands beside a change of owner, "" where nothing is to be said. */
export const reason = (why) => all[language].reasons[why] ?? "";

/** done says what the bot did to a record; an action of the shop's own goes by its name. */
export const done = (name, record) => all[language].did[name]?.(record.split("/").at(-1)) ?? say("action", name, record);

/** money is an amount as the page's language writes it. */
export function money({ amount, currency }) {
  try {
    return new Intl.NumberFormat(language, { style: "currency", currency }).format(amount);
  } catch {
    return `${amount} ${currency}`; // a unit that is no currency
  }
}

/** ago says how long ago a time was: "3 min ago". */
export function ago(time) {
  const seconds = Math.max(0, (Date.now() - new Date(time)) / 1000);
  const format = new Intl.RelativeTimeFormat(language, { style: "short", numeric: "auto" });
  if (seconds < 60) return say("now");
  if (seconds < 3600) return format.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86400) return format.format(-Math.floor(seconds / 3600), "hour");
  return format.format(-Math.floor(seconds / 86400), "day");
}

/** clock is the time of day, with the date if it isn't today's. */
export function clock(time) {
  const at = new Date(time);
  const today = at.toDateString() === new Date().toDateString();
  return at.toLocaleString(language, { hour: "numeric", minute: "2-digit", ...(!today && { month: "short", day: "numeric" }) });
}

const names = { en: "English", zh: "中文" };
/** languageOf names a locale in its own language. */
export const languageOf = (locale) => names[locale.split("-")[0]] ?? locale;
