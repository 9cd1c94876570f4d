// The client with data and with names, with a real hub.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import WebSocket from "ws";
import { connect } from "../../public/client/hubbub.js";
import { Queue } from "../../public/client/queue.js";
import { FaultProxy } from "../browser/fault_proxy.mjs";
import { limit } from "../support/machine.mjs";
import { Hub } from "./hub.mjs";
import { secret as token_secret, sign } from "./tokens.mjs";

const open = [], secret = "a secret that only Ann's browser has";
let hub;

before(async () => {
  hub = await Hub.start();
  await hub.healthy();
});
after(() => hub?.remove());
afterEach(() => open.splice(0).forEach(client => client.close()));

function client(room, options = {}, port = hub.port) {
  const made = connect(`ws://127.0.0.1:${port}/ws?room=${room}`, { WebSocket, ...options });
  open.push(made);
  return made;
}

// Resolves with the first message of this text.
const heard = (client, text) => new Promise(resolve => client.on("message", ({ message }) => message.text === text && resolve(message)));

// An outbox with one item of this key.
function outbox(key, text, data) {
  const queue = new Queue();
  queue.put({ key, text, ...data === undefined ? {} : { data }, room: "keys", at: 1, via: [], why: null });
  return queue;
}

// Resolves with the id that the hub has given the item, or with the code of its refusal.
const sent = (queue, key) => client("keys", { outbox: queue }).resend(key).then(({ id }) => id, ({ code }) => code);

test("data comes back as it was sent, live, in the history and over HTTP", limit, async () => {
  const ann = client("data"), bob = client("data"), values = [null, false, -1.5e300, "\0 \ud800 \u2028 \"", [[], {}], { 2: "b", 1: "a", order: 7 }, JSON.parse('{"__proto__":{"a":1}}')];
  for (const [i, data] of values.entries()) {
    const live = heard(bob, `${i}`);
    await ann.send(`${i}`, { data });
    assert.equal(JSON.stringify((await live).data), JSON.stringify(data));
  }
  const bare = heard(bob, "");
  await ann.send("", { data: "alone" });
  assert.equal((await bare).data, "alone");
  const history = new Promise(resolve => {
    const all = [], late = client("data");
    late.on("message", ({ message }) => all.push(message.data) > values.length && resolve(all));
  });
  assert.equal(JSON.stringify(await history), JSON.stringify([...values, "alone"]));
  const { body } = await hub.ask("/messages?room=data");
  for (const data of values) assert.ok(body.includes(`"data":${JSON.stringify(data)}`), body);
});

test("a key is stored once with its text and data, and refused with others", limit, async () => {
  const first = await sent(outbox("k1", "one", '{"a":1}'), "k1");
  assert.equal(await sent(outbox("k1", "one", '{"a":1}'), "k1"), first);
  for (const [text, data] of [["one", '{"a":2}'], ["one", undefined], ["two", '{"a":1}']]) assert.equal(await sent(outbox("k1", text, data), "k1"), "key_conflict");
});

test("connections with one secret are one person, and its name is taken for others", limit, async () => {
  const ann = client("people"), again = client("people"), bob = client("people"), message = heard(bob, "hello");
  const { name, person } = await ann.hello({ name: "Ann", secret });
  assert.equal(name, "Ann");
  assert.match(person, /^anon-/);
  assert.deepEqual(await again.hello({ name: "Ann", secret }), { name, person });
  await assert.rejects(bob.hello({ name: "Ann" }), { code: "name_taken" });
  await assert.rejects(bob.hello({ name: "" }), { code: "bad_name" });
  await assert.rejects(bob.hello({ secret: "short" }), { code: "bad_secret" });
  await ann.send("hello");
  const { name: shown, person: who, verified } = await message;
  assert.deepEqual([shown, who, verified], [name, person, undefined]);
});

test("after a break, messages that have waited have the name", limit, async t => {
  const proxy = await FaultProxy.to({ host: "127.0.0.1", port: hub.port });
  t.after(() => proxy.remove());
  const ann = client("break", {}, new URL(proxy.url).port), bob = client("break"), message = heard(bob, "from the dark");
  const { person } = await ann.hello({ name: "Ann of the break", secret });
  const broken = new Promise(resolve => ann.on("line", ({ state }) => state === "offline" && resolve()));
  proxy.cut();
  await broken;
  const stored = ann.send("from the dark");
  proxy.mend();
  await stored;
  const { name, person: who } = await message;
  assert.deepEqual([name, who], ["Ann of the break", person]);
});

test("with a token, the name is that of the token", limit, async () => {
  const locked = await Hub.start({ JWT_SECRET: token_secret });
  try {
    await locked.healthy();
    const token = await sign({ sub: "ada" }), ada = client("lobby", { token }, locked.port), message = heard(ada, "hello");
    await assert.rejects(ada.hello({ name: "Ann" }), { code: "verified_name" });
    await ada.send("hello");
    const { name, person, verified } = await message;
    assert.deepEqual([name, verified], ["ada", true]);
    assert.match(person, /^user-/);
  } finally {
    await locked.remove();
  }
});
