// The rooms of a client over HTTP, which share one stream and its position.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { heard, texts } from "./client_stage.mjs";
import { hub, joined, settled, streams, told, use_http_hub } from "./http_stage.mjs";

use_http_hub();

test("many rooms share one stream, each with its history, and one's own messages in each are known", limit, async () => {
  hub.say("b", "old b");
  const client = await joined(), b = client.room("b"), c = client.room("c"), [in_b, in_c] = [heard(b), texts(c)];
  await Promise.all([told(b, "subscribed"), told(c, "subscribed")]);
  await settled(3);
  await Promise.all([b.send("to b"), c.send("to c"), client.send("to the lobby")]);
  hub.say("b", "live b");
  await eventually("all of b", () => in_b.filter(([type]) => type === "message").length === 3);
  assert.deepEqual(in_b.filter(([type]) => type === "message").map(([, { message, own, past }]) => [message.text, own, past]),
    [["old b", false, true], ["to b", true, false], ["live b", false, false]]);
  assert.deepEqual(in_c, ["to c"]);
  assert.deepEqual(streams().at(-1).rooms, ["lobby", "b", "c"]);
});

test("a room that is left leaves the stream, and comes back with the messages of the time between", limit, async () => {
  const client = await joined();
  let b = client.room("b");
  await told(b, "subscribed");
  hub.say("b", "one");
  await told(b, "message");
  const from = b.position;
  b.leave();
  await settled(1);
  hub.say("b", "two");
  b = client.room("b", { from });
  const [{ resumed }, { message }] = await Promise.all([told(b, "subscribed"), told(b, "message")]);
  assert.deepEqual([resumed, message.text], [true, "two"]);
});

test("after a break every room goes on where it was, from one position", limit, async () => {
  hub.say("quiet", "long ago");
  const client = await joined(), b = client.room("b"), quiet = client.room("quiet");
  await Promise.all([told(b, "subscribed"), told(quiet, "subscribed")]);
  await settled(3);
  const [lobby, in_b, in_quiet] = [client, b, quiet].map(texts);
  for (let i = 0; i < 600; i += 1) hub.say("b", `b ${i}`);
  await eventually("600 messages", () => in_b.length === 600);
  const begun = heard(quiet, ["subscribed"]), before = hub.requests.length;
  hub.cut();
  hub.say("b", "missed in b");
  hub.say("lobby", "missed in the lobby");
  await eventually("what was missed", () => in_b.length === 601 && lobby.length === 1);
  await settled(3);
  hub.say("quiet", "again");
  await eventually("the quiet room", () => in_quiet.length === 1);
  assert.deepEqual(begun.map(([, { resumed }]) => resumed), [true]);
  assert.deepEqual(hub.requests.slice(before).map(({ path, after }) => [path, Number(after) >= 600]), [["events", true], ["events", true]], "nobody goes back to the cursor of the quiet room");
});

test("a room far behind the others gets what it missed by pages, without the others going back", limit, async () => {
  const first = hub.say("far", "first");
  for (let i = 0; i < 450; i += 1) hub.say("far", `far ${i}`);
  for (let i = 0; i < 900; i += 1) hub.say("lobby", `lobby ${i}`);
  const client = await joined(), far = client.room("far", { from: { log: hub.log, after: first.id } }), seen = texts(far), lobby = texts(client);
  await eventually("all of it", () => seen.length === 450);
  hub.say("far", "live");
  await eventually("live", () => seen.length === 451);
  assert.deepEqual(seen, [...Array.from({ length: 450 }, (_, i) => `far ${i}`), "live"]);
  assert.deepEqual(lobby, []);
  assert.ok(streams().at(-1).after >= 1351);
});

test("`most` is kept: a room that missed more begins with its history, and the number that it missed", limit, async () => {
  const first = hub.say("far", "first");
  for (let i = 0; i < 120; i += 1) hub.say("far", `far ${i}`);
  for (let i = 0; i < 900; i += 1) hub.say("lobby", `lobby ${i}`);
  const client = await joined(), begin = most => {
    const room = client.room("far", { from: { log: hub.log, after: first.id }, most });
    return told(room, "subscribed").then(detail => [room, detail]);
  };
  const [few, { resumed, missed, history }] = await begin(119);
  assert.deepEqual([resumed, missed, history], [false, 120, 50]);
  few.leave();
  const [, whole] = await begin(120);
  assert.equal(whole.resumed, true);
});

test("`most` is kept where the cursors of many rooms are close together and far behind the hub", limit, async () => {
  const names = Array.from({ length: 30 }, (_, i) => `r${i}`), from = { log: hub.log, after: 1000 };
  hub.say("lobby", "seen", { id: 1000 });
  for (let i = 0, id = 1002; id <= 9000; i += 1, id += 2) hub.say(names[i % 30], `message ${id}`, { id });
  const client = await joined({ from }), seen = heard(client, ["message"]);
  const all = await Promise.all(names.map(name => told(client.room(name, { from, most: 50 }), "subscribed")));
  assert.ok(all.every(({ resumed, missed, history }) => !resumed && missed >= 133 && missed <= 134 && history === 50));
  await settled(31);
  const back = streams().filter(({ rooms, after }) => rooms.length > 1 && after !== null && Number(after) < 9000);
  assert.deepEqual([back, seen], [[], []], "no stream of these rooms goes back");
  assert.ok(streams().filter(({ after }) => after === null).length <= 2, "these rooms share a stream that tells the newest id");
});

test("a room that the hub refuses is refused alone", limit, async () => {
  hub.refuse = ({ path, rooms }) => path === "events" && rooms.includes("secret") ? [403, "forbidden"] : undefined;
  const client = await joined(), secret = client.room("secret"), rooms = ["b", "c", "d", "e"].map(name => client.room(name));
  const [{ code }] = await Promise.all([told(secret, "error"), ...rooms.map(room => told(room, "subscribed"))]);
  assert.equal(code, "forbidden");
  await settled(5);
});

test("rooms beyond the limit of the hub are refused with too_many_rooms, and the others are subscribed", limit, async () => {
  hub.refuse = ({ path, rooms }) => path === "events" && rooms.length > 3 ? [400, "too_many_rooms"] : undefined;
  const client = await joined(), rooms = ["b", "c", "d", "e", "f"].map(name => client.room(name));
  const results = await Promise.all(rooms.map(room => Promise.race([told(room, "error").then(({ code }) => code), told(room, "subscribed").then(() => "in")])));
  assert.deepEqual(results, ["in", "in", "too_many_rooms", "too_many_rooms", "too_many_rooms"]);
  await settled(3);
});

test("a room that comes back from far behind a fork is told of it", limit, async () => {
  const kept = hub.say("far", "kept");
  hub.say("far", "lost");
  hub.fork(kept.id);
  for (let i = 0; i < 60; i += 1) hub.say("far", `new ${i}`);
  const client = await joined(), far = client.room("far", { from: { log: hub.log, after: kept.id + 1 } }), seen = texts(far);
  const { after } = await told(far, "fork");
  assert.equal(after, kept.id);
  await eventually("all that is new", () => seen.length === 60);
});

test("a room that catches up by pages across a fork is told of it", limit, async () => {
  const kept = hub.say("lobby", "kept");
  hub.say("lobby", "lost");
  const client = await joined(), seen = heard(client, ["fork", "message"]);
  hub.refuse = ({ path, rooms }) => {
    if (path !== "events" || rooms.join() !== "b") return;
    hub.refuse = () => undefined;
    hub.fork(kept.id); // while the client has no stream
    hub.say("lobby", "new");
  };
  await told(client.room("b"), "subscribed");
  await eventually("what is new", () => seen.some(([, { message }]) => message?.text === "new"));
  assert.deepEqual(seen.map(([type, { after, message }]) => [type, after ?? message.text]), [["fork", kept.id], ["message", "new"]]);
});

test("a client that is closed while it asks for a fork leaves no stream open", limit, async () => {
  const kept = hub.say("far", "kept");
  hub.say("far", "lost");
  hub.fork(kept.id);
  for (let i = 0; i < 60; i += 1) hub.say("far", `new ${i}`);
  const client = await joined();
  let asked = false;
  hub.refuse = ({ path, rooms, after }) => {
    if (path !== "events" || rooms.join() !== "far" || after === null) return undefined;
    client.close();
    asked = true;
    return [503, "busy"];
  };
  client.room("far", { from: { log: hub.log, after: kept.id + 1 } });
  await eventually("no stream", () => asked && !hub.streams.size);
});

test("rooms whose names are too long for one address are refused, and the others are subscribed", limit, async () => {
  hub.refuse = ({ path, rooms }) => path === "events" && rooms.length > 4 ? [414, undefined] : undefined;
  const client = await joined(), rooms = ["b", "c", "d", "e"].map(name => client.room(name));
  const results = await Promise.all(rooms.map(room => Promise.race([told(room, "error").then(({ code }) => code), told(room, "subscribed").then(() => "in")])));
  assert.deepEqual(results, ["in", "in", "in", "too_many_rooms"]);
  await settled(4);
});

test("a log that was replaced begins anew in every room", limit, async () => {
  hub.say("lobby", "old");
  const client = await joined(), b = client.room("b");
  await told(b, "subscribed");
  await settled(2);
  hub.log = "11111111-1111-4111-8111-111111111111";
  hub.messages = [];
  hub.say("b", "new");
  const again = [told(client, "subscribed"), told(b, "subscribed")];
  hub.cut();
  assert.deepEqual((await Promise.all(again)).map(({ resumed, history }) => [resumed, history]), [[false, 0], [false, 1]]);
});

test("a client in no room has no stream, and can enter one again", limit, async () => {
  const client = await joined();
  client.room("lobby").leave();
  await eventually("no stream", () => !hub.streams.size);
  client.check();
  const b = client.room("b");
  await told(b, "subscribed");
  await settled(1);
});
