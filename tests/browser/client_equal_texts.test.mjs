// The client in Node.js when it writes the same text several times: which message is that of which item, with a scripted hub.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { frames, heard, in_two_rooms, joined, resumed, settled, use_scripted_hub } from "./client_stage.mjs";
import { ack, in_room, init, log, message, subscribed, unsubscribed } from "./scripted_hub.mjs";

use_scripted_hub();

const in_b = in_room("b");
const keys = all => all.map(([, { key, own, message: { id } }]) => [id, own, key]);

// Sends the text "same", which the hub acks when the client has left the room. Resolves with the room, which is wanted again.
async function acked_while_left(client, b, line, options) {
  const promise = b.send("same"), [frame] = await frames(line, 1);
  b.leave();
  await frames(line, 1);
  line.send(unsubscribed("b"), in_b(ack(frame, 1, 1)));
  assert.equal((await promise).id, 1);
  const again = client.room("b", options);
  await frames(line, 1);
  return again;
}

test("a text that was stored before its room was left is not the equal one that a listener sends before the history", limit, async () => {
  const { client, b, line } = await in_two_rooms(), again = await acked_while_left(client, b, line), told = heard(again, ["message"]);
  const sent = new Promise(resolve => again.on("subscribed", () => resolve({ promise: again.send("same") })));
  line.send(subscribed("b", { history: [message(1, "same", "a", 1)] }));
  const { promise } = await sent, [frame] = await frames(line, 1);
  line.send(in_b(message(2, "same", "a", 2)));
  assert.equal((await promise).id, 2);
  assert.deepEqual(keys(told), [[1, true, undefined], [2, true, frame.key]]);
});

test("a text that was stored before its room was left is not the equal one that is sent while what was missed arrives", limit, async () => {
  const { client, b, line } = await in_two_rooms(), again = await acked_while_left(client, b, line, { from: { log, after: 0 } }), told = heard(again, ["message"]);
  line.send(subscribed("b"));
  await line.handled();
  const promise = again.send("same"), [frame] = await frames(line, 1);
  line.send(in_b(message(1, "same", "a", 1)), in_b(ack(frame, 2, 2)), in_b(message(2, "same", "a", 2)));
  assert.deepEqual(await promise, { id: 2, user_message_number: 2 });
  assert.deepEqual(await settled(client, line), []);
  assert.deepEqual(keys(told), [[1, true, undefined], [2, true, frame.key]]);
});

test("a text that was stored before a break is not the equal one that was on its way then", limit, async () => {
  const { client, b, line } = await in_two_rooms(), again = await acked_while_left(client, b, line);
  line.send(subscribed("b", { history: [message(1, "same", "a", 1)] }));
  await line.handled();
  const told = heard(again, ["message"]);
  const promise = again.send("same"), [frame] = await frames(line, 1), next = await resumed(client, line, init("c"));
  await frames(next, 1);
  next.send(subscribed("b", { history: [message(1, "same", "a", 1), message(2, "same", "a", 2)] }));
  assert.deepEqual(await frames(next, 1), [frame]);
  assert.deepEqual(keys(told), [[1, true, undefined], [2, true, frame.key]]);
  next.send(in_b(ack(frame, 2, 2)));
  assert.equal((await promise).id, 2);
});

test("a text whose sending was cancelled too late is not the equal one that follows", limit, async () => {
  const { client, line } = await joined(init("a", { history: [] })), told = heard(client, ["message"]);
  const cancelled = assert.rejects(client.send("same"), { code: "cancelled" }), [gone] = await frames(line, 1);
  client.cancel(gone.key);
  await cancelled;
  const promise = client.send("same"), [frame] = await frames(line, 1);
  line.send(message(1, "same", "a", 1), ack(gone, 1, 1), ack(frame, 2, 2), message(2, "same", "a", 2));
  assert.equal((await promise).id, 2);
  await line.handled();
  assert.deepEqual(keys(told), [[1, true, undefined], [2, true, frame.key]]);
});

test("an ack with the number of an earlier connection does not hide the messages of this one", limit, async () => {
  const { client, line } = await joined(init("a", { history: [] })), told = heard(client, ["message"]);
  const promise = client.send("one"), [frame] = await frames(line, 1), next = await resumed(client, line, init("c"));
  assert.deepEqual(await frames(next, 1), [frame]);
  next.send(ack(frame, 1, 57));
  await promise;
  const second = client.send("two"), [other] = await frames(next, 1);
  next.send(message(2, "two", "c", 1));
  assert.deepEqual(await second, { id: 2, user_message_number: 1 });
  assert.deepEqual(keys(told), [[2, true, other.key]]);
});
