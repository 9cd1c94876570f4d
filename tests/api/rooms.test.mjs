// The client with many rooms on one connection, with a real hub.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import WebSocket from "ws";
import { connect } from "../../public/client/hubbub.js";
import { FaultProxy } from "../browser/fault_proxy.mjs";
import { eventually, limit } from "../support/machine.mjs";
import { Hub } from "./hub.mjs";
import { secret, sign } from "./tokens.mjs";

const open = [];
let hub;

before(async () => {
  hub = await Hub.start();
  await hub.healthy();
});
after(() => hub?.remove());
afterEach(() => open.splice(0).forEach(client => client.close()));

function client(first, options = {}, port = hub.port) {
  const made = connect(`ws://127.0.0.1:${port}/ws?room=${encodeURIComponent(first)}`, { WebSocket, ...options });
  open.push(made);
  return made;
}

async function proxied(t) {
  const proxy = await FaultProxy.to({ host: "127.0.0.1", port: hub.port });
  t.after(() => proxy.remove());
  return { proxy, port: new URL(proxy.url).port };
}

// Resolves with the detail of the next event of this type that `fits` accepts.
function told(source, type, fits = () => true) {
  return new Promise(resolve => {
    const off = source.on(type, detail => {
      if (!fits(detail)) return;
      off();
      resolve(detail);
    });
  });
}

const joined = (hub, name, options) => {
  const room = hub.room(name, options);
  return told(room, "subscribed").then(detail => ({ room, detail }));
};

const offline = ({ state }) => state === "offline";
const says = text => ({ message }) => message.text === text;

function texts(source) {
  const all = [];
  source.on("message", ({ message }) => all.push(message.text));
  return all;
}

test("rooms of one connection have their own history, messages and position, and its numbers run over all of them", limit, async () => {
  const ada = client("own-1"), bea = client("own-2");
  await Promise.all([told(bea, "message", says("before")), bea.send("before")]); // an ack may come before the message is shown
  const { room, detail } = await joined(ada, "own-2");
  assert.deepEqual([detail.room, detail.resumed, detail.history], ["own-2", false, 1]);
  const seen = [ada, room, bea].map(texts);
  const last = [ada, bea].map((source, i) => told(source, "message", says(["four", "three"][i])));
  const stored = await Promise.all([ada.send("one"), room.send("two"), room.send("three"), ada.send("four")]);
  await Promise.all(last);
  assert.deepEqual(stored.map(each => each.user_message_number), [1, 2, 3, 4]);
  assert.deepEqual(seen, [["one", "four"], ["two", "three"], ["two", "three"]]);
  assert.deepEqual([room.position.after, ada.position.after], [stored[2].id, stored[3].id]);
});

test("presence counts the connections of each room", limit, async () => {
  const ada = client("presence-1"), bea = client("presence-2");
  const { room } = await joined(ada, "presence-2");
  await eventually("two in the shared room", () => room.online === 2);
  await eventually("one in the first room", () => ada.room("presence-1").online === 1);
  bea.close();
  await eventually("one in the shared room", () => room.online === 1);
  const cem = client("presence-1");
  await eventually("two in the first room", () => ada.room("presence-1").online === 2);
  room.leave();
  const { room: again } = await joined(cem, "presence-2");
  await eventually("the one that is left in the shared room", () => again.online === 1);
});

test("after a break fifty rooms come back with what each has missed, once and in order", limit, async t => {
  const { proxy, port } = await proxied(t);
  const names = Array.from({ length: 50 }, (_, i) => `break-${i}`), ada = client("break", {}, port), bea = client("break");
  const rooms = await Promise.all(names.map(name => joined(ada, name).then(({ room }) => room)));
  const writers = await Promise.all(names.map(name => joined(bea, name).then(({ room }) => room)));
  const seen = rooms.map(texts);
  for (const [i, room] of rooms.entries()) await Promise.all([told(room, "message", says(`before ${i}`)), writers[i].send(`before ${i}`)]);
  proxy.cut();
  await told(ada, "line", offline);
  const missed = (i, round) => `missed ${round} in ${i}`;
  for (const round of [1, 2]) await Promise.all(writers.map((room, i) => room.send(missed(i, round))));
  const back = rooms.map((room, i) => Promise.all([told(room, "subscribed"), told(room, "message", says(`after ${i}`))]));
  proxy.mend();
  await Promise.all(writers.map((room, i) => room.send(`after ${i}`)));
  for (const [detail] of await Promise.all(back)) assert.equal(detail.resumed, true);
  seen.forEach((all, i) => assert.deepEqual(all, [`before ${i}`, missed(i, 1), missed(i, 2), `after ${i}`]));
});

test("what is sent to several rooms without a connection is stored when that is back", limit, async t => {
  const { proxy, port } = await proxied(t);
  const ada = client("restart", {}, port), { room } = await joined(ada, "restart-2");
  const { id } = await room.send("before");
  await eventually("the message", () => room.position.after === id);
  const away = told(ada, "line", offline), back = away.then(() => told(room, "subscribed"));
  proxy.cut();
  await away;
  const sent = [room.send("meanwhile"), ada.send("too")];
  proxy.mend();
  assert.equal((await back).resumed, true);
  assert.deepEqual((await Promise.all(sent)).map(each => each.user_message_number).sort(), [1, 2]);
});

test("too much that was missed is counted instead", limit, async () => {
  const ada = client("most"), { room: writer } = await joined(ada, "most-2");
  const [first] = await Promise.all(["one", "two", "three"].map(text => writer.send(text)));
  const from = { log: ada.position.log, after: first.id }, bea = client("most");
  const enough = await joined(bea, "most-2", { from, most: 2 });
  assert.deepEqual([enough.detail.resumed, "missed" in enough.detail], [true, false]);
  enough.room.leave();
  const room = bea.room("most-2", { from, most: 1 }), seen = texts(room);
  const detail = await told(room, "subscribed");
  assert.deepEqual([detail.resumed, detail.missed, detail.history], [false, 2, 3]);
  await eventually("the history", () => seen.length === 3);
  assert.deepEqual(seen, ["one", "two", "three"]);
});

test("a room is left and subscribed again at once, and gets nothing twice", limit, async () => {
  const ada = client("again"), bea = client("again-2");
  await bea.send("old");
  let { room } = await joined(ada, "again-2");
  for (let round = 1; round <= 20; round += 1) {
    const sent = bea.send(`round ${round}`);
    room.leave();
    room = ada.room("again-2");
    const seen = texts(room);
    await Promise.all([told(room, "message", says(`round ${round}`)), sent]);
    assert.equal(new Set(seen).size, seen.length);
    assert.deepEqual(seen, ["old", ...Array.from({ length: round }, (_, i) => `round ${i + 1}`)]);
  }
  assert.equal((await room.send("still here")).user_message_number, 1);
});

test("a first room that was left is not entered again", limit, async t => {
  const { proxy, port } = await proxied(t);
  const ada = client("left", {}, port), bea = client("left"), inits = [];
  ada.on("init", ({ room }) => inits.push(room));
  const { room } = await joined(ada, "left-2");
  const lobby = ada.room("left"), over = told(lobby, "unsubscribed"), seen = texts(ada);
  lobby.leave();
  await over;
  await bea.send("to nobody");
  proxy.cut();
  const back = told(ada, "line", offline).then(() => told(room, "subscribed"));
  await told(ada, "line", offline);
  proxy.mend();
  assert.equal((await back).resumed, true);
  await Promise.all([told(room, "message", says("here")), room.send("here")]);
  assert.deepEqual(inits, ["left", "left-2"]);
  assert.deepEqual(seen, []);
  await eventually("one in the room that was left", () => bea.room("left").online === 1);
});

test("a name in another form is the same room", limit, async () => {
  const ada = client("forms"), bea = client("caf\u00e9");
  const { room, detail } = await joined(ada, "cafe\u0301");
  assert.equal(detail.room, "caf\u00e9");
  await Promise.all([told(bea, "message", says("hello")), told(room, "message", says("hello")), room.send("hello")]);
});

test("rooms that the hub refuses get an error, and the others go on", limit, async t => {
  const own = await Hub.start({ JWT_SECRET: secret, MAX_ROOMS: "3" });
  t.after(() => own.remove());
  await own.healthy();
  const token = await sign({ sub: "ada", exp: Math.floor(Date.now() / 1000) + 3600, rooms: ["team-*", "lobby"] });
  const ada = client("lobby", { token }, own.port);
  await told(ada, "init");
  const refusal = async name => (await told(ada.room(name), "error")).code;
  assert.equal(await refusal("other"), "forbidden");
  assert.equal(await refusal("no room"), "bad_room");
  assert.equal(await refusal("x".repeat(65)), "bad_room");
  await joined(ada, "team-1");
  const { room } = await joined(ada, "team-2");
  assert.equal(await refusal("team-3"), "too_many_rooms");
  await assert.rejects(ada.room("other").send("hello"), { code: "forbidden" });
  room.leave();
  const third = ada.room("team-3");
  await told(third, "subscribed");
  assert.equal((await third.send("hello")).user_message_number, 1);
});

test("a client whose token does not allow the first room is in the others", limit, async t => {
  const own = await Hub.start({ JWT_SECRET: secret });
  t.after(() => own.remove());
  await own.healthy();
  const token = await sign({ sub: "ada", exp: Math.floor(Date.now() / 1000) + 3600, rooms: ["team-*"] });
  const ada = client("lobby", { token }, own.port), refused = told(ada, "error");
  const { room } = await joined(ada, "team-1");
  assert.deepEqual([(await refused).code, (await refused).room], ["forbidden", "lobby"]);
  assert.equal((await room.send("hello")).user_message_number, 1);
});

test("a client that changes rooms faster than the hub allows gets there in the end", limit, async t => {
  const own = await Hub.start({ MAX_ROOMS: "4", RATE_LIMIT: "5" });
  t.after(() => own.remove());
  await own.healthy();
  const ada = client("lobby", {}, own.port), errors = [];
  await told(ada, "init");
  let room;
  for (let round = 0; round < 12; round += 1) {
    room?.leave();
    room = ada.room("fast");
    room.on("error", error => errors.push(error));
  }
  await told(room, "subscribed");
  await Promise.all([told(room, "message", says("here")), room.send("here")]);
  assert.deepEqual(errors, []);
});

// Returns a generator of numbers from 0 to below `limit` (mulberry32).
function random_numbers(seed) {
  return limit => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

// Records the ids that a room gets, one list for each time that it begins with the history.
function recorded(room) {
  const record = { room, runs: [], left: false };
  room.on("subscribed", ({ resumed }) => { if (!resumed) record.runs.push([]); });
  room.on("message", ({ message }) => {
    assert.equal(record.left, false, `a message of ${room.name} after its end`);
    assert.equal(message.room, room.name);
    record.runs.at(-1).push(message.id);
  });
  room.on("unsubscribed", () => { record.left = true; });
  return record;
}

test("whatever rooms a client enters and leaves, and however its connection breaks, each gets all its messages in order", limit, async t => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000), random = random_numbers(seed);
  t.diagnostic(`SEED=${seed}`);
  const { proxy, port } = await proxied(t);
  const names = Array.from({ length: 6 }, (_, i) => `any-${i}`), ada = client(names[0], {}, port), bea = client("any-writer");
  const records = [recorded(ada.room(names[0]))], inside = new Map([[names[0], records[0]]]);
  const writers = await Promise.all(names.map(name => joined(bea, name).then(({ room }) => room))), truth = names.map(() => []);
  const write = async i => { truth[i].push((await writers[i].send("x")).id); };
  for (let step = 0, writing = Promise.resolve(); step < 300; step += 1) {
    const i = random(names.length), name = names[i], record = inside.get(name);
    const next = writing.then(() => write(random(names.length)));
    writing = next;
    switch (random(8)) {
      case 0: proxy.cut(); break;
      case 1: case 2: proxy.mend(); break;
      case 3: case 4: await next; break;
      default:
        record?.room.leave();
        inside.delete(name);
        if (record && random(2)) break;
        inside.set(name, recorded(ada.room(name)));
        records.push(inside.get(name));
    }
    if (step % 100 === 99) await writing;
  }
  proxy.mend();
  for (const name of names) if (!inside.has(name)) inside.set(name, records[records.push(recorded(ada.room(name))) - 1]);
  await Promise.all(names.map((_, i) => write(i)));
  await eventually("every room has its last message", () => names.every((name, i) => inside.get(name).room.position?.after === truth[i].at(-1)));
  for (const { room, runs } of records) for (const run of runs) {
    const all = truth[names.indexOf(room.name)], from = all.indexOf(run[0]);
    assert.deepEqual(run, run.length ? all.slice(from, from + run.length) : [], room.name);
  }
  assert.deepEqual(ada.rooms.map(({ name }) => name).sort(), names);
});
