// The history: older messages are loaded while the reader scrolls up, and nothing in sight moves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { quickly, watched } from "./tasks.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

const said = Array.from({ length: 730 }, (_, i) => `said ${i + 1}`);
use_browser_and_hub({ RATE_LIMIT: "0" }, {
  prepare: async () => {
    const bea = await Reader.open(browser, `${hub.url}?room=old`);
    await bea.pour(said);
    await bea.leave();
  },
});

test("scrolling up goes on to where the room begins, past every message in order, and back to the end", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=old`, [{}], async ada => {
    await ada.sees("said 730");
    await ada.patient();
    const seen = await climb(ada);
    assert.deepEqual([...seen].sort((a, b) => a.slice(5) - b.slice(5)), said);
    await ada.page.getByText("This is the beginning of the room.").waitFor();
    assert.ok(await ada.messages.count() <= 240);
    await ada.page.getByRole("button", { name: "Jump to latest" }).click();
    await ada.sees("said 730");
    await ada.page.locator("#scroll.follows").waitFor();
  });
});

test("the scroll position stays while a page of the history is loaded", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=old`, [{ serviceWorkers: "block" }], async ada => {
    await ada.sees("said 730");
    await ada.patient();
    let answer;
    await ada.page.route(/\/messages/, async route => { answer = () => route.continue(); });
    await ada.list.evaluate(list => { list.scrollTop = 100; });
    await ada.page.getByText("Loading older messages").waitFor({ state: "attached" });
    const first = ada.messages.filter({ hasText: "said 684" });
    const { y } = await first.boundingBox();
    while (!answer) await ada.drawn();
    await answer();
    await ada.messages.filter({ hasText: "said 660" }).waitFor();
    assert.ok(Math.abs((await first.boundingBox()).y - y) < 2, "nothing moved under the reader's eyes");
  });
});

test("a page of the history that cannot be loaded is reported, and can be tried again", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=old`, [{ serviceWorkers: "block" }], async ada => {
    await ada.sees("said 730");
    await ada.patient();
    await ada.page.route(/\/messages/, route => route.abort());
    await ada.list.evaluate(list => { list.scrollTop = 0; });
    await ada.page.getByText("Older messages could not be loaded.").waitFor();
    await ada.page.unroute(/\/messages/);
    await ada.page.getByRole("button", { name: "Try again" }).click();
    await ada.messages.filter({ hasText: "said 660" }).waitFor();
  });
});

const many = Number(process.env.MANY ?? 2_000); // messages; 10 000 take a minute
const long = 8; // times a plain drawing of a full list; about 50 ms on an idle machine
test("thousands of messages go by under the wheel, up and down, without a long task or a long list", limit, async t => {
  await Reader.together(browser, `${hub.url}?room=long`, [{}], async ada => {
    await ada.pour(Array.from({ length: many }, (_, i) => `long ago ${i + 1}`));
    await ada.sees(`long ago ${many}`);
    await ada.patient();
    let most = 0;
    const roll = async (step, until) => {
      await ada.list.hover();
      while (!await ada.page.locator(until).count()) {
        most = Math.max(most, await ada.messages.count());
        await ada.turn(step);
        await ada.drawn();
      }
    };
    await quickly(browser, t, long, async () => {
      const { tasks } = await watched(browser, ada.page, async () => {
        await roll(-2_000, "#top[data-state=begins]");
        await ada.sees("long ago 1");
        await roll(2_000, "#scroll.follows");
        await ada.sees(`long ago ${many}`);
      });
      assert.ok(most <= 240, `${most} messages in the list`);
      return tasks;
    });
  });
});

test("a connection that comes back tells how far it is with what was missed", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, `${proxy.url}?room=missed`, [{}], async ada => {
    const bea = await Reader.open(browser, `${hub.url}?room=missed`);
    await bea.say("before");
    await ada.sees("before");
    proxy.cut();
    await ada.status("does not accept the connection");
    await bea.pour(Array.from({ length: 900 }, (_, i) => `missed ${i + 1}`));
    await ada.tells_progress(proxy, 6_000);
    await ada.sees("missed 900");
    await ada.status("Connected");
    await bea.leave();
  });
});

// Scrolls up to the beginning of the room. Resolves with the texts that were in the list on the way.
async function climb(reader) {
  const seen = new Set();
  for (let still = 0; still < 10;) {
    const before = seen.size;
    for (const text of await reader.texts()) seen.add(text);
    still = seen.size === before && await reader.page.getByText("This is the beginning of the room.").count() ? still + 1 : 0;
    await reader.roll(-1500);
  }
  return seen;
}
