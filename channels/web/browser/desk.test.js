// The desk: people who take over, in a browser of theirs, and shoppers in their own.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./axe.js";
import { Chat } from "./chat.js";
import { Pictures } from "./picture.js";
import { browser, desktop, fresh, phone, Shop } from "./shop.js";

let shop, quiet, chromium, pictures; // quiet: one whose list holds nothing but what is looked at

before(async () => {
  [shop, quiet, chromium] = await Promise.all([Shop.open(), Shop.open(), browser()]);
  pictures = await Pictures.with(chromium);
});
after(async () => {
  await chromium?.close();
  await Promise.all([shop?.close(), quiet?.close()]);
});

const english = { ...desktop, locale: "en-US" };

/** The desk's page, in a browser that has signed in with the token. */
async function desk(t, options = english, at = shop) {
  const context = await fresh(chromium, t, { ...options, reducedMotion: "reduce", httpCredentials: { username: "me", password: await at.token() } });
  const page = await context.newPage();
  page.broken = [];
  page.on("pageerror", (e) => page.broken.push(e.stack));
  page.on("console", (m) => m.type() === "error" && !/ERR_|Failed to load resource/.test(m.text()) && page.broken.push(m.text()));
  await page.goto(`http://${at.people}/desk`);
  return page;
}

/** Somebody sits down at the desk. */
async function sits(t, name, options) {
  const page = await desk(t, options);
  await page.locator("#name").fill(name);
  await page.locator("#name").press("Enter");
  await page.locator("#there").getByText(name).waitFor({ state: "attached" });
  return page;
}

/** Somebody leaves, and isn't counted as there any more. */
const leaves = (page) => page.context().close();

/** A shopper who wants a person, and is told that they wait. */
async function waits(t, text = "I want to talk to a human being", locale = "en-US", at = shop) {
  const chat = await Chat.visit(await fresh(chromium, t, { ...desktop, locale }), at.url);
  await chat.open();
  await chat.ask(text);
  await chat.log.locator(".note").filter({ hasText: /number|第/ }).waitFor();
  return chat;
}

/** The row of a conversation among those that wait: elsewhere in the list it is on its way there, and a click on
 *  what moves is lost. */
const row = async (page, chat) => page.locator("#talks section").first().locator(`.row[data-conversation="${(await chat.place()).conversation}"]`);

const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
const log = (page) => page.locator("#log > div");

describe("the desk", () => {
  test("a conversation is found, read, taken, answered and given back, without a mouse", async (t) => {
    const mei = await sits(t, "Mei");
    const chat = await waits(t, "Do you have kettles? And I want to talk to a human being");
    const waiting = mei.locator("#talks section").first();
    await waiting.getByRole("heading", { name: "Waiting for a person (1)" }).waitFor();
    assert.match(await mei.title(), /^\(1\) /, "a page in the background doesn't tell");
    assert.equal(await mei.locator("#news").textContent(), "One shopper is waiting.");

    for (let i = 0; (await focused(mei)) !== "tab-talks"; i++) {
      assert.ok(i < 12, "the list can't be reached");
      await mei.keyboard.press("Tab");
    }
    for (const key of ["Tab", "Tab", "ArrowDown", "Home", "Enter"]) await mei.keyboard.press(key);
    assert.equal(await focused(mei), "talk-name");
    await log(mei).filter({ hasText: "I want to talk to a human being" }).waitFor();
    assert.match(await mei.locator("#log .bot").first().innerText(), /kettle|queue/i);
    assert.equal(await mei.locator("#talk-state").innerText(), "Waiting for a person, number 1 in the queue · English");
    assert.ok(await mei.locator("#text").isDisabled(), "answered before it was taken");

    await mei.keyboard.press("Tab");
    assert.equal(await focused(mei), "take");
    await mei.keyboard.press("Enter");
    await chat.log.getByText("Mei has joined the chat.").waitFor();
    await mei.waitForFunction(() => document.activeElement.id === "text");
    await mei.keyboard.type("Hello, Mei here.");
    await chat.page.locator(".dots:not([hidden])").waitFor();
    await mei.keyboard.press("Shift+Enter");
    await mei.keyboard.type("What can I do?");
    await mei.keyboard.press("Enter");
    await chat.log.locator("li.agent .text").getByText("Hello, Mei here.").waitFor();
    assert.equal(await chat.log.locator("li.agent .text").textContent(), "Hello, Mei here.\nWhat can I do?");
    assert.equal(await chat.page.locator(".who").first().innerText(), "A person");

    const writing = mei.locator("#typing").getByText("The shopper is writing").waitFor().then(() => false);
    do await chat.text.pressSequentially("Do you have"); // it is told once in a while, and fades: they go on until it is seen
    while (await Promise.race([writing, new Promise((still) => setTimeout(still, 300, true))]));
    await chat.say("Do you have a kettle?");
    await log(mei).filter({ hasText: "Do you have a kettle?" }).waitFor();
    const replies = await chat.replies.count();

    for (let i = 0; (await focused(mei)) !== "release"; i++) {
      assert.ok(i < 6, "giving back can't be reached");
      await mei.keyboard.press("Shift+Tab");
    }
    await mei.keyboard.press("Enter");
    await chat.log.getByText("The assistant is back.").waitFor();
    assert.equal(await chat.replies.count(), replies, "the bot spoke while Mei had the conversation");
    await chat.ask("Do you have a kettle?");
    assert.match(await chat.replies.last().locator(".card").first().innerText(), /Kettle/, "the bot shows none");
    await mei.keyboard.press("Escape");
    await mei.waitForFunction(() => document.activeElement.matches(".row"));
    assert.deepEqual(mei.broken, []);
    chat.whole();
    await leaves(mei);
  });

  test("of two at the desk one has it, passes it on, and notes are theirs alone", async (t) => {
    const [mei, ann] = [await sits(t, "Mei"), await sits(t, "Ann")];
    const chat = await waits(t);
    for (const page of [mei, ann]) await (await row(page, chat)).click();
    await ann.locator("#take").waitFor();
    await mei.locator("#take").click();
    await ann.locator("#talk-state").getByText("Mei answers").waitFor();
    assert.equal(await ann.locator("#take").isVisible(), false);
    await mei.locator("#as-note").check();
    await mei.locator("#text").fill("sounds upset");
    await mei.locator("#text").press("Enter");
    await ann.locator("#log .note").getByText("sounds upset").waitFor();
    await mei.locator("#pass").click();
    await mei.locator("#passing").getByRole("button", { name: "Ann" }).click();
    await ann.locator("#release").waitFor();
    await mei.waitForFunction(() => document.querySelector("#text").disabled);
    await ann.locator("#text").fill("Ann here.");
    await ann.locator("#text").press("Enter");
    await chat.log.locator("li.agent").getByText("Ann here.").waitFor();
    assert.doesNotMatch(await chat.log.innerText(), /upset/);
    await ann.locator("#release").click();
    await chat.log.getByText("The assistant is back.").waitFor();
    assert.deepEqual([...mei.broken, ...ann.broken], []);
    await Promise.all([leaves(mei), leaves(ann)]);
  });

  test("a desk that is lost says so, and comes back by itself", async (t) => {
    const mei = await sits(t, "Mei");
    const chat = await waits(t);
    await (await row(mei, chat)).click();
    await mei.locator("#take").click();
    await chat.log.getByText("Mei has joined").waitFor();
    await shop.kill();
    await mei.locator("#text").fill("Still here?");
    await mei.locator("#text").press("Enter");
    await mei.locator("#trouble").getByText(/Not sent/).waitFor();
    await shop.start();
    await mei.locator("#text").press("Enter");
    await chat.log.locator("li.agent").getByText("Still here?").waitFor();
    assert.equal(await chat.log.locator("li.agent").count(), 1);
    await mei.locator("#release").click();
    await chat.log.getByText("The assistant is back.").waitFor();
    await leaves(mei);
  });

  test("nobody is there: a call-back is left, and done", async (t) => {
    const chat = await Chat.visit(await fresh(chromium, t, english), shop.url);
    await chat.open();
    const told = async () => /reach you/i.test(await chat.ask("I want to talk to a human being"));
    for (let i = 0; !(await told()); i++) assert.ok(i < 3, "a call-back isn't offered"); // the last one has just left
    await chat.ask("+1 503 555 0117");
    const mei = await sits(t, "Mei");
    await mei.getByRole("button", { name: "Call-backs (1)" }).click();
    const call = mei.locator("#calls section").first().locator(".call");
    assert.match(await call.innerText(), /\+15035550117/);
    await call.getByRole("button", { name: "Read the conversation" }).click();
    await log(mei).filter({ hasText: "+1 503 555 0117" }).first().waitFor();
    assert.deepEqual(await violations(mei), [], "call-backs");
    await call.getByRole("button", { name: "Done" }).click();
    await mei.locator("#calls").getByText("Done by Mei").waitFor();
    await mei.locator("#calls").getByText("No open call-backs.").waitFor();
    await mei.getByRole("button", { name: "Not done after all" }).click();
    await mei.getByRole("button", { name: "Call-backs (1)" }).waitFor();
    await leaves(mei);
  });

  test("only who has the token comes in", async (t) => {
    const page = await (await fresh(chromium, t, english)).newPage();
    const response = await page.goto(`http://${shop.people}/desk/`).catch((e) => e);
    assert.ok(response instanceof Error || response.status() === 401);
  });

  for (const [device, locale, colorScheme, asked, answer] of [
    ["desktop", "en-US", "light", "I want to talk to a human being", "Hello, Mei here. Which order is it?"],
    ["desktop", "zh-CN", "dark", "我要转人工客服", "您好，我是美美。请问是哪个订单？"],
    ["phone", "zh-CN", "light", "我要转人工客服", "您好，我是美美。请问是哪个订单？"],
    ["phone", "en-US", "dark", "I want to talk to a human being", "Hello, Mei here. Which order is it?"],
  ]) {
    const name = `desk-${device}-${locale.slice(0, 2)}-${colorScheme}`;
    test(`axe finds nothing, and it looks as it should: ${name}`, async (t) => {
      const options = { ...{ phone, desktop }[device], locale, colorScheme };
      const page = await desk(t, options, quiet);
      await page.locator("#who[open]").waitFor();
      assert.deepEqual(await violations(page), [], "the name");
      await page.locator("#name").fill(locale === "zh-CN" ? "美美" : "Mei");
      await page.locator("#name").press("Enter");
      const chat = await waits(t, asked, locale, quiet);
      await (await row(page, chat)).waitFor();
      assert.deepEqual(await violations(page), [], "the list");
      if (device === "phone") await pictures.looks(page, `${name}-list`);
      await (await row(page, chat)).click();
      await page.locator("#take").click();
      await page.waitForFunction(() => document.activeElement.id === "text");
      await page.locator("#text").fill(answer);
      await page.locator("#text").press("Enter");
      await page.locator("#log .agent").waitFor();
      await page.locator("#as-note").check();
      await page.locator("#text").fill("VIP");
      await page.locator("#text").press("Enter");
      await page.locator("#log .note").waitFor();
      assert.deepEqual(await violations(page), [], "a conversation");
      await pictures.looks(page, `${name}-talk`);
      await page.locator("#pass").click();
      await page.locator("#passing[open]").waitFor();
      assert.deepEqual(await violations(page), [], "passing on");
      await page.locator("#passing-no").click();
      await page.locator("#release").click();
      await page.locator("#take").waitFor();
      assert.deepEqual(page.broken, []);
      await leaves(page);
    });
  }
});
