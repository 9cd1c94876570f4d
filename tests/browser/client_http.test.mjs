// The client over HTTP, in Node.js, with a hub that refuses every WebSocket.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { WebSocket } from "ws";
import { HttpSocket } from "../../public/client/http_socket.js";
import { connect } from "../../public/client/hubbub.js";
import { eventually, limit } from "../support/machine.mjs";
import { heard, statuses, texts } from "./client_stage.mjs";
import { HttpHub } from "./http_hub.mjs";

const open = [];
let hub;

beforeEach(async () => { hub = await HttpHub.listen(); });
afterEach(() => {
  for (const client of open.splice(0)) client.close();
  hub.remove();
});

// Resolves with a client that is connected over HTTP.
async function joined(options = {}, query = "") {
  const client = connect(`${hub.url}${query}`, { WebSocket, ...options });
  open.push(client);
  await online(client);
  return client;
}

const online = client => told(client, "line", ({ state }) => state === "online");

function told(source, type, fits = () => true) {
  return new Promise(resolve => {
    const off = source.on(type, detail => {
      if (!fits(detail)) return;
      off();
      resolve(detail);
    });
  });
}

const streams = () => hub.to("events");
const settled = rooms => eventually(`one stream of ${rooms}`, () => hub.streams.size === 1 && [...hub.streams][0].rooms.length === rooms);

test("a client whose WebSockets are refused gets and sends messages over HTTP, and says so", limit, async () => {
  hub.say("lobby", "before");
  const client = connect(hub.url, { WebSocket });
  open.push(client);
  const seen = heard(client, ["message"]), line = await online(client);
  assert.deepEqual(line, { state: "online", transport: "http" });
  const stored = await client.send("mine", { data: { n: 1 } });
  hub.say("lobby", "of another");
  await eventually("all messages", () => seen.length === 3);
  assert.deepEqual(seen.map(([, { message, own, past }]) => [message.text, own, past]), [["before", false, true], ["mine", true, false], ["of another", false, false]]);
  assert.equal(seen[1][1].message.id, stored.id);
  assert.deepEqual(hub.to("messages", "POST").map(({ body }) => [body.room, body.text, body.data]), [["lobby", "mine", { n: 1 }]]);
  assert.ok(hub.to("ws").length >= 2, "two WebSockets are tried before");
});

test("a client without a WebSocket class uses HTTP", limit, async () => {
  const client = await joined({ WebSocket: undefined });
  assert.equal((await client.send("hello")).user_message_number, 1);
  assert.equal(hub.to("ws").length, 0);
});

test("a hub that does not answer, or does not know event streams, is not asked for them again and again", limit, async () => {
  hub.refuse = ({ path }) => path === "events" ? [404, "not_found"] : undefined;
  const client = connect(hub.url, { WebSocket });
  open.push(client);
  await eventually("attempts after the first one over HTTP", () => {
    client.check();
    return streams().length && hub.to("ws").length >= 6;
  });
  assert.equal(streams().length, 1);
});

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

test("a message that the stream brings before the answer counts as one's own", limit, async () => {
  let answer;
  const client = await joined(), seen = heard(client, ["message", "sending"]);
  hub.before_answer = () => new Promise(resolve => { answer = resolve; });
  const stored = client.send("mine");
  await eventually("the message is stored", () => answer);
  hub.say("lobby", "later");
  answer();
  await stored;
  await eventually("both", () => seen.filter(([type]) => type === "message").length === 2);
  assert.deepEqual(seen.filter(([type]) => type === "message").map(([, { message, own, key }]) => [message.text, own, Boolean(key)]),
    [["mine", true, true], ["later", false, false]]);
});

test("a message whose answer is lost is stored once, and is one's own", limit, async () => {
  const client = await joined(), seen = heard(client, ["message"]);
  let lost = 0;
  hub.before_answer = async () => { if (!lost++) throw new Error("the answer is lost"); };
  await client.send("once");
  await eventually("the message", () => seen.length === 1);
  assert.equal(hub.messages.length, 1);
  assert.equal(seen[0][1].own, true);
  assert.equal(hub.to("messages", "POST").length, 2);
});

test("a hub that asks to wait gets the message when the time is over, and those after it in order", limit, async () => {
  const client = await joined(), seen = texts(client), states = statuses(client);
  const answers = [[429, "too_fast", { "Retry-After": "1" }], [503, "in_doubt", { "Retry-After": "1" }]];
  let refused_at;
  hub.refuse = ({ method }) => {
    if (method !== "POST" || !answers.length) return undefined;
    refused_at = performance.now();
    return answers.shift();
  };
  await Promise.all(["one", "two", "three"].map(text => client.send(text)));
  assert.ok(performance.now() - refused_at >= 1000);
  await eventually("all", () => seen.length === 3);
  assert.deepEqual(seen, ["one", "two", "three"]);
  assert.ok(states.some(([text, status]) => text === "one" && status === "held"));
});

test("a message that the hub refuses rejects with its code, and the others go out", limit, async () => {
  const client = await joined();
  hub.refuse = ({ method, body }) => method === "POST" && body.text === "bad" ? [422, "key_conflict"] : undefined;
  const [bad, good] = await Promise.allSettled([client.send("bad"), client.send("good")]);
  assert.equal(bad.reason.code, "key_conflict");
  assert.equal(good.status, "fulfilled");
});

test("the name and the secret go with the messages, and a name that the hub refuses is told and left out", limit, async () => {
  const client = await joined(), errors = heard(client, ["error"]), secret = "a secret of sixteen";
  const { name, person } = await client.hello({ name: "Аня", secret });
  assert.equal(name, "Аня");
  if (globalThis.crypto?.subtle) assert.match(person, /^anon-[\w-]{16}$/);
  await client.send("with a name");
  const { headers } = hub.to("messages", "POST")[0];
  assert.equal(decodeURIComponent(headers["hubbub-name"]), "Аня");
  assert.equal(decodeURIComponent(headers["hubbub-secret"]), secret);
  hub.refuse = ({ headers }) => headers["hubbub-name"] ? [400, "name_taken"] : undefined;
  await client.send("without");
  assert.deepEqual(errors.map(([, { code }]) => code), ["name_taken"]);
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

test("a token goes in a header, and its end locks the client until there is another", limit, async () => {
  let token = "a.b.c";
  const client = await joined({ token: () => token });
  assert.equal(streams()[0].headers.authorization, "Bearer a.b.c");
  const locked = told(client, "line", ({ state }) => state === "locked");
  hub.close({ code: 4401 });
  await locked;
  token = "d.e.f";
  const back = online(client);
  client.open();
  await back;
  await client.send("with the new one");
  assert.equal(hub.to("messages", "POST").at(-1).headers.authorization, "Bearer d.e.f");
});

test("a hub that restarts says for how long to wait", limit, async () => {
  const client = await joined(), waiting = told(client, "line", ({ state }) => state === "waiting"), asked = Date.now();
  hub.close({ code: 1012, retry_after_ms: 60_000 });
  assert.ok((await waiting).until >= asked + 60_000);
});

test("a fork is told over HTTP, and one's own lost messages are sent again", limit, async () => {
  hub.say("lobby", "kept");
  const client = await joined(), forks = heard(client, ["fork"]);
  await client.send("lost");
  await eventually("it is shown", () => client.position.after === 2);
  hub.fork(1);
  await eventually("the fork and the message", () => forks.length && hub.messages.some(({ text }) => text === "lost"));
  assert.deepEqual(forks[0][1].lost.map(({ text }) => text), ["lost"]);
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

test("a ping is answered after it was sent, from what the stream has shown", limit, async () => {
  const socket = new HttpSocket(hub.url), types = [];
  socket.onmessage = ({ data }) => types.push(JSON.parse(data).type);
  await eventually("the stream", () => types.includes("init"));
  socket.send('{"type":"ping"}');
  assert.ok(!types.includes("pong"));
  await eventually("the pong", () => types.includes("pong"));
  socket.close();
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
