// Conversations with a server that stays: several at once, each in a browser profile of its own.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { Chat } from "./chat.js";
import { browser, desktop, fresh, phone, Shop, site } from "./shop.js";

let shop, chromium, listed, stranger;

before(async () => {
  const page = (url) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>A site</title><h1>A site</h1>
    <script type="module" src="${url}/widget.js" data-shop="demo" data-locale="auto"></script>`;
  const url = {};
  // A site's policy with no more in it than docs/widget.md asks for.
  const policy = () => ({ "Content-Security-Policy": `default-src 'none'; script-src ${url.shop}; connect-src ${url.shop} ${url.shop.replace("http", "ws")}; img-src ${url.shop}; require-trusted-types-for 'script'; trusted-types 'none'` });
  listed = await site(() => page(url.shop), policy);
  stranger = await site(() => page(url.shop), policy);
  [shop, chromium] = await Promise.all([Shop.open([listed.url]), browser()]);
  url.shop = shop.url;
});
after(async () => {
  await chromium?.close();
  await shop?.close();
  listed.close();
  stranger.close();
});

describe("the widget", { concurrency: 4 }, () => {
  for (const [locale, question, answer, title, other, colors, dearer] of [
    ["en-US", "Do you have a flask that keeps tea hot?", /found|here|we have/i, "Trail Flask", "Assistant · bot", /green, blue/, /^from \$/],
    ["zh-CN", "有没有保温杯？", /找到|有/, "山径保温杯", "智能助手 · 机器人", /绿色、蓝色/, /起$/],
  ]) {
    test(`a conversation in ${locale}, and the next page goes on with it`, async (t) => {
      const context = await fresh(chromium, t, { ...desktop, locale });
      const chat = await Chat.visit(context, shop.url);
      await chat.open();
      assert.equal(await chat.page.locator(".who").innerText(), other);
      assert.equal(await chat.place(), null, "nobody has said anything, and a conversation was begun");
      assert.match(await chat.ask(question), answer);
      assert.match(await chat.replies.last().locator(".cards").innerText(), new RegExp(title));
      assert.match(await chat.replies.last().locator(".card .options").first().innerText(), colors);
      assert.match(await chat.replies.last().locator(".card .price").first().innerText(), dearer);
      assert.equal(await chat.replies.last().locator(".cards svg, .cards img").count(), await chat.replies.last().locator(".card").count());
      assert.equal(await chat.replies.last().getAttribute("lang"), locale.slice(0, 2));
      const said = await chat.said();

      await chat.page.reload();
      await chat.replies.first().waitFor();
      assert.deepEqual(await chat.said(), said);
      assert.ok(await chat.text.isVisible(), "the panel was open");
      await chat.ask(locale === "zh-CN" ? "你好" : "Hello!");
      await chat.page.evaluate(() => sessionStorage.clear()); // a new tab knows only the secret
      const again = await Chat.visit(context, shop.url);
      await again.open();
      await again.replies.nth(1).waitFor();
      await again.agrees();
      again.whole();
      chat.whole();
    });
  }

  test("written offline, sent when the network is back", async (t) => {
    const context = await fresh(chromium, t);
    const chat = await Chat.visit(context, shop.url);
    await chat.open();
    await chat.ask("Hello!");
    await context.setOffline(true);
    await chat.status.getByText("You're offline").waitFor();
    await chat.say("How do I return something?");
    assert.equal(await chat.waiting.locator(".fate").innerText(), "Waiting to be sent");
    await context.setOffline(false);
    await chat.settled();
    await chat.agrees();
  });

  test("a badge counts what wasn't seen, and looking clears it in every tab", async (t) => {
    const context = await fresh(chromium, t);
    const chat = await Chat.visit(context, shop.url), other = await Chat.visit(context, shop.url);
    await chat.open();
    await chat.ask("Do you have kettles?");
    await chat.launcher.click();
    assert.equal(await chat.page.locator(".badge").isVisible(), false, "that was seen");
    await chat.page.evaluate(() => { // an answer that nobody looks at
      const socket = new WebSocket(new URL("v1/chat", location.href.replace("http", "ws")), "floorwalker.v1");
      socket.onopen = () => {
        socket.send(JSON.stringify({ type: "hello", shop: "demo", ...JSON.parse(localStorage.getItem("floorwalker/demo/place")) }));
        socket.send(JSON.stringify({ type: "message", id: "elsewhere", text: "Hello again!" }));
      };
    });
    for (const c of [chat, other]) {
      await c.page.locator(".badge:not([hidden])").waitFor();
      assert.equal(await c.page.locator(".badge").innerText(), "1");
      assert.equal(await c.launcher.getAttribute("aria-label"), "Chat with Lantern Lane (1 unread)");
    }
    await chat.open();
    await other.page.locator(".badge").waitFor({ state: "hidden" });
  });

  test("the journal begins anew: everything comes again, once", async (t) => {
    const context = await fresh(chromium, t);
    const page = await context.newPage();
    let other = false;
    await page.routeWebSocket(/v1\/chat/, (client) => { // an epoch the server doesn't know
      const server = client.connectToServer();
      client.onMessage((m) => {
        const f = JSON.parse(m);
        if (f.resume) { f.resume.epoch = "another"; other = true; }
        server.send(JSON.stringify(f));
      });
    });
    const chat = new Chat(page);
    await page.goto(shop.url);
    await chat.open();
    await chat.ask("Hello!");
    const said = await chat.said();
    await page.reload();
    await chat.replies.first().waitFor();
    await page.waitForFunction(() => document.querySelector("floorwalker-chat").shadowRoot.querySelector(".line").childElementCount === 0);
    await chat.ask("Do you have kettles?");
    assert.ok(other, "the page didn't resume");
    assert.deepEqual((await chat.said()).slice(0, 2), said);
    assert.equal((await chat.said()).length, 4);
  });

  test("refused for now: sent again with the same id; refused for good: it says so", async (t) => {
    const page = await (await fresh(chromium, t)).newPage();
    const sent = [];
    await page.routeWebSocket(/v1\/chat/, (client) => {
      const server = client.connectToServer();
      client.onMessage((m) => {
        const f = JSON.parse(m);
        if (f.type !== "message") return server.send(m);
        sent.push(f);
        const times = sent.filter((s) => s.id === f.id).length;
        if (f.text.startsWith("Hello") && times === 1) return client.send(JSON.stringify({ type: "error", id: f.id, code: "unavailable", message: "busy", retry_after_ms: 100 }));
        if (f.text.startsWith("Long") && times === 1) return client.send(JSON.stringify({ type: "error", id: f.id, code: "too_large", message: "too long" }));
        server.send(m);
      });
    });
    const chat = new Chat(page);
    await page.goto(shop.url);
    await chat.open();
    await chat.ask("Hello!");
    assert.equal(sent.length, 2);
    assert.equal(sent[0].id, sent[1].id);
    await chat.say("Long story");
    const refused = chat.log.locator("li.refused");
    assert.match(await refused.locator(".fate").innerText(), /too long/);
    await refused.getByRole("button", { name: "Try again" }).click();
    await chat.settled();
    assert.equal(sent.at(-1).id, sent.at(-2).id);
    await chat.agrees();
  });

  test("the language is switched, for the page too, and stays", async (t) => {
    const chat = await Chat.visit(await fresh(chromium, t), shop.url);
    await chat.open();
    await chat.page.getByRole("button", { name: "More options" }).click();
    await chat.page.locator(".languages").getByText("中文").click();
    assert.equal(await chat.text.getAttribute("placeholder"), "请输入消息…");
    await chat.page.getByRole("heading", { name: "可以试试" }).waitFor();
    assert.match(await chat.page.locator(".intro").innerText(), /机器人/);
    await chat.page.reload();
    await chat.page.getByRole("dialog", { name: "灯巷家居" }).waitFor();
  });

  test("a customer signs in, and signing out leaves nothing behind", async (t) => {
    const chat = await Chat.visit(await fresh(chromium, t), shop.url);
    await chat.page.getByLabel("Write as").selectOption({ label: "Maya Okafor" });
    await chat.page.getByText("You're signed in as Maya Okafor.").waitFor();
    await chat.open();
    assert.match(await chat.ask("Where is my order W10213?"), /W10213/);
    assert.equal((await chat.place()).customer, "C1001");
    await chat.page.reload();
    await chat.page.getByText("You're signed in as Maya Okafor.").waitFor();
    await chat.replies.first().waitFor();
    const place = await chat.place();

    await chat.page.getByLabel("Write as").selectOption({ label: "Sofia Marchetti" }); // somebody else, at the same computer
    await chat.replies.first().waitFor({ state: "detached" });
    await chat.ask("Hello!");
    assert.notEqual((await chat.place()).conversation, place.conversation);
    await chat.page.getByLabel("Write as").selectOption("");
    await chat.replies.first().waitFor({ state: "detached" });
    assert.equal(await chat.page.evaluate(() => Object.keys(localStorage).filter((k) => !k.endsWith("/locale")).join()), "");
    chat.whole();
  });

  test("a token that has run out: the site is asked for another, the chat goes on", async (t) => {
    const chat = await Chat.visit(await fresh(chromium, t), shop.url);
    await chat.open();
    await chat.ask("Hello!");
    const asked = await chat.page.evaluate(() => new Promise((resolve) => {
      window.floorwalker.addEventListener("token", (e) => resolve(e.detail.message), { once: true });
      window.floorwalker.signIn("e30.e30.e30");
    }));
    assert.match(asked, /token/);
    await chat.ask("Do you have kettles?");
    await chat.agrees();
  });

  test("an answer is rated, and the rating is in the journal", async (t) => {
    const context = await fresh(chromium, t);
    const chat = await Chat.visit(context, shop.url);
    await chat.open();
    await chat.ask("Hello!");
    await chat.page.getByRole("button", { name: "Not helpful" }).click();
    await chat.page.waitForFunction(() => !Object.keys(localStorage).some((k) => k.includes("/out/")));
    const events = await chat.journal();
    const rating = events.find((e) => e.kind === "feedback");
    assert.equal(rating.rating, 1);
    assert.equal(rating.turn, events.find((e) => e.kind === "reply").turn);
    const next = await Chat.visit(context, shop.url);
    await next.open();
    await next.page.locator("[data-rating='1'][aria-pressed='true']").waitFor();
  });

  test("the transcript is the conversation", async (t) => {
    const chat = await Chat.visit(await fresh(chromium, t), shop.url);
    await chat.open();
    const answer = await chat.ask("How long does delivery take?");
    await chat.page.getByRole("button", { name: "More options" }).click();
    const [download] = await Promise.all([chat.page.waitForEvent("download"), chat.page.getByRole("button", { name: "Download transcript" }).click()]);
    assert.match(download.suggestedFilename(), /^Lantern Lane \d{4}-\d\d-\d\d\.txt$/);
    const text = await readFile(await download.path(), "utf8");
    assert.match(text, /^Lantern Lane\n\n\[.*\] You: How long does delivery take\?\n\[.*\] Assistant: /);
    assert.ok(text.includes(answer));
  });

  test("a person is asked for, and a new chat forgets the old one", async (t) => {
    const chat = await Chat.visit(await fresh(chromium, t), shop.url);
    await chat.open();
    await chat.page.locator(".foot").getByRole("button", { name: "Talk to a person" }).click();
    await chat.settled();
    assert.deepEqual(await chat.own.allInnerTexts(), ["I would like to talk to a person."]);
    assert.match((await chat.journal()).find((e) => e.kind === "reply").text, /people|person|desk|here|reach/i);
    await chat.page.getByRole("button", { name: "More options" }).click();
    await chat.page.getByRole("button", { name: "Start a new chat" }).click();
    assert.equal(await chat.replies.count(), 1, "it asks first");
    await chat.page.getByRole("button", { name: "Press again" }).click();
    assert.equal(await chat.replies.count(), 0);
    assert.equal(await chat.place(), null);
  });

  test("quick replies: taken once, gone when something else is said", async (t) => {
    const chat = await Chat.visit(await fresh(chromium, t), shop.url);
    await chat.open();
    await chat.ask("Hello!");
    const chips = chat.replies.first().locator(".chip");
    const label = await chips.first().innerText();
    await chips.first().click();
    await chat.replies.nth(1).waitFor();
    assert.equal(await chips.count(), 0);
    const chosen = (await chat.journal()).filter((e) => e.kind === "utterance").at(-1);
    assert.equal(chosen.text, label);
    assert.ok(chosen.choice);
  });

  test("another site under a strict policy: works where it is listed, says why where it isn't", async (t) => {
    const context = await fresh(chromium, t, { ...phone, locale: "en-US" });
    const chat = await Chat.visit(context, listed.url);
    await chat.page.evaluate(() => { window.against = []; document.addEventListener("securitypolicyviolation", (e) => window.against.push(`${e.violatedDirective} ${e.blockedURI}`)); });
    await chat.open();
    await chat.ask("Do you have a flask that keeps tea hot?");
    assert.ok(await chat.replies.last().locator(".card").count() > 0);
    assert.equal(await chat.page.locator(".panel").evaluate((n) => getComputedStyle(n).position), "fixed", "the style sheet isn't there");
    assert.deepEqual(await chat.page.evaluate(() => window.against), []);
    chat.whole();

    const page = await context.newPage();
    const [message] = await Promise.all([page.waitForEvent("console", (m) => m.text().startsWith("floorwalker:")), page.goto(stranger.url)]);
    assert.match(message.text(), /channels\.websocket\.origins/);
    assert.equal(await page.locator(".launcher").count(), 0);
  });
});
