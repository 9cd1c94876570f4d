// What a reader sees when the hub goes away and comes back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Hub } from "./hub.mjs";
import { browse, Reader } from "./reader.mjs";
import { Wire } from "./wire.mjs";

let browser, hub;

before(async () => {
  browser = await browse();
  hub = await Hub.start();
});
after(async () => {
  await browser?.close();
  await hub?.remove();
});

test("when the hub dies the page says so, comes back by itself and goes on", { timeout: 90_000 }, async () => {
  await Reader.together(browser, hub.url, [{}, {}], async (ada, bea) => {
    await ada.say("before the fall");
    await bea.sees("before the fall");
    await hub.kill();
    await ada.status("The line to the hub is down");
    await bea.status("The line to the hub is down");
    await hub.start();
    await ada.status("Connected");
    await bea.status("Connected");
    assert.deepEqual(await ada.texts(), ["before the fall"]);
    await bea.say("after the fall");
    assert.equal(await (await ada.sees("after the fall")).locator(".number").innerText(), "#1", "a new line counts from one");
    assert.deepEqual(await ada.texts(), ["before the fall", "after the fall"]);
  });
});

test("when the hub restarts the page says that it restarts, and waits as long as it was told", { timeout: 90_000 }, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    const closed = ada.page.evaluate(() => new Promise(resolve => {
      const socket = new WebSocket(Object.assign(new URL("ws", location), { protocol: "ws:" }));
      socket.onopen = () => document.title = "second line";
      socket.onclose = ({ code, reason }) => resolve({ code, reason });
    }));
    await ada.page.waitForFunction(() => document.title === "second line");
    const told = ada.status("The hub restarts"); // seen only until the page tries again
    await hub.stop();
    const { code, reason } = await closed;
    assert.equal(code, 1012);
    assert.match(reason, /^retry_after_ms=\d+$/);
    await told;
    await hub.start();
    await ada.status("Connected");
  });
});

test("a reader who does not want to wait comes back by a button", { timeout: 90_000 }, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await ada.page.clock.install();
    await ada.reload();
    await hub.kill();
    await ada.status("The line to the hub is down");
    await ada.page.clock.pauseAt(Date.now() + 60_000); // no try by itself from here on
    await hub.start();
    const button = ada.page.getByRole("button", { name: "Try now" });
    await button.click();
    await ada.status("Connected");
    await button.waitFor({ state: "hidden" });
  });
});

test("a reader without a line is told when it is tried again, and it is announced only once", { timeout: 90_000 }, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await ada.page.evaluate(() => {
      window.said = [];
      new MutationObserver(() => said.push(document.getElementById("status").textContent))
        .observe(document.getElementById("status"), { childList: true, characterData: true, subtree: true });
    });
    await hub.kill();
    await ada.page.getByText(/next try in \d+ s/).waitFor();
    await hub.start();
    await ada.status("Connected");
    const said = await ada.page.evaluate(() => said);
    assert.deepEqual(said.map(words => words.slice(0, 11)), ["The line to", "Connected"]);
  });
});

test("a hub that answers but lets no line in is told apart from one that is gone", { timeout: 90_000 }, async t => {
  const wire = await Wire.to(hub);
  t.after(() => wire.remove());
  await Reader.together(browser, wire.url, [{}], async ada => {
    wire.cut();
    await ada.status("The hub is there but lets no line in");
    wire.mend();
    await ada.status("Connected");
  });
});

test("a reader who wakes up on a dead line gets a new one at once", { timeout: 90_000 }, async t => {
  const wire = await Wire.to(hub);
  t.after(() => wire.remove());
  await Reader.together(browser, wire.url, [{}], async ada => {
    const bea = await Reader.open(browser, hub.url);
    wire.hold(); // as if asleep: the line looks whole
    await bea.say("while you slept");
    await bea.sees("while you slept");
    wire.flow();
    await ada.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await ada.sees("while you slept");
    await ada.status("Connected");
    await bea.leave();
  });
});

test("a line that is let in but never answered is given up after some seconds, said and tried again", { timeout: 90_000 }, async t => {
  const wire = await Wire.to(hub);
  t.after(() => wire.remove());
  await Reader.together(browser, wire.url, [{}], async ada => {
    await ada.page.clock.install();
    wire.hold(); // taken by whatever is in between, and the hub's answer never comes
    await ada.page.reload();
    await ada.page.getByText("Connecting…").waitFor();
    await ada.page.clock.fastForward(10_000);
    await ada.status("The hub is there but lets no line in");
    wire.flow();
    await ada.page.clock.fastForward(20_000); // the next try may have begun before, and be held too
    await ada.page.clock.resume();
    await ada.status("Connected");
  });
});
