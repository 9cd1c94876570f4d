// Every message, code and close of asyncapi.json over a real WebSocket. A test fails if a frame of the hub is not described, or
// if something described never occurs.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { Client as AnyClient, codes, names, said, sent_by_hub } from "./described_client.mjs";
import { asyncapi, at } from "./descriptions.mjs";
import { environment, limit, patience } from "../support/machine.mjs";
import { Hub, output_of } from "./hub.mjs";
import { test_persons } from "./persons.mjs";
import { secret, sign } from "./tokens.mjs";

const { messages } = asyncapi.components;
const channel = asyncapi.channels.ws;
const closes = new Set();
let hub;

before(async () => { hub = await Hub.start(); });
after(() => hub?.remove());

const Client = { open: (where = hub, query = "") => AnyClient.open(where, query) };
const refusal = code => messages.error.examples.find(example => example.name === code).payload;
const post = key => ({ type: "message", text: "hello", key });

test("every example of what a client may say is taken", limit, async () => {
  const [client, other] = [await Client.open(), await Client.open()];
  for (const { payload } of messages.post.examples) {
    client.send(payload);
    for (const each of [client, other]) {
      const { text, data } = await each.next("message");
      assert.deepEqual({ text, data }, { text: payload.text ?? "", data: payload.data });
    }
    if (payload.key) assert.equal((await client.next("ack")).key, payload.key);
  }
  await client.next("presence");
  assert.equal(client.init.resumed, false);
  const back = await Client.open(hub, `?room=lobby&after=1&log=${client.init.log}`);
  assert.deepEqual([back.init.resumed, back.init.history], [true, []]);
  assert.equal((await back.next("message")).id, 2);
  assert.equal((await Client.open()).init.history.length, messages.post.examples.length);
});

test("a connection subscribes to a room, resumes it and leaves it as described", limit, async () => {
  const [fresh, resuming] = messages.subscribe.examples.map(example => example.payload);
  const { room } = fresh;
  const [client, other] = [await Client.open(), await Client.open(hub, `?room=${room}`)];
  client.send(fresh);
  client.send({ ...post("early"), room }); // a room takes messages from its subscribe on
  const { history, log, resumed } = await client.next("subscribed");
  assert.deepEqual([history, log, resumed], [[], client.init.log, false]);
  const { id } = await client.next("message");
  assert.deepEqual(await client.next("ack"), { type: "ack", key: "early", room, id, user_message_number: 1 });
  assert.equal((await other.next("message")).room, room);
  client.send(messages.unsubscribe.examples[0].payload);
  assert.deepEqual(await client.next("unsubscribed"), messages.unsubscribed.examples[0].payload);
  for (const text of ["one", "two", "three"]) other.send({ type: "message", text });
  while ((await other.next("message")).text !== "three");
  client.send({ ...resuming, after: id, log });
  assert.equal((await client.next("subscribed")).resumed, true);
  for (const text of ["one", "two", "three"]) assert.equal((await client.next("message")).text, text);
  client.send({ type: "unsubscribe", room });
  client.send({ ...resuming, after: id, log, most: 2 });
  const much = await client.next("subscribed");
  assert.deepEqual([much.resumed, much.missed, much.history.length], [false, 3, 4]);
  client.close();
  other.close();
});

test("a ping is answered by a pong", limit, async () => {
  const client = await Client.open();
  for (const { payload } of messages.ping.examples) client.send(payload);
  assert.deepEqual(await client.next("pong"), messages.pong.examples[0].payload);
  client.close();
});

test_persons(() => hub);

test("what keys and numbers mean holds", limit, async () => {
  const client = await Client.open();
  client.send(post("twice"));
  client.send(post("twice"));
  assert.deepEqual(await client.next("ack"), await client.next("ack"));
});

for (const { const: code, "x-refused-frame": frame } of at(asyncapi, messages.error.payload).properties.code.oneOf.filter(each => each["x-refused-frame"]))
  test(`the example of ${code} is refused as described`, limit, async () => {
    const client = await Client.open();
    client.send(frame);
    assert.deepEqual(await client.next("error"), refusal(code));
    client.close();
  });

test("a text of 1001 code points is too_long, and one of 1000 is not", limit, async () => {
  const client = await Client.open();
  client.send({ type: "message", text: "𝒳".repeat(1001) });
  assert.deepEqual(await client.next("error"), refusal("too_long"));
  client.send({ type: "message", text: "𝒳".repeat(1000) });
  await client.next("message");
});

test("data over MAX_DATA is too_long", limit, async () => {
  const client = await Client.open();
  const error = { ...refusal("too_long"), message: "data is over 8192 bytes" };
  client.send({ type: "message", data: "x".repeat(8191) });
  assert.deepEqual(await client.next("error"), error);
  client.send({ type: "message", data: "x".repeat(8190) });
  await client.next("message");
});

test("a sender that is too fast gets too_fast", limit, async () => {
  const slow = await Hub.start({ RATE_LIMIT: "1" });
  try {
    const client = await Client.open(slow);
    for (let i = 0; i < 10; i++) client.send(post(refusal("too_fast").key));
    assert.deepEqual(await client.next("error"), refusal("too_fast"));
  } finally {
    await slow.remove();
  }
});

test("a connection with MAX_ROOMS rooms gets too_many_rooms, until it leaves one", limit, async () => {
  const narrow = await Hub.start({ MAX_ROOMS: "2" });
  try {
    const client = await Client.open(narrow);
    const { room } = refusal("too_many_rooms");
    client.send({ type: "subscribe", room: "other" });
    client.send({ type: "subscribe", room });
    assert.deepEqual(await client.next("error"), refusal("too_many_rooms"));
    client.send({ type: "unsubscribe", room: client.init.room });
    client.send({ type: "subscribe", room });
    while ((await client.next("subscribed")).room !== room);
    client.close();
  } finally {
    await narrow.remove();
  }
});

test("another message with a key that is taken is a key_conflict", limit, async () => {
  const client = await Client.open();
  const first = post(refusal("key_conflict").key);
  client.send(first);
  client.send({ ...first, text: "another text" });
  assert.deepEqual(await client.next("error"), refusal("key_conflict"));
});

test("what the database refuses is unstorable", limit, async () => {
  const client = await Client.open(hub, "?room=refused");
  output_of(hub.folder, "sqlite3", ["-cmd", `.timeout ${patience}`, hub.file, "create trigger no before insert on messages when new.room = 'refused' begin select raise(abort, 'no'); end"]);
  client.send(post(refusal("unstorable").key));
  assert.deepEqual(await client.next("error"), { ...refusal("unstorable"), room: "refused" });
});

test("while the database is away and the backlog full a hub is busy", limit, async () => {
  const client = await Client.open();
  const lock = spawn("sqlite3", [hub.file], { stdio: ["pipe", "pipe", "inherit"], env: environment(hub.folder) });
  try {
    lock.stdin.write(`.timeout ${patience}\nbegin immediate;\nselect 'held';\n`);
    await once(lock.stdout, "data");
    for (let i = 0; i < 1100; i++) client.send(post(`${refusal("busy").key}-${i}`));
    const { key, ...rest } = await client.next("error");
    assert.deepEqual({ ...rest, key: key.slice(0, refusal("busy").key.length) }, refusal("busy"));
  } finally {
    lock.stdin.end("rollback;\n");
    await once(lock, "exit");
  }
});

test("a database that loses a message says so as described, to live clients and to those that come back", limit, async () => {
  const forked = await Hub.start();
  try {
    const client = await Client.open(forked);
    for (const text of ["stays", "is lost"]) client.send({ type: "message", text });
    while ((await client.next("message")).text !== "is lost");
    output_of(forked.folder, "sqlite3", ["-cmd", `.timeout ${patience}`, forked.file, "delete from messages where id = 2"]);
    client.send({ type: "message", text: "after" });
    const { after: survived, first } = await client.next("fork");
    assert.equal(survived, 1);
    assert.equal((await client.next("message")).id, first);
    const back = await Client.open(forked, `?after=2&log=${client.init.log}`);
    assert.deepEqual(back.init.fork, { after: survived, first });
    client.close();
    back.close();
  } finally {
    await forked.remove();
  }
});

const breaches = {
  1003: socket => socket.send(Buffer.from("{}"), { binary: true }),
  1007: socket => socket.send(Buffer.from([0xff]), { binary: false }),
  1008: socket => { for (let i = 0; i < 1100; i++) socket.send("{"); },
  1009: socket => socket.send("x".repeat(24 * 1024 + 1)),
};
for (const [code, breach] of Object.entries(breaches)) test(`a connection is closed with ${code} as described`, limit, async () => {
  const { socket } = await Client.open(hub, "?room=quiet");
  breach(socket);
  const [got] = await once(socket, "close");
  assert.equal(got, Number(code));
  closes.add(got);
});

test("when the memory is short, a connection with a part of a large frame is closed with 1013", limit, async () => {
  const small = await Hub.start({ MEMORY_LIMIT: "256M", MAX_DATA: "256K" });
  const clients = [], part = Buffer.alloc(250 * 1024, " ");
  part.set([0x81, 0xff, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0]); // a text of 256 KiB, with a mask of zeros
  try {
    const closed = [];
    while (clients.length < 80) {
      const client = await Client.open(small);
      closed.push(once(client.socket, "close"));
      client.socket._socket.write(part);
      clients.push(client);
    }
    const [code, reason] = await Promise.race(closed);
    assert.deepEqual([code, String(reason)], [1013, "memory is short"]);
    closes.add(code);
  } finally {
    for (const client of clients) client.close();
    await small.remove();
  }
});

test("a room that the token does not allow is forbidden, and patterns allow many", limit, async () => {
  const locked = await Hub.start({ JWT_SECRET: secret });
  try {
    const client = await Client.open(locked, `?access_token=${await sign({ rooms: ["lobby", "project-*"] })}`);
    client.send({ type: "subscribe", room: refusal("forbidden").room });
    assert.deepEqual(await client.next("error"), refusal("forbidden"));
    client.send({ type: "subscribe", room: "project-7" });
    assert.equal((await client.next("subscribed")).room, "project-7");
    client.close();
  } finally {
    await locked.remove();
  }
});

test("a connection ends with its token", limit, async () => {
  const locked = await Hub.start({ JWT_SECRET: secret });
  try {
    const leeway = 5; // s of the hub
    const live = async lasts => {
      const client = await Client.open(locked, `?access_token=${await sign({ sub: "Ada", exp: Math.floor(Date.now() / 1000) + lasts - leeway })}`);
      const closed = once(client.socket, "close");
      closed.catch(() => {});
      client.send(post());
      const { name } = await client.next("message");
      return { name, closed };
    };
    // Ada must connect and send before her token expires. On a slow machine she gets a token that lasts longer.
    let ada;
    for (let lasts = 2; !ada; lasts *= 2) ada = await live(lasts).catch(why => { if (lasts > 300) throw why; });
    assert.equal(ada.name, "Ada");
    const [code, reason] = await ada.closed;
    assert.deepEqual([code, String(reason)], [4401, "the token has expired"]);
    closes.add(code);
  } finally {
    await locked.remove();
  }
});

test("a hub that stops says 1012 and when to come back", limit, async () => {
  const { socket } = await Client.open();
  const closed = once(socket, "close");
  await hub.stop();
  const [code, reason] = await closed;
  assert.equal(code, 1012);
  assert.match(String(reason), /^retry_after_ms=\d+$/);
  closes.add(code);
});

test("all that is described has been said above", limit, () => {
  assert.deepEqual([...said].sort(), [...sent_by_hub].sort());
  assert.deepEqual([...sent_by_hub, ...names(asyncapi.operations.speak.messages)].sort(), Object.keys(messages).sort());
  assert.deepEqual([...codes, "upgrading" /* in upgrading.test.mjs */].sort(), messages.error.examples.map(example => example.name).sort());
  assert.deepEqual([...closes].sort(), channel["x-closes"].map(close => close.code).sort());
});
