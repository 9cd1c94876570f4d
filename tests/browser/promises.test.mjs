// The promises of the page across faults: every message is sent once, every missed message arrives once, and the scroll
// position stays. The faults are real: the hub is killed, or a proxy ends or holds the connection.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { Hub } from "./hub.mjs";
import { browse, Reader } from "./reader.mjs";
import { FaultProxy } from "./fault_proxy.mjs";

const down = "No connection";
let browser, hub, proxy, ada, bea;

before(async () => { browser = await browse(); });
after(() => browser?.close());

// Ada's connection goes through the proxy, and Bea's does not.
beforeEach(async () => {
  hub = await Hub.start({ RATE_LIMIT: "0" });
  proxy = await FaultProxy.to(hub);
  ada = await Reader.open(browser, proxy.url);
  bea = await Reader.open(browser, hub.url);
});
afterEach(async () => {
  await ada?.leave();
  await bea?.leave();
  proxy?.remove();
  await hub?.remove();
});

test("one's own message is shown at once as waiting, and turns solid when the hub has it", limit, async () => {
  proxy.hold();
  await ada.say("is it there");
  await ada.unsent.filter({ hasText: "waiting to be sent" }).waitFor();
  await bea.sees("is it there");
  assert.deepEqual(await ada.texts(), []);
  proxy.mend();
  await ada.sees("is it there");
  await ada.allSent();
  assert.deepEqual(await ada.texts(), ["is it there"]);
});

test("what is written while the connection is down goes out once and in order", limit, async () => {
  proxy.cut();
  await ada.status(down);
  for (const text of ["first", "second", "third"]) await ada.say(text);
  await ada.unsent.nth(2).waitFor();
  proxy.mend();
  await bea.sees("third");
  await ada.sees("third");
  for (const reader of [ada, bea]) assert.deepEqual(await reader.texts(), ["first", "second", "third"]);
  assert.equal(await ada.unsent.count(), 0);
});

test("a message whose answer was lost with the connection is stored and shown once", limit, async () => {
  proxy.hold();
  await ada.say("did it arrive");
  await bea.sees("did it arrive");
  proxy.cut();
  await ada.status(down);
  proxy.mend();
  await ada.sees("did it arrive");
  await ada.say("and on");
  await bea.sees("and on");
  await ada.sees("and on");
  for (const reader of [ada, bea]) assert.deepEqual(await reader.texts(), ["did it arrive", "and on"]);
  assert.equal(await ada.unsent.count(), 0);
});

test("a message that comes back before its ack is not shown as waiting beside it", limit, async () => {
  await ada.filter(frame => frame.type === "ack" ? [] : [frame]);
  await ada.reload();
  proxy.hold();
  await ada.say("seen, not confirmed");
  await bea.sees("seen, not confirmed");
  proxy.cut();
  await ada.status(down);
  await ada.unsent.waitFor();
  proxy.mend();
  await ada.sees("seen, not confirmed");
  assert.equal(await ada.unsent.count(), 0);
});

test("two equal messages are two, though the connection broke between them", limit, async () => {
  await ada.say("ok");
  await ada.sees("ok");
  proxy.hold();
  await ada.say("ok");
  await bea.messages.nth(1).waitFor();
  proxy.cut();
  await ada.status(down);
  await ada.say("ok");
  proxy.mend();
  await bea.messages.nth(2).waitFor();
  await ada.messages.nth(2).waitFor();
  await ada.allSent();
  await bea.say("that is three");
  for (const reader of [ada, bea]) {
    await reader.sees("that is three");
    assert.deepEqual(await reader.texts(), ["ok", "ok", "ok", "that is three"]);
  }
});

test("a message under way when the hub is killed is stored once after its restart", limit, async () => {
  const said = [];
  for (let i = 1; i <= 20; i += 1) {
    said.push(`message ${i}`);
    await ada.say(`message ${i}`);
    if (i === 10) await hub.kill();
  }
  await ada.status(down);
  await hub.start();
  for (const reader of [ada, bea]) {
    await reader.sees("message 20");
    assert.deepEqual(await reader.texts(), said);
  }
  await ada.allSent();
});

test("what was missed is fetched once, and the scroll position is kept", limit, async () => {
  const earlier = Array.from({ length: 60 }, (_, i) => `earlier ${i + 1}`);
  const missed = Array.from({ length: 60 }, (_, i) => `missed ${i + 1}`);
  await bea.pour(earlier);
  const kept = await ada.sees("earlier 30");
  await ada.sees("earlier 60");
  await kept.evaluate(item => item.scrollIntoView({ block: "center" }));
  await ada.page.locator("#scroll:not(.follows)").waitFor();
  proxy.cut();
  await ada.status(down);
  await bea.pour(missed);
  proxy.mend();
  await ada.page.getByRole("button", { name: "60 new" }).waitFor();
  await ada.sees("missed 60");
  await ada.status("Connected");
  const [list, message] = [await ada.list.boundingBox(), await kept.boundingBox()];
  const middle = box => box.y + box.height / 2;
  assert.ok(Math.abs(middle(list) - middle(message)) < 60, "the message is where the reader left it");
  assert.deepEqual(await ada.texts(), [...earlier, ...missed]);
});

test("what waits survives a reload without a connection", limit, async () => {
  proxy.cut();
  await ada.status(down);
  await ada.say("written before the reload");
  await ada.say("and another");
  await ada.page.reload();
  await ada.unsent.nth(1).waitFor();
  await ada.status("does not accept the connection");
  assert.deepEqual(await ada.unsent.locator(".text").allTextContents(), ["written before the reload", "and another"]);
  proxy.mend();
  await bea.sees("and another");
  await ada.sees("and another");
  for (const reader of [ada, bea]) assert.deepEqual(await reader.texts(), ["written before the reload", "and another"]);
  assert.equal(await ada.unsent.count(), 0);
});

test("a message whose answer was lost is one after a reload too", limit, async () => {
  proxy.hold();
  await ada.say("once for ever");
  await bea.sees("once for ever");
  proxy.cut();
  await ada.page.reload();
  await ada.unsent.waitFor();
  proxy.mend();
  await ada.sees("once for ever");
  await ada.allSent();
  await ada.say("and on");
  for (const reader of [ada, bea]) {
    await reader.sees("and on");
    assert.deepEqual(await reader.texts(), ["once for ever", "and on"]);
  }
});

test("a tab shows and sends only its own; a closed tab's go out with the next one", limit, async () => {
  const second = await ada.tab(proxy.url);
  proxy.cut();
  await ada.status(down);
  await second.status(down);
  await ada.say("from the first tab");
  await second.say("from the second tab");
  await ada.unsent.waitFor();
  await second.unsent.waitFor();
  await second.page.close();
  const locks = () => ada.page.evaluate(async () => (await navigator.locks.query()).held.length);
  await eventually("the browser knows that the tab is closed", async () => await locks() === 1);
  const third = new Reader(await ada.page.context().newPage());
  do { // a page adopts items only if the browser lists the locks within two seconds, so the page may have to be loaded again
    await third.page.goto(proxy.url);
    await third.status("does not accept the connection");
  } while (await third.unsent.count() === 0);
  assert.deepEqual(await third.unsent.locator(".text").allTextContents(), ["from the second tab"]);
  proxy.mend();
  await bea.sees("from the first tab");
  await bea.sees("from the second tab");
  await ada.sees("from the second tab");
  assert.deepEqual((await bea.texts()).sort(), ["from the first tab", "from the second tab"]);
});

test("a refused message can be sent again or discarded", limit, async () => {
  await ada.say("refused \0");
  const again = ada.page.getByRole("button", { name: "Send again" });
  await again.waitFor();
  await ada.say("others are not held up");
  await bea.sees("others are not held up");
  await again.click();
  await ada.alert.filter({ hasText: "Not sent" }).waitFor();
  await ada.page.getByRole("button", { name: "Discard" }).click();
  await ada.allSent();
  await ada.reload();
  assert.equal(await ada.unsent.count(), 0);
});

test("a connection that fell silent while an answer is owed is left for a new one", limit, async () => {
  await ada.page.clock.install();
  await ada.reload();
  proxy.hold();
  await ada.say("anybody there");
  await bea.sees("anybody there");
  await ada.page.clock.fastForward(30_000);
  await ada.status(down);
  proxy.mend();
  await ada.sees("anybody there");
  await ada.status("Connected");
  assert.deepEqual(await bea.texts(), ["anybody there"]);
});

test("another log replaces what is shown", limit, async () => {
  await bea.say("of the old log");
  await ada.sees("of the old log");
  await bea.allSent(); // an item that is not confirmed would be sent to the new log as well
  proxy.cut();
  await ada.status(down);
  await hub.forget();
  await bea.status("Connected");
  await bea.say("of the new log");
  proxy.mend();
  for (const reader of [ada, bea]) await reader.sees("of the new log");
  assert.deepEqual(await ada.texts(), ["of the new log"]);
  assert.deepEqual(await bea.texts(), ["of the new log"]);
});
