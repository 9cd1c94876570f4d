// The client in Node.js when a scripted hub is too busy to end its subscriptions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { frames, heard, in_two_rooms, joined, resumed, settled, use_scripted_hub } from "./client_stage.mjs";
import { in_room, init, log, message, refused, subscribed, unsubscribed } from "./scripted_hub.mjs";

use_scripted_hub();

const subscribe = { type: "subscribe", room: "b" }, unsubscribe = { type: "unsubscribe", room: "b" };
const too_fast = refused("too_fast", { room: "b" }), already = refused("already_subscribed", { room: "b" });
const kinds = all => all.map(([type, detail]) => detail.message?.text ?? type);

// Resolves with a client that is in the room b, what it is told there, and its connection.
async function in_b() {
  const { client, line } = await joined();
  const b = client.room("b"), told = heard(b);
  await frames(line, 1);
  line.send(subscribed("b", { history: [] }));
  await line.handled();
  return { client, b, told, line };
}

test("a room that the hub was too busy to end is left later, and gets nothing until then", limit, async () => {
  const { client, b, told, line } = await in_b();
  b.leave();
  for (let i = 0; i < 2; i += 1) {
    assert.deepEqual(await frames(line, 1), [unsubscribe]);
    line.send(too_fast, in_room("b")(message(1, "one")));
    await line.handled();
    assert.deepEqual(kinds(told), ["subscribed"]);
  }
  assert.deepEqual(await frames(line, 1), [unsubscribe]);
  line.send(unsubscribed("b"));
  assert.deepEqual(await settled(client, line), []);
  assert.deepEqual(kinds(told), ["subscribed", "unsubscribed"]);
});

for (const answer of ["too_fast", "already_subscribed"]) test(`a room that is wanted again before its end was accepted begins anew: ${answer}`, limit, async () => {
  const { client, b, told, line } = await in_b();
  b.leave();
  const again = client.room("b"), new_ones = heard(again);
  assert.deepEqual(await frames(line, 2), [unsubscribe, subscribe]);
  line.send(too_fast, refused(answer, { room: "b" }), in_room("b")(message(1, "one")));
  assert.deepEqual(await frames(line, 1), [unsubscribe]);
  assert.deepEqual(await settled(client, line), []);
  line.send(unsubscribed("b"));
  assert.deepEqual(await frames(line, 1), [subscribe]);
  line.send(subscribed("b", { history: [message(1, "one")] }), in_room("b")(message(2, "two")));
  assert.deepEqual(await settled(client, line), []);
  assert.deepEqual([told, new_ones].map(kinds), [["subscribed", "unsubscribed"], ["subscribed", "one", "two"]]);
});

test("a room that is asked for while its end waits is subscribed after it", limit, async () => {
  const { client, b, line } = await in_b();
  b.leave();
  await frames(line, 1);
  line.send(too_fast);
  await line.handled();
  const [left, again] = [client.room("b"), (left => { left.leave(); return client.room("b"); })(client.room("b"))], told = [left, again].map(room => heard(room));
  assert.deepEqual(await frames(line, 1), [unsubscribe]);
  line.send(unsubscribed("b"));
  assert.deepEqual(await frames(line, 1), [subscribe]);
  line.send(subscribed("b", { history: [] }));
  assert.deepEqual(await settled(client, line), []);
  assert.deepEqual(told.map(kinds), [[], ["subscribed"]]);
});

test("a subscription that the client does not know of is ended and made anew", limit, async () => {
  const { client, line } = await joined();
  const b = client.room("b", { from: { log, after: 5 } }), told = heard(b);
  assert.deepEqual(await frames(line, 1), [{ ...subscribe, log, after: 5 }]);
  line.send(already);
  assert.deepEqual(await frames(line, 1), [unsubscribe]);
  line.send(in_room("b")(message(9, "of the unknown one")), unsubscribed("b"));
  assert.deepEqual(await frames(line, 1), [{ ...subscribe, log, after: 5 }]);
  line.send(already);
  assert.deepEqual(await frames(line, 1), [unsubscribe]);
  line.send(refused("not_subscribed", { room: "b" }));
  assert.deepEqual(await frames(line, 1), [{ ...subscribe, log, after: 5 }]);
  line.send(subscribed("b"), in_room("b")(message(6, "six")));
  assert.deepEqual(await settled(client, line), []);
  assert.deepEqual(kinds(told), ["subscribed", "six"]);
});

test("a room that is left while it is made anew is ended all the same", limit, async () => {
  const { client, line } = await joined();
  const b = client.room("b"), told = heard(b);
  await frames(line, 1);
  line.send(already);
  await line.handled();
  b.leave();
  assert.deepEqual(kinds(told), ["unsubscribed"]);
  assert.deepEqual(await frames(line, 1), [unsubscribe]);
  line.send(unsubscribed("b"));
  assert.deepEqual(await settled(client, line), []);
});

test("a room that is left before its answer is ended, whichever of the two commands the hub was too busy for", limit, async () => {
  const { client, line } = await joined();
  const rooms = () => [client.room("b"), heard(client.room("b"))];
  const [first, of_first] = rooms();
  first.leave();
  assert.deepEqual(await frames(line, 2), [subscribe, unsubscribe]);
  line.send(too_fast, subscribed("b", { history: [message(1, "one")] })); // the second
  assert.deepEqual(await frames(line, 1), [unsubscribe]);
  line.send(unsubscribed("b"));
  assert.deepEqual(await settled(client, line), []);
  assert.deepEqual(kinds(of_first), ["unsubscribed"]);

  const [second, of_second] = rooms();
  second.leave();
  await frames(line, 2);
  line.send(too_fast, too_fast); // both
  assert.deepEqual(await frames(line, 1), [unsubscribe]);
  const [, of_third] = rooms();
  assert.deepEqual(await frames(line, 1), [subscribe]);
  line.send(refused("not_subscribed", { room: "b" }), subscribed("b", { history: [message(1, "one")] }));
  assert.deepEqual(await settled(client, line), []);
  assert.deepEqual([of_second, of_third].map(kinds), [["unsubscribed"], ["subscribed", "one"]]);
});

test("a room that is left and wanted again before all answers is told of none but its own", limit, async () => {
  const { client, line } = await joined();
  client.room("b").leave();
  const b = client.room("b"), told = heard(b);
  assert.deepEqual(await frames(line, 3), [subscribe, unsubscribe, subscribe]);
  line.send(too_fast, already, subscribed("b", { history: [message(1, "of the first")] })); // the hub was too busy for the end
  assert.deepEqual(await frames(line, 1), [unsubscribe]);
  line.send(unsubscribed("b"));
  assert.deepEqual(await frames(line, 1), [subscribe]);
  line.send(subscribed("b", { history: [message(1, "one")] }));
  assert.deepEqual(await settled(client, line), []);
  assert.deepEqual(kinds(told), ["subscribed", "one"]);

  client.room("c").leave();
  const c = client.room("c"), of_c = heard(c);
  await frames(line, 3);
  const about_c = refused("too_fast", { room: "c" });
  line.send(about_c, about_c, subscribed("c", { history: [message(1, "one")] })); // the hub was too busy for the first two
  assert.deepEqual(await settled(client, line), []);
  assert.deepEqual(kinds(of_c), ["subscribed", "one"]);
});

test("the end of a first room that was left before the connection was accepted is asked for again", limit, async () => {
  const { client, b, line } = await in_two_rooms({ frame: init("a") });
  client.room("lobby").leave();
  await frames(line, 1);
  line.send(refused("too_fast", { room: "lobby" }));
  const next = await resumed(client, line, init("c", { room: "b" }));
  assert.deepEqual(await settled(client, next), [], "nothing is left of the former connection");
  b.leave();
  assert.deepEqual(await frames(next, 1), [unsubscribe]);
  next.send(unsubscribed("b"));
  const last = await resumed(client, next, init("d"));
  for (let i = 0; i < 2; i += 1) {
    assert.deepEqual(await frames(last, 1), [{ type: "unsubscribe", room: "lobby" }]);
    last.send(i ? unsubscribed("lobby") : refused("too_fast", { room: "lobby" }));
  }
  assert.deepEqual(await settled(client, last), []);
});
