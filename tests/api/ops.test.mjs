// The page /ops in a real Chromium: it shows the numbers of /ws-info, on phones too, and does not leak the token.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { browse } from "../support/chromium.mjs"; // imported before Playwright, which reads the environment
import { chromium } from "playwright-core";
import WebSocket from "ws";
import { eventually, limit } from "../support/machine.mjs";
import { Hub } from "./hub.mjs";

const phone = { width: 360, height: 640 };
const token = "correct-horse-battery-staple";
let browser;

before(async () => { browser = await browse(chromium); });
after(() => browser?.close());

async function open(hub, query = "") {
  const socket = new WebSocket(`ws://127.0.0.1:${hub.port}/ws${query}`);
  const [init] = await once(socket, "message");
  return { socket, id: JSON.parse(init).connection_id };
}

const number = (page, name) => page.locator("#numbers div", { has: page.getByText(name, { exact: true }) }).last().locator("dd");

test("/ops shows what happens as it happens, and nothing that its policy forbids", limit, async t => {
  const hub = await Hub.start();
  const page = await browser.newPage({ viewport: phone });
  const faults = [];
  page.on("console", said => faults.push(said.text()));
  page.on("pageerror", error => faults.push(String(error)));
  page.on("request", asked => asked.url().startsWith(`${hub.url}/`) || asked.url().startsWith("data:") || faults.push(`elsewhere: ${asked.url()}`));
  try {
    const policy = (await page.goto(`${hub.url}/ops`)).headers()["content-security-policy"];
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:|blob:/);
    await page.getByText("All is well").waitFor();
    const { socket, id } = await open(hub, "?room=kitchen");
    socket.send("rubbish");
    // A rate per second is shown only while messages arrive.
    const talk = setInterval(() => socket.send(JSON.stringify({ type: "message", text: "hello" })), 100);
    t.after(() => clearInterval(talk));
    await page.locator("#tables").getByText("kitchen").waitFor();
    await page.locator("#tables").getByText("bad_json").waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll("#numbers div")].some(box => /^Messages in/.test(box.textContent) && !/ 0\/s|in0\/s/.test(box.textContent)));
    clearInterval(talk);
    await number(page, "Connections").filter({ hasText: /^1$/ }).waitFor();
    await page.getByRole("button", { name: "Newest" }).click();
    await page.locator("#connections").getByText(id).waitFor();
    assert.equal(await page.locator("#charts canvas").count(), 6);
    const drawn = () => page.locator("#charts canvas").first().evaluate(canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(value => value));
    await eventually("a chart has something in it", drawn);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "a phone need not scroll sideways");
    socket.terminate();
    assert.deepEqual(faults, []);
    await hub.stop();
    await page.getByText("The hub does not answer").waitFor();
  } finally {
    await page.close();
    await hub.remove();
  }
});

test("/ops asks for the token where there is one, and keeps it for the tab alone", limit, async () => {
  const hub = await Hub.start({ ADMIN_TOKEN: token });
  const context = await browser.newContext(), page = await context.newPage();
  const type = async text => {
    await page.getByLabel("ADMIN_TOKEN").fill(text);
    await page.getByRole("button", { name: "Show" }).click();
  };
  try {
    await page.goto(`${hub.url}/ops`);
    await type("a guess");
    await page.getByText("This is not the token of this hub.").waitFor();
    assert.equal(await page.locator("#board").isVisible(), false);
    await type(token);
    await page.getByText("All is well").waitFor();
    await page.reload();
    await page.getByText("All is well").waitFor();
    assert.ok(!page.url().includes(token));
    assert.deepEqual((await context.storageState()), { cookies: [], origins: [] }, "nothing outlives the tab");
    const other = await context.newPage();
    await other.goto(`${hub.url}/ops`);
    await other.getByLabel("ADMIN_TOKEN").waitFor();
  } finally {
    await context.close();
    await hub.remove();
  }
});
