// Keys, screen readers, contrast, sizes, motion.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./axe.js";
import { Chat } from "./chat.js";
import { play, scenes, Script } from "./script.js";
import { browser, desktop, fresh, phone, Shop } from "./shop.js";

let shop, chromium;

before(async () => { [shop, chromium] = await Promise.all([Shop.open(), browser()]); });
after(async () => {
  await chromium?.close();
  await shop?.close();
});

/** A scripted conversation. */
async function scripted(t, options, scene = scenes.en) {
  const page = await (await fresh(chromium, t, options)).newPage();
  const script = await Script.on(page);
  const chat = new Chat(page);
  await page.goto(shop.url);
  await chat.launcher.waitFor();
  return { page, script, chat, play: () => play(chat, script, scene) };
}

/** The focused element within the widget, in words. */
const focused = (page) => page.evaluate(() => {
  const root = document.querySelector("floorwalker-chat").shadowRoot, n = root.activeElement;
  return n && (n.getAttribute("aria-label") || n.id || n.textContent || n.className);
});

describe("access", { concurrency: 4 }, () => {
  for (const [colorScheme, device, locale] of [["light", phone, "zh-CN"], ["light", desktop, "en-US"], ["dark", phone, "en-US"], ["dark", desktop, "zh-CN"]]) {
    test(`axe finds nothing: ${colorScheme}, ${device === phone ? "phone" : "desktop"}, ${locale}`, async (t) => {
      const scene = scenes[locale.slice(0, 2)];
      const { page, script, chat, play } = await scripted(t, { ...device, colorScheme, locale, reducedMotion: "reduce" }, scene);
      await page.locator("#products li").first().waitFor();
      assert.deepEqual(await violations(page), [], "closed");
      await chat.open();
      assert.deepEqual(await violations(page), [], "just opened");
      await play();
      script.answer = (f) => script.send({ type: "error", id: f.id, code: "too_large", message: "" });
      script.event({ kind: "state", owner: "queue", position: 2 });
      script.event({ kind: "state", owner: "agent", agent: "Ana" });
      script.event({ kind: "utterance", role: "agent", agent: "Ana", id: "x", text: "Hello, see https://example.com/help" });
      await chat.say(scene.next);
      await chat.log.locator(".refused").waitFor();
      script.delta("t2", 0, scene.half);
      await page.locator(".stream").waitFor();
      await page.locator(".head .icon-button").first().click();
      assert.deepEqual(await violations(page), [], "a conversation, and the menu");
      await page.keyboard.press("Escape");
      await page.context().setOffline(script.down = true);
      await page.locator(".line > span").waitFor();
      await chat.say(scene.offline);
      await chat.waiting.waitFor();
      assert.deepEqual(await violations(page), [], "offline");
    });
  }

  test("axe looks into the widget", async (t) => {
    const { page, chat } = await scripted(t, { ...desktop, locale: "en-US" });
    await chat.launcher.evaluate((n) => n.removeAttribute("aria-label"));
    assert.match((await violations(page)).join(), /^button-name: floorwalker-chat \.launcher/);
  });

  test("everything works without a mouse", async (t) => {
    const { page, script, chat } = await scripted(t, { ...desktop, locale: "en-US" });
    await chat.launcher.focus();
    await page.keyboard.press("Enter");
    assert.equal(await focused(page), "text", "writing can begin at once");
    await page.keyboard.type("Do you have a flask?");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("For tea.");
    await page.keyboard.press("Enter");
    await script.ready;
    assert.deepEqual(await chat.own.allTextContents(), ["Do you have a flask?\nFor tea."]);
    script.reply("t1", "Which one?", { choices: [{ label: "Small", value: "s" }, { label: "Large", value: "l" }] });
    await chat.replies.first().waitFor();
    for (const name of ["Large", "Small", "Not helpful", "Helpful", "Conversation", "Close chat", "More options"]) {
      await page.keyboard.press("Shift+Tab");
      assert.equal(await focused(page), name);
    }
    await page.keyboard.press("Enter");
    assert.equal(await focused(page), "Talk to a person", "the menu has the focus");
    await page.keyboard.press("Escape");
    assert.equal(await focused(page), "More options");
    for (let i = 0; i < 5; i++) await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Small");
    await page.keyboard.press("Enter");
    assert.equal(await focused(page), "text");
    assert.deepEqual(script.received.filter((f) => f.type === "choose").map((f) => f.choice), ["s"]);
    await page.keyboard.press("Escape");
    assert.equal(await chat.text.isVisible(), false);
    assert.equal(await focused(page), "Chat with Lantern Lane", "the focus is back where it was");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");

    await page.locator("#try button").first().focus(); // opened by the page, it goes back to the page
    await page.keyboard.press("Enter");
    assert.equal(await focused(page), "text");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.closest("ul").id), "try");
  });

  test("whoever talks to a person is offered none, and Chinese stands apart from Latin letters", async (t) => {
    const { page, script, chat, play } = await scripted(t, { ...desktop, locale: "zh-CN" }, scenes.zh);
    await play();
    script.event({ kind: "state", owner: "agent", agent: "Ana" });
    await chat.log.getByText("Ana 已加入对话。").waitFor();
    await page.locator(".head .icon-button").first().click();
    assert.equal(await focused(page), "下载聊天记录");
    assert.equal(await page.locator(".menu").getByText("转人工客服").isVisible(), false);
    script.event({ kind: "state", owner: "bot" });
    await page.locator(".menu").getByText("转人工客服").waitFor();
  });

  test("on a phone the focus stays in the panel, and the page behind it waits", async (t) => {
    const { page, chat, play } = await scripted(t, { ...phone, locale: "en-US" });
    await chat.open();
    assert.equal(await page.locator("dialog:modal").count(), 1);
    assert.equal(await focused(page), "name", "no keyboard comes unasked");
    await play();
    const seen = new Set();
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press("Tab");
      const name = await focused(page);
      assert.ok(name, `the focus left the panel after ${[...seen]}`);
      seen.add(name);
    }
    for (const name of ["More options", "Close chat", "Conversation", "Helpful", "text", "Send", "Talk to a person"]) assert.ok(seen.has(name), `${name} was not reached: ${[...seen]}`);
    const box = await page.locator(".panel").boundingBox();
    assert.deepEqual(box, { x: 0, y: 0, width: phone.viewport.width, height: phone.viewport.height });
    await page.setViewportSize({ width: 390, height: 400 }); // as a keyboard does
    await page.waitForFunction(() => document.querySelector("floorwalker-chat").shadowRoot.querySelector(".panel").offsetHeight === 400);
    await page.setViewportSize({ width: 1000, height: 800 });
    await page.waitForFunction(() => document.querySelector("floorwalker-chat").shadowRoot.querySelector("dialog:not(:modal)[open]"));
    await chat.launcher.click();
    assert.equal(await chat.text.isVisible(), false);
  });

  test("a screen reader hears whole answers, once, and nothing twice on the next page", async (t) => {
    const { page, script, chat, play } = await scripted(t, { ...desktop, locale: "en-US" });
    await page.evaluate(() => {
      window.heard = [];
      const root = document.querySelector("floorwalker-chat").shadowRoot;
      for (const live of root.querySelectorAll("[aria-live=polite], [role=status]")) new MutationObserver(() => live.textContent && window.heard.push(live.textContent)).observe(live, { childList: true });
    });
    await play();
    await chat.say(scenes.en.next);
    await chat.own.nth(1).waitFor();
    script.send({ type: "typing", role: "bot" });
    for (const [i, text] of ["The", "The Trail", "The Trail Flask"].entries()) script.delta("t2", i, text);
    await page.locator(".stream").waitFor();
    script.reply("t2", "The Trail Flask is in stock.");
    await chat.replies.nth(1).waitFor();
    script.event({ kind: "state", owner: "agent", agent: "Ana" });
    script.event({ kind: "utterance", role: "agent", agent: "Ana", id: "x", text: "Hello!" });
    await chat.log.getByText("Ana:").waitFor();
    const { found, cards, choices } = scenes.en;
    assert.deepEqual(await page.evaluate(() => window.heard), [
      [`Assistant: ${found}`, ...cards.map((c) => c.title), ...choices.map((c) => c.label)].join("\n"),
      "Assistant: The Trail Flask is in stock.", "Ana has joined the chat.", "Ana: Hello!"]);
    assert.equal(await page.locator("[role=log]").getAttribute("aria-live"), "off");
    assert.equal(await page.locator("[role=log] .stream").getAttribute("aria-hidden"), "true");
    assert.deepEqual(await chat.log.locator("li.message .unseen, li.message .who").allTextContents(), ["You:", "Assistant:", "You:", "Assistant:", "Ana:"]);
    await page.reload();
    await chat.replies.nth(1).waitFor();
    assert.equal(await page.locator(".panel > .unseen").textContent(), "", "old answers are told again");
  });

  test("wording so far is void when another turn speaks, or the connection goes", async (t) => {
    const { page, script, chat } = await scripted(t, { ...desktop, locale: "en-US" });
    await chat.open();
    await chat.say("Hello!");
    await script.ready;
    const stream = page.locator(".stream");
    const shows = (text) => page.waitForFunction((want) => {
      const n = document.querySelector("floorwalker-chat").shadowRoot.querySelector(".stream");
      return (n.hidden ? "" : n.textContent) === want;
    }, text);
    script.delta("t1", 0, "Let me");
    script.delta("t1", 1, "Let me see");
    await shows("Let me see");
    script.delta("t1", 0, "Let me"); // late
    script.delta("t2", 0, "Instead");
    await shows("Instead");
    script.delta("t1", 2, "Let me see that"); // void for good
    script.delta("t2", 1, "Instead, this");
    await shows("Instead, this");
    script.reply("t3", "Something else.");
    await shows("");
    script.delta("t3", 0, "Some"); // its reply is here
    script.delta("t4", 0, "More");
    await shows("More");
    assert.equal(await chat.replies.count(), 1);
    await page.context().setOffline(true);
    await shows("");
    assert.equal(await stream.isVisible(), false);
  });

  test("an answer that doesn't come is said to be late, and is tried for", async (t) => {
    const { page, script, chat } = await scripted(t, { ...desktop, locale: "en-US" });
    await page.clock.install();
    await chat.open();
    await chat.say("Hello!");
    await script.ready;
    await chat.own.first().waitFor();
    await page.clock.fastForward(15_000);
    assert.equal(await chat.status.innerText(), "");
    script.send({ type: "typing", role: "bot" });
    await page.locator(".dots:not([hidden])").waitFor();
    await page.clock.fastForward(15_000); // it is at work: no need to worry yet
    assert.equal(await chat.status.innerText(), "");
    await page.clock.fastForward(6_000);
    await chat.status.getByText("The answer takes longer than usual.").waitFor();
    const hellos = () => script.received.filter((f) => f.type === "hello");
    await page.getByRole("button", { name: "Try now" }).click();
    await page.waitForFunction(() => document.querySelector("floorwalker-chat").shadowRoot.querySelector(".line").childElementCount === 0);
    assert.deepEqual(hellos().map((f) => f.resume?.offset), [undefined, 1]);
    assert.equal(script.received.filter((f) => f.type === "message").length, 1, "it was sent twice");
    await page.clock.fastForward(21_000);
    await chat.status.getByText("The answer takes longer than usual.").waitFor();
    script.reply("t1", "Here I am.", { in_reply_to: [1] });
    await chat.replies.first().waitFor();
    assert.equal(await chat.status.innerText(), "");
    script.event({ kind: "state", owner: "agent", agent: "Ana" });
    await chat.say("Are you there?");
    await chat.own.nth(1).waitFor();
    await page.clock.fastForward(60_000); // people take their time
    assert.equal(await chat.status.innerText(), "");
  });

  test("Enter doesn't send while an input method composes", async (t) => {
    const { page, script, chat } = await scripted(t, { ...desktop, locale: "zh-CN" });
    await chat.open();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Input.imeSetComposition", { text: "nihao", selectionStart: 5, selectionEnd: 5 });
    for (const how of [{ isComposing: true, keyCode: 13 }, { keyCode: 229 }]) { // the second is Safari's, just after
      await chat.text.evaluate((n, how) => n.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...how })), how);
    }
    assert.equal(await chat.own.count(), 0);
    await cdp.send("Input.insertText", { text: "你好" });
    assert.equal(await chat.text.inputValue(), "你好");
    await page.keyboard.press("Enter");
    await script.ready;
    assert.deepEqual(await chat.own.allTextContents(), ["你好"]);
  });

  test("typing is told, once in a while", async (t) => {
    const { page, script, chat } = await scripted(t, { ...desktop, locale: "en-US" });
    await chat.open();
    await chat.say("Hello!");
    await script.ready;
    await chat.text.pressSequentially("Do you have kettles?");
    const told = () => script.received.filter((f) => f.type === "typing").length;
    for (let more = 0; told() === 0 && more < 100; more++) { // what was written while it said hello may have been told too lately
      await chat.text.press("x");
      await page.waitForTimeout(100);
    }
    const typing = told();
    assert.ok(typing >= 1 && typing <= 3, `${typing} typing frames`);
    script.send({ type: "typing", role: "bot" });
    await page.locator(".dots").waitFor();
    assert.equal(await page.locator(".who").innerText(), "The assistant is writing");
    script.reply("t1", "Hello!");
    await chat.replies.first().waitFor();
    assert.equal(await page.locator(".dots").isVisible(), false);
    assert.equal(await page.locator(".who").innerText(), "Assistant · bot");
  });

  for (const [device, options, least] of [["phone", phone, 40], ["desktop", desktop, 24]]) {
    test(`what is touched is large enough: ${device}`, async (t) => {
      const { page, play } = await scripted(t, { ...options, locale: "en-US" });
      await play();
      await page.locator(".head .icon-button").first().click();
      const small = await page.evaluate((least) => [...document.querySelector("floorwalker-chat").shadowRoot.querySelectorAll("button, textarea, a")]
        .map((n) => [n.getAttribute("aria-label") ?? n.textContent, n.getBoundingClientRect()]).filter(([, r]) => r.width && (r.width < least || r.height < least))
        .map(([name, r]) => `${name}: ${r.width} x ${r.height}`), least);
      assert.deepEqual(small, []);
    });
  }

  test("nothing moves for those who don't want it, and something does for others", async (t) => {
    for (const [reducedMotion, moves] of [["reduce", false], ["no-preference", true]]) {
      const { page, script, chat } = await scripted(t, { ...desktop, locale: "en-US", reducedMotion });
      await chat.open();
      await chat.say("Hello!");
      await script.ready;
      script.send({ type: "typing", role: "bot" });
      await page.locator(".dots").waitFor();
      const running = await page.evaluate(() => document.querySelector("floorwalker-chat").shadowRoot.getAnimations().length);
      assert.equal(running > 0, moves, `${running} animations with ${reducedMotion}`);
    }
  });

  test("a theme is a few variables, and the page's own styles stay outside", async (t) => {
    const { page, chat } = await scripted(t, { ...desktop, locale: "en-US" });
    const color = (name) => page.locator(name).first().evaluate((n) => getComputedStyle(n).backgroundColor);
    const before = await color(".launcher");
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("* { font-family: cursive !important; color: red; } button { background: red; } :root { --floorwalker-accent: rgb(90, 20, 120); font-size: 62.5%; }");
      document.adoptedStyleSheets = [sheet];
    });
    await chat.open();
    assert.notEqual(before, "rgb(90, 20, 120)");
    assert.equal(await color(".launcher"), "rgb(90, 20, 120)");
    assert.equal(await chat.text.evaluate((n) => getComputedStyle(n).fontSize), "16px");
    assert.doesNotMatch(await chat.text.evaluate((n) => getComputedStyle(n).fontFamily), /cursive/);
  });
});
