// The client over HTTP, in Node.js, with a real hubbub behind a proxy that lets no WebSocket through.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, afterEach, before, test } from "node:test";
import { WebSocket } from "ws";
import { connect } from "../../public/client/hubbub.js";
import { eventually, limit } from "../support/machine.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { Hub } from "./hub.mjs";

const rooms = ["lobby", "b", "c"], secret = "correct horse battery staple, and then some";
const open = [];
let hub, proxy;

before(async () => {
  hub = await Hub.start({ RATE_LIMIT: "0", MAX_ROOMS: "3" });
  proxy = await FaultProxy.to(hub, { events: true });
  proxy.websocket_life = 0;
});
after(async () => {
  proxy?.remove();
  await hub?.remove();
});
afterEach(() => { for (const client of open.splice(0)) client.close(); });

function client(url = proxy.url, options = {}) {
  const made = connect(`${url.replace("http", "ws")}ws`, { WebSocket, ...options });
  open.push(made);
  return made;
}

function told(source, type, fits = () => true) {
  return new Promise(resolve => {
    const off = source.on(type, detail => {
      if (!fits(detail)) return;
      off();
      resolve(detail);
    });
  });
}

// Returns a growing list of the ids of a room's messages that have arrived.
function ids(room) {
  const all = [];
  room.on("message", ({ message }) => all.push(message.id));
  return all;
}

const over_http = client => told(client, "line", ({ transport }) => transport === "http");

test("breaks of the network and of the hub lose nothing, double nothing, and keep the order in every room", limit, async () => {
  const writers = [client(), client(), client()], reader = client(), witness = client(hub.url);
  const seen = rooms.map(room => ids(reader.room(room))), truth = rooms.map(room => ids(witness.room(room)));
  await Promise.all([...writers, reader].map(over_http));
  const sent = [];
  for (let i = 0; i < 30; i += 1) {
    for (const [j, writer] of writers.entries()) sent.push(writer.room(rooms[(i + j) % 3]).send(`${i} of ${j}`));
    if (i % 10 === 4) {
      await sent.at(-1);
      proxy.cut();
      setTimeout(() => proxy.mend(), 300);
    }
    if (i === 15) {
      await hub.kill();
      await hub.start();
    }
  }
  const stored = await Promise.all(sent);
  await eventually("everybody has all", () => [...seen, ...truth].every(list => list.length === 30));
  assert.deepEqual(seen, truth);
  assert.deepEqual(seen.flat().sort((a, b) => a - b), stored.map(({ id }) => id).sort((a, b) => a - b));
  for (const list of seen) assert.deepEqual(list, [...list].sort((a, b) => a - b));
});

test("the refusals of the hub are those of a WebSocket", limit, async () => {
  const ada = client(), refused = (text, code, content) => assert.rejects(ada.send(text, content), { code });
  await over_http(ada);
  await refused("no database stores this: \0", "nul");
  await refused("x".repeat(1001), "too_long");
  await refused("", "empty");
  await refused("with data", "too_long", { data: "x".repeat(10_000) });
  assert.ok((await ada.send("but this", { data: { order: 7 } })).id);
  const too_many = rooms.slice(1).concat("d").map(room => ada.room(room));
  assert.equal((await told(too_many[2], "error")).code, "too_many_rooms");
  assert.equal((await too_many[1].send("to the third room")).user_message_number, 1);
});

test("the name, the person and the data of a message are those that the client told", limit, async () => {
  const ada = client(), bea = client(hub.url);
  await Promise.all([over_http(ada), told(bea, "init")]);
  const { name, person } = await ada.hello({ name: "Аня", secret: "a secret of sixteen characters" });
  const seen = told(bea, "message", ({ message }) => message.text === "named");
  await ada.send("named", { data: [1, null] });
  const { message } = await seen;
  assert.deepEqual([message.name, message.person, message.data], [name, person ?? message.person, [1, null]]);
  const errors = told(ada, "error");
  await bea.hello({ name: "Bea", secret: "another secret of sixteen" });
  await ada.hello({ name: "Bea" });
  await ada.send("without a name");
  assert.equal((await errors).code, "name_taken");
});

test("a client whose token ends is locked, and goes on with another", limit, async t => {
  const safe = await Hub.start({ JWT_SECRET: secret }), narrow = await FaultProxy.to(safe, { events: true });
  t.after(async () => {
    narrow.remove();
    await safe.remove();
  });
  narrow.websocket_life = 0;
  const sign = claims => {
    const head = [{ alg: "HS256", typ: "JWT" }, claims].map(part => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
  };
  const now = () => Math.floor(Date.now() / 1000);
  let token = sign({ sub: "Ann", exp: now() + 2, rooms: ["lobby", "b"] }); // the hub allows 5 s more
  const ada = client(narrow.url, { token: () => token }), locked = told(ada, "line", ({ state }) => state === "locked");
  await Promise.race([over_http(ada), locked]);
  token = sign({ sub: "Ann", rooms: ["lobby", "b"] });
  await locked;
  const back = over_http(ada), forbidden = told(ada.room("c"), "error"), seen = told(ada, "message");
  ada.open();
  await back;
  assert.equal((await forbidden).code, "forbidden");
  await ada.room("b").send("to b");
  await ada.send("with a token");
  assert.equal((await seen).message.verified, true);
});
