// The client in Node.js when the hub does not accept a connection that is opened with one of its rooms.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { limit } from "../support/machine.mjs";
import { accepted, frames, heard, hub, in_two_rooms, joined, made, resumed, settled, use_scripted_hub } from "./client_stage.mjs";
import { init, log, refused, subscribed } from "./scripted_hub.mjs";

use_scripted_hub();
beforeEach(context => context.mock?.method(Math, "random", () => 0)); // there is no delay between the attempts

// Ends the next `count` connections before they are accepted. Resolves with the rooms that they were opened with.
async function turned_away(count) {
  const rooms = [];
  while (rooms.length < count) {
    const line = await hub.connection();
    rooms.push(line.query.room ?? "lobby");
    line.close();
  }
  return rooms;
}

test("a room with which the hub accepts no connection makes way for the next one, and gets its error then", limit, async () => {
  const client = made(), [b, c] = ["b", "c"].map(name => client.room(name)), told = [client, b, c].map(source => heard(source, ["subscribed", "error"]));
  client.open();
  assert.deepEqual(await turned_away(2), ["lobby", "b"]);
  const line = await accepted(client, init("a", { room: "c", history: [] }));
  assert.deepEqual(line.query, { room: "c" });
  assert.deepEqual((await frames(line, 2)).map(({ room }) => room), ["lobby", "b"]);
  line.send(...["lobby", "b"].map(room => refused("forbidden", { room })));
  await line.handled();
  assert.deepEqual(told.map(all => all.map(([type, { code }]) => code ?? type)), [["forbidden"], ["forbidden"], ["subscribed"]]);
  line.close();
  assert.deepEqual(await turned_away(3), ["c", "c", "c"], "the others are known to be forbidden");
});

test("all rooms take turns while no connection is accepted", limit, async () => {
  const client = made();
  for (const name of ["b", "no name for a room".repeat(9)]) client.room(name);
  client.open();
  assert.deepEqual(await turned_away(5), ["lobby", "b", "lobby", "b", "lobby"]);
});

test("a room that was accepted before is tried three times, because the hub may be away", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  line.close();
  assert.deepEqual(await turned_away(4), ["lobby", "lobby", "lobby", "b"]);
  const next = await hub.connection();
  assert.deepEqual(next.query, { room: "b", after: "0", log });
  next.send(init("c", { room: "b" }));
  assert.deepEqual(await frames(next, 1), [{ type: "subscribe", room: "lobby", log, after: 0 }]);
  next.send(subscribed("lobby"));
  assert.deepEqual(await settled(client, next), []);
  next.close();
  assert.deepEqual(await turned_away(1), ["lobby"], "the first room comes first again");
  assert.ok(client.rooms.includes(b));
});

test("a room that bounds what it missed opens no connection while there is another, because its address has no bound", limit, async () => {
  const { client, b, line } = await in_two_rooms();
  client.room("lobby").most = 50;
  const next = await resumed(client, line, init("c", { room: "b" }));
  assert.deepEqual(next.query, { room: "b", after: "0", log });
  assert.deepEqual(await frames(next, 1), [{ type: "subscribe", room: "lobby", log, after: 0, most: 50 }]);
  next.send(subscribed("lobby"));
  await next.handled();
  b.most = 50;
  next.close();
  assert.deepEqual(await turned_away(1), ["lobby"], "the first room comes first among equals");
});

test("a room that an older hub has refused opens no connection while there is another", limit, async () => {
  const { client, line } = await joined(init("a", { history: [] }));
  client.room("b");
  await frames(line, 1);
  line.send(refused("unknown_type"));
  await line.handled();
  line.close();
  assert.deepEqual(await turned_away(5), Array(5).fill("lobby"));
  client.room("lobby").leave();
  assert.deepEqual(await turned_away(2), ["b", "b"]);
  client.close();
});

test("a first room that an older hub has refused opens the next connection", limit, async () => {
  const client = made();
  client.room("b");
  client.open();
  assert.deepEqual(await turned_away(1), ["lobby"]);
  const line = await accepted(client, init("a", { room: "b", history: [] }));
  await frames(line, 1);
  line.send(refused("unknown_type"));
  await line.handled();
  line.close();
  assert.deepEqual(await turned_away(1), ["lobby"]);
});

test("attempts that the client itself gives up do not count", limit, async () => {
  const client = made();
  client.room("b");
  for (let i = 0; i < 3; i += 1) {
    client.open();
    assert.equal((await hub.connection()).query.room, undefined);
  }
});

test("a room that was forbidden is tried when the client is in no other room", limit, async () => {
  const { client, line } = await joined(init("a", { history: [] }));
  for (const name of ["b", "c"]) client.room(name);
  await frames(line, 2);
  line.send(...["b", "c"].map(room => refused("forbidden", { room })));
  await line.handled();
  client.room("lobby").leave();
  line.close();
  assert.deepEqual(await turned_away(3), ["b", "c", "b"]);
  await accepted(client, init("a", { room: "c", history: [] }));
});
