// The pages /docs and /redoc in a real Chromium: they show both descriptions completely, keep to their policy, and load nothing
// from other hosts.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse } from "../support/chromium.mjs"; // imported before Playwright, which reads the environment
import { chromium } from "playwright-core";
import { below } from "../support/below.mjs";
import { limit } from "../support/machine.mjs";
import { asyncapi, openapi } from "./descriptions.mjs";
import { Hub } from "./hub.mjs";

let browser, hub;

before(async () => {
  [browser, hub] = await Promise.all([browse(chromium), Hub.start()]);
  await hub.healthy();
});
after(() => Promise.all([browser?.close(), hub?.remove()]));

// Opens the page, runs `read`, and fails if the page had errors or requested something that is not below `root`.
async function reading(path, read, root = hub.url) {
  const page = await browser.newPage();
  const faults = [];
  page.on("console", said => faults.push(`console: ${said.text()}`));
  page.on("pageerror", error => faults.push(`error: ${error.message}`));
  page.on("response", answer => answer.status() >= 400 && faults.push(`${answer.status()}: ${answer.url()}`));
  page.on("request", asked => asked.url().startsWith(`${root}/`) || asked.url().startsWith("data:") || faults.push(`elsewhere: ${asked.url()}`));
  await page.addInitScript(() => addEventListener("securitypolicyviolation", event => console.error(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`)));
  const policy = (await page.goto(root + path)).headers()["content-security-policy"];
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'[^;]*; /);
  assert.doesNotMatch(policy, /unsafe|\*|https?:|blob:/);
  await read(page);
  assert.deepEqual(faults, []);
  await page.close();
}

// The texts of the WebSocket protocol that the pages must show.
const words = [
  asyncapi.info.description, asyncapi.channels.ws.description,
  ...Object.values(asyncapi.components.messages).map(message => message.summary),
  ...asyncapi.components.messages.error.payload.properties.code.oneOf.flatMap(code => [code.const, code.description]),
  ...asyncapi.channels.ws["x-closes"].flatMap(close => [String(close.code), close.means]),
];

async function shows(page, all) {
  const text = await page.locator("#api").innerText();
  assert.deepEqual(all.filter(each => !text.includes(each)), []);
}

test("/docs shows both descriptions, and tries out what they say", limit, async () => {
  await reading("/docs", async page => {
    await page.locator(".opblock").nth(Object.keys(openapi.paths).length - 1).waitFor();
    for (const block of await page.locator(".opblock-summary-control").all()) await block.click();
    await page.getByText(asyncapi.channels.ws.description).waitFor();
    await shows(page, [...words, ...Object.values(openapi.paths).map(path => path.get.summary)]);

    const health = page.locator("#operations-hub-health");
    await health.getByRole("button", { name: "Try it out" }).click();
    await health.getByRole("button", { name: "Execute" }).click();
    await health.locator(".live-responses-table").getByText('"healthy"').waitFor();
  });
});

test("/redoc shows both descriptions", limit, async () => {
  await reading("/redoc", async page => {
    await page.getByText(asyncapi.channels.ws.description).waitFor();
    await shows(page, [...words, ...Object.values(openapi.paths).map(path => path.get.summary)]);
    const colour = await page.locator(".menu-content").evaluate(menu => getComputedStyle(menu).backgroundColor);
    assert.equal(colour, "rgb(250, 250, 250)", "its styles are there");
  });
});

test("both pages and /ops work below a path of another site", limit, async t => {
  const site = await below("/chat", hub);
  t.after(() => site.close());
  const root = `http://127.0.0.1:${site.address().port}/chat`;
  await reading("/docs", async page => {
    const health = page.locator("#operations-hub-health");
    await health.locator(".opblock-summary-control").click();
    await health.getByRole("button", { name: "Try it out" }).click();
    await health.getByRole("button", { name: "Execute" }).click();
    await health.locator(".live-responses-table").getByText('"healthy"').waitFor();
  }, root);
  await reading("/redoc", page => page.getByText(asyncapi.channels.ws.description).waitFor(), root);
  await reading("/ops", async page => {
    await page.getByText("All is well").waitFor();
    await page.getByRole("button", { name: "Newest" }).click();
    await page.locator("#charts canvas").first().waitFor();
  }, root);
});
