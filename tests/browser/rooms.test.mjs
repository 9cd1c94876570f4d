// Rooms: their addresses, the list of visited rooms, unread messages, and the number of connections.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

// Waits until the page shows the room and is connected.
async function arrives(reader, room) {
  await reader.page.getByRole("heading", { name: room }).waitFor();
  await reader.status("Connected");
}

const link = (reader, room) => reader.page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: room });

test("a room is opened by its name and by its address, in any script", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    const name = ada.page.getByLabel("Open or create a room");
    for (const room of ["кухня", "台所", "cafe\u0301-1.2_3", "हिन्दी"]) {
      await name.fill(` ${room} `);
      await name.press("Enter");
      await arrives(ada, room.normalize("NFC"));
      assert.equal(new URL(ada.page.url()).searchParams.get("room"), room.normalize("NFC"));
      const bea = await Reader.open(browser, ada.page.url());
      await bea.say(`in ${room}`);
      await ada.sees(`in ${room}`);
      await ada.page.getByText("2 online", { exact: true }).waitFor();
      await bea.leave();
      await ada.page.getByText("1 online", { exact: true }).waitFor();
    }
    await ada.page.goto(`${hub.url}?room=${encodeURIComponent("cafe\u0301-1.2_3")}`);
    await ada.sees("in cafe\u0301-1.2_3");
    await ada.page.goBack();
    await ada.page.getByRole("heading", { name: "हिन्दी" }).waitFor();
    await ada.sees("in हिन्दी");
  });
});

test("what is no room's name is refused in words, in the form and in the address", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    const name = ada.page.getByLabel("Open or create a room");
    for (const bad of ["two words", "a/b", "x".repeat(65), "<b>"]) {
      await name.fill(bad);
      await name.press("Enter");
      await ada.alert.filter({ hasText: "1 to 64 letters" }).waitFor();
    }
    assert.equal(ada.page.url(), hub.url);
    await ada.page.goto(`${hub.url}?room=two%20words`);
    await ada.status("1 to 64 letters");
    assert.equal(await ada.page.getByRole("button", { name: "Share this room" }).count(), 0);
    await link(ada, "lobby").click();
    await arrives(ada, "lobby");
  });
});

test("the list counts what is unread in other rooms, and reading it counts as read", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=news`, [{}, {}], async (ada, bea) => {
    await bea.say("seen");
    await ada.sees("seen");
    await link(ada, "lobby").click();
    await arrives(ada, "lobby");
    assert.equal(await link(ada, "news").textContent(), "news", "nothing is unread");
    for (const text of ["one", "two", "three"]) {
      await bea.say(text);
      await bea.sees(text);
    }
    await link(ada, "news").filter({ hasText: "3 unread messages" }).waitFor();
    await link(ada, "news").click();
    await ada.sees("three");
    await link(ada, "lobby").click();
    await arrives(ada, "lobby");
    assert.equal(await link(ada, "news").textContent(), "news");
    await ada.page.getByRole("button", { name: "Forget news" }).click();
    assert.equal(await link(ada, "news").count(), 0);
  });
});

test("the address of a room is copied to be shared", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=share`, [{ permissions: ["clipboard-read", "clipboard-write"] }], async ada => {
    await ada.page.getByRole("button", { name: "Share this room" }).click();
    await ada.alert.filter({ hasText: "Link copied" }).waitFor();
    assert.equal(await ada.page.evaluate(() => navigator.clipboard.readText()), `${hub.url}?room=share`);
  });
});

test("on a phone the rooms open by a button and close by Escape or a look elsewhere", limit, async () => {
  const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
  await Reader.together(browser, hub.url, [phone, {}], async (ada, bea) => {
    assert.equal(await bea.page.getByRole("button", { name: "Rooms" }).isVisible(), false, "on a desk they stand beside");
    const rooms = ada.page.getByRole("navigation", { name: "Rooms" });
    const toggle = ada.page.getByRole("button", { name: "Rooms" });
    assert.equal(await rooms.isVisible(), false);
    await toggle.press("Enter");
    await rooms.waitFor();
    assert.equal(await toggle.getAttribute("aria-expanded"), "true");
    await ada.page.keyboard.press("Escape");
    await rooms.waitFor({ state: "hidden" });
    assert.equal(await toggle.evaluate(button => button === document.activeElement), true);
    await toggle.tap();
    await rooms.waitFor();
    await ada.list.tap({ position: { x: 300, y: 400 } });
    await rooms.waitFor({ state: "hidden" });
  });
});

test("on a phone the button of the rooms says in words what waits in them, and forgetting a room leaves the list open", limit, async () => {
  const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
  await Reader.together(browser, `${hub.url}?room=mark-b`, [phone, {}], async (ada, bea) => {
    const labelled = name => ada.page.getByRole("button", { name, exact: true }).waitFor();
    for (const room of ["mark-c", "mark-a"]) await ada.visit(room);
    await labelled("Rooms");
    await bea.say("hello");
    await labelled("Rooms, 1 unread message");
    await ada.page.getByRole("button", { name: "Rooms" }).click();
    await ada.page.getByLabel("Language").selectOption("ru");
    await labelled("Комнаты, 1 непрочитанное");
    await ada.page.getByLabel("Язык").selectOption("en");
    await labelled("Rooms, 1 unread message");
    const focused = () => ada.page.evaluate(() => document.activeElement.dataset.room);
    const forget = room => ada.page.getByRole("button", { name: `Forget ${room}` });
    await forget("mark-b").tap();
    await labelled("Rooms");
    assert.equal(await focused(), "mark-c", "the next room is at the place");
    await forget("mark-c").press("Enter");
    assert.equal(await focused(), "mark-a", "there is no next room");
    assert.equal(await ada.page.getByRole("navigation", { name: "Rooms" }).isVisible(), true);
    const another = await ada.tab(`${hub.url}?room=mark-0`);
    await ada.link("mark-0").waitFor();
    assert.equal(await focused(), "mark-a", "another room does not take the focus away");
    await another.page.close();
  });
});

test("the number of connections is shown, and behind it the recent authors, the latest first", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=company`, [{}, {}, {}], async (ada, bea, cem) => {
    const count = ada.page.getByText("3 online", { exact: true }), people = ada.page.getByRole("list", { name: "Recent authors" });
    await count.waitFor();
    await count.press("Enter");
    await people.getByText("There are no messages yet.").waitFor();
    for (const [who, text] of [[bea, "one"], [ada, "two"], [cem, "three"], [bea, "four"]]) {
      await who.say(text);
      await ada.sees(text);
    }
    const [a, b, c] = (await Promise.all([ada, bea, cem].map(each => each.id()))).map(id => id.slice(0, 8));
    assert.deepEqual(await people.getByRole("listitem").allTextContents(), [b, c, `You are ${a}`]);
    await count.press("Escape");
    await people.waitFor({ state: "hidden" });
    assert.equal(await count.evaluate(summary => summary === document.activeElement), true);
    await count.click();
    await people.waitFor();
    await ada.list.click({ position: { x: 300, y: 300 } });
    await people.waitFor({ state: "hidden" });
  });
});

test("a room whose name is a number is kept like any other, beside pages that store no order", limit, async () => {
  const page = await browser.newPage();
  await page.goto(`${hub.url}static/icon.svg`);
  const { visited, others } = await page.evaluate(async () => {
    const { Rooms } = await import("/static/rooms.js");
    const base = new URL("/", location), key = `hubbub rooms ${base}`, rooms = new Rooms(base);
    for (let i = 1; i <= 29; i += 1) rooms.visit(`room-${i}`);
    for (const name of ["42", "last"]) rooms.visit(name);
    const { log, read } = JSON.parse(localStorage[key]), { visited } = new Rooms(base);
    localStorage[key] = JSON.stringify({ log, read }); // as an earlier version writes it
    return { visited, others: new Rooms(base).visited };
  });
  await page.close();
  assert.deepEqual(visited, [...Array.from({ length: 28 }, (_, i) => `room-${i + 2}`), "42", "last"]);
  assert.deepEqual(others, ["42", ...visited.filter(name => name !== "42")]);
});
