// The client in Node.js: messages to many rooms in one outbox, with a scripted hub.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../../public/client/queue.js";
import { limit } from "../support/machine.mjs";
import { accepted, frames, heard, in_two_rooms, joined, resumed, settled, statuses, use_scripted_hub } from "./client_stage.mjs";
import { ack, in_room, init, log, message, refused, subscribed, unsubscribed } from "./scripted_hub.mjs";

use_scripted_hub();

const first = 2 ** 33;
const fork = room => ({ type: "fork", room, after: 10, first });

// Sends a text, and resolves when the hub has acked it with this id and shown it.
async function say(room, name, line, text, id) {
  const promise = room.send(text), [frame] = await frames(line, 1);
  line.send({ ...ack(frame, id), room: name }, in_room(name)(message(id, text, "a")));
  await promise;
  return frame;
}

test("one message is on its way at a time, in the order of all rooms, and only others than the first room are named", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  const sent = [client.send("one"), b.send("two"), client.send("three"), b.send("four")], seen = [];
  for (let id = 1; id <= 4; id += 1) {
    const [frame] = await frames(line, 1);
    assert.deepEqual(await settled(client, line), []);
    seen.push([frame.room, frame.text]);
    line.send(ack(frame, id, id));
  }
  assert.deepEqual(seen, [[undefined, "one"], ["b", "two"], [undefined, "three"], ["b", "four"]]);
  assert.deepEqual((await Promise.all(sent)).map(stored => stored.user_message_number), [1, 2, 3, 4]);
});

test("a message waits until its room is subscribed, and others overtake it", limit, async () => {
  const { client, line } = await joined();
  const b = client.room("b"), told = statuses(b);
  const late = b.send("late"), early = client.send("early");
  const [, frame] = await frames(line, 2);
  assert.deepEqual([frame.room, frame.text], [undefined, "early"]);
  line.send(ack(frame, 1));
  await early;
  assert.deepEqual(await settled(client, line), []);
  line.send(subscribed("b", { history: [] }));
  const [next] = await frames(line, 1);
  assert.deepEqual([next.room, next.text], ["b", "late"]);
  line.send(ack(next, 2));
  assert.equal((await late).id, 2);
  assert.deepEqual(told, [["late", undefined], ["late", undefined], ["late", "stored"]]);
});

test("what is sent without a connection goes to its room when that is back", limit, async () => {
  const { client, b } = await in_two_rooms();
  client.close();
  const sent = [b.send("one"), client.send("two"), b.send("three")];
  client.open();
  const line = await accepted(client), seen = [];
  assert.equal((await frames(line, 1))[0].type, "subscribe");
  line.send(subscribed("b"));
  for (const id of [1, 2, 3]) {
    const [frame] = await frames(line, 1);
    seen.push([frame.room, frame.text]);
    line.send(ack(frame, id));
  }
  await Promise.all(sent);
  assert.deepEqual(seen, [[undefined, "two"], ["b", "one"], ["b", "three"]], "the first room is there first");
});

test("messages that wait for a room that is left are refused when that is confirmed", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  const stored = client.send("on its way"), [frame] = await frames(line, 1);
  let refusals = 0;
  const waits = b.send("to b").catch(({ code }) => { refusals += code === "not_subscribed"; });
  b.leave();
  await assert.rejects(b.send("too late"), { code: "not_subscribed" });
  assert.deepEqual(await frames(line, 1), [{ type: "unsubscribe", room: "b" }]);
  line.send(ack(frame, 1));
  await stored;
  assert.deepEqual(await settled(client, line), []);
  assert.equal(refusals, 0);
  line.send(unsubscribed("b"));
  await waits;
  assert.equal(refusals, 1);
  assert.deepEqual(await settled(client, line), []);
});

test("messages that wait for a room that is left are sent if it is subscribed again", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  const stored = client.send("on its way"), [frame] = await frames(line, 1);
  const waits = b.send("to b");
  b.leave();
  client.room("b");
  assert.deepEqual((await frames(line, 2)).map(({ type }) => type), ["unsubscribe", "subscribe"]);
  line.send(ack(frame, 1), unsubscribed("b"));
  await stored;
  assert.deepEqual(await settled(client, line), []);
  line.send(subscribed("b", { history: [] }));
  const [next] = await frames(line, 1);
  assert.deepEqual([next.room, next.text], ["b", "to b"]);
  line.send(ack(next, 2));
  assert.equal((await waits).id, 2);
});

test("a message that the hub has got after the end of a subscription waits for the next one, or is refused", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  const again = b.send("again"), [frame] = await frames(line, 1);
  line.send(unsubscribed("b")); // the hub ends the subscription while the message is on its way
  await line.handled();
  const told = statuses(client.room("b"));
  assert.deepEqual(await frames(line, 1), [{ type: "subscribe", room: "b", log, after: 0 }]);
  line.send(refused("not_subscribed", { room: "b", key: frame.key }));
  await line.handled();
  assert.deepEqual(told, [["again", "held"]]);
  line.send(subscribed("b", { history: [] }));
  assert.deepEqual(await frames(line, 1), [frame]);
  line.send(refused("not_subscribed", { room: "b", key: frame.key }));
  await assert.rejects(again, { code: "not_subscribed" });
});

test("the ack of a message to a room that was left meanwhile counts", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  const promise = b.send("one"), [frame] = await frames(line, 1);
  b.leave();
  line.send(unsubscribed("b"), { ...ack(frame, 1), room: "b" });
  assert.equal((await promise).id, 1);
  const next = client.room("b"), told = heard(next, ["message"]);
  await frames(line, 2);
  line.send(subscribed("b", { history: [in_room("b")(message(1, "one", "a"))] }));
  await line.handled();
  assert.deepEqual(told.map(([, { own, past }]) => [own, past]), [[true, true]]);
});

test("messages to a refused room are refused with its code", limit, async () => {
  const { client, line } = await joined();
  const b = client.room("b"), told = statuses(b), waits = assert.rejects(b.send("one"), { code: "forbidden", message: "refused: forbidden" });
  await frames(line, 1);
  line.send(refused("forbidden", { room: "b" }));
  await waits;
  await assert.rejects(b.send("two"), { code: "forbidden" });
  assert.deepEqual(told, [["one", undefined], ["one", "refused"], ["two", undefined], ["two", "refused"]]);
  assert.deepEqual(await settled(client, line), []);
});

test("items of an older outbox, without a room, are those of the first room", limit, async () => {
  const outbox = new Queue();
  for (const [key, more] of [["old", {}], ["of b", { room: "b" }], ["new", { room: "lobby" }]]) outbox.put({ key, text: key, ...more, at: 1, via: [], why: null });
  const { client, line } = await joined(init("a"), { outbox });
  client.room("b");
  const told = statuses(client), seen = [];
  const [old] = await frames(line, 2);
  assert.deepEqual([old.key, old.room], ["old", undefined]);
  line.send(subscribed("b", { history: [] }), ack(old, 1));
  for (const id of [2, 3]) {
    const [frame] = await frames(line, 1);
    seen.push([frame.key, frame.room]);
    line.send(ack(frame, id));
  }
  assert.deepEqual(seen, [["of b", "b"], ["new", undefined]]);
  await line.handled();
  assert.deepEqual(told, [["old", "stored"], ["new", "stored"]]);
});

test("items of a room that the client is not in wait until it is", limit, async () => {
  for (const outbox of [new Queue(), new class extends Queue { save() {} }()]) {
    outbox.put({ key: "k", text: "of b", room: "b", at: 1, via: [], why: null });
    const { client, line } = await joined(init("a"), { outbox });
    const first = client.send("to the lobby"), [early] = await frames(line, 1);
    line.send(ack(early, 1));
    await first;
    assert.deepEqual(await settled(client, line), []);
    const again = client.resend("k"), next = await resumed(client, line);
    assert.deepEqual(await settled(client, next), []);
    const told = statuses(client.room("b"));
    await frames(next, 1);
    next.send(subscribed("b", { history: [] }));
    const [frame] = await frames(next, 1);
    assert.deepEqual([frame.room, frame.key], ["b", "k"]);
    next.send(ack(frame, 2));
    assert.equal((await again).id, 2);
    assert.deepEqual(told, [["of b", undefined], ["of b", "stored"]]);
    client.close();
  }
});

test("items of a room that the client has left are refused, and one that the outbox keeps is sent again if the room is", limit, async () => {
  const outbox = new class extends Queue { save() {} }();
  const { client, b, line } = await in_two_rooms({ outbox });
  const stored = client.send("on its way"), [frame] = await frames(line, 1), waits = assert.rejects(b.send("to b"), { code: "not_subscribed" });
  b.leave();
  line.send(ack(frame, 1));
  await stored;
  await frames(line, 1);
  line.send(unsubscribed("b"));
  await waits;
  const { key, why } = [...outbox][0];
  assert.equal(why, "The client is not subscribed to this room");
  await assert.rejects(client.resend(key), { code: "not_subscribed" });
  client.room("b");
  const again = client.resend(key);
  await frames(line, 1);
  line.send(subscribed("b", { history: [] }));
  const [next] = await frames(line, 1);
  assert.equal(next.key, key);
  line.send(ack(next, 2));
  assert.equal((await again).id, 2);
});

test("equal texts in two rooms are told apart", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  const told = [client, b].map(source => heard(source, ["message"]));
  const one = client.send("same"), [frame] = await frames(line, 1);
  line.send(in_room("b")(message(1, "same", "a")), in_room("lobby")(message(2, "same", "a")));
  await one;
  assert.deepEqual(told.map(all => all.map(([, { key, message: { id } }]) => [id, key])), [[[2, frame.key]], [[1, undefined]]]);
});

test("a fork of one room sends that room's messages again, and leaves those of another alone", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  const told = [client, b].map(source => heard(source, ["fork"]));
  await say(client, "lobby", line, "in the lobby", 11);
  const lost = await say(b, "b", line, "in b", 12);
  line.send(fork("b"));
  const [again] = await frames(line, 1);
  assert.deepEqual(again, lost);
  assert.deepEqual([client.position.after, b.position.after], [11, 10]);
  assert.deepEqual(told.map(all => all.map(([, detail]) => detail.lost.map(({ text }) => text))), [[], [["in b"]]]);
  line.send(ack(again, first), in_room("b")(message(first, "in b", "a")));
  assert.deepEqual(await settled(client, line), []);
  line.send(fork("lobby"));
  const [other] = await frames(line, 1);
  assert.equal(other.text, "in the lobby");
  assert.deepEqual([client.position.after, b.position.after], [10, first]);
  line.send(ack(other, first + 1), fork("b"));
  assert.deepEqual(await settled(client, line), []);
});

test("a fork that a room learns of when it resumes sends its messages again", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  await say(client, "lobby", line, "in the lobby", 11);
  const lost = await say(b, "b", line, "in b", 12);
  const next = await resumed(client, line, init("c"));
  assert.deepEqual(await frames(next, 1), [{ type: "subscribe", room: "b", log, after: 12 }]);
  next.send(subscribed("b", { fork: { after: 10, first } }));
  const [again] = await frames(next, 1);
  assert.deepEqual(again, lost);
  next.send(ack(again, first), in_room("b")(message(first, "in b", "c")));
  assert.deepEqual(await settled(client, next), []);
  assert.deepEqual([client.position.after, b.position.after], [11, first]);
});

test("a room that begins with the history sends again what that shows to be lost, of this room alone", limit, async () => {
  const outbox = new Queue(), at = Date.now();
  for (const [key, room, id] of [["in the lobby", "lobby", 11], ["in b", "b", 12]]) outbox.put({ key, text: key, room, at: id, via: [], why: null, stored: { id, log, at } });
  const { client, line } = await joined(init("a"), { outbox, from: { log, after: 12 } });
  client.room("b");
  await frames(line, 1);
  line.send(subscribed("b", { history: [message(9, "nine"), message(13, "thirteen")] }));
  const [frame] = await frames(line, 1);
  assert.deepEqual([frame.room, frame.key], ["b", "in b"]);
  line.send(ack(frame, 14));
  assert.deepEqual(await settled(client, line), []);
});
