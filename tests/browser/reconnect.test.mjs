// What a reader sees when the hub stops and starts again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub();

test("when the hub dies the page says so, comes back by itself and goes on", limit, async () => {
  await Reader.together(browser, hub.url, [{}, {}], async (ada, bea) => {
    await ada.say("before the fall");
    await bea.sees("before the fall");
    await hub.kill();
    await ada.status("No connection");
    await bea.status("No connection");
    await hub.start();
    await ada.status("Connected");
    await bea.status("Connected");
    assert.deepEqual(await ada.texts(), ["before the fall"]);
    await bea.say("after the fall");
    assert.equal(await (await ada.sees("after the fall")).locator(".number").innerText(), "#1", "a new line counts from one");
    assert.deepEqual(await ada.texts(), ["before the fall", "after the fall"]);
  });
});

test("when the hub restarts the page says that it restarts, and waits as long as it was told", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    const closed = ada.page.evaluate(() => new Promise(resolve => {
      const socket = new WebSocket(Object.assign(new URL("ws", location), { protocol: "ws:" }));
      socket.onopen = () => document.title = "second line";
      socket.onclose = ({ code, reason }) => resolve({ code, reason });
    }));
    await ada.page.waitForFunction(() => document.title === "second line");
    await ada.listen("status");
    await hub.stop();
    const { code, reason } = await closed;
    assert.equal(code, 1012);
    assert.match(reason, /^retry_after_ms=\d+$/);
    await ada.hears("status", /The hub is restarting/); // the text stays until the page tries again
    await hub.start();
    await ada.status("Connected");
  });
});

test("a reader who does not want to wait comes back by a button", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    const tries = new Set();
    ada.page.on("websocket", socket => {
      tries.add(socket);
      socket.on("close", () => tries.delete(socket));
    });
    await ada.page.clock.install();
    await ada.reload();
    await hub.kill();
    await ada.status("No connection");
    await ada.page.clock.pauseAt(Date.now() + 60_000); // from here on the page does not reconnect by itself
    await eventually("the last try has failed", () => tries.size === 0);
    await hub.start();
    const button = ada.page.getByRole("button", { name: "Try now" });
    await button.click();
    await ada.status("Connected");
    await button.waitFor({ state: "hidden" });
  });
});

test("a reader without a connection is told when it is tried again, and it is announced only once", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await ada.listen("status");
    await ada.listen("detail");
    await hub.kill();
    await ada.hears("detail", /next attempt in \d+ s/);
    await ada.hears("detail", /next attempt in [2-9]\d* s/);
    const first = words => words.slice(0, 11);
    assert.deepEqual((await ada.heard("status")).map(first), ["No connecti"]);
    await hub.start();
    await ada.status("Connected");
    // An attempt may fail just before the hub serves. The page then finds a hub that answers, which is another state.
    const said = (await ada.heard("status")).map(first);
    assert.equal(said.at(-1), "Connected");
    assert.deepEqual(said.filter((words, i) => words === said[i - 1]), [], "nothing is announced again");
  });
});

test("a hub that answers but accepts no connection is told apart from one that is gone", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, proxy.url, [{}], async ada => {
    proxy.cut();
    await ada.status("The hub answers but does not accept the connection");
    proxy.mend();
    await ada.status("Connected");
  });
});

test("a reader who wakes up on a dead connection gets a new one at once", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, proxy.url, [{}], async ada => {
    const bea = await Reader.open(browser, hub.url);
    proxy.hold(); // as after a sleep: the connection is open but silent
    await bea.say("while you slept");
    await bea.sees("while you slept");
    proxy.flow();
    await ada.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await ada.sees("while you slept");
    await ada.status("Connected");
    await bea.leave();
  });
});

test("a connection that is let in but never answered is given up after some seconds, said and tried again", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, proxy.url, [{}], async ada => {
    await ada.page.clock.install();
    await ada.page.clock.pauseAt(Date.now() + 3_600_000); // the time-outs of the page stand still from here on
    proxy.hold(); // something in between accepts the connection, and the hub's answer never arrives
    await ada.page.reload();
    await ada.page.getByText("Connecting…").waitFor();
    await ada.page.clock.fastForward(10_000);
    await ada.status("The hub answers but does not accept the connection");
    proxy.flow();
    await ada.page.clock.fastForward(20_000); // the next attempt may have begun before `flow`, and be held too
    await ada.page.clock.resume();
    await ada.status("Connected");
  });
});
