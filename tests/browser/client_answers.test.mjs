// The client in Node.js: what the hub answers to messages, and the promises of their items, with a scripted hub.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { accepted, frames, heard, in_two_rooms, joined, resumed, settled, statuses, use_scripted_hub } from "./client_stage.mjs";
import { ack, refused, subscribed } from "./scripted_hub.mjs";

use_scripted_hub();

test("an error about something else leaves the message that is on its way alone", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  const told = [statuses(client), heard(client, ["error"])];
  const cancelled = assert.rejects(client.send("cancelled"), { code: "cancelled" }), [gone] = await frames(line, 1);
  client.cancel(gone.key);
  await cancelled;
  const promise = client.send("one"), [frame] = await frames(line, 1);
  client.check();
  b.leave();
  await frames(line, 1);
  line.send(refused("too_long", { room: "lobby", key: gone.key }), refused("too_fast"), refused("not_subscribed", { room: "b" }),
    refused("too_fast", { room: "b" }), refused("new code", { room: "b" }));
  assert.deepEqual(await settled(client, line), []);
  line.send(ack(frame, 1));
  assert.equal((await promise).id, 1);
  assert.deepEqual(told[0], [["cancelled", undefined], ["cancelled", "gone"], ["one", undefined], ["one", "stored"]]);
});

test("an error without a key is about the message that is on its way if nothing else can be meant", limit, async () => {
  const { client, line } = await in_two_rooms(), told = statuses(client);
  for (const [text, error] of [["half", refused("surrogate")], ["key", refused("bad_key", { room: "lobby" })], ["new", refused("new code")]]) {
    const promise = client.send(text);
    await frames(line, 1);
    if (text !== "new") {
      client.room("c");
      client.check();
      await frames(line, text === "half" ? 1 : 0);
    }
    line.send(error);
    await assert.rejects(promise, { code: error.code });
    line.send({ type: "pong" }, subscribed("c", { history: [] }));
    await line.handled();
  }
  const promise = client.send("held"), [frame] = await frames(line, 1);
  line.send(refused("too_fast"));
  assert.deepEqual(await frames(line, 1), [frame]);
  line.send(ack(frame, 1));
  await promise;
  assert.deepEqual(told.filter(([text]) => text === "held").map(([, status]) => status), [undefined, "held", "stored"]);
});

test("an item that is sent again before its answer has one promise, which settles once", limit, async () => {
  const { client, line } = await joined(), keys = new Set();
  client.on("sending", ({ item }) => keys.add(item.key));
  const promise = client.send("one"), [key] = keys;
  assert.equal(client.resend(key), promise);
  const [frame] = await frames(line, 1);
  assert.equal(client.resend(key), promise);
  const next = await resumed(client, line);
  assert.deepEqual(await frames(next, 1), [frame]);
  next.send(ack(frame, 1));
  assert.equal((await promise).id, 1);
  assert.equal(client.resend(key), undefined);
  assert.deepEqual(await settled(client, next), []);
});

test("nothing waits for a client that is closed while the hub has asked to try later", limit, async context => {
  const held = new Set(), { setTimeout: start, clearTimeout: clear } = globalThis, delay_of_retries = 500;
  const { client, line } = await joined();
  context.mock.method(Math, "random", () => 0);
  context.mock.method(globalThis, "setTimeout", (callback, delay, ...more) => {
    if (delay !== delay_of_retries) return start(callback, delay, ...more);
    const timer = {};
    held.add(timer);
    return timer;
  });
  context.mock.method(globalThis, "clearTimeout", timer => held.delete(timer) || clear(timer));
  const promise = client.send("one"), [frame] = await frames(line, 1);
  client.room("b");
  await frames(line, 1);
  line.send(refused("busy", { key: frame.key }), refused("too_fast", { room: "b" }));
  await line.handled();
  assert.equal(held.size, 2);
  client.close();
  assert.equal(held.size, 0);
  client.open();
  const next = await accepted(client);
  assert.deepEqual((await frames(next, 2)).map(({ room, key }) => room ?? key), ["b", frame.key]);
  next.send(ack(frame, 1));
  await promise;
});
