// Leaving the end of the conversation by a finger, a wheel or a key, and tall messages, which scroll by themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

const phone = { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true };
const lines = (words, n) => Array.from({ length: n }, (_, i) => `${words} ${i + 1}`);
const code = n => lines("a line of code,", n).join("\n");
const top = reader => reader.list.evaluate(list => list.scrollTop);
const at_end = reader => reader.list.evaluate(list => list.scrollHeight - list.clientHeight - list.scrollTop < 2);
const follows = reader => reader.page.locator("#scroll.follows").waitFor();
const pill = (reader, name) => reader.page.getByRole("button", { name });

// Puts a finger on the list. `move(y)` moves the finger by y px, down if y is positive, and `lift` takes the finger away.
async function finger(reader) {
  const tools = await reader.page.context().newCDPSession(reader.page);
  let y = 300;
  const touch = (type, ...touchPoints) => tools.send("Input.dispatchTouchEvent", { type, touchPoints });
  await touch("touchStart", { x: 150, y });
  return {
    async move(step) {
      await touch("touchMove", { x: 150, y: y += step });
      await reader.drawn();
    },
    lift: () => touch("touchEnd"),
  };
}

for (const step of [1, 2, 6]) test(`a finger that drags the list by ${step} px a frame leaves the end, and what comes is counted`, limit, async () => {
  await Reader.together(browser, `${hub.url}?room=drag${step}`, [phone, {}], async (ada, bea) => {
    await bea.pour(lines("before", 80));
    await ada.sees("before 80");
    const { move, lift } = await finger(ada);
    await move(30); // a browser takes the first pixels for a tap
    const began = await top(ada);
    for (let moved = 0; moved < 60; moved += step) await move(step);
    await eventually("the list has moved", async () => began - await top(ada) > 20);
    await lift();
    const before = await top(ada);
    await bea.say("news");
    await pill(ada, "1 new").waitFor();
    assert.ok(Math.abs(await top(ada) - before) < 2, "the list has not moved");
  });
});

test("a list that a finger holds at the end is at the end when the finger is gone", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=hold`, [phone, {}], async (ada, bea) => {
    await bea.pour(lines("before", 80));
    await ada.sees("before 80");
    const { lift } = await finger(ada);
    await bea.pour(lines("meanwhile", 3));
    await ada.sees("meanwhile 3");
    await lift();
    await eventually("the end is in sight", () => at_end(ada));
    await follows(ada);
  });
});

test("a wheel within a tall message at the end does not stop following", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=wheel`, [{}, {}], async (ada, bea) => {
    await bea.pour([...lines("before", 40), code(40)]);
    const tall = ada.page.locator(".tall");
    await tall.hover();
    const within = () => tall.evaluate(box => box.scrollTop);
    await ada.turn(200);
    await eventually("the message has moved", async () => await within() > 100);
    for (const step of [-60, -60]) {
      const before = await within();
      await ada.turn(step);
      await eventually("the message has moved up", async () => await within() < before);
    }
    await bea.say("news");
    await ada.sees("news");
    await follows(ada);
    await eventually("the end is in sight", () => at_end(ada));
  });
});

test("a key within a tall message does not stop following, and a key on the list does", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=keys`, [{}, {}], async (ada, bea) => {
    await bea.pour([...lines("before", 40), code(40)]);
    const tall = ada.page.locator(".tall");
    await tall.focus();
    await tall.press("PageDown");
    await eventually("the message has moved", () => tall.evaluate(box => box.scrollTop > 50));
    await tall.press("ArrowUp");
    await bea.say("news");
    await ada.sees("news");
    await follows(ada);
    await ada.list.focus();
    await ada.list.press("ArrowUp");
    await pill(ada, "Jump to latest").waitFor();
  });
});

test("a tall message says that it goes on, until its end is in sight", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=tall`, [{}, {}], async (ada, bea) => {
    await bea.pour(["short", code(45)]);
    const tall = ada.page.locator(".tall");
    const says = () => tall.evaluate(box => getComputedStyle(box, "::after").content);
    await eventually("it goes on", async () => (await says()).includes("more"));
    await tall.evaluate(box => { box.scrollTop = box.scrollHeight; });
    await eventually("that is all", async () => await says() === "none");
    await tall.evaluate(box => { box.scrollTop = 0; });
    await eventually("it goes on again", async () => (await says()).includes("more"));
  });
});
