// The way to one message: its address, the line above the first unread message, and reading on from there without a hole.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0", RATE_LIMIT_PER_IP: "0" });

const numbered = count => Array.from({ length: count }, (_, i) => `text ${i}`);

// Resolves with the ids of a room's messages, oldest first.
async function ids(room) {
  const all = [];
  for (let target = `messages?room=${room}&after=0&limit=200`; target;) {
    const { messages, next } = await (await fetch(hub.url + target)).json();
    all.push(...messages.map(({ id }) => id));
    target = next;
  }
  return all;
}

const in_sight = (reader, text) => eventually(`${text} is in sight`, () => reader.list.evaluate((list, text) => {
  const box = list.getBoundingClientRect();
  const item = [...list.querySelectorAll("#messages .message")].find(each => each.querySelector(".text").textContent === text);
  const at = item?.getBoundingClientRect();
  return at && at.bottom > box.top && at.top < box.bottom;
}, text));

test("the address of a message shows it, however old it is, and one reads on to the newest without a hole", limit, async () => {
  const room = "long-ago", url = `${hub.url}?room=${room}`;
  await Reader.together(browser, url, [{}], async ada => {
    await ada.pour(numbered(500));
    const all = await ids(room);
    assert.equal(all.length, 500);
    await ada.page.goto(`${url}&message=${all[40]}`);
    await in_sight(ada, "text 40");
    await ada.page.locator(".message.target").filter({ hasText: /text 40#/ }).waitFor();
    const seen = new Set();
    const note = async () => { for (const text of await ada.texts()) seen.add(text); };
    await note();
    await ada.pour(["while reading"]);
    await eventually("the newest message is reached", async () => {
      await ada.roll(2_000);
      await note();
      return seen.has("while reading");
    });
    for (let i = 40; i < 500; i += 1) assert.ok(seen.has(`text ${i}`), `text ${i} was shown`);
    await eventually("the list follows", async () => {
      await ada.roll(2_000);
      return ada.list.evaluate(list => list.classList.contains("follows"));
    });
    await ada.pour(["live again"]);
    await in_sight(ada, "live again");
    await ada.page.goto(`${url}&message=${all[499]}`);
    await in_sight(ada, "text 499");
  });
});

test("an address of a message that is not there says so, and shows the newest ones", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=gone&message=999999999`, [{}], async ada => {
    await ada.alert.filter({ hasText: "This message is not here." }).waitFor();
    await ada.say("hello");
    await ada.sees("hello");
  });
});

test("the time of a message is its address, and the details have its number", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=link`, [{}, {}], async (ada, bea) => {
    await bea.say("one");
    const message = await ada.sees("one"), id = await message.getAttribute("data-id");
    assert.equal(await message.locator(".number").isVisible(), false);
    assert.match(await message.locator(".meta").getAttribute("title"), /#1$/);
    assert.equal(await (await bea.sees("one")).locator(".number").isVisible(), true, "one's own messages show theirs");
    await message.getByRole("link").click();
    await message.and(ada.page.locator(".target")).waitFor();
    assert.equal(new URL(ada.page.url()).searchParams.get("message"), id);
    assert.equal(new URL(ada.page.url()).searchParams.get("room"), "link");
    assert.equal(await message.locator(".number").isVisible(), true);
    await ada.reload();
    await (await ada.sees("one")).and(ada.page.locator(".target")).waitFor();
    await ada.say("two");
    const two = await ada.sees("two");
    await ada.list.focus();
    for (const key of ["Enter", "ArrowUp", "ArrowDown", "Enter"]) await ada.page.keyboard.press(key);
    await two.and(ada.page.locator(".target")).waitFor();
  });
});

test("a line stands above the first unread message, and a button goes there", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=unread-line`, [{}, {}], async (ada, bea) => {
    await bea.say("read before");
    await ada.sees("read before");
    await ada.visit("elsewhere");
    await bea.pour(numbered(120));
    await ada.link("unread-line").filter({ hasText: "120" }).waitFor();
    await ada.visit("unread-line");
    await ada.sees("text 119");
    const jump = ada.page.getByRole("button", { name: "Jump to first unread" });
    await jump.click();
    await in_sight(ada, "text 0");
    const line = ada.page.locator(".first-new");
    assert.equal(await line.locator(".text").textContent(), "text 0");
    assert.match(await line.evaluate(item => getComputedStyle(item, "::after").content), /New from here/);
    await jump.waitFor({ state: "hidden" });
    await ada.visit("elsewhere");
    await ada.visit("unread-line");
    await ada.sees("text 119");
    assert.equal(await line.count(), 0, "all is read");
  });
});
