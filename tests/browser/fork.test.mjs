// The page when the hub's database has lost messages. The hub of the page is a scripted one, which sends the frames of forks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { ack, init, log, message, ScriptedHub } from "./scripted_hub.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub();

const first = 2 ** 33;
const fork = { type: "fork", room: "lobby", after: 10, first };
const me = "11111111-1111-4111-8111-111111111111", bea = "22222222-2222-4222-8222-222222222222";
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
const notice = reader => reader.page.locator("#messages .lost");

// Opens a page whose hub is scripted: the connection gets `frame`. Resolves with the reader, the scripted hub and the connection.
async function page_with(frame, options = {}, prepare = () => {}) {
  const reader = await Reader.open(browser, hub.url, options);
  const scripted = await ScriptedHub.replace(reader.page);
  await prepare(reader.page);
  const reloaded = reader.reload();
  const line = await scripted.connection();
  line.send(frame);
  await reloaded;
  return { reader, scripted, line };
}

// Writes a text, and resolves when the hub has acked it with this id and shown it.
async function say(reader, line, text, id) {
  await reader.say(text);
  const frame = await line.message();
  line.send(ack(frame, id), message(id, text, me));
  await reader.sees(text);
  return frame;
}

// Runs `send`, and lets the page draw only when the frames of all of it have arrived.
async function at_once(reader, line, send) {
  // The page's clock runs on until the pause, and the pause must lie ahead. The page may send a ping then.
  await reader.page.clock.pauseAt(await reader.page.evaluate(() => Date.now()) + 30_000);
  await send();
  line.send({ type: "presence", room: "lobby", online: 77 });
  await reader.page.getByText("77 online").waitFor();
  await reader.page.clock.resume();
}

const with_clock = page => page.clock.install();

// Answers requests for older messages with those of `texts` by id. `held` makes the first answer wait for it.
function serve_history(texts, held) {
  return page => page.route("**/messages?*", async route => {
    const before = Number(new URL(route.request().url()).searchParams.get("before") ?? Infinity), now = [...texts];
    const wait = held;
    held = undefined;
    await wait?.();
    const found = now.filter(([id]) => id < before).slice(-100);
    await route.fulfill({ json: { messages: found.map(([id, text]) => message(id, text, bea)).reverse(), next: found[0]?.[0] > 1 ? "messages?more" : null } });
  });
}

test("lost messages disappear, a line says so and is announced, and one's own wait in their order until they are stored again", limit, async () => {
  const { reader, line } = await page_with(init(me, { history: [message(9, "nine", bea), message(10, "ten", bea)] }));
  await reader.listen("announcements");
  const one = await say(reader, line, "one", 11);
  line.send(message(12, "hers", bea));
  const two = await say(reader, line, "two", 13);
  await reader.say("three");
  const three = await line.message();
  line.send(fork);
  await notice(reader).waitFor();
  const words = "The hub’s database has lost 3 messages, which are removed here. 2 messages of yours are sent again.";
  assert.equal(await notice(reader).innerText(), words);
  assert.deepEqual(await reader.texts(), ["nine", "ten"]);
  await reader.hears("announcements", /has lost 3 messages/);
  await reader.unsent.nth(2).waitFor();
  assert.deepEqual(await reader.unsent.locator(".text").allTextContents(), ["one", "two", "three"]);
  assert.equal(await reader.unsent.getByText("waiting to be sent").count(), 3);
  line.send(message(first, "after", bea), ack(three, first + 1), message(first + 1, "three", me));
  for (const [expected, id] of [[one, first + 2], [two, first + 3]]) {
    const frame = await line.message();
    assert.deepEqual(frame, expected);
    line.send(ack(frame, id), message(id, frame.text, me));
  }
  await reader.sees("two");
  await reader.allSent();
  assert.deepEqual(await reader.texts(), ["nine", "ten", "after", "three", "one", "two"]);
  const items = await reader.messages.evaluateAll(all => all.map(item => item.matches(".lost")));
  assert.deepEqual(items, [false, false, true, false, false, false, false], "the line is where the messages were");
  line.send(fork, message(first + 4, "the end", bea));
  await reader.sees("the end");
  assert.equal(await notice(reader).innerText(), words, "a fork that is told twice changes nothing");
  await reader.page.getByLabel("Language").selectOption("ru");
  await reader.page.getByText("База данных сервера потеряла 3 сообщения, они удалены отсюда. 2 ваших сообщения отправляются снова.").waitFor();
  await reader.leave();
});

test("a fork that takes nothing from the page is not mentioned", limit, async () => {
  const { reader, line } = await page_with(init(me, { history: [message(9, "nine", bea), message(10, "ten", bea)] }));
  line.send(fork, message(first, "after", bea));
  await reader.sees("after");
  assert.equal(await notice(reader).count(), 0);
  await reader.leave();
});

test("a page that was away learns of the fork when it comes back, and of a fork of the fork", limit, async () => {
  const { reader, scripted, line } = await page_with(init(me, { history: range(5, 13).map(id => message(id, `number ${id}`, bea)) }));
  line.close();
  const second = await scripted.connection();
  assert.deepEqual({ ...second.query }, { after: "12", log });
  second.send(init(bea, { fork: { after: 10, first } }), message(first, "first branch", bea));
  await reader.sees("first branch");
  assert.match(await notice(reader).innerText(), /has lost 2 messages/);
  second.close();
  const third = await scripted.connection();
  assert.equal(third.query.after, String(first));
  third.send(init(bea, { fork: { after: 8, first: 2 * first } }), message(2 * first, "second branch", bea));
  await reader.sees("second branch");
  assert.deepEqual(await reader.texts(), [...range(5, 9).map(id => `number ${id}`), "second branch"]);
  assert.match(await notice(reader).innerText(), /has lost 5 messages/, "one line for all");
  await reader.leave();
});

test("a page that is catching up when the fork comes is up to date when it has what survived", limit, async () => {
  const texts = range(1, 301).map(id => [id, `number ${id}`]);
  const { reader, scripted, line } = await page_with(init(me, { history: range(91, 101).map(id => message(id, `number ${id}`, bea)) }), {}, serve_history(texts));
  line.close();
  const second = await scripted.connection();
  second.send(init(bea), message(120, "number 120", bea));
  await reader.status("Loading the messages that you missed");
  texts.splice(120); // the fork is after messages of another room
  second.send({ ...fork, after: 132 });
  await reader.status("Connected");
  await reader.leave();
});

test("what was stored is sent again after a reload too, if the history does not have it", limit, async () => {
  const { reader, scripted, line } = await page_with(init(me, { history: [message(10, "ten", bea)] }));
  const one = await say(reader, line, "one", 11);
  const reloaded = reader.reload();
  const next = await scripted.connection();
  next.send(init(bea, { history: [message(10, "ten", me), message(first, "after", bea)] }));
  await reloaded;
  await reader.sees("after");
  await reader.unsent.filter({ hasText: "one" }).waitFor();
  assert.deepEqual(await next.message(), one);
  next.send(ack(one, first + 1), message(first + 1, "one", bea));
  await reader.sees("one");
  await reader.allSent();
  await reader.leave();
});

test("what was stored leaves the browser's storage after ten minutes", limit, async () => {
  const { reader, line } = await page_with(init(me, { history: [] }), {}, with_clock);
  const kept = () => reader.page.evaluate(() => Object.keys(localStorage).filter(name => /stored/.test(localStorage[name])).length);
  await say(reader, line, "one", 1);
  assert.equal(await kept(), 1);
  await reader.page.clock.fastForward(300_000);
  assert.equal(await kept(), 1);
  await reader.page.clock.fastForward(400_000);
  assert.equal(await kept(), 0);
  await reader.leave();
});

test("a reader who has scrolled back stays where the reader is, among messages that survive", limit, async () => {
  const { reader, line } = await page_with(init(me, { history: range(1, 81).map(id => message(id, `number ${id}`, bea)) }));
  await reader.sees("number 80");
  await reader.roll(-3_000);
  await reader.page.locator("#scroll:not(.follows)").waitFor();
  const before = await reader.sight();
  line.send({ ...fork, after: 70 });
  await notice(reader).waitFor({ state: "attached" });
  assert.deepEqual(await reader.sight(), before);
  line.send(message(first, "after", bea));
  await reader.sees("after");
  assert.deepEqual(await reader.sight(), before);
  await reader.leave();
});

test("the numbers of new messages are without the lost ones", limit, async () => {
  const { reader, line } = await page_with(init(me, { history: range(1, 81).map(id => message(id, `number ${id}`, bea)) }));
  await reader.sees("number 80");
  await reader.roll(-3_000);
  await reader.page.locator("#scroll:not(.follows)").waitFor();
  await reader.page.evaluate(() => Object.defineProperty(document, "hidden", { value: true, configurable: true }));
  line.send(...range(81, 84).map(id => message(id, `number ${id}`, bea)));
  await reader.page.getByRole("button", { name: "3 new" }).waitFor();
  assert.match(await reader.page.title(), /^\(3\)/);
  line.send({ ...fork, after: 81 });
  await reader.page.getByRole("button", { name: "1 new" }).waitFor();
  assert.match(await reader.page.title(), /^\(1\)/);
  line.send({ ...fork, after: 70 });
  await reader.page.getByRole("button", { name: "Jump to latest" }).waitFor();
  assert.doesNotMatch(await reader.page.title(), /^\(/);
  await reader.leave();
});

test("a message below two lines about lost ones begins a new day only if it does", limit, async () => {
  const { reader, line } = await page_with(init(me, { history: [message(10, "ten", bea), message(11, "eleven", bea)] }));
  line.send(fork, message(first + 1, "lost too", bea)); // the message `first` is of another room
  await reader.sees("lost too");
  line.send({ ...fork, after: first, first: 2 * first }, message(2 * first, "after", bea));
  await reader.sees("after");
  assert.equal(await notice(reader).count(), 2);
  assert.equal(await reader.page.locator("#messages .new-day").count(), 1);
  await reader.leave();
});

test("what was stored leaves the browser's storage when an item that waits needs the place", limit, async () => {
  const { reader, line } = await page_with(init(me, { history: [] }));
  await say(reader, line, "one", 1);
  await reader.page.evaluate(() => {
    localStorage.rest = "";
    for (let size = 2 ** 23; size >= 1; size /= 2) {
      try { localStorage.rest += "x".repeat(size); } catch { /* a smaller part may fit */ }
    }
  });
  await reader.say("two");
  await line.message();
  const kept = await reader.page.evaluate(() => Object.keys(localStorage).filter(name => name.startsWith("hubbub ws")).map(name => JSON.parse(localStorage[name]).text));
  assert.deepEqual(kept, ["two"]);
  await reader.leave();
});

test("a reader of lost messages finds the line that says so in their place", limit, async () => {
  const { reader, line } = await page_with(init(me, { history: range(1, 81).map(id => message(id, `number ${id}`, bea)) }), {}, with_clock);
  await reader.sees("number 80");
  await reader.roll(-600);
  await reader.page.locator("#scroll:not(.follows)").waitFor();
  const lower_edge = item => item.evaluate(item => item.getBoundingClientRect().bottom);
  const before = await reader.sight();
  const edge = await lower_edge(await reader.sees(before.text));
  await at_once(reader, line, () => line.send({ ...fork, after: 40 }, ...range(0, 60).map(i => message(first + i, `new ${i}`, bea))));
  await reader.sees("new 59");
  const moved = await lower_edge(notice(reader)) - edge;
  assert.ok(Math.abs(moved) < 100, `the line is ${moved} px from the message that was read`); // which was the first in sight, or the second
  await reader.leave();
});

test("a message that was stored and lost before the page has drawn it waits again", limit, async () => {
  const { reader, line } = await page_with(init(me, { history: [message(10, "ten", bea)] }), {}, with_clock);
  await at_once(reader, line, async () => {
    await reader.say("quick");
    const frame = await line.message();
    line.send(ack(frame, 11), message(11, "quick", me), fork);
    await line.message();
  });
  await reader.unsent.filter({ hasText: "waiting to be sent" }).waitFor();
  assert.deepEqual(await reader.texts(), ["ten"]);
  await reader.leave();
});

test("lost messages leave the pages of history too, and those of an answer on its way are not shown", limit, async () => {
  const texts = range(1, 301).map(id => [id, `number ${id}`]);
  let release;
  const held = new Promise(resolve => { release = resolve; });
  let asked = false;
  const history = range(251, 301).map(id => message(id, `number ${id}`, bea));
  const { reader, line } = await page_with(init(me, { history }), {}, serve_history(texts, () => { asked = true; return held; }));
  await reader.sees("number 300");
  await reader.roll(-2_000);
  await eventually("the page asks for older messages", () => asked);
  texts.splice(220); // the database goes back; the answer on its way has more
  line.send({ ...fork, after: 220 });
  await notice(reader).waitFor({ state: "attached" });
  release();
  await reader.page.getByText("number 215", { exact: true }).waitFor();
  assert.match(await notice(reader).innerText(), /has lost 50 messages/);
  assert.deepEqual((await reader.texts()).slice(-5), range(216, 221).map(id => `number ${id}`));
  await reader.leave();
});
