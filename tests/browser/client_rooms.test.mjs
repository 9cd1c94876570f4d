// The client in Node.js with many rooms on one connection: a scripted hub answers its commands by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { accepted, frames, heard, hub, joined, made, resumed, settled, texts, use_scripted_hub } from "./client_stage.mjs";
import { in_room, init, log, message, refused, subscribed, unsubscribed } from "./scripted_hub.mjs";

use_scripted_hub();

const presence = (room, online) => ({ type: "presence", room, online });
const named = room => ({ type: "subscribe", room });

test("every room has its own messages, position and presence, and the client's are those of the first room", limit, async () => {
  const { client, line } = await joined(init("a", { history: [message(1, "one")] }));
  const lobby = client.room("lobby"), b = client.room("b");
  const told = [client, lobby, b].map(source => heard(source, ["message", "presence"]));
  assert.deepEqual(await frames(line, 1), [named("b")]);
  line.send(subscribed("b", { history: [message(2, "two")] }), in_room("lobby")(message(3, "three")), in_room("b")(message(4, "four")),
    presence("b", 7), presence("lobby", 3), in_room("elsewhere")(message(5, "five")));
  await line.handled();
  const summary = told.map(all => all.map(([type, detail]) => type === "message" ? detail.message.text : detail.online));
  assert.deepEqual(summary, [["three", 3], ["three", 3], ["two", "four", 7]]);
  assert.deepEqual([client, lobby, b].map(({ position }) => position), [{ log, after: 3 }, { log, after: 3 }, { log, after: 4 }]);
  assert.deepEqual([lobby, b].map(({ name, online }) => [name, online]), [["lobby", 3], ["b", 7]]);
});

test("fifty rooms come back in one round trip, each from its own position", limit, async () => {
  const { client, line } = await joined();
  const names = Array.from({ length: 50 }, (_, i) => `room-${i}`);
  for (const name of names) client.room(name, { most: 200 });
  assert.deepEqual(await frames(line, 50), names.map(named));
  line.send(...names.map((name, i) => subscribed(name, { history: [message(i + 1, name)] })));
  await line.handled();
  const next = await resumed(client, line);
  assert.deepEqual(await frames(next, 50), names.map((room, i) => ({ type: "subscribe", room, log, after: i + 1, most: 200 })), "no answer was sent between them");
  const told = names.map(name => heard(client.room(name)));
  next.send(...names.map(name => subscribed(name)), ...names.map((name, i) => in_room(name)(message(100 + i, `${name} again`))));
  await next.handled();
  told.forEach((all, i) => assert.deepEqual(all.map(([type, detail]) => detail.message?.text ?? type), ["subscribed", `${names[i]} again`]));
});

test("a room that is wanted before the connection is open is subscribed with it, and has one object", limit, async () => {
  const client = made({}, "?room=first"), b = client.room("b", { from: { log, after: 5 } });
  assert.equal(client.room("b", { from: { log, after: 9 } }), b);
  assert.deepEqual(client.rooms.map(({ name }) => name), ["first", "b"]);
  assert.equal(client.rooms[1], b);
  client.open();
  const line = await hub.connection();
  assert.deepEqual(line.query, { room: "first" });
  line.send(init("a", { room: "first" }));
  assert.deepEqual(await frames(line, 1), [{ type: "subscribe", room: "b", log, after: 5 }]);
  assert.deepEqual(await settled(client, line), []);
});

test("a subscription tells whether it is resumed, its history, and how much was missed", limit, async () => {
  const { client, line } = await joined();
  const [b, c] = ["b", "c"].map(name => client.room(name, { from: { log, after: 5 }, most: 10 }));
  const told = [b, c].map(room => heard(room, ["subscribed", "message"]));
  assert.deepEqual((await frames(line, 2))[0], { type: "subscribe", room: "b", log, after: 5, most: 10 });
  line.send(subscribed("b"), in_room("b")(message(6, "six")), subscribed("c", { history: [message(80, "eighty")], missed: 75 }));
  await line.handled();
  assert.deepEqual(told[0][0], ["subscribed", { room: "b", resumed: true, log, history: 0 }]);
  assert.equal(told[0][1][1].past, false);
  assert.deepEqual(told[1][0], ["subscribed", { room: "c", resumed: false, log, history: 1, missed: 75 }]);
  assert.equal(told[1][1][1].past, true);
});

test("what comes before a room is subscribed is ignored", limit, async () => {
  const { client, line } = await joined();
  const b = client.room("b"), told = heard(b);
  await frames(line, 1);
  line.send(in_room("b")(message(7, "early")), presence("b", 2), { type: "fork", room: "b", after: 1, first: 2 ** 33 }, subscribed("b", { history: [message(6, "six")] }));
  await line.handled();
  assert.deepEqual(told.map(([type, detail]) => detail.message?.text ?? type), ["subscribed", "six"]);
  assert.equal(b.position.after, 6);
});

test("a name is one room in each of its forms, and longer names are refused without asking the hub", limit, async () => {
  const { client, line } = await joined();
  const cafe = client.room("cafe\u0301");
  assert.equal(client.room("caf\u00e9"), cafe);
  assert.equal(cafe.name, "caf\u00e9");
  for (const name of ["", "x".repeat(65), "\ud800"]) {
    const told = heard(client.room(name));
    await Promise.resolve();
    assert.deepEqual(told.map(([type, { code, room }]) => [type, code, room]), [["error", "bad_room", name]]);
  }
  assert.deepEqual(await frames(line, 1), [named("caf\u00e9")]);
  const long = "𝒳".repeat(64);
  client.room(long);
  assert.deepEqual(await frames(line, 1), [named(long)]);
  assert.deepEqual(await settled(client, line), []);
});

for (const former of ["answered", "not answered"]) test(`a room that is left and subscribed again knows its own answers; the former subscription is ${former}`, limit, async () => {
  const { client, line } = await joined();
  const old = client.room("b"), told = { old: heard(old) };
  old.leave();
  old.leave();
  const between = client.room("b");
  between.leave();
  const b = client.room("b");
  told.b = heard(b);
  assert.notEqual(b, old);
  assert.deepEqual(await frames(line, 5), ["subscribe", "unsubscribe", "subscribe", "unsubscribe", "subscribe"].map(type => ({ type, room: "b" })));
  for (const text of ["of the first", "of the second"]) {
    if (former === "answered") line.send(subscribed("b", { history: [message(1, text)] }), in_room("b")(message(2, text)), presence("b", 9));
    line.send(unsubscribed("b"));
  }
  line.send(in_room("b")(message(3, "early")), subscribed("b", { history: [message(4, "four")] }), in_room("b")(message(5, "five")));
  await line.handled();
  assert.deepEqual(told.old, [["unsubscribed", { room: "b" }]], "the last that it is told");
  assert.deepEqual(told.b.map(([type, detail]) => detail.message?.text ?? type), ["subscribed", "four", "five"]);
  assert.deepEqual(b.position, { log, after: 5 });
});

test("a refused subscription that was left does not answer for the next one", limit, async () => {
  const { client, line } = await joined();
  client.room("b").leave();
  const b = client.room("b"), told = heard(b);
  await frames(line, 3);
  line.send(refused("too_many_rooms", { room: "b" }), refused("not_subscribed", { room: "b" }));
  await line.handled();
  assert.deepEqual(told, []);
  line.send(subscribed("b", { history: [] }));
  await line.handled();
  assert.deepEqual(told.map(([type]) => type), ["subscribed"]);
});

test("a room that is left is told so at once without a connection, and when the connection ends before the answer", limit, async () => {
  const client = made(), early = client.room("early"), told = heard(early);
  early.leave();
  assert.deepEqual(told, [["unsubscribed", { room: "early" }]]);
  client.open();
  const line = await accepted(client), b = client.room("b"), of_b = heard(b);
  await frames(line, 1);
  line.send(subscribed("b", { history: [] }));
  await line.handled();
  b.leave();
  assert.deepEqual(await frames(line, 1), [{ type: "unsubscribe", room: "b" }]);
  const next = await resumed(client, line);
  assert.deepEqual(of_b.map(([type]) => type), ["subscribed", "unsubscribed"]);
  assert.deepEqual(await settled(client, next), []);
});

test("a listener may close the client when a room is subscribed, and the room begins anew with the next connection", limit, async () => {
  const { client, line } = await joined();
  const b = client.room("b"), seen = texts(b);
  const closed = new Promise(resolve => { const off = b.on("subscribed", () => { off(); client.close(); resolve(); }); });
  await frames(line, 1);
  line.send(subscribed("b", { history: [message(1, "one")] }));
  await closed;
  client.open();
  const next = await accepted(client);
  assert.deepEqual(await frames(next, 1), [named("b")]);
  next.send(subscribed("b", { history: [message(1, "one")] }));
  await next.handled();
  assert.deepEqual(seen, ["one"]);
});

test("a listener may leave its room, and gets nothing more of it", limit, async () => {
  const { client, line } = await joined();
  const b = client.room("b"), seen = texts(b);
  b.on("message", () => b.leave());
  await frames(line, 1);
  line.send(subscribed("b", { history: [message(1, "one"), message(2, "two")] }), in_room("b")(message(3, "three")));
  assert.deepEqual(await frames(line, 1), [{ type: "unsubscribe", room: "b" }]);
  await line.handled();
  assert.deepEqual(seen, ["one"]);
});

test("malformed options are refused at once, and change nothing", limit, async () => {
  const { client, line } = await joined(), lobby = client.room("lobby");
  const uuid = log, wrong_positions = [7, "a position", [], {}, { log }, { after: 7 }, { log: 7, after: 7 }, { log: "", after: 7 }, { log: "a log", after: 7 },
    { log: uuid, after: "7" }, { log: uuid, after: -1 }, { log: uuid, after: 0.5 }, { log: uuid, after: NaN }, { log: uuid, after: 7n }];
  for (const from of wrong_positions) {
    assert.throws(() => client.room("b", { from }), { name: "TypeError", message: /^The option `from` / });
    assert.throws(() => made({ from }), { name: "TypeError", message: /^The option `from` / });
  }
  for (const most of [0, -1, 1001, 0.5, NaN, "7", null, 7n]) {
    assert.throws(() => client.room("b", { most }), { name: "TypeError", message: /^The option `most` / });
    assert.throws(() => { lobby.most = most; }, { name: "TypeError", message: /^The option `most` / });
  }
  assert.equal(lobby.most, undefined);
  assert.deepEqual(client.rooms, [lobby]);
  for (const [name, from] of [["b", undefined], ["c", null], ["d", { log: log.toUpperCase(), after: 2 ** 63 }]]) client.room(name, { from, most: undefined });
  assert.deepEqual((await frames(line, 3)).map(({ room }) => room), ["b", "c", "d"]);
});
