// The client in Node.js when the hub's database has lost messages: a scripted hub sends the frames of forks.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { WebSocket } from "ws";
import { connect } from "../../public/client/hubbub.js";
import { Queue } from "../../public/client/queue.js";
import { eventually, limit } from "../support/machine.mjs";
import { ack, init, log, message, ScriptedHub } from "./scripted_hub.mjs";

const first = 2 ** 33;
const fork = { type: "fork", room: "lobby", after: 10, first };
const stored = (key, id, { at = Date.now(), text = key, sent = at } = {}) => ({ key, text, at: sent, via: [], why: null, stored: { id, log, at } });
const open = [];
let hub;

beforeEach(async () => { hub = await ScriptedHub.listen(); });
afterEach(() => {
  for (const client of open.splice(0)) client.close();
  hub.remove();
});

// Resolves with a client, what it was told, and its connection, which has got `frame`.
async function joined(frame, options = {}) {
  const client = connect(hub.url, { WebSocket, ...options });
  open.push(client);
  const seen = { texts: [], forks: [], sending: [] };
  client.on("message", ({ message: { text } }) => seen.texts.push(text));
  client.on("fork", detail => seen.forks.push(detail));
  client.on("sending", ({ item, status, number }) => seen.sending.push({ text: item.text, status, number }));
  const accepted = new Promise(resolve => client.on("init", resolve));
  const line = await hub.connection();
  line.send(frame);
  await accepted;
  return { client, seen, line, sent: (at = line) => sent(client, at) };
}

// Resolves when the client has handled all frames of the connection, with the messages that it has sent by then.
async function sent(client, line) {
  const marker = { type: "presence", room: "lobby", online: Math.random() };
  const handled = new Promise(resolve => client.on("presence", ({ online }) => online === marker.online && resolve()));
  line.send(marker);
  await handled;
  return line.messages_until(() => client.check());
}

// Sends a text, and resolves when the hub has acked it with this id and shown it.
async function say(client, line, text, id) {
  const promise = client.send(text);
  const frame = await line.message();
  line.send(ack(frame, id), message(id, text, "a"));
  await promise;
  return frame;
}

const resumed_at = async (client, line) => {
  line.close();
  const next = await hub.connection();
  return { next, after: Number(next.query.after) };
};

test("a cursor on the lost branch falls back to what survived, and what follows the fork is delivered", limit, async () => {
  const { client, seen, line, sent } = await joined(init("a", { history: [message(9, "nine"), message(10, "ten"), message(11, "lost"), message(12, "lost too")] }));
  line.send(fork);
  await sent();
  assert.deepEqual(client.position, { log, after: 10 });
  assert.deepEqual(seen.forks, [{ after: 10, first, lost: [] }]);
  line.send(message(first, "next"), message(first + 1, "and on"));
  await sent();
  assert.deepEqual(seen.texts.slice(4), ["next", "and on"]);
  assert.equal((await resumed_at(client, line)).after, first + 1);
});

test("a connection that breaks after the fork resumes before it", limit, async () => {
  const { client, seen, line, sent } = await joined(init("a", { history: [message(12, "lost")] }));
  line.send(fork);
  await sent();
  const { next, after } = await resumed_at(client, line);
  assert.equal(after, 10);
  next.send(init("b", { fork: { after: 10, first } }), message(first, "next"));
  await eventually("the message after the fork", () => seen.texts.includes("next"));
});

test("a cursor outside the lost branch stays where it is", limit, async () => {
  for (const cursor of [9, 10, first, first + 5]) {
    const { client, line, sent } = await joined(init("a", { history: [message(cursor, "newest")] }));
    line.send(fork);
    await sent();
    assert.equal(client.position.after, cursor);
  }
});

test("one's own stored messages of the lost branch are sent again with their keys, in order and before what waits", limit, async () => {
  const { client, seen, line, sent } = await joined(init("a", { history: [] }));
  const kept = await say(client, line, "kept", 10);
  const one = await say(client, line, "one", 11), two = await say(client, line, "two", 12);
  const waits = client.send("three");
  const three = await line.message(); // is on its way when the fork comes
  const last = client.send("four");
  seen.sending.length = 0;
  line.send(fork);
  await sent();
  assert.deepEqual(seen.forks[0].lost.map(({ key }) => key), [one.key, two.key]);
  assert.deepEqual(seen.sending, [{ text: "one", status: undefined, number: undefined }, { text: "two", status: undefined, number: undefined }]);
  const again = [];
  line.send(ack(three, first, 4));
  for (let id = first + 1; id < first + 4; id += 1) {
    again.push(await line.message());
    line.send(ack(again.at(-1), id));
  }
  assert.deepEqual(again.map(({ text }) => text), ["one", "two", "four"]);
  assert.deepEqual(again.slice(0, 2), [one, two]);
  assert.equal((await waits).id, first);
  assert.equal((await last).id, first + 3);
  assert.notEqual(kept.key, one.key);
  assert.deepEqual(await sent(), [], "what survived is not sent");
});

test("a fork that is told twice has no further effect, on the same connection or the next", limit, async () => {
  const { client, seen, line, sent } = await joined(init("a", { history: [] }));
  const one = await say(client, line, "one", 11);
  line.send(fork, fork);
  assert.deepEqual(await line.message(), one);
  line.send(ack(one, first), message(first, "one", "a"), fork);
  assert.deepEqual(await sent(), []);
  const { next } = await resumed_at(client, line);
  next.send(init("b", { fork: { after: 10, first } }));
  assert.deepEqual(await sent(next), []);
  assert.deepEqual(seen.texts, ["one", "one"]);
  assert.deepEqual(seen.forks.map(({ lost }) => lost.length), [1, 0, 0, 0]);
  assert.equal(client.position.after, first);
});

test("a client that was away learns of the fork when it resumes, and sends again then", limit, async () => {
  const { client, line, sent } = await joined(init("a", { history: [] }));
  const one = await say(client, line, "one", 11);
  const { next, after } = await resumed_at(client, line);
  assert.equal(after, 11);
  next.send(init("b", { fork: { after: 10, first } }), message(first, "next"));
  assert.deepEqual(await next.message(), one);
  next.send(ack(one, first + 1), message(first + 1, "one", "b"));
  assert.deepEqual(await sent(next), []);
  assert.equal(client.position.after, first + 1);
});

test("a stored message whose text has not arrived before the fork waits again", limit, async () => {
  const { client, seen, line } = await joined(init("a", { history: [] }));
  const promise = client.send("one");
  const one = await line.message();
  line.send(ack(one, 11), fork);
  assert.equal((await promise).id, 11);
  assert.deepEqual(await line.message(), one);
  line.send(ack(one, first, 2), message(first, "one", "a", 2));
  await eventually("the message", () => seen.texts.length);
  assert.deepEqual(seen.sending.map(({ status, number }) => [status, number]), [[undefined, undefined], ["stored", 1], [undefined, undefined], ["stored", 2]]);
});

test("a key that has survived is acked with its id, and its message is delivered once", limit, async () => {
  const { client, seen, line, sent } = await joined(init("a", { history: [] }));
  const one = await say(client, line, "one", 11);
  line.send(fork, message(first, "one", "another connection")); // a second tab has sent the same item again
  assert.deepEqual(await line.message(), one);
  line.send(ack(one, first));
  assert.deepEqual(await sent(), []);
  assert.deepEqual(seen.texts, ["one", "one"], "the lost one, which the listener has removed, and the new one");
  assert.equal(seen.sending.at(-1).status, "gone");
});

test("an ack that was on its way at the fork does not count", limit, async () => {
  const { client, line, sent } = await joined(init("a", { history: [] }));
  const promise = client.send("one");
  const one = await line.message();
  line.send(fork, ack(one, 11));
  assert.deepEqual(await line.message(), one);
  line.send(ack(one, first));
  assert.equal((await promise).id, first);
  assert.deepEqual(await sent(), []);
});

test("an ack that was on its way at the first of two forks does not count", limit, async () => {
  const { client, line, sent } = await joined(init("a", { history: [] }));
  const promise = client.send("one");
  const one = await line.message();
  line.send(fork, { ...fork, after: first + 5, first: 2 * first }, ack(one, 11));
  assert.deepEqual(await line.message(), one);
  line.send(ack(one, first));
  assert.equal((await promise).id, first);
  assert.deepEqual(await sent(), []);
});

test("several forks may be told as one, and what survived between them is acked with its id", limit, async () => {
  const { client, line, sent } = await joined(init("a", { history: [] }));
  const one = await say(client, line, "one", 20);
  line.send({ ...fork, first: 2 * first });
  for (const _ of [1, 2]) {
    assert.deepEqual(await line.message(), one);
    line.send(ack(one, 20));
  }
  assert.deepEqual(await sent(), []);
});

test("what was stored more than ten minutes ago is not sent again", limit, async () => {
  const outbox = new Queue(), now = Date.now();
  outbox.put(stored("old", 11, { at: now - 600_001 }));
  outbox.put(stored("young", 12, { at: now - 400_000 }));
  const { line, client } = await joined(init("a"), { outbox, from: { log, after: 12 } });
  line.send(fork);
  assert.equal((await line.message()).text, "young");
  client.close();
});

test("what was stored while the clock was ahead is given up when the clock is right", limit, context => {
  const outbox = new Queue(), now = Date.now(), { mock } = context.mock.method(globalThis, "setTimeout");
  outbox.put(stored("later", 11, { at: now + 2 ** 32 }));
  assert.deepEqual(outbox.restore(() => true), []);
  outbox.put(stored("now", 12, { at: now }));
  for (const { arguments: [, delay] } of mock.calls) assert.ok(delay <= 600_000, `${delay} ms`);
  assert.equal(outbox.restore(() => true).length, 1);
});

test("the stored messages are bounded in number and in length, and the oldest are given up first", limit, async () => {
  const many = new Queue(), long = new Queue(), now = Date.now();
  for (let i = 0; i <= 1000; i += 1) many.put(stored(`${i}`, i + 1, { sent: now + i }));
  for (let i = 0; i < 300; i += 1) long.put(stored(`${i}`, i + 1, { sent: now + i, text: "x".repeat(1000) }));
  const lost = queue => queue.restore(() => true).map(({ key }) => Number(key));
  assert.deepEqual(lost(many), Array.from({ length: 1000 }, (_, i) => i + 1));
  assert.deepEqual(lost(long), Array.from({ length: 262 }, (_, i) => i + 38));
});

test("messages of another log are not sent again", limit, async () => {
  const outbox = new Queue();
  outbox.put({ ...stored("elsewhere", 11), stored: { id: 11, log: "another log", at: Date.now() } });
  const { line, sent } = await joined(init("a"), { outbox, from: { log, after: 12 } });
  line.send(fork);
  assert.deepEqual(await sent(), []);
});

test("a client that begins with the history sends again what the history shows to be lost", limit, async () => {
  const outbox = new Queue(), now = Date.now();
  for (const [key, id, sent] of [["too old to tell", 5, 0], ["there", 10, 1], ["lost", 11, 2], ["lost too", 12, 3]]) outbox.put(stored(key, id, { sent: now + sent }));
  const { line, sent } = await joined(init("a", { history: [message(9, "nine"), message(10, "there"), message(first, "next")] }), { outbox });
  for (const text of ["lost", "lost too"]) {
    const frame = await line.message();
    assert.equal(frame.text, text);
    line.send(ack(frame, first + 1));
  }
  assert.deepEqual(await sent(), []);
});

test("a client that begins with a history of after the fork asks by the key what has become of its messages", limit, async () => {
  const outbox = new Queue();
  outbox.put(stored("before the fork", 11));
  const { line } = await joined(init("a", { history: [message(first, "next")] }), { outbox });
  assert.equal((await line.message()).key, "before the fork");
});

test("ids up to 2^53 - 1 are told apart", limit, async () => {
  const newest = Number.MAX_SAFE_INTEGER, after = newest - 2 ** 32 - 3;
  const { client, seen, line, sent } = await joined(init("a", { history: [message(after, "kept")] }));
  const one = await say(client, line, "one", after + 1);
  line.send({ ...fork, after, first: newest - 1 });
  assert.deepEqual(await line.message(), one);
  assert.equal(client.position.after, after);
  line.send(message(newest - 1, "next", "b"), ack(one, newest), message(newest, "one", "a"));
  await sent();
  assert.deepEqual(seen.texts, ["kept", "one", "next", "one"]);
  assert.equal(client.position.after, newest);
});

test("a malformed fork changes nothing", limit, async () => {
  const { client, seen, line, sent } = await joined(init("a", { history: [message(12, "twelve")], fork: null }));
  for (const wrong of [{}, { after: 10 }, { first }, { after: "10", first }, { after: 10, first: 10 }, { after: 20, first: 10 }, { after: 0.5, first },
    { after: 10, first: 2 ** 53 }, { after: null, first }]) line.send({ type: "fork", room: "lobby", ...wrong });
  await sent();
  assert.deepEqual(seen.forks, []);
  assert.equal(client.position.after, 12);
});
