// The server goes away and comes back, in the middle of conversations.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Chat } from "./chat.js";
import { browser, fresh, Shop } from "./shop.js";

let shop, chromium;

before(async () => { [shop, chromium] = await Promise.all([Shop.open(), browser()]); });
after(async () => {
  await chromium?.close();
  await shop?.close();
});

test("the server is killed and comes back: nothing is lost or doubled", async (t) => {
  const chat = await Chat.visit(await fresh(chromium, t), shop.url);
  await chat.open();
  await chat.ask("Hello!");
  await shop.kill();
  await chat.status.getByText("Connection lost").waitFor();
  await chat.say("Do you have kettles?");
  await chat.say("And how long does delivery take?");
  assert.equal(await chat.waiting.count(), 2);
  await shop.start();
  await chat.settled();
  assert.equal(await chat.status.innerText(), "");
  await chat.agrees();
  assert.deepEqual((await chat.own.allInnerTexts()), ["Hello!", "Do you have kettles?", "And how long does delivery take?"]);
  chat.whole();
});

test("what was written while the server was away is sent by the next page", async (t) => {
  const context = await fresh(chromium, t);
  const chat = await Chat.visit(context, shop.url);
  await chat.open();
  await shop.kill();
  await chat.say("Do you have kettles?"); // the very first words: no conversation yet
  await chat.waiting.waitFor();
  await chat.page.close();
  await shop.start();
  const next = await Chat.visit(context, shop.url);
  await next.open();
  await next.settled();
  assert.deepEqual(await next.own.allInnerTexts(), ["Do you have kettles?"]);
  await next.agrees();
});

test("several tabs are one conversation, also where both begin it", async (t) => {
  const context = await fresh(chromium, t);
  const one = await Chat.visit(context, shop.url), two = await Chat.visit(context, shop.url);
  await one.open();
  await two.open();
  await shop.kill();
  await one.say("Do you have kettles?");
  await two.say("How long does delivery take?");
  await shop.start();
  await Promise.all([one.settled(), two.settled()]);
  await one.page.waitForFunction(() => document.querySelector("floorwalker-chat").shadowRoot.querySelectorAll("li.own").length === 2);
  assert.deepEqual((await one.own.allInnerTexts()).sort(), ["Do you have kettles?", "How long does delivery take?"]);
  await two.page.waitForFunction(() => document.querySelector("floorwalker-chat").shadowRoot.querySelectorAll("li.own").length === 2);
  await one.settled();
  await one.agrees();
  await two.agrees();
});

test("everything kept is lost: a new conversation begins, and what waits is sent", async (t) => {
  const chat = await Chat.visit(await fresh(chromium, t), shop.url);
  await chat.open();
  await chat.ask("Hello!");
  const place = await chat.place();
  await shop.kill();
  await shop.wipe();
  await chat.say("Do you have kettles?");
  await shop.start();
  await chat.settled();
  assert.notEqual((await chat.place()).conversation, place.conversation);
  assert.deepEqual(await chat.own.allInnerTexts(), ["Do you have kettles?"]);
  await chat.log.getByText("The earlier chat can't be continued here").waitFor({ state: "attached" });
});
