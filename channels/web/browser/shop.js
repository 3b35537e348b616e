// A floorwalker process and a browser, for tests.

import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const binary = process.env.FLOORWALKER_SERVER;
const shop = process.env.FLOORWALKER_SHOP;
if (!binary || !shop) throw new Error("FLOORWALKER_SERVER and FLOORWALKER_SHOP name the server and the shop folder: `go test ./cmd/floorwalker -run TestWidget` sets them");

/** A shop that is served, killed and served again at the same address, on the same data. */
export class Shop {
  #process;

  /** @param origins sites that may embed the chat */
  static async open(origins = []) {
    const s = new Shop();
    s.dir = await mkdtemp(join(tmpdir(), "floorwalker-widget-"));
    s.address = s.people = "127.0.0.1:0";
    await cp(shop, join(s.dir, "shop"), { recursive: true });
    const settings = join(s.dir, "shop", "shop.yaml");
    await writeFile(settings, (await readFile(settings, "utf8")).replace(/origins: \[.*?\]/, `origins: ${JSON.stringify(origins)}`));
    await s.start();
    return s;
  }

  get url() { return `http://${this.address}`; }

  async start() {
    const p = this.#process = spawn(binary, ["serve", "--demo", "--shop", join(this.dir, "shop"), "--data", join(this.dir, "data"), "--encoder-kind", "off", "--log-json",
      "--listen", this.address, "--admin-listen", this.people], { stdio: ["ignore", "ignore", "pipe"] });
    const log = [];
    for await (const line of createInterface({ input: p.stderr })) {
      log.push(line);
      const told = JSON.parse(line);
      if (told.msg === "serving") {
        this.address = told.shoppers.replace("http://", "");
        this.people = told.people.replace("http://", "");
        p.stderr.resume();
        return;
      }
    }
    throw new Error(`the server ended:\n${log.join("\n")}`);
  }

  /** What signs in to the desk. */
  async token() { return (await readFile(join(this.dir, "data", "admin.token"), "utf8")).trim(); }

  /** Ends the server as nobody should. */
  kill() {
    return new Promise((resolve) => {
      this.#process.once("exit", resolve);
      this.#process.kill("SIGKILL");
    });
  }

  /** Loses everything that was kept. */
  async wipe() { await rm(join(this.dir, "data"), { recursive: true }); }

  async close() {
    await this.kill();
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** A site of somebody else's, that serves page() with the headers(). */
export function site(page, headers) {
  return new Promise((resolve) => {
    const server = createServer((_, response) => response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...headers() }).end(page()));
    server.listen(0, "127.0.0.1", () => resolve({ url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }));
  });
}

export function browser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--font-render-hinting=none"] });
}

export const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
export const desktop = { viewport: { width: 1000, height: 720 } };

/** A browser profile that ends with the test. */
export async function fresh(chromium, t, options = { ...desktop, locale: "en-US" }) {
  const context = await chromium.newContext(options);
  context.setDefaultTimeout(15_000);
  t.after(() => context.close());
  return context;
}
