// Messages that wait for a room while the page shows another one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { Reader } from "./reader.mjs";
import { address, page_of, use_rooms } from "./rooms_stage.mjs";
import { browser, hub } from "./stage.mjs";

use_rooms();

test("what waits for a room is sent there after a reload in another room", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  const ada = await page_of(["wait-a", "wait-b"], { url: proxy.url });
  const bea = await Reader.open(browser, address("wait-b"));
  proxy.cut();
  await ada.status("does not accept the connection");
  await ada.say("waits in b");
  await ada.visit("wait-a");
  await ada.say("waits in a");
  await ada.page.reload();
  await ada.unsent.filter({ hasText: "waits in a" }).waitFor();
  assert.equal(await ada.unsent.count(), 1, "only what waits in the room is shown");
  assert.equal(await ada.page.getByRole("button", { name: "Forget wait-b" }).count(), 0, "what waits is not forgotten");
  proxy.mend();
  await bea.sees("waits in b");
  await ada.sees("waits in a");
  await ada.visit("wait-b");
  await ada.sees("waits in b");
  await ada.allSent();
  assert.deepEqual(await ada.texts(), ["welcome to wait-b", "waits in b"]);
  assert.deepEqual(await bea.texts(), ["welcome to wait-b", "waits in b"]);
  await bea.leave();
  await ada.leave();
});

test("messages that an older page has kept are sent to their rooms", limit, async () => {
  const ada = await Reader.open(browser, hub.url);
  const socket = `${hub.url.replace("http", "ws")}ws`;
  await ada.page.goto(`${hub.url}static/icon.svg`);
  await ada.page.evaluate(({ socket }) => {
    const item = (room, text, at) => { localStorage[`hubbub ${socket}${room} ${crypto.randomUUID()}`] = JSON.stringify({ text, at, via: [], why: null, owner: sessionStorage["hubbub tab"] }); };
    item("?room=old-kitchen", "kept for the kitchen", 1);
    item("", "kept for the lobby", 2);
    item("?room=old-kitchen", "and another", 3);
  }, { socket });
  const bea = await Reader.open(browser, address("old-kitchen"));
  await ada.page.goto(hub.url);
  await ada.sees("kept for the lobby");
  await bea.sees("and another");
  assert.deepEqual(await bea.texts(), ["kept for the kitchen", "and another"]);
  await ada.visit("old-kitchen");
  await ada.sees("and another");
  await ada.allSent();
  const left = await ada.page.evaluate(() => Object.keys(localStorage).filter(name => /^hubbub ws/.test(name) && !JSON.parse(localStorage[name]).stored));
  assert.deepEqual(left, []);
  await bea.leave();
  await ada.leave();
});
