// What is written is kept: over a reload, a closed tab, the way back and a full storage. If that is impossible, the page says so.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { eventually, limit } from "../support/machine.mjs";
import { browse } from "../support/chromium.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

// Fills the storages of these names to the last character.
const fill = (reader, ...names) => reader.page.evaluate(names => {
  for (const name of names) {
    for (let length = 4_000_000; length >= 1; length /= 2) {
      try { for (;;) window[name].setItem(`junk ${Math.random()}`, "x".repeat(length)); } catch { /* a shorter one may have room */ }
    }
  }
}, names);

test("the draft of a closed tab comes back in the next one, and that of an open tab stays there", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await ada.box.fill("half a tho");
    const other = await ada.tab(hub.url);
    assert.equal(await other.box.inputValue(), "");
    await other.box.fill("another");
    assert.equal(await ada.box.inputValue(), "half a tho");
    await other.page.close();
    const third = await ada.tab(hub.url);
    await eventually("the draft is back", async () => {
      if (await third.box.inputValue() === "another") return true;
      await third.reload();
      return false;
    });
    await third.box.press("Enter");
    await third.sees("another");
    await third.reload();
    assert.equal(await third.box.inputValue(), "");
    await third.page.close();
    await ada.reload();
    assert.equal(await ada.box.inputValue(), "half a tho");
  });
});

test("a draft and a message that waits survive a reload although the storage is full", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, `${proxy.url}?room=full`, [{}], async ada => {
    await fill(ada, "localStorage");
    proxy.cut();
    await ada.status("No connection");
    await ada.say("it waits");
    await ada.unsent.filter({ hasText: "waiting to be sent" }).waitFor();
    await ada.box.fill("and a draft");
    await ada.page.reload();
    await ada.unsent.filter({ hasText: "it waits" }).waitFor();
    assert.equal(await ada.box.inputValue(), "and a draft");
    assert.equal(await ada.page.getByText("no room").count(), 0);
    proxy.mend();
    await ada.sees("it waits");
  });
});

test("what no storage has room for is told of", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, `${proxy.url}?room=fuller`, [{}], async ada => {
    await fill(ada, "localStorage", "sessionStorage");
    proxy.cut();
    await ada.status("No connection");
    await ada.box.fill("it waits");
    await ada.alert.filter({ hasText: "The browser has no room to keep this text" }).waitFor();
    await ada.box.press("Enter");
    await ada.unsent.filter({ hasText: "keep this page open" }).waitFor();
    await ada.alert.waitFor({ state: "hidden" });
    proxy.mend();
    await ada.sees("it waits");
  });
});

test("Back shows the page of the other room as it was", limit, async () => {
  const own = await browse({ launch: options => chromium.launch({ ...options, ignoreDefaultArgs: ["--disable-back-forward-cache"] }) });
  after(() => own.close());
  const ada = await Reader.open(own, `${hub.url}?room=first`);
  await ada.page.waitForFunction(() => navigator.serviceWorker.controller); // a browser drops the pages that a new worker takes over
  await ada.page.evaluate(() => {
    window.same = "this page";
    addEventListener("pageshow", ({ persisted }) => { window.persisted = persisted; });
  });
  await ada.page.goto(`${hub.url}?room=second`);
  await ada.status("Connected");
  await ada.say("in the second");
  await ada.sees("in the second");
  await ada.page.goBack({ waitUntil: "commit" });
  await ada.page.getByRole("heading", { name: "first" }).waitFor();
  await ada.status("Connected");
  assert.equal(await ada.page.evaluate(() => window.same), "this page");
  assert.equal(await ada.page.evaluate(() => window.persisted), true);
  await ada.say("in the first again");
  await ada.sees("in the first again");
  await eventually("the page has its lock again", () => ada.page.evaluate(async () => (await navigator.locks.query()).held.length === 1));
  await ada.leave();
});
