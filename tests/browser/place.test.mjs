// The reader's place in a long conversation, and how long it may become on the page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Hub } from "./hub.mjs";
import { browse, Reader } from "./reader.mjs";

let browser, hub;

before(async () => {
  browser = await browse();
  hub = await Hub.start({ RATE_LIMIT: "0" });
});
after(async () => {
  await browser?.close();
  await hub?.remove();
});

const lines = (words, n) => Array.from({ length: n }, (_, i) => `${words} ${i + 1}`);

test("a reader at the end follows what comes", { timeout: 60_000 }, async () => {
  await Reader.together(browser, hub.url, [{}, {}], async (ada, bea) => {
    await bea.pour(lines("follow", 120));
    const last = await ada.sees("follow 120");
    await inView(ada, last);
    await bea.say("and one more");
    await inView(ada, await ada.sees("and one more"));
    assert.equal(await ada.page.getByRole("button", { name: "new" }).isVisible(), false);
  });
});

test("a reader who looks back stays there and is told how much is new", { timeout: 60_000 }, async () => {
  await Reader.together(browser, hub.url, [{}, {}], async (ada, bea) => {
    await bea.pour(lines("earlier", 100));
    await inView(ada, await ada.sees("earlier 100"));
    const kept = await ada.sees("earlier 60");
    await lookBack(ada, kept);
    const { y } = await kept.boundingBox();
    await bea.pour(lines("later", 3));
    const pill = ada.page.getByRole("button", { name: "3 new" });
    await pill.waitFor();
    assert.equal((await kept.boundingBox()).y, y, "nothing moved under the reader's eyes");
    await pill.click();
    await inView(ada, await ada.sees("later 3"));
    await pill.waitFor({ state: "hidden" });
  });
});

test("what the reader sends brings the reader to the end", { timeout: 60_000 }, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await ada.pour(lines("before", 80));
    const kept = await ada.sees("before 40");
    await lookBack(ada, kept);
    await ada.say("here I am");
    await inView(ada, await ada.sees("here I am"));
  });
});

test("the page keeps the newest thousand messages, and a reader who looks back keeps the place", { timeout: 90_000 }, async () => {
  await Reader.together(browser, hub.url, [{}, {}], async (ada, bea) => {
    await bea.pour(lines("of many", 1000));
    await ada.sees("of many 1000");
    const kept = await ada.sees("of many 700");
    await lookBack(ada, kept);
    const { y } = await kept.boundingBox();
    await bea.pour(lines("of more", 200));
    await ada.sees("of more 200");
    assert.deepEqual(await ada.texts(), [...lines("of many", 1000).slice(200), ...lines("of more", 200)]);
    assert.ok(Math.abs((await kept.boundingBox()).y - y) < 2, "nothing moved under the reader's eyes");
  });
});

// Scrolls as a hand does, until `message` stands in the middle and the page knows that the reader left the end.
async function lookBack(reader, message) {
  await message.evaluate(item => item.scrollIntoView({ block: "center" }));
  await reader.page.locator("#scroll:not(.follows)").waitFor();
}

async function inView(reader, message) {
  await reader.page.waitForFunction(([list, item]) => {
    const frame = list.getBoundingClientRect(), box = item.getBoundingClientRect();
    return box.top >= frame.top && box.bottom <= frame.bottom;
  }, [await reader.list.elementHandle(), await message.elementHandle()]);
}
