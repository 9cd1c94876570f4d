// A reader: the page in a Chromium profile of its own. It knows the page as a person does, by roles, labels and words;
// it must not know the page's scripts.

import assert from "node:assert/strict";
import { browse as launch } from "../support/chromium.mjs"; // before Playwright, which looks at the environment
import { chromium } from "playwright-core";
import { WebSocket } from "ws";
import { eventually } from "../support/machine.mjs";

export const browse = (...more) => launch(chromium, ...more);

export class Reader {
  // Opens `url` and waits for the line. `faults` gathers what the page complains of.
  static async open(browser, url, options = {}) {
    return Reader.#join(await browser.newContext(options), url);
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
    await reader.#load(() => page.goto(url));
    return reader;
  }

  // Loads the page by `load` and waits for the line. Chromium gives up what it is loading when a network of the machine
  // comes or goes, which other programs bring about at any time; then the page is loaded again.
  async #load(load) {
    const is_cut = why => why.includes("net::ERR_NETWORK_CHANGED");
    let cut;
    const failed = request => {
      if (is_cut(request.failure().errorText) && /document|script|stylesheet/.test(request.resourceType())) cut();
    };
    this.page.on("requestfailed", failed);
    for (let lost = true; lost;) {
      const given_up = new Promise(done => { cut = () => done(true); });
      lost = await load().then(() => false, why => {
        if (!is_cut(String(why))) throw why;
        return true;
      });
      lost ||= await Promise.race([given_up, this.status("Connected").then(() => false)]);
    }
    this.page.off("requestfailed", failed);
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
  async sees(text) {
    const message = this.messages.filter({ has: this.page.locator(".text", { hasText: exactly(text) }) });
    await message.waitFor();
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

  // From here on the page waits for the hub's answers as long as the test does, as it does in a browser that is older than
  // AbortSignal.timeout: on a machine that is busy enough, seconds say nothing about the hub.
  patient() { return this.page.evaluate(() => { delete AbortSignal.timeout; }); }

  // Waits until nothing is left to be sent.
  allSent() { return eventually("all is sent", async () => await this.unsent.count() === 0); }

  // Writes down what the element of this id says from now on, however shortly: `heard` gives all of it, in its order.
  listen(id) {
    return this.page.evaluate(id => {
      const heard = (window.heard ??= {})[id] = [];
      new MutationObserver(() => heard.push(document.getElementById(id).textContent))
        .observe(document.getElementById(id), { childList: true, characterData: true, subtree: true });
    }, id);
  }

  heard(id) { return this.page.evaluate(id => window.heard[id], id); }

  // Waits until the element has said it, even if it says something else by now.
  hears(id, words) {
    return this.page.waitForFunction(([id, words]) => window.heard[id].some(each => new RegExp(words).test(each)), [id, words.source]);
  }

  // Turns the wheel once, where the mouse is. Now and then a busy Chromium loses the turn and does not answer, so whatever
  // waits for what a turn does must be ready to turn again.
  async turn(step) {
    let timer;
    const late = new Promise(done => { timer = setTimeout(done, 5_000); });
    await Promise.race([this.page.mouse.wheel(0, step).catch(() => {}), late]);
    clearTimeout(timer);
  }

  // Waits for the next picture, or for a second where none comes.
  drawn() {
    return this.page.evaluate(() => new Promise(done => {
      requestAnimationFrame(done);
      setTimeout(done, 1_000);
    }));
  }

  // Turns the wheel over the list, and waits until the list has moved and stands still, or is at its edge.
  async roll(step) {
    await this.list.hover();
    await this.list.evaluate(list => {
      window.rolled = false;
      list.addEventListener("scroll", () => { window.rolled = true; }, { once: true });
    });
    const moved = () => this.list.evaluate(async (list, step) => {
      const edge = () => step < 0 ? list.scrollTop < 1 : list.scrollHeight - list.clientHeight - list.scrollTop < 1;
      const end = performance.now() + 10_000;
      while (!window.rolled && !edge() && performance.now() < end) await new Promise(done => setTimeout(done, 20));
      return window.rolled || edge();
    }, step);
    do await this.turn(step); while (!await moved());
    await this.list.evaluate(async list => {
      const drawn = () => new Promise(requestAnimationFrame);
      for (let still = 0, at; still < 3;) {
        at = list.scrollTop;
        await drawn();
        still = list.scrollTop === at ? still + 1 : 0;
      }
    });
  }

  // The first message that is whole in sight, and how far below the top of the list it stands.
  sight() {
    return this.list.evaluate(list => {
      const { top } = list.getBoundingClientRect();
      const first = [...list.querySelectorAll("#messages .message")].find(item => item.getBoundingClientRect().top >= top);
      return { text: first.querySelector(".text").textContent, y: first.getBoundingClientRect().top - top };
    });
  }

  texts() { return this.messages.locator(".text").allTextContents(); }

  async reload() {
    await this.#load(() => this.page.reload());
  }

  async leave() {
    assert.deepEqual(this.faults, [], "the page complains");
    await this.page.context().close();
  }
}

function exactly(text) {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
