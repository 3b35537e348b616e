// How it looks: a scripted conversation, compared with the pictures kept here. Those are small,
// and compared loosely: fonts differ from machine to machine, and nothing but the layout,
// the colours and what is there at all is to be noticed. UPDATE=1 takes new ones.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Chat } from "./chat.js";
import { play, scenes, Script } from "./script.js";
import { browser, desktop, fresh, phone, Shop } from "./shop.js";

const kept = new URL("pictures/", import.meta.url);
const whole = process.env.PICTURES; // a folder for full-size pictures, to look at
const width = 120; // of a kept picture
const cell = 6; // px of a kept picture that are looked at together
const differs = 20; // of 255, in a cell's mean
const most = 0.06; // of the cells may differ

let shop, chromium, canvas;

before(async () => {
  [shop, chromium] = await Promise.all([Shop.open(), browser()]);
  canvas = await chromium.newPage();
  if (whole) await mkdir(whole, { recursive: true });
});
after(async () => {
  await chromium?.close();
  await shop?.close();
});

const base64 = (png) => png.toString("base64");

/** A picture as small as those that are kept. */
async function small(png) {
  const text = await canvas.evaluate(async ({ png, width }) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const c = new OffscreenCanvas(width, Math.round(image.height * width / image.width)), g = c.getContext("2d");
    g.imageSmoothingQuality = "high";
    g.drawImage(image, 0, 0, c.width, c.height);
    const bytes = new Uint8Array(await (await c.convertToBlob()).arrayBuffer());
    return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
  }, { png: base64(png), width });
  return Buffer.from(text, "base64");
}

/** The share of cells in which two small pictures differ; 1 where their sizes do. */
function difference(a, b) {
  return canvas.evaluate(async ({ a, b, cell, differs }) => {
    const cells = async (png) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
      const c = new OffscreenCanvas(Math.round(image.width / cell), Math.round(image.height / cell)), g = c.getContext("2d");
      g.imageSmoothingQuality = "high";
      g.drawImage(image, 0, 0, c.width, c.height);
      return g.getImageData(0, 0, c.width, c.height);
    };
    const [one, two] = await Promise.all([cells(a), cells(b)]);
    if (one.width !== two.width || one.height !== two.height) return 1;
    let far = 0;
    for (let i = 0; i < one.data.length; i += 4) if ([0, 1, 2].some((k) => Math.abs(one.data[i + k] - two.data[i + k]) > differs)) far++;
    return far / (one.data.length / 4);
  }, { a: base64(a), b: base64(b), cell, differs });
}

async function looks(page, name) {
  const png = await page.screenshot({ animations: "disabled", caret: "hide" });
  if (whole) await writeFile(`${whole}/${name}.png`, png);
  const now = await small(png), file = new URL(`${name}.png`, kept);
  if (process.env.UPDATE) {
    await mkdir(kept, { recursive: true });
    await writeFile(file, now);
    return now;
  }
  const share = await difference(now, await readFile(file));
  if (share > most) {
    const saved = fileURLToPath(new URL(`${name}.now.png`, kept));
    await writeFile(saved, now);
    assert.fail(`${name}: ${Math.round(share * 100)} % of the picture differ; compare ${saved}, or take new ones with UPDATE=1`);
  }
  return now;
}

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
        await looks(page, `${name}-begin`);
        await play(chat, script, scene);
        const cards = await looks(page, `${name}-cards`);
        if (!process.env.UPDATE) { // what another picture shows would be noticed
          for (const other of [`${name}-begin`, `${name}-cards`.replace(colorScheme, colorScheme === "dark" ? "light" : "dark")]) {
            assert.ok(await difference(cards, await readFile(new URL(`${other}.png`, kept))) > most, `${name} can't be told from ${other}`);
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
      await looks(page, `stream-${locale.slice(0, 2)}`);
      await page.context().setOffline(script.down = true);
      await page.locator(".line > span").waitFor();
      await chat.say(scene.offline);
      await chat.waiting.waitFor();
      await looks(page, `offline-${locale.slice(0, 2)}`);
    });
  }
});
