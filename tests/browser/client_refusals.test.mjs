// The client in Node.js when a scripted hub refuses or ends subscriptions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { frames, heard, in_two_rooms, joined, resumed, settled, use_scripted_hub } from "./client_stage.mjs";
import { ack, in_room, init, log, message, refused, subscribed, unsubscribed } from "./scripted_hub.mjs";

use_scripted_hub();

const named = room => ({ type: "subscribe", room });

test("a refused room gets the error, and is tried again when it is asked for, or with a new connection", limit, async () => {
  for (const code of ["forbidden", "too_many_rooms", "bad_room", "bad_cursor"]) {
    const { client, line } = await joined();
    const b = client.room("b"), told = heard(b), others = heard(client, ["error"]);
    await frames(line, 1);
    line.send(refused(code, { room: "b" }));
    await line.handled();
    assert.deepEqual(told, [["error", { type: "error", message: `refused: ${code}`, code, room: "b" }]]);
    assert.deepEqual(others, []);
    assert.deepEqual(await settled(client, line), [], "it is not tried again by itself");
    assert.equal(client.room("b"), b);
    assert.deepEqual(await frames(line, 1), [named("b")]);
    client.room("b");
    line.send(refused(code, { room: "b" }));
    const next = await resumed(client, line);
    assert.deepEqual(await frames(next, 1), [named("b")]);
    next.send(subscribed("b", { history: [] }));
    await next.handled();
    assert.equal(told.at(-1)[0], "subscribed");
    client.close();
  }
});

test("an error about the first room is told to it and to the client, and one about no room to the client", limit, async () => {
  const { client, line } = await joined();
  const b = client.room("b"), told = [client, client.room("lobby"), b].map(source => heard(source, ["error"]));
  await frames(line, 1);
  line.send(subscribed("b", { history: [] }), refused("first", { room: "lobby" }), refused("second", { room: "b" }), refused("none"));
  await line.handled();
  assert.deepEqual(told.map(all => all.map(([, { code }]) => code)), [["first", "none"], ["first"], ["second"]]);
});

test("rooms that were too many at once are tried again one after another, with no event", limit, async () => {
  const { client, line } = await joined();
  const names = ["b", "c", "d", "e"], rooms = names.map(name => client.room(name)), told = rooms.map(room => heard(room));
  await frames(line, 4);
  line.send(subscribed("b", { history: [] }), ...["c", "d", "e"].map(room => refused("too_fast", { room })));
  await line.handled();
  const late = client.room("late");
  told.push(heard(late));
  assert.deepEqual(await frames(line, 1), [named("c")]);
  line.send(refused("too_fast", { room: "c" }));
  for (const room of ["d", "e", "late", "c"]) {
    assert.deepEqual(await frames(line, 1), [named(room)]);
    assert.deepEqual(await settled(client, line), [], "the next waits for the answer");
    line.send(subscribed(room, { history: [] }));
  }
  await line.handled();
  assert.deepEqual(told.map(all => all.map(([type]) => type)), Array(5).fill(["subscribed"]));
  assert.deepEqual(await settled(client, line), []);
});

test("a room that was too many and is left meanwhile is not tried again", limit, async () => {
  const { client, line } = await joined();
  const [b, c] = ["b", "c"].map(name => client.room(name)), told = heard(b);
  await frames(line, 2);
  line.send(...["b", "c"].map(room => refused("too_fast", { room })));
  await line.handled();
  b.leave();
  assert.deepEqual(told, [["unsubscribed", { room: "b" }]]);
  assert.deepEqual(await frames(line, 1), [named("c")]);
  c.leave();
  assert.deepEqual(await frames(line, 1), [{ type: "unsubscribe", room: "c" }]);
  line.send(unsubscribed("c"));
  assert.deepEqual(await settled(client, line), []);
});

test("a subscription that the hub ends is told, and comes back with the next connection or when it is asked for", limit, async () => {
  const { client, line } = await joined();
  const b = client.room("b"), told = heard(b, ["subscribed", "unsubscribed", "message"]);
  await frames(line, 1);
  line.send(subscribed("b", { history: [message(1, "one")] }), unsubscribed("b"), in_room("b")(message(2, "two")));
  await line.handled();
  assert.deepEqual(told.map(([type, detail]) => detail.message?.text ?? type), ["subscribed", "one", "unsubscribed"]);
  assert.ok(client.rooms.includes(b));
  await assert.rejects(b.send("to b"), { code: "not_subscribed" });
  client.room("b");
  assert.deepEqual(await frames(line, 1), [{ type: "subscribe", room: "b", log, after: 1 }]);
  line.send(unsubscribed("b"));
  const next = await resumed(client, line);
  assert.deepEqual(await frames(next, 1), [{ type: "subscribe", room: "b", log, after: 1 }]);
});

test("a room that the hub ends while the client leaves it can be subscribed again", limit, async () => {
  const { client, b, line } = await in_two_rooms({ frame: init("a") });
  b.leave();
  const again = client.room("b"), told = [client, again].map(source => heard(source));
  await frames(line, 2);
  line.send(unsubscribed("b"), refused("not_subscribed", { room: "b" }), subscribed("b", { history: [] }));
  await line.handled();
  assert.deepEqual(told.map(all => all.map(([type]) => type)), [[], ["subscribed"]]);
});

test("an error about a ping is not about a room", limit, async () => {
  const { client, line } = await in_two_rooms({ frame: init("a") });
  const c = client.room("c"), told = [client, c].map(source => heard(source));
  client.check();
  await frames(line, 1);
  line.send(refused("too_fast"), subscribed("c", { history: [] }));
  await line.handled();
  assert.deepEqual(told.map(all => all.map(([type]) => type)), [[], ["subscribed"]]);
});

test("a first room that the hub ends is subscribed again by the next connection", limit, async () => {
  const { client, line } = await joined(init("a", { history: [message(1, "one")] }));
  client.room("b");
  await frames(line, 1);
  line.send(subscribed("b", { history: [] }), unsubscribed("lobby"));
  await line.handled();
  await assert.rejects(client.send("to the lobby"), { code: "not_subscribed" });
  const next = await resumed(client, line, init("b", { room: "b" }));
  assert.deepEqual(await frames(next, 1), [{ type: "subscribe", room: "lobby", log, after: 1 }]);
  const promise = client.send("to the lobby");
  next.send(subscribed("lobby"));
  const [frame] = await frames(next, 1);
  assert.equal(frame.room, "lobby");
  next.send(ack(frame, 2));
  await promise;
});

test("answers that nothing asked for change nothing", limit, async () => {
  const { client, line } = await joined(init("a", { history: [] }));
  const b = client.room("b"), told = [client, b].map(source => heard(source));
  await frames(line, 1);
  line.send(subscribed("lobby", { history: [message(1, "one")] }), subscribed("c", { history: [message(2, "two")] }), unsubscribed("c"),
    { type: "subscribed" }, { type: "unsubscribed" }, { type: "subscribed", room: 7 }, { type: "message", id: 3, text: "three", room: null });
  line.send({ type: "subscribed", room: "b", log, history: null, missed: "many", fork: {} }, subscribed("b", { history: [message(4, "four")] }));
  await line.handled();
  assert.deepEqual(told.map(all => all.map(([type]) => type)), [[], ["subscribed"]]);
});

test("an answer that is late makes the client ask for a sign of life, and keeps the connection", limit, async context => {
  const timers = [];
  const { mock } = context.mock.method(globalThis, "setTimeout", (callback, delay) => timers.push({ callback, delay }) && {});
  const { client, line } = await joined();
  const b = client.room("b");
  await frames(line, 1);
  for (let i = 0; i < 3; i += 1) {
    assert.equal(timers.at(-1).delay, 30_000);
    timers.at(-1).callback();
    assert.deepEqual(await line.next(), { type: "ping" });
    line.send({ type: "pong" });
    await line.handled();
  }
  line.send(subscribed("b", { history: [] }));
  await line.handled();
  assert.deepEqual(b.position, { log, after: 0 });
  assert.equal(timers.at(-1).delay, 20_000);
  client.close();
  mock.restore();
});

test("a silent connection counts as dead after half a minute, and after one and a half with a hub that does not know pings", limit, async context => {
  const timers = [], { mock } = context.mock.method(globalThis, "setTimeout", (callback, delay) => timers.push({ callback, delay }) && {});
  const { client, line } = await joined(), lines = heard(client, ["line"]);
  const ping = async (before, after) => {
    assert.equal(timers.at(-1).delay, before);
    timers.at(-1).callback();
    assert.deepEqual(await line.next(), { type: "ping" });
    assert.equal(timers.at(-1).delay, after);
  };
  await ping(20_000, 10_000);
  line.send({ type: "pong" });
  await line.handled();
  await ping(20_000, 10_000);
  line.send(refused("unknown_type"));
  await line.handled();
  await ping(60_000, 30_000);
  assert.deepEqual(lines, []);
  timers.at(-1).callback();
  assert.equal(lines[0][1].state, "offline");
  client.close();
  mock.restore();
});

test("a listener of an error may ask for its room, and the room is tried again only when it is asked for later", limit, async () => {
  const { client, line } = await joined();
  const b = client.room("b"), told = heard(b);
  b.on("error", () => assert.equal(client.room("b"), b));
  await frames(line, 1);
  for (let i = 0; i < 2; i += 1) {
    line.send(refused("forbidden", { room: "b" }));
    await line.handled();
    assert.deepEqual(await settled(client, line), []);
    client.room("b");
    assert.deepEqual(await frames(line, 1), [named("b")]);
  }
  assert.equal(told.length, 2);
});

test("a room that cannot be subscribed over the connection gets one error, however often it is asked for", limit, async () => {
  const { client, line } = await joined();
  const long = client.room("x".repeat(65)), b = client.room("b"), told = [long, b].map(room => heard(room));
  for (const room of [long, b]) room.on("error", async () => {
    for (let i = 0; i < 10; i += 1) {
      client.room(room.name);
      await Promise.resolve();
    }
  });
  await frames(line, 1);
  line.send(refused("unknown_type"));
  assert.deepEqual(await settled(client, line), []);
  for (const room of [long, b]) client.room(room.name);
  assert.deepEqual(await settled(client, line), []);
  assert.deepEqual(told.map(all => all.map(([type, { code }]) => [type, code])), [[["error", "bad_room"]], [["error", "unknown_type"]]]);
});

test("errors without a room answer the pings that are due first, and then the commands, as an older hub sends them", limit, async () => {
  const { client, line } = await joined();
  const b = client.room("b"), told = [client, b].map(source => heard(source));
  for (let i = 0; i < 2; i += 1) client.check();
  assert.deepEqual([await line.next(), await line.next(), await line.next()], [named("b"), { type: "ping" }, { type: "ping" }]);
  line.send(refused("too_fast"), refused("too_fast"));
  assert.deepEqual(await settled(client, line), [], "the room is not asked for again");
  line.send(subscribed("b", { history: [] }));
  await line.handled();
  assert.deepEqual(told.map(all => all.map(([type]) => type)), [[], ["subscribed"]]);

  const old = await resumed(client, line);
  await frames(old, 1);
  client.check();
  old.send(refused("unknown_type"), refused("unknown_type"));
  await old.handled();
  assert.deepEqual(told.map(all => all.slice(-1).map(([type, { code }]) => code ?? type)), [["subscribed"], ["unknown_type"]]);
});
