// A reader: the page in its own Chromium profile. Knows the page as a person does, by roles, labels and texts. Must not know
// the scripts of the page.

import assert from "node:assert/strict";
import { browse as launch } from "../support/chromium.mjs"; // imported before Playwright, which reads the environment
import { chromium } from "playwright-core";
import { WebSocket } from "ws";
import { eventually } from "../support/machine.mjs";

export const browse = (...more) => launch(chromium, ...more);

export class Reader {
  // Opens `url` and waits for the connection. `faults` collects errors and policy violations of the page.
  static async open(browser, url, options = {}) {
    return Reader.#join(await browser.newContext(options), url);
  }

  // Opens another tab of the same browser profile.
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

  // Loads the page by `load` and waits for the connection. Chromium aborts requests when a network interface of the machine
  // appears or disappears, which other programs may cause at any time. In that case the page is loaded again.
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

  // Opens a reader for each of `options`, runs `act`, and fails if any page had faults.
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

  // From the next connection on, `filter` gets each frame of the hub and returns the frames that the page gets instead.
  filter(filter) {
    return this.page.routeWebSocket(/\/ws/, page => {
      page.connectToServer().onMessage(text => {
        for (const frame of filter(JSON.parse(text))) page.send(JSON.stringify(frame));
      });
    });
  }

  // The link of a room in the list.
  link(room) { return this.page.locator(`nav [data-room="${room}"]`); }

  // Goes to a room by the list, or by the form if the list does not have it.
  async visit(room) {
    if (!await this.page.getByRole("navigation", { name: "Rooms" }).isVisible()) await this.page.getByRole("button", { name: "Rooms" }).click();
    if (await this.link(room).count()) await this.link(room).click();
    else {
      const name = this.page.getByLabel("Open or create a room");
      await name.fill(room);
      await name.press("Enter");
    }
    await this.page.getByRole("heading", { name: room }).waitFor();
  }

  async status(words) {
    await this.page.getByRole("status").filter({ hasText: words }).waitFor();
  }

  // Lets the page read the first `bytes` of what it missed, until it tells how far it is, and then the rest. The page reconnects
  // through the proxy.
  async tells_progress(proxy, bytes) {
    proxy.drip(bytes);
    await this.page.getByText(/^\d+ %$/).waitFor();
    await this.status("Loading the messages that you missed");
    proxy.mend();
  }

  // Where a finger writes, Enter begins a new line.
  async say(text) {
    await this.box.fill(text);
    if (await this.page.evaluate(() => matchMedia("(pointer: coarse)").matches)) await this.page.getByRole("button", { name: "Send", exact: true }).tap();
    else await this.box.press("Enter");
  }

  // Waits for the confirmed message whose whole text this is.
  async sees(text) {
    const message = this.messages.filter({ has: this.page.locator(".text", { hasText: exactly(text) }) });
    await message.waitFor();
    return message;
  }

  async id() { return (await this.page.locator("#me").textContent()).replace("You are ", ""); }

  // Returns the address of the page's WebSocket.
  websocket_url() {
    const url = new URL(this.page.url());
    return Object.assign(new URL(`ws${url.search}`, url), { protocol: "ws:" }).href;
  }

  // Sends all `texts` on a new connection as fast as the hub accepts them. Resolves when the last one is stored.
  async pour(texts) {
    const socket = new WebSocket(this.websocket_url());
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

  // Removes the page's time-outs for answers of the hub, as in browsers older than AbortSignal.timeout. On a busy machine an
  // answer may take longer without a fault of the hub.
  patient() { return this.page.evaluate(() => { delete AbortSignal.timeout; }); }

  // Waits until there are no unsent items.
  allSent() { return eventually("all is sent", async () => await this.unsent.count() === 0); }

  // Records every text of the element with this id from now on. `heard` returns the texts in order.
  listen(id) {
    return this.page.evaluate(id => {
      const heard = (window.heard ??= {})[id] = [];
      new MutationObserver(() => heard.push(document.getElementById(id).textContent))
        .observe(document.getElementById(id), { childList: true, characterData: true, subtree: true });
    }, id);
  }

  heard(id) { return this.page.evaluate(id => window.heard[id], id); }

  // Waits until one of the recorded texts matches.
  hears(id, words) {
    return this.page.waitForFunction(([id, words]) => window.heard[id].some(each => new RegExp(words).test(each)), [id, words.source]);
  }

  // Turns the wheel once at the position of the mouse. A busy Chromium sometimes loses the turn and does not answer, so callers
  // must be ready to turn again.
  async turn(step) {
    let timer;
    const late = new Promise(done => { timer = setTimeout(done, 5_000); });
    await Promise.race([this.page.mouse.wheel(0, step).catch(() => {}), late]);
    clearTimeout(timer);
  }

  // Waits for the next frame of the browser, at most for a second.
  drawn() {
    return this.page.evaluate(() => new Promise(done => {
      requestAnimationFrame(done);
      setTimeout(done, 1_000);
    }));
  }

  // Turns the wheel over the list. Waits until the list has moved and stands still, or is at its edge.
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

  // Returns the first message that is fully in sight, and its distance from the top of the list in px.
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
