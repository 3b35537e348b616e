// Pictures of pages, compared with those kept here. These are small, and compared loosely: fonts
// differ from machine to machine, and nothing but the layout, the colours and what is there at all
// is to be noticed. UPDATE=1 takes new ones.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const kept = new URL("pictures/", import.meta.url);
const whole = process.env.PICTURES; // a folder for full-size pictures, to look at
const width = 120; // of a kept picture
const cell = 6; // px of a kept picture that are looked at together
const differs = 20; // of 255, in a cell's mean
const most = 0.06; // of the cells may differ

const base64 = (png) => png.toString("base64");

/** The picture that is kept under a name. */
export const keptAs = (name) => readFile(new URL(`${name}.png`, kept));

export class Pictures {
  #canvas;

  /** @param chromium has a page in which pictures are worked on */
  static async with(chromium) {
    const p = new Pictures();
    p.#canvas = await chromium.newPage();
    if (whole) await mkdir(whole, { recursive: true });
    return p;
  }

  /** A picture as small as those that are kept. */
  async #small(png) {
    const text = await this.#canvas.evaluate(async ({ png, width }) => {
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
  #share(a, b) {
    return this.#canvas.evaluate(async ({ a, b, cell, differs }) => {
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

  /** Compares how a page looks with the picture kept; returns it, small. */
  async looks(page, name) {
    const png = await page.screenshot({ animations: "disabled", caret: "hide" });
    if (whole) await writeFile(`${whole}/${name}.png`, png);
    const now = await this.#small(png), file = new URL(`${name}.png`, kept);
    if (process.env.UPDATE) {
      await mkdir(kept, { recursive: true });
      await writeFile(file, now);
      return now;
    }
    const share = await this.#share(now, await readFile(file));
    if (share > most) {
      const saved = fileURLToPath(new URL(`${name}.now.png`, kept));
      await writeFile(saved, now);
      assert.fail(`${name}: ${Math.round(share * 100)} % of the picture differ; compare ${saved}, or take new ones with UPDATE=1`);
    }
    return now;
  }

  /** Whether two small pictures would be told apart. */
  async differ(a, b) { return (await this.#share(a, b)) > most; }
}
