// A reader: the page in a Chromium profile of its own. It knows the page as a person does, by roles, labels and words;
// it must not know the page's scripts.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { WebSocket } from "ws";

const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];
export const deadline = 15_000; // ms; the page's longest wait between two tries is 15 s, and its first ones are far shorter

export const browse = (...more) => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [...flags, ...more],
});

export class Reader {
  // Opens `url` and waits for the line. `faults` gathers what the page complains of.
  static async open(browser, url, options = {}) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(deadline);
    return Reader.#join(context, url);
  }

  // Another tab of the same browser profile.
  tab(url) { return Reader.#join(this.page.context(), url); }

  static async #join(context, url) {
    const page = await context.newPage();
    const reader = new Reader(page);
    page.on("pageerror", error => reader.faults.push(String(error)));
    page.on("console", line => {
      if (/Content Security Policy/.test(line.text())) reader.faults.push(line.text());
    });
    page.on("dialog", dialog => {
      reader.faults.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    await page.goto(url);
    await reader.status("Connected");
    return reader;
  }

  // Opens a reader for each of `options`, and holds every page to account when the act is over.
  static async together(browser, url, options, act) {
    const readers = [];
    for (const option of options) readers.push(await Reader.open(browser, url, option));
    await act(...readers);
    for (const reader of readers) await reader.leave();
  }

  constructor(page) {
    this.page = page;
    this.faults = [];
    this.box = page.getByRole("textbox", { name: "Message" });
    this.messages = page.getByRole("log").getByRole("listitem");
    this.unsent = page.getByRole("list", { name: "Not sent yet" }).getByRole("listitem");
    this.list = page.getByRole("region", { name: "Conversation" });
    this.alert = page.getByRole("alert");
  }

  // From its next line on, `filter` is given each frame of the hub and says which frames the page gets in its place.
  filter(filter) {
    return this.page.routeWebSocket(/\/ws/, page => {
      page.connectToServer().onMessage(text => {
        for (const frame of filter(JSON.parse(text))) page.send(JSON.stringify(frame));
      });
    });
  }

  async status(words) {
    await this.page.getByRole("status").filter({ hasText: words }).waitFor();
  }

  async say(text) {
    await this.box.fill(text);
    await this.box.press("Enter");
  }

  // Waits for the message with this whole text among those that are confirmed.
  async sees(text, timeout = deadline) {
    const message = this.messages.filter({ has: this.page.locator(".text", { hasText: exactly(text) }) });
    await message.waitFor({ timeout });
    return message;
  }

  async id() { return (await this.page.locator("#me").textContent()).replace("You are ", ""); }

  // The address of the page's own line.
  line() {
    const url = new URL(this.page.url());
    return Object.assign(new URL(`ws${url.search}`, url), { protocol: "ws:" }).href;
  }

  // Says all `texts` on one line of its own, as fast as the hub takes them, and returns when the last one is stored.
  async pour(texts) {
    const socket = new WebSocket(this.line());
    await new Promise((resolve, reject) => {
      socket.onerror = reject;
      socket.onmessage = ({ data }) => {
        const { type, text } = JSON.parse(data);
        if (type === "init") for (const text of texts) socket.send(JSON.stringify({ type: "message", text }));
        if (type === "message" && text === texts.at(-1)) resolve();
      };
    });
    socket.close();
  }

  texts() { return this.messages.locator(".text").allTextContents(); }

  async reload() {
    await this.page.reload();
    await this.status("Connected");
  }

  async leave() {
    assert.deepEqual(this.faults, [], "the page complains");
    await this.page.context().close();
  }
}

function exactly(text) {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
