// The scroll position in a long conversation.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { connect } from "../../public/client/hubbub.js";
import { eventually, limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

const lines = (words, n) => Array.from({ length: n }, (_, i) => `${words} ${i + 1}`);

test("a reader at the end follows what comes", limit, async () => {
  await Reader.together(browser, hub.url, [{}, {}], async (ada, bea) => {
    await bea.pour(lines("follow", 120));
    const last = await ada.sees("follow 120");
    await inView(ada, last);
    await bea.say("and one more");
    await inView(ada, await ada.sees("and one more"));
    assert.equal(await ada.page.getByRole("button", { name: "new" }).isVisible(), false);
  });
});

test("a reader who looks back stays there and is told how much is new", limit, async () => {
  await Reader.together(browser, hub.url, [{}, {}], async (ada, bea) => {
    await bea.pour(lines("earlier", 100));
    await inView(ada, await ada.sees("earlier 100"));
    const kept = await ada.sees("earlier 60");
    await lookBack(ada, kept);
    const { y } = await kept.boundingBox();
    await bea.pour(lines("later", 3));
    const pill = ada.page.getByRole("button", { name: "3 new" });
    await pill.waitFor();
    assert.ok(Math.abs((await kept.boundingBox()).y - y) < 1, "nothing moved under the reader's eyes");
    await pill.click();
    await inView(ada, await ada.sees("later 3"));
    await pill.waitFor({ state: "hidden" });
  });
});

test("sending a message scrolls to the end", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await ada.pour(lines("before", 80));
    const kept = await ada.sees("before 40");
    await lookBack(ada, kept);
    await ada.say("here I am");
    await inView(ada, await ada.sees("here I am"));
  });
});

test("a long conversation is a window on the page, and a reader who looks back keeps the scroll position", limit, async () => {
  await Reader.together(browser, hub.url, [{}, {}], async (ada, bea) => {
    await bea.pour(lines("of many", 1000));
    await ada.sees("of many 1000");
    const kept = await ada.sees("of many 970");
    await lookBack(ada, kept);
    const { y } = await kept.boundingBox();
    await bea.pour(lines("of more", 200));
    await ada.page.getByRole("button", { name: "200 new" }).waitFor();
    assert.ok(Math.abs((await kept.boundingBox()).y - y) < 2, "nothing moved under the reader's eyes");
    assert.ok(await ada.messages.count() <= 240, "the page holds a part of it");
    await ada.page.getByRole("button", { name: "200 new" }).click();
    await inView(ada, await ada.sees("of more 200"));
  });
});

test("a reader who scrolls finds every message once and in order, up and down again", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    const said = lines("in a row", 700);
    await ada.pour(said);
    await ada.sees("in a row 700");
    await ada.patient();
    const seen = await walk(ada, "in a row", -400, "in a row 1");
    assert.deepEqual([...seen].reverse(), said);
    assert.deepEqual([...await walk(ada, "in a row", 400, "in a row 700")], said);
    await ada.page.locator("#scroll.follows").waitFor();
  });
});

test("a reader leaves the end in the midst of a flood by one turn of the wheel", limit, async t => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await ada.pour(lines("calm", 60));
    await ada.sees("calm 60");
    const flood = connect(ada.websocket_url(), { WebSocket });
    t.after(() => flood.close());
    (async () => { for (let i = 1; ; i += 1) await flood.send(`flood ${i}`); })();
    await ada.messages.filter({ hasText: "flood" }).first().waitFor(); // the first ones may be left out of the list
    await ada.roll(-300);
    const news = n => ada.page.waitForFunction(n => parseInt(document.getElementById("pill").textContent) > n, n);
    for (let n = 0; n <= 20; n += 5) await news(n); // each step has its own time limit, because the flood is as slow as the machine
    const before = await ada.sight();
    for (let n = 40; n <= 200; n += 20) await news(n);
    const { text, y } = await ada.sight();
    assert.equal(text, before.text);
    assert.ok(Math.abs(y - before.y) < 2, "nothing moved under the reader's eyes");
    flood.close();
    await ada.list.press("End");
    await ada.page.locator("#scroll.follows").waitFor();
  });
});

// Scrolls until `last` is in sight. Resolves with the texts that came into sight, in that order.
async function walk(reader, words, step, last) {
  const seen = new Set();
  while (!seen.has(last)) {
    const shown = await reader.list.evaluate(list => {
      const frame = list.getBoundingClientRect();
      return [...list.querySelectorAll("#messages .message")].filter(item => {
        const box = item.getBoundingClientRect();
        return box.bottom > frame.top && box.top < frame.bottom;
      }).map(item => item.querySelector(".text").textContent);
    });
    for (const text of step < 0 ? shown.reverse() : shown) if (text.startsWith(words)) seen.add(text);
    await reader.roll(step);
  }
  return seen;
}

// Scrolls until `message` is in the middle and the page no longer follows the end.
async function lookBack(reader, message) {
  await message.evaluate(item => item.scrollIntoView({ block: "center" }));
  await reader.page.locator("#scroll:not(.follows)").waitFor();
}

function inView(reader, message) {
  return eventually("the message is in view", () => message.evaluate(item => {
    const frame = document.getElementById("scroll").getBoundingClientRect(), box = item.getBoundingClientRect();
    return box.top >= frame.top && box.bottom <= frame.bottom;
  }));
}
