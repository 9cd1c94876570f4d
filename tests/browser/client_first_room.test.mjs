// The client in Node.js when the room that its connection was opened with is left, and with hubs of older releases.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { accepted, frames, heard, hub, joined, made, resumed, settled, texts, use_scripted_hub } from "./client_stage.mjs";
import { ack, in_room, init, log, message, refused, subscribed, unsubscribed } from "./scripted_hub.mjs";

use_scripted_hub();

test("a first room that was left is not opened again, and another one takes its place", limit, async () => {
  const { client, line } = await joined(init("a", { history: [message(1, "one")] }));
  const lobby = client.room("lobby"), b = client.room("b"), seen = texts(client);
  await frames(line, 1);
  line.send(subscribed("b", { history: [message(2, "two")] }));
  await line.handled();
  lobby.leave();
  assert.deepEqual(await frames(line, 1), [{ type: "unsubscribe", room: "lobby" }]);
  line.send(in_room("lobby")(message(3, "late")), unsubscribed("lobby"));
  await line.handled();
  assert.deepEqual(client.rooms, [b]);
  assert.deepEqual(client.position, { log, after: 1 });
  await assert.rejects(client.send("to nobody"), { code: "not_subscribed" });

  line.close();
  const next = await hub.connection(), told = heard(b);
  assert.deepEqual(next.query, { room: "b", after: "2", log });
  next.send(init("c", { room: "b" }), in_room("b")(message(4, "four")));
  await next.handled();
  assert.deepEqual(told.map(([type, detail]) => detail.message?.text ?? detail.resumed), [true, "four"]);
  assert.deepEqual(seen, [], "the client's events are those of the first room");
  assert.deepEqual(await settled(client, next), []);
});

test("a first room that was left can be subscribed again, and is the client's again", limit, async () => {
  const { client, line } = await joined(init("a", { history: [message(1, "one")] }));
  const old = client.room("lobby");
  old.leave();
  const lobby = client.room("lobby"), seen = texts(client);
  assert.notEqual(lobby, old);
  assert.deepEqual((await frames(line, 2)).map(({ type, room }) => [type, room]), [["unsubscribe", "lobby"], ["subscribe", "lobby"]]);
  line.send(unsubscribed("lobby"), subscribed("lobby", { history: [message(1, "one"), message(2, "two")] }));
  await line.handled();
  assert.deepEqual(seen, ["one", "two"]);
  const promise = client.send("three");
  const [frame] = await frames(line, 1);
  assert.equal(frame.room, "lobby", "the hub's first room is left");
  line.send(ack(frame, 3));
  assert.equal((await promise).id, 3);
  line.close();
  assert.deepEqual((await hub.connection()).query, { after: "2", log });
});

test("a first room that is left before the hub has accepted the connection is left then", limit, async () => {
  const client = made(), seen = heard(client), inits = [];
  client.on("init", detail => inits.push(detail));
  client.open();
  const line = await hub.connection();
  client.room("lobby").leave();
  const b = client.room("b"), told = heard(b);
  line.send(init("a", { history: [message(1, "one")] }), message(2, "two"));
  assert.deepEqual(await frames(line, 2), [{ type: "unsubscribe", room: "lobby" }, { type: "subscribe", room: "b" }]);
  line.send(unsubscribed("lobby"), subscribed("b", { history: [message(3, "three")] }));
  await line.handled();
  assert.deepEqual(inits.map(({ room, history }) => [room, history]), [["lobby", 0]]);
  assert.deepEqual(seen.map(([type]) => type), ["unsubscribed"]);
  assert.deepEqual(told.map(([type, detail]) => detail.message?.text ?? type), ["subscribed", "three"]);
});

test("a client that has left all rooms keeps its connection without any", limit, async () => {
  const { client, line } = await joined();
  client.room("lobby").leave();
  await frames(line, 1);
  line.send(unsubscribed("lobby"));
  const next = await resumed(client, line, init("b", { history: [message(1, "one")] }));
  assert.deepEqual(await frames(next, 1), [{ type: "unsubscribe", room: "lobby" }]);
  next.send(unsubscribed("lobby"));
  assert.deepEqual(await settled(client, next), []);
  assert.deepEqual(client.rooms, []);
});

test("a room that the hub forbids does not take the place of the first one", limit, async () => {
  const { client, line } = await joined();
  for (const name of ["forbidden", "b"]) client.room(name);
  await frames(line, 2);
  line.send(refused("forbidden", { room: "forbidden" }), subscribed("b", { history: [] }));
  await line.handled();
  client.room("lobby").leave();
  line.close();
  assert.equal((await hub.connection()).query.room, "b");
});

test("with an older hub the first room works, and others get an error and keep their messages from it", limit, async () => {
  const unknown = refused("unknown_type");
  const { client, line } = await joined(init("a", { history: [] }));
  const [b, c] = ["b", "c"].map(name => client.room(name)), told = [client, b, c].map(source => heard(source, ["error", "message"]));
  const promises = [b.send("to b"), client.send("to the lobby")];
  const failed = assert.rejects(promises[0], { code: "unknown_type" });
  const sent = await frames(line, 3);
  assert.deepEqual(sent.map(({ type, text }) => text ?? type), ["subscribe", "subscribe", "to the lobby"]);
  assert.equal(sent[2].room, undefined);
  line.send(unknown, refused("too_fast"), ack(sent[2], 1), message(1, "to the lobby", "a"));
  await failed;
  assert.equal((await promises[1]).id, 1);
  await line.handled();
  const d = client.room("d"), of_d = heard(d);
  await assert.rejects(d.send("to d"), { code: "unknown_type" });
  assert.deepEqual(of_d.filter(([type]) => type === "error").map(([, { code, room }]) => [code, room]), [["unknown_type", "d"]]);
  assert.deepEqual(told.map(all => all.map(([type, detail]) => detail.message?.text ?? detail.code)), [["to the lobby"], ["unknown_type"], ["unknown_type"]]);
  assert.deepEqual(await settled(client, line), [], "nothing is sent to a room that the hub takes for the first one");

  const next = await resumed(client, line);
  assert.deepEqual((await frames(next, 3)).map(({ room }) => room), ["b", "c", "d"], "the next hub may be a newer one");
});

test("an older hub goes on sending a first room that was left, and the client ignores it", limit, async () => {
  const { client, line } = await joined();
  const lobby = client.room("lobby"), told = heard(lobby);
  lobby.leave();
  await frames(line, 1);
  line.send(refused("unknown_type"), message(1, "one"), { type: "presence", room: "lobby", online: 2 });
  await line.handled();
  assert.deepEqual(told, [["unsubscribed", { room: "lobby" }]]);
});

test("a connection that is opened again by a listener begins anew", limit, async () => {
  const client = made();
  const again = client.on("init", () => { again(); client.open(); });
  client.room("b");
  client.open();
  const line = await hub.connection();
  line.send(init("a", { history: [message(1, "one")] }));
  const next = await accepted(client);
  assert.deepEqual(await frames(next, 1), [{ type: "subscribe", room: "b" }]);
  assert.equal(client.position.after, 0);
});
