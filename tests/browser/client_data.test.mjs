// The client in Node.js: messages with data, with a scripted hub.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../../public/client/queue.js";
import { limit } from "../support/machine.mjs";
import { accepted, frames, heard, in_two_rooms, joined, resumed, settled, statuses, use_scripted_hub } from "./client_stage.mjs";
import { ack, init, message, refused } from "./scripted_hub.mjs";

use_scripted_hub();

const values = [null, false, 0, -1.5e300, "", "\0 \ud800 \u2028", [], [[1], { a: {} }], { order: 7 }, { 2: "b", 1: "a", "": 0, type: "message", key: 1 }, JSON.parse('{"__proto__":{"a":1}}')];

test("data is sent beside the text, and any value of JSON is data", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  for (const data of values) {
    const promise = client.send("shipped", { data }), [frame] = await frames(line, 1);
    assert.equal(JSON.stringify(frame.data), JSON.stringify(data));
    assert.equal(frame.text, "shipped");
    line.send(ack(frame, 1));
    await promise;
  }
  for (const [room, content] of [[client, undefined], [b, {}], [b, { data: undefined }]]) {
    const promise = room.send("plain", content), [frame] = await frames(line, 1);
    assert.equal("data" in frame, false);
    line.send(ack(frame, 1));
    await promise;
  }
  void b.send("", { data: 1 });
  const [{ text, data, room }] = await frames(line, 1);
  assert.deepEqual([text, data, room], ["", 1, "b"]);
});

test("what is no JSON is refused at once", limit, async () => {
  const { client, line } = await joined(), circle = [];
  circle.push(circle);
  for (const data of [circle, 1n, () => 1, Symbol("no"), { toJSON() {} }]) assert.throws(() => client.send("text", { data }), TypeError);
  assert.deepEqual(await settled(client, line), []);
});

test("a message that is too large for a frame of the hub is refused, and the next one is sent", limit, async () => {
  const { client, line } = await joined(), large = client.send("one", { data: "x".repeat(30_000) }), next = client.send("two");
  await frames(line, 1);
  line.close(1009);
  await assert.rejects(large, { code: "too_long" });
  const again = await accepted(client), [frame] = await frames(again, 1);
  assert.equal(frame.text, "two");
  again.send(ack(frame, 1));
  await next;
});

test("data is sent again as it was, whatever happens to the object", limit, async () => {
  const { client, line } = await joined(), data = { list: [1e21, 0.1, { b: 1, a: 2 }], when: new Date(0) }, sent = JSON.stringify(data);
  void client.send("one", { data });
  data.list.push("later");
  const [frame] = await frames(line, 1);
  assert.equal(JSON.stringify(frame.data), sent);
  const next = await resumed(client, line), [again] = await frames(next, 1);
  assert.equal(JSON.stringify(again), JSON.stringify(frame));
});

test("an outbox that stores gives data back as it was", limit, async () => {
  const kept = new Map();
  class Stored extends Queue {
    save(item) {
      super.save(item);
      kept.set(item.key, JSON.stringify(item));
    }
  }
  const first = await joined(init("a"), { outbox: new Stored() });
  void first.client.send("one", { data: { n: 1e21, a: [] } });
  const [frame] = await frames(first.line, 1);
  first.client.close();
  const outbox = new Queue();
  for (const text of kept.values()) outbox.put(JSON.parse(text));
  const { line } = await joined(init("b"), { outbox });
  const [again] = await frames(line, 1);
  assert.equal(JSON.stringify(again), JSON.stringify(frame));
});

test("listeners get the data of a message and what the hub says of its author", limit, async () => {
  const { client, line } = await joined(), told = heard(client, ["message"]);
  const more = { data: { order: 7 }, name: "Ann", person: "user-0123456789abcdef", verified: true };
  line.send({ ...message(1, ""), ...more });
  await line.handled();
  const [[, { message: { text, data, name, person, verified } }]] = told;
  assert.deepEqual([text, { data, name, person, verified }], ["", more]);
});

test("messages with one text and other data are told apart", limit, async () => {
  const { client, line } = await joined(), told = heard(client, ["message"]);
  void client.send("same", { data: 1 });
  await frames(line, 1);
  const next = await resumed(client, line, init("b", { history: [
    { ...message(1, "same", "a", 1), data: 2 }, message(2, "same", "a", 2), { ...message(3, "same", "a", 3), data: 1 },
  ] }));
  await next.handled();
  assert.deepEqual(told.map(([, { message: { id }, key }]) => [id, typeof key]), [[1, "undefined"], [2, "undefined"], [3, "string"]]);
});

test("a key that conflicts is refused, and the next message is sent", limit, async () => {
  const { client, line } = await joined(), told = statuses(client);
  const promise = client.send("one", { data: 1 }), [frame] = await frames(line, 1);
  line.send(refused("key_conflict", { room: "lobby", key: frame.key }));
  await assert.rejects(promise, { code: "key_conflict" });
  void client.send("two");
  assert.equal((await frames(line, 1))[0].text, "two");
  assert.deepEqual(told, [["one", undefined], ["one", "refused"], ["two", undefined]]);
});

test("a message that must wait for an upgrade is kept and sent again", limit, async () => {
  const { client, line } = await joined(), told = statuses(client);
  const promise = client.send("one", { data: 1 }), [frame] = await frames(line, 1);
  for (let i = 0; i < 2; i++) {
    line.send(refused("upgrading", { room: "lobby", key: frame.key }));
    assert.deepEqual(await frames(line, 1), [frame]);
  }
  line.send(ack(frame, 1));
  assert.equal((await promise).id, 1);
  assert.deepEqual(told.map(([, status]) => status), [undefined, "held", "held", "stored"]);
});
