// The client in Node.js, without a browser, with a real hubbub.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { after, afterEach, before, test } from "node:test";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { WebSocket, WebSocketServer } from "ws";
import { connect } from "../../public/client/hubbub.js";
import { environment, limit } from "../support/machine.mjs";
import { here, Hub } from "./hub.mjs";
import { FaultProxy } from "./fault_proxy.mjs";

const open = [];
let hub;

before(async () => { hub = await Hub.start({ RATE_LIMIT: "0" }); });
after(() => hub?.remove());
afterEach(() => open.splice(0).forEach(client => client.close()));

function client(room, options = {}, url = hub.url) {
  const made = connect(`${url.replace("http", "ws")}ws?room=${room}`, { WebSocket, ...options });
  open.push(made);
  return made;
}

// Resolves with the detail of the next event of this type that `fits` accepts.
function told(client, type, fits = () => true) {
  return new Promise(resolve => {
    const off = client.on(type, detail => {
      if (!fits(detail)) return;
      off();
      resolve(detail);
    });
  });
}

function texts(client) {
  const all = [];
  client.on("message", ({ message }) => all.push(message.text));
  return all;
}

const online = ({ state }) => state === "online";
const offline = ({ state }) => state === "offline";
const says = text => ({ message }) => message.text === text;

test("the README's example says hello and ends", limit, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [here("example.mjs"), `${hub.url.replace("http", "ws")}ws`], { env: environment(tmpdir()) });
  assert.match(stdout, /^stored as \d+$/m);
});

test("a message is sent when its promise resolves, with the id and the number that it got", limit, async () => {
  const [ada, bea] = [client("ack"), client("ack")];
  await told(bea, "init");
  const seen = told(bea, "message", says("two"));
  assert.equal((await ada.send("one")).user_message_number, 1);
  const two = await ada.send("two");
  assert.equal(two.user_message_number, 2);
  const { message, own } = await seen;
  assert.equal(message.id, two.id);
  assert.equal(own, false);
});

test("what the hub refuses rejects with its code, and holds up nothing", limit, async () => {
  const ada = client("refused");
  await assert.rejects(ada.send("no database stores this: \0"), { code: "nul" });
  await assert.rejects(ada.send("x".repeat(1001)), { code: "too_long" });
  assert.equal((await ada.send("but this")).user_message_number, 1);
});

test("what is sent without a connection goes out once and in order when it is back", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  const ada = client("queue", {}, proxy.url);
  const bea = client("queue");
  const seen = texts(bea);
  await Promise.all([told(ada, "init"), told(bea, "init")]);
  proxy.cut();
  await told(ada, "line", offline);
  const stored = ["first", "second", "third"].map(text => ada.send(text));
  proxy.mend();
  assert.deepEqual((await Promise.all(stored)).map(s => s.user_message_number), [1, 2, 3]);
  await Promise.all([told(bea, "message", says("last")), bea.send("last")]);
  assert.deepEqual(seen, ["first", "second", "third", "last"]);
});

test("the hundred-and-first message without a connection is refused, and a cancelled one rejects", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  proxy.cut();
  const ada = client("full", {}, proxy.url);
  const keys = [];
  ada.on("sending", ({ item, status }) => status || keys.push(item.key));
  const all = Array.from({ length: 100 }, (_, i) => ada.send(`${i}`));
  await assert.rejects(ada.send("too many"), { code: "full" });
  ada.cancel(keys[0]);
  await assert.rejects(all[0], { code: "cancelled" });
  proxy.mend();
  await Promise.all(all.slice(1));
});

test("after a break the client gets what it missed, once", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  const ada = client("missed", {}, proxy.url);
  const bea = client("missed");
  const seen = texts(ada);
  await Promise.all([told(ada, "message", says("before")), bea.send("before")]);
  proxy.cut();
  await told(ada, "line", offline);
  const said = Array.from({ length: 120 }, (_, i) => `missed ${i}`);
  for (const half of [said.slice(0, 60), said.slice(60)]) await Promise.all(half.map(text => bea.send(text)));
  const last = told(ada, "message", says("missed 119"));
  proxy.mend();
  await last;
  assert.deepEqual(seen, ["before", ...said]);
});

test("another client goes on from the position of the first", limit, async () => {
  const ada = client("position");
  await Promise.all([told(ada, "message", says("read")), ada.send("read")]);
  const from = ada.position;
  ada.close();
  const bea = client("position");
  await bea.send("not read yet");
  const cem = client("position", { from });
  const seen = texts(cem);
  assert.equal((await told(cem, "init")).resumed, true);
  await Promise.all([told(cem, "message", says("live")), cem.send("live")]);
  assert.deepEqual(seen, ["not read yet", "live"]);
});

test("the client that was told to wait says until when, and is there again", limit, async t => {
  const own = await Hub.start();
  t.after(() => own.remove());
  const ada = client("wait", {}, own.url);
  await told(ada, "init");
  const line = told(ada, "line", ({ state }) => state !== "online");
  const asked = Date.now();
  await own.stop();
  const { state, until } = await line;
  assert.equal(state, "waiting");
  assert.ok(until > asked && until < Date.now() + 60_000);
  await own.start();
  await told(ada, "line", online);
});

test("a connection that is asked for a sign of life and gives none is left for a new one", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  const ada = client("alive", {}, proxy.url);
  const errors = [];
  ada.on("error", error => errors.push(error));
  const first = await told(ada, "init");
  ada.check();
  await ada.send("the hub answered, and the line held");
  proxy.hold();
  ada.check();
  await told(ada, "line", offline);
  proxy.mend();
  const second = await told(ada, "init");
  assert.notEqual(second.connection_id, first.connection_id);
  assert.equal(second.resumed, true);
  assert.deepEqual(errors, [], "a sign of life is nobody's error");
});

test("one's own messages of another connection are one's own, if the client is told of it", limit, async () => {
  const ada = client("own");
  const { connection_id } = await told(ada, "init");
  await ada.send("mine");
  const bea = client("own", { ids: [connection_id] });
  assert.equal((await told(bea, "message", says("mine"))).own, true);
});

test("nonsense from the hub changes nothing", limit, async t => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  t.after(() => server.close());
  await once(server, "listening");
  server.on("connection", socket => {
    for (const text of ["", "{", "null", "[]", "7", '{"type":7}', '{"type":"ack","key":"nobody"}', '{"type":"constructor"}',
      '{"type":"init","connection_id":"a","log":"l"}', '{"type":"message","id":1,"text":"one","connection_id":"b"}',
      '{"type":"message","id":1,"text":"one again","connection_id":"b"}']) socket.send(text);
  });
  const ada = client("nonsense", {}, `http://127.0.0.1:${server.address().port}/`);
  const seen = texts(ada);
  await told(ada, "message");
  assert.deepEqual(seen, ["one"]);
  assert.deepEqual(ada.position, { log: "l", after: 1 });
});
