// The page as an application: it can be installed, is small, paints quickly, and opens without a connection.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { here } from "./hub.mjs";
import { Reader } from "./reader.mjs";
import { watched } from "./tasks.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub();

test("the page opens without a connection from what the browser kept, says so, and sends when the connection is back", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await ada.page.evaluate(() => navigator.serviceWorker.ready);
    await hub.kill();
    await ada.page.goto(`${hub.url}?room=offline`);
    await ada.page.getByRole("heading", { name: "offline" }).waitFor();
    await ada.status("No connection");
    await ada.say("written without a line");
    await ada.unsent.waitFor();
    await hub.start();
    await ada.sees("written without a line");
    await ada.status("Connected");
  });
});

test("what the browser keeps is every file of the page and nothing else of the hub", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await ada.page.evaluate(() => navigator.serviceWorker.ready);
    await ada.reload();
    const kept = await ada.page.evaluate(async () => (await (await caches.open("hubbub")).keys()).map(({ url }) => new URL(url).pathname));
    const files = (await own()).filter(file => !["index.html", "sw.js", ...of_the_package].includes(file));
    assert.deepEqual(kept.sort(), ["/", ...files.map(file => `/static/${file}`)].sort());
  });
});

test("a new version of the page is there with the next load", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await ada.page.evaluate(() => navigator.serviceWorker.ready);
    await ada.reload();
    assert.equal(await ada.page.evaluate(() => Boolean(navigator.serviceWorker.controller)), true);
    // The cached page is replaced by an old one. It is shown only if the hub takes seconds to answer.
    await eventually("a load shows the new page", async () => {
      await ada.page.evaluate(async () => {
        const cache = await caches.open("hubbub");
        await cache.put(location.href, new Response("<title>old</title>", { headers: { "Content-Type": "text/html" } }));
      });
      await ada.page.reload();
      return await ada.page.title() === "hubbub";
    });
    await ada.status("Connected");
  });
});

test("the page can be installed", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    const tools = await ada.page.context().newCDPSession(ada.page);
    const { url, errors, data } = await tools.send("Page.getAppManifest");
    assert.equal(url, `${hub.url}static/manifest.webmanifest`);
    assert.deepEqual(errors, []);
    const manifest = JSON.parse(data);
    assert.equal(new URL(manifest.start_url, url).href, hub.url);
    assert.equal(new URL(manifest.scope, url).href, hub.url);
  });
});

test("the icon in the page is the icon of the application", limit, async () => {
  const [page, icon] = await Promise.all(["index.html", "icon.svg"].map(file => readFile(here(`../../public/page/${file}`), "utf8")));
  const [, written] = /<link rel="icon"[^>]* href="data:image\/svg\+xml,([^"]*)"/.exec(page);
  assert.equal(decodeURIComponent(written).replaceAll("'", '"'), icon.replace(/<!--.*-->/, "").replace(/>\s+</g, "><").trim());
});

test("the page is preloaded whole: one round trip after the document", limit, async () => {
  const page = await readFile(here("../../public/page/index.html"), "utf8");
  const modules = (await own()).filter(file => file.endsWith(".js") && !["app.js", "sw.js", ...of_the_package, ...on_demand].includes(file));
  assert.deepEqual([...page.matchAll(/modulepreload" href="static\/(.*?)"/g)].map(([, file]) => file), modules.sort());
});

test("everything is under 100 KB over the network, and the first paint costs some times what an empty page's does", limit, async t => {
  const server = createServer((_, answer) => answer.setHeader("content-type", "text/html").end("<!doctype html><title>empty</title><p>empty"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  // Measured in turn, so that other load of the machine slows both down; the best of five counts.
  const [pages, empty] = [[], []];
  for (let i = 0; i < 5; i += 1) {
    pages.push(await firstPaint(hub.url, page => page.getByRole("status").filter({ hasText: "Connected" }).waitFor()));
    empty.push(await firstPaint(`http://127.0.0.1:${server.address().port}/`, () => {}));
  }
  const best = (all, what) => Math.min(...all.map(each => each[what]));
  const bytes = Math.max(...pages.map(each => each.bytes));
  const [work, wait] = ["work", "wait"].map(what => best(pages, what) / best(empty, what));
  t.diagnostic(`${bytes} bytes; the first paint is ${Math.round(best(pages, "work"))} ms of work, and there after ${Math.round(best(pages, "wait"))} ms; ` +
    `an empty page's, ${Math.round(best(empty, "work"))} ms and ${Math.round(best(empty, "wait"))} ms`);
  assert.ok(bytes < 100_000, `${bytes} bytes`);
  assert.ok(work < 20, `${work} times the work`);
  assert.ok(wait < 20, `${wait} times the time`);
});

// The modules of public/client that a page loads only where no WebSocket gets through.
const on_demand = ["event_rooms.js", "event_stream.js", "fallback.js", "http_socket.js", "publisher.js", "room_catch_up.js", "trials.js"];

// The files of public/client that only npm packages need.
const of_the_package = ["LICENSE", "README.md", "definitions.js", "package.json", "types"];

// Resolves with the names of the files that the hub serves below /static/.
async function own() {
  return (await Promise.all(["client", "page"].map(folder => readdir(here(`../../public/${folder}`))))).flat();
}

// Resolves with the bytes that a new visitor's page loads, and the work and the time up to its first paint in ms.
async function firstPaint(url, arrived) {
  const context = await browser.newContext({ serviceWorkers: "block" });
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send("Network.enable");
  let bytes = 0;
  tools.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; });
  const { tasks, moments } = await watched(browser, page, async () => {
    await page.goto(url);
    await arrived(page);
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length);
  });
  await context.close();
  const [from, to] = [moments.navigationStart, moments.firstContentfulPaint];
  return { bytes, wait: to - from, work: tasks.filter(({ at }) => at >= from && at < to).reduce((sum, { own }) => sum + own, 0) };
}
