// All rooms that the browser knows on one connection: switching, the address, and what each room keeps.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { Reader } from "./reader.mjs";
import { address, counts, online, page_of, range, say, use_rooms } from "./rooms_stage.mjs";
import { browser, hub } from "./stage.mjs";

use_rooms();

test("all rooms share one WebSocket, and nothing is requested after the page has loaded", limit, async () => {
  const ada = await page_of(["one-a", "one-b", "one-c"], { serviceWorkers: "block" });
  const sockets = [], requests = [];
  ada.page.on("websocket", socket => sockets.push(socket.url()));
  await ada.reload();
  for (const room of ["one-a", "one-b", "one-c"]) await eventually(`${room} is entered`, () => online(room) === 2);
  ada.page.on("request", request => requests.push(request.url()));
  await say("one-a", "to a");
  await counts(ada, "one-a", 1);
  for (const room of ["one-a", "one-b", "lobby", "one-c"]) {
    await ada.visit(room);
    if (room !== "lobby") await ada.sees(`welcome to ${room}`);
    await say(room, `live in ${room}`);
    await ada.sees(`live in ${room}`);
    await ada.say(`answer in ${room}`);
    await ada.sees(`answer in ${room}`);
  }
  assert.deepEqual(sockets, [`${hub.url.replace("http", "ws")}ws?room=one-c`]);
  assert.deepEqual(requests, []);
  await ada.leave();
});

test("switching waits for no answer, and Back, Forward and the address go with it", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  const ada = await page_of(["back-a", "back-b"], { url: proxy.url });
  proxy.hold();
  await ada.page.evaluate(() => { window.same = true; });
  await ada.link("back-a").click();
  await ada.sees("welcome to back-a");
  assert.equal(ada.page.url(), `${proxy.url}?room=back-a`);
  assert.equal(await ada.page.title(), "back-a – hubbub");
  assert.equal(await ada.link("back-a").getAttribute("aria-current"), "page");
  await ada.page.goBack();
  await ada.sees("welcome to back-b");
  await ada.page.getByRole("heading", { name: "back-b" }).waitFor();
  await ada.page.goBack();
  await ada.sees("welcome to back-a");
  await ada.page.goForward();
  await ada.sees("welcome to back-b");
  assert.equal(ada.page.url(), `${proxy.url}?room=back-b`);
  assert.equal(await ada.page.evaluate(() => window.same), true, "the page was not loaded again");
  proxy.mend();
  await ada.reload();
  await ada.sees("welcome to back-b");
  await ada.leave();
});

test("a click with Ctrl opens the room in another tab", limit, async () => {
  const ada = await page_of(["tab-a", "tab-b"]);
  const opened = ada.page.context().waitForEvent("page");
  await ada.link("tab-a").click({ modifiers: ["ControlOrMeta"] });
  const tab = new Reader(await opened);
  await tab.sees("welcome to tab-a");
  assert.equal(tab.page.url(), address("tab-a"));
  assert.equal(ada.page.url(), address("tab-b"));
  await ada.leave();
});

test("each room keeps its draft, its place and what waits to be sent", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  const ada = await page_of(["keep-a", "keep-b"], { url: proxy.url });
  await say("keep-a", ...range("line", 120));
  await ada.visit("keep-a");
  await ada.sees("line 120");
  await (await ada.sees("line 80")).evaluate(item => item.scrollIntoView({ block: "center" }));
  await ada.page.locator("#scroll:not(.follows)").waitFor();
  await ada.drawn();
  const before = await ada.sight();
  await ada.box.fill("a draft for a");
  await ada.visit("keep-b");
  assert.equal(await ada.box.inputValue(), "");
  await ada.box.fill("a draft for b");
  proxy.cut();
  await ada.status("does not accept the connection");
  await ada.say("waits in b");
  await ada.unsent.filter({ hasText: "waits in b" }).waitFor();
  await ada.box.fill("another draft for b");
  await ada.visit("keep-a");
  await ada.sees(before.text);
  const now = await ada.sight();
  assert.equal(now.text, before.text);
  assert.ok(Math.abs(now.y - before.y) < 2, `${now.y} instead of ${before.y}`);
  assert.equal(await ada.box.inputValue(), "a draft for a");
  assert.equal(await ada.unsent.count(), 0);
  assert.equal(await ada.page.getByRole("button", { name: "Forget keep-b" }).count(), 0, "nothing that waits is forgotten");
  await ada.visit("keep-b");
  assert.equal(await ada.box.inputValue(), "another draft for b");
  await ada.unsent.filter({ hasText: "waits in b" }).waitFor();
  await ada.visit("keep-a");
  proxy.mend();
  await say("keep-a", "the end");
  await ada.page.getByRole("button", { name: /new/ }).waitFor();
  const then = await ada.sight();
  assert.equal(then.text, before.text, "the place is kept over a break too");
  await ada.visit("keep-b");
  await ada.sees("waits in b");
  await ada.allSent();
  await ada.leave();
});

test("after a break the room that is shown has every message, and the others their numbers", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  const ada = await page_of(["break-few", "break-many", "break-here"], { url: proxy.url });
  await say("break-many", "before the break");
  await counts(ada, "break-many", 1);
  proxy.cut();
  await ada.status("does not accept the connection");
  await say("break-few", ...range("few", 4));
  await say("break-many", ...range("many", 90));
  await say("break-here", ...range("here", 55));
  proxy.mend();
  await ada.sees("here 55");
  await ada.status("Connected");
  assert.deepEqual(await ada.texts(), ["welcome to break-here", ...range("here", 55)]);
  await counts(ada, "break-few", 4);
  await counts(ada, "break-many", 91);
  await ada.visit("break-few");
  await ada.sees("few 4");
  assert.deepEqual(await ada.texts(), ["welcome to break-few", ...range("few", 4)]);
  await ada.visit("break-many");
  await ada.sees("many 90");
  await ada.page.goBack();
  await counts(ada, "break-many", 0);
  await ada.leave();
});

test("a room that comes back tells how far it is with what was missed, also if the connection was opened with another", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  const ada = await page_of(["far"], { url: proxy.url });
  await ada.patient();
  proxy.cut();
  await ada.status("does not accept the connection");
  await say("far", ...range("missed", 300));
  await ada.tells_progress(proxy, 8_000);
  await ada.sees("missed 300");
  await ada.status("Connected");
  await ada.leave();
});

test("thirty rooms are known at most, and the page leaves the one that was not visited for longest", limit, async () => {
  const ada = await Reader.open(browser, hub.url);
  const rooms = range("room", 30).map(name => name.replace(" ", "-"));
  await say("room-1", "hello");
  await ada.page.evaluate(rooms => {
    const name = Object.keys(localStorage).find(each => each.startsWith("hubbub rooms")), kept = JSON.parse(localStorage[name]);
    localStorage[name] = JSON.stringify({ ...kept, read: Object.fromEntries(rooms.map(room => [room, -1])) });
  }, rooms);
  await ada.page.goto(address("room-30"));
  await counts(ada, "room-1", 1);
  await eventually("the page is in the room", () => online("room-1") === 2);
  await ada.visit("room-31");
  await eventually("the page has left the room", () => online("room-1") === 1);
  await eventually("the list does not have the room", async () => await ada.link("room-1").count() === 0);
  assert.equal(await ada.link("room-2").count(), 1);
  assert.equal(await ada.page.locator("nav [data-room]").count(), 31, "the lobby is always in the list");
  await ada.leave();
});

test("the number of connections and the recent authors are those of the room that is shown", limit, async () => {
  const ada = await page_of(["who-a", "who-b"]);
  const bea = await Reader.open(browser, address("who-a"));
  await bea.say("it is me");
  await ada.page.getByText("2 online", { exact: true }).waitFor(); // with the test itself
  await ada.visit("who-a");
  await ada.sees("it is me");
  await ada.page.getByText("3 online", { exact: true }).click();
  const people = ada.page.getByRole("list", { name: "Recent authors" });
  await people.getByText((await bea.id()).slice(0, 8)).waitFor();
  await ada.page.keyboard.press("Escape");
  await ada.visit("who-b");
  await ada.page.getByText("2 online", { exact: true }).click();
  assert.equal(await people.getByText((await bea.id()).slice(0, 8)).count(), 0);
  await bea.leave();
  await ada.leave();
});

test("a page that comes back from the browser's cache goes on in all rooms", limit, async () => {
  const ada = await page_of(["cache-a", "cache-b"]);
  await ada.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await eventually("the page has left", () => online("cache-a") === 1);
  await say("cache-a", ...range("missed in a", 3));
  await say("cache-b", ...range("missed in b", 3));
  await ada.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await ada.sees("missed in b 3");
  await counts(ada, "cache-a", 3);
  await ada.leave();
});

test("a room that another one hides keeps few messages, but those around the reader's place", limit, async () => {
  const page = await browser.newPage();
  await page.goto(`${hub.url}static/icon.svg`);
  const kept = await page.evaluate(async () => {
    const { Timeline } = await import("/static/timeline.js");
    const result = {};
    for (const at_end of [true, false]) {
      const timeline = new Timeline(() => {}, () => {});
      timeline.show(true);
      timeline.clear(true);
      const add = id => timeline.add({ message: { id }, own: false, past: false });
      for (let id = 1; id <= 2_000; id += 1) add(id);
      timeline.window = { from: 300, to: 400 };
      timeline.hide(at_end);
      const hidden = timeline.end - timeline.begin;
      for (let id = 2_001; id <= 10_000; id += 1) add(id);
      result[at_end] = { hidden, later: timeline.end - timeline.begin, place: timeline.at(300)?.id, newest: timeline.newest };
    }
    return result;
  });
  await page.close();
  assert.equal(kept.true.hidden, 200);
  assert.ok(kept.true.later < 230);
  assert.equal(kept.true.newest, 10_000);
  assert.ok(kept.false.later <= 1_000);
  assert.equal(kept.false.place, 301);
});
