// How it looks: a scripted conversation, compared with the pictures kept here.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Chat } from "./chat.js";
import { keptAs, Pictures } from "./picture.js";
import { play, scenes, Script } from "./script.js";
import { browser, desktop, fresh, phone, Shop } from "./shop.js";

let shop, chromium, pictures;

before(async () => {
  [shop, chromium] = await Promise.all([Shop.open(), browser()]);
  pictures = await Pictures.with(chromium);
});
after(async () => {
  await chromium?.close();
  await shop?.close();
});

/** A page with a scripted conversation up to its cards, at a fixed time. */
async function staged(t, options, locale) {
  const page = await (await fresh(chromium, t, { ...options, locale, timezoneId: "UTC", reducedMotion: "reduce" })).newPage();
  const script = await Script.on(page);
  await page.route("**/products.json*", (route) => route.fulfill({ json: { cards: [] } })); // the shop's are somebody else's matter
  const chat = new Chat(page);
  await page.goto(shop.url);
  await chat.launcher.waitFor();
  return { page, script, chat, scene: scenes[locale.slice(0, 2)] };
}

describe("looks", { concurrency: 4 }, () => {
  for (const [device, options] of Object.entries({ phone, desktop })) {
    for (const [locale, colorScheme] of [["en-US", "light"], ["zh-CN", "light"], ["en-US", "dark"], ["zh-CN", "dark"]]) {
      const name = `${device}-${locale.slice(0, 2)}-${colorScheme}`;
      test(name, async (t) => {
        const { page, script, chat, scene } = await staged(t, { ...options, colorScheme }, locale);
        await chat.open();
        await pictures.looks(page, `${name}-begin`);
        await play(chat, script, scene);
        const cards = await pictures.looks(page, `${name}-cards`);
        if (!process.env.UPDATE) { // what another picture shows would be noticed
          for (const other of [`${name}-begin`, `${name}-cards`.replace(colorScheme, colorScheme === "dark" ? "light" : "dark")]) {
            assert.ok(await pictures.differ(cards, await keptAs(other)), `${name} can't be told from ${other}`);
          }
        }
      });
    }
  }

  for (const [locale, options] of [["en-US", desktop], ["zh-CN", phone]]) {
    test(`mid-stream, then offline, ${locale}`, async (t) => {
      const { page, script, chat, scene } = await staged(t, options, locale);
      await play(chat, script, scene);
      await chat.say(scene.next);
      await chat.own.nth(1).waitFor();
      script.send({ type: "typing", role: "bot" });
      script.delta("t2", 0, scene.half);
      await page.locator(".stream").waitFor();
      await pictures.looks(page, `stream-${locale.slice(0, 2)}`);
      await page.context().setOffline(script.down = true);
      await page.locator(".line > span").waitFor();
      await chat.say(scene.offline);
      await chat.waiting.waitFor();
      await pictures.looks(page, `offline-${locale.slice(0, 2)}`);
    });
  }
});
