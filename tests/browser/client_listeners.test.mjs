// The client in Node.js when its listeners throw, or call the client, with a scripted hub.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { frames, heard, hub, in_two_rooms, joined, made, use_scripted_hub } from "./client_stage.mjs";
import { in_room, init, message, subscribed, unsubscribed } from "./scripted_hub.mjs";

use_scripted_hub();

// Returns a function that throws everything that was thrown into the microtasks, one after another, and returns it.
function thrown_later(context) {
  const tasks = [];
  context.mock.method(globalThis, "queueMicrotask", task => tasks.push(task));
  return () => tasks.splice(0).map(task => {
    try { task(); } catch (error) { return error.message; }
    return undefined;
  });
}

test("an error of a listener is reported, and the other listeners and rooms get their events", limit, async context => {
  const { client, line } = await joined(init("a", { history: [] })), reported = thrown_later(context);
  const b = client.room("b");
  for (const source of [client, b]) for (const type of ["message", "presence", "subscribed", "unsubscribed"]) {
    source.on(type, () => { throw new Error(`${source.name ?? "client"}: ${type}`); });
  }
  const told = [client, client.room("lobby"), b].map(source => heard(source));
  await frames(line, 1);
  line.send(subscribed("b", { history: [message(1, "one"), message(2, "two")] }), in_room("lobby")(message(3, "three")),
    { type: "presence", room: "lobby", online: 2 }, unsubscribed("b"));
  await line.handled();
  assert.deepEqual(told.map(all => all.map(([type, detail]) => detail.message?.text ?? type)),
    [["three", "presence"], ["three", "presence"], ["subscribed", "one", "two", "unsubscribed"]]);
  assert.deepEqual(reported(), ["b: subscribed", "b: message", "b: message", "client: message", "client: presence", "b: unsubscribed"]);
});

test("an error of a listener of the first subscription does not keep the others from being made", limit, async context => {
  const client = made(), reported = thrown_later(context), told = heard(client, ["subscribed", "message"]);
  for (const type of ["line", "init", "subscribed"]) client.on(type, () => { throw new Error(type); });
  client.room("b");
  client.open();
  const line = await hub.connection(), promise = client.send("hello");
  line.send(init("a", { history: [message(1, "one")] }));
  assert.deepEqual((await frames(line, 2)).map(({ type }) => type), ["subscribe", "message"]);
  assert.deepEqual(told.map(([type]) => type), ["subscribed", "message"]);
  assert.deepEqual(reported(), ["line", "line", "init", "subscribed"]);
  promise.catch(() => {});
});

// Holds all timers from now on. Returns a function that calls back for all timers that run when it is called.
function held_timers(context) {
  const running = new Map(), clear = clearTimeout;
  context.mock.method(globalThis, "setTimeout", (callback, _delay, ...how) => {
    const timer = { unref() {} };
    running.set(timer, () => callback(...how));
    return timer;
  });
  context.mock.method(globalThis, "clearTimeout", timer => running.delete(timer) || clear(timer));
  return () => {
    const ended = [...running.values()];
    running.clear();
    for (const end of ended) end();
  };
}

// What makes each event happen, for a client that has left the room b.
const causes = {
  connecting: (client) => client.open(),
  message: (client, line) => line.send(message(1, "one")),
  presence: (client, line) => line.send({ type: "presence", room: "lobby", online: 2 }),
  unsubscribed: (client, line) => line.send(unsubscribed("b")),
  "unsubscribed at the end": (client, line) => line.close(),
  offline: (client, line) => line.close(),
};

for (const [event, cause] of Object.entries(causes)) test(`a client that is closed by a listener stays closed: ${event}`, limit, async context => {
  const { client, b, line } = await in_two_rooms(), states = [];
  b.leave();
  await frames(line, 1);
  const end_timers = held_timers(context);
  client.on("line", ({ state }) => states.push(state));
  await new Promise(resolve => {
    const close = () => { client.close(); resolve(); };
    if (/^(connecting|offline)$/.test(event)) client.on("line", ({ state }) => state === event && close());
    else (/^unsub/.test(event) ? b : client).on(event.split(" ")[0], close);
    cause(client, line);
  });
  await new Promise(setImmediate);
  for (let i = 0; i < 3; i += 1) end_timers();
  assert.deepEqual(states, [...["connecting", "offline"].filter(state => state === event), "closed"]);
});

test("a client that is opened by a listener has one connection", limit, async context => {
  const { client, b, line } = await in_two_rooms(), states = [];
  b.leave();
  b.on("unsubscribed", () => client.open());
  const end_timers = held_timers(context);
  client.on("line", ({ state }) => states.push(state));
  line.close();
  const next = await hub.connection();
  next.send(init("b"));
  await next.handled();
  assert.deepEqual(states, ["connecting", "online"]);
  end_timers();
  assert.deepEqual(states, ["connecting", "online"]);
});
