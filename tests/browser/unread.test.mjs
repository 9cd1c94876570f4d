// The numbers of unread messages in rooms that are not shown. One test compares the number of one room with the truth: the log is
// random, and it is read here and in another tab, over breaks of the connection, losses and counts of the hub. In this test the
// conversation of the page has a client and a hub without a network.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { Reader } from "./reader.mjs";
import { address, counts, online, page_of, range, say, use_rooms } from "./rooms_stage.mjs";
import { browser, hub } from "./stage.mjs";

use_rooms();

const steps = Number(process.env.STEPS ?? 5_000);
const seed = Number(process.env.SEED ?? randomInt(2 ** 31));

test("the number of unread messages is that of the log, whatever happens", limit, async t => {
  t.diagnostic(`SEED=${seed} STEPS=${steps}`);
  const page = await browser.newPage();
  await page.goto(`${hub.url}static/icon.svg`); // of the hub's origin, without the page's scripts
  const { wrong, seen } = await page.evaluate(random_room, { seed, steps });
  await page.close();
  t.diagnostic(JSON.stringify(seen));
  assert.deepEqual(wrong, []);
  for (const [what, times] of Object.entries(seen)) assert.ok(times > 0, `the run had no ${what}`);
});

test("unread messages are counted exactly, live and over a reload, few and many", limit, async () => {
  const rooms = { "count-few": 3, "count-most": 50, "count-many": 130 };
  const ada = await page_of([...Object.keys(rooms), "count-here"]);
  for (const [room, count] of Object.entries(rooms)) await say(room, ...range("unread", count));
  for (const [room, count] of Object.entries(rooms)) await counts(ada, room, count);
  assert.equal(await ada.page.title(), "(183) count-here – hubbub");
  await ada.reload();
  for (const [room, count] of Object.entries(rooms)) await counts(ada, room, count);
  await ada.page.goto("about:blank");
  for (const room of Object.keys(rooms)) await say(room, "while the page was away");
  await ada.page.goto(address("count-here"));
  for (const [room, count] of Object.entries(rooms)) await counts(ada, room, count + 1);
  await say("count-many", "live again");
  await counts(ada, "count-many", 132);
  await ada.visit("count-few");
  await counts(ada, "count-few", 0);
  await ada.reload();
  await counts(ada, "count-few", 0);
  await counts(ada, "count-many", 132);
  await eventually("the title", async () => await ada.page.title() === "(183) count-few – hubbub");
  await ada.leave();
});

test("what is read in one tab is read in all, also where only the number is known", limit, async () => {
  const ada = await page_of(["tabs-a", "tabs-b"]);
  const tab = await ada.tab(address("tabs-b"));
  await say("tabs-a", ...range("for both", 80));
  for (const reader of [ada, tab]) await counts(reader, "tabs-a", 80);
  await tab.visit("tabs-a");
  await counts(ada, "tabs-a", 0);
  await tab.visit("tabs-new");
  await ada.link("tabs-new").waitFor();
  await say("tabs-new", "in a room that the other tab has opened");
  await tab.sees("in a room that the other tab has opened");
  await tab.visit("tabs-b");
  await say("tabs-new", "and one more");
  for (const reader of [ada, tab]) await counts(reader, "tabs-new", 1);
  await tab.page.getByRole("button", { name: "Forget tabs-new" }).click();
  await eventually("the room is forgotten", async () => await ada.link("tabs-new").count() === 0);
  await eventually("both tabs have left", () => online("tabs-new") === 1);
  assert.deepEqual(tab.faults, []);
  await ada.leave();
});

test("one's own messages that are sent after one has gone on are unread in no tab", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  const ada = await page_of(["own-a", "own-b"], { url: proxy.url });
  const tab = await ada.tab(`${proxy.url}?room=own-a`);
  const bea = await Reader.open(browser, address("own-b"));
  proxy.cut();
  await ada.status("does not accept the connection");
  await ada.say("mine");
  await ada.visit("own-a");
  proxy.mend();
  await bea.sees("mine");
  await say("own-a", "and on");
  for (const reader of [ada, tab]) {
    await reader.sees("and on");
    await counts(reader, "own-b", 0);
  }
  await bea.leave();
  await ada.leave();
});

test("a room whose newest messages the page had dropped is read when the reader goes to them", limit, async () => {
  const ada = await page_of(["drop-b", "drop-a"]);
  const bea = await Reader.open(browser, address("drop-a"));
  await bea.pour(range("line", 120));
  await (await ada.sees("line 90")).evaluate(item => item.scrollIntoView({ block: "center" }));
  await ada.page.locator("#scroll:not(.follows)").waitFor();
  await ada.visit("drop-b");
  const tab = await ada.tab(address("drop-b"));
  await bea.pour(range("more", 1_200));
  await counts(tab, "drop-a", 1_200);
  await ada.visit("drop-a");
  await ada.page.getByRole("button", { name: "1,200 new" }).click();
  await ada.sees("more 1200");
  await counts(tab, "drop-a", 0);
  await bea.leave();
  await ada.leave();
});

// Runs in the browser. Resolves with the steps after which the number was wrong, and how often each thing happened.
async function random_room({ seed, steps }) {
  const { Conversation } = await import("/static/conversation.js");
  let state = seed;
  const random = n => { // mulberry32
    let x = state += 0x6d2b79f5;
    x = Math.imul(x ^ x >>> 15, x | 1);
    x ^= x + Math.imul(x ^ x >>> 7, x | 61);
    return Math.floor(((x ^ x >>> 14) >>> 0) / 2 ** 32 * n);
  };
  const seen = { messages: 0, resumed: 0, counted: 0, history: 0, recounts: 0, forks: 0, reads: 0, logs: 0 };
  let log = [], name = "log 0", next = 1, room, connected = true;

  // A room of the client, and what the hub answers it.
  class FakeRoom {
    listeners = {};
    left = false;
    constructor({ from, most }) {
      Object.assign(this, { position: from && { ...from }, most });
    }
    on(type, listener) { this.listeners[type] = listener; }
    emit(type, detail) { if (!this.left) this.listeners[type](detail); }
    leave() { this.left = true; }
    deliver(message, past = false) {
      if (message.id <= this.position.after) return;
      this.position.after = message.id;
      this.emit("message", { message, past, own: message.own, key: undefined });
    }
    subscribe() {
      const valid = this.position?.log === name && this.position.after < next;
      const after = valid ? log.filter(({ id }) => id > this.position.after) : [];
      const resumed = valid && (this.most === undefined || after.length <= this.most), history = resumed ? [] : log.slice(-50);
      const missed = valid && !resumed ? { missed: after.length } : {};
      seen[resumed ? "resumed" : valid ? "counted" : "history"] += 1;
      this.emit("subscribed", { room: "r", resumed, log: name, history: history.length, ...missed });
      if (this.left) return;
      if (!resumed) this.position = { log: name, after: 0 };
      for (const message of history) this.deliver(message, true);
      for (const message of resumed ? after : []) this.deliver(message);
    }
  }

  const client = { room: (_, options) => {
    if (!room || room.left) {
      seen.recounts += room ? 1 : 0;
      room = new FakeRoom(options);
      const asked = room;
      queueMicrotask(() => connected && room === asked && !asked.live && asked.subscribe());
    }
    return room;
  } };
  let read, known_log; // as in the storage that all tabs share
  const rooms = {
    read_id: () => read,
    read: (_, id) => { read = Math.max(read ?? 0, id); },
    use_log: given => {
      if (known_log !== given) read = undefined;
      known_log = given;
    },
  };
  const nothing = () => {};
  const unsent = { remove: nothing, remove_stored: nothing, set: nothing, empty: true };
  const page = new Proxy({}, { get: () => nothing });
  const { port1, port2 } = new MessageChannel(); // quicker than setTimeout
  const settled = () => new Promise(resolve => {
    port2.onmessage = resolve;
    port1.postMessage(0);
  });
  const history = { page: () => Promise.resolve({ messages: [], complete: true }) };
  const conversation = new Conversation("r", { hub: client, rooms, history, person: { wrote() {}, is_author: () => false }, own_connections: { ids: new Set(), add: () => {} }, make_unsent: () => unsent }, page);
  conversation.timeline.hide(true);
  await settled();

  const say = wanted => {
    const own = wanted && connected; // the reader writes here alone
    const message = { type: "message", id: next, own, text: "t", connection_id: "00000000-0000-4000-8000-000000000000", user_message_number: 1, created_at: "2026-01-31T09:30:00Z" };
    next += 1 + random(3);
    log.push(message);
    seen.messages += 1;
    if (connected) room.deliver(message);
  };
  const come_back = async () => {
    connected = true;
    room.subscribe();
    await settled();
  };
  const acts = [
    [40, () => say(false)],
    [5, () => say(true)],
    [3, () => { for (let i = random(400); i > 0; i -= 1) say(random(10) === 0); }],
    [3, () => { connected = false; conversation.disconnected(); }],
    [4, come_back],
    [3, () => { // here or in another tab, up to the newest message or not quite
      const at = log.at(-1 - random(random(2) ? 1 : 300));
      if (!at || !known_log || known_log !== name || !(at.id > (read ?? 0))) return;
      seen.reads += 1;
      read = at.id;
      conversation.read_to(at.id);
    }],
    [1, () => { // the database loses the newest messages
      if (!connected) return;
      const after = log.at(-1 - random(300))?.id ?? 0, first = next + 100_000;
      log = log.filter(({ id }) => id <= after);
      next = first;
      seen.forks += 1;
      if (room.position.after > after) room.position.after = after;
      room.emit("fork", { after, first, lost: [] });
    }],
    [0.2, async () => { // the log is replaced
      connected = false;
      [log, name] = [[], `log ${seen.logs += 1}`];
      next = 1;
      await come_back();
    }],
  ];
  const total = acts.reduce((sum, [weight]) => sum + weight, 0), wrong = [];
  for (let step = 0; step < steps; step += 1) {
    let at = random(1_000_000) / 1_000_000 * total;
    const [, act] = acts.find(([weight]) => (at -= weight) < 0) ?? acts[0];
    await act();
    await settled();
    await settled();
    if (!connected) continue;
    const { count, exact } = conversation.unread, truth = log.filter(({ id, own }) => !own && id > read).length;
    if (!exact || count !== truth) wrong.push({ step, count, exact, truth, read, newest: log.at(-1)?.id });
    if (wrong.length > 5) break;
  }
  return { wrong, seen };
}
