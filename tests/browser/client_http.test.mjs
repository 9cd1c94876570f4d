// The client over HTTP, in Node.js, with a hub that refuses every WebSocket.

import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Fallback } from "../../public/client/fallback.js";
import { HttpSocket } from "../../public/client/http_socket.js";
import { eventually, limit } from "../support/machine.mjs";
import { heard, statuses, texts } from "./client_stage.mjs";
import { hub, joined, made, online, streams, told, use_http_hub } from "./http_stage.mjs";

use_http_hub();

test("a client whose WebSockets are refused gets and sends messages over HTTP, and says so", limit, async () => {
  hub.say("lobby", "before");
  const client = made();
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

test("line and paragraph separators of Unicode go through, in messages, in data and in a history", limit, async () => {
  const text = "one\u2028two\u2029three", data = { note: text };
  hub.say("lobby", text, { data });
  const client = await joined(), live = heard(client, ["message"]), stored = await client.send(text, { data });
  hub.say("lobby", "after\u2028it");
  await eventually("both", () => live.length === 2);
  assert.deepEqual(live.map(([, { message }]) => [message.text, message.data]), [[text, data], ["after\u2028it", undefined]]);
  const late = made(), past = heard(late, ["message"]);
  await online(late);
  assert.deepEqual(past.map(([, { message }]) => message.text), [text, text, "after\u2028it"]);
  assert.equal(past[1][1].message.id, stored.id);
});

test("a client without a WebSocket class uses HTTP", limit, async () => {
  const client = await joined({ WebSocket: undefined });
  assert.equal((await client.send("hello")).user_message_number, 1);
  assert.equal(hub.to("ws").length, 0);
});

test("a hub that does not answer, or does not know event streams, is not asked for them again and again", limit, async () => {
  hub.refuse = ({ path }) => path === "events" ? [404, "not_found"] : undefined;
  const client = made();
  await eventually("attempts after the first one over HTTP", () => {
    client.check();
    return streams().length && hub.to("ws").length >= 6;
  });
  assert.equal(streams().length, 1);
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

test("a message in doubt is one's own although the stream brings it before the answer", limit, async () => {
  const client = await joined(), seen = heard(client, ["message"]), held = statuses(client);
  let tries = 0;
  hub.refuse = ({ method, body }) => {
    if (method !== "POST" || tries++) return undefined;
    hub.say(body.room, body.text, { key: body.key });
    hub.say("lobby", "of another");
    return [503, "in_doubt", { "Retry-After": "1" }];
  };
  const { id } = await client.send("mine");
  await eventually("both", () => seen.length === 2);
  assert.ok(held.some(([, status]) => status === "held"));
  assert.deepEqual(seen.map(([, { message, own, key }]) => [message.text, own, Boolean(key)]), [["mine", true, true], ["of another", false, false]]);
  assert.equal(seen[0][1].message.id, id);
});

test("a message whose answer is lost is one's own in a history", limit, async () => {
  const client = await joined(), b = client.room("b", { most: 1 });
  await told(b, "subscribed");
  await b.send("first");
  let lost = 0;
  hub.before_answer = async () => {
    if (lost++) return;
    for (const text of ["mine", "mine", "last"]) hub.say("b", text);
    for (const { end } of hub.streams) end();
    throw new Error("the answer is lost");
  };
  const seen = heard(b, ["message", "subscribed"]);
  const { id } = await b.send("mine");
  await eventually("all", () => seen.some(([, { message }]) => message?.text === "last"));
  const again = seen.slice(seen.findIndex(([type]) => type === "subscribed")), [[, { resumed }], ...messages] = again;
  assert.equal(resumed, false);
  assert.deepEqual(messages.filter(([, { message }]) => message.id >= id).map(([, { message, own, key }]) => [message.text, own, Boolean(key)]),
    [["mine", true, true], ["mine", false, false], ["mine", false, false], ["last", false, false]]);
});

test("an answer of a proxy that refuses one message refuses that alone", limit, async () => {
  const client = await joined(), lines = heard(client, ["line"]);
  hub.refuse = ({ method, body }) => method === "POST" && body.text === "bad" ? [403, undefined] : undefined;
  const [bad, good] = await Promise.allSettled([client.send("bad"), client.send("good")]);
  assert.equal(bad.reason.code, "refused");
  assert.deepEqual([good.status, lines], ["fulfilled", []]);
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

test("a ping is answered after it was sent, from what the stream has shown", limit, async () => {
  const socket = new HttpSocket(hub.url), types = [];
  socket.onmessage = ({ data }) => types.push(JSON.parse(data).type);
  await eventually("the stream", () => types.includes("init"));
  socket.send('{"type":"ping"}');
  assert.ok(!types.includes("pong"));
  await eventually("the pong", () => types.includes("pong"));
  socket.close();
});

test("a stream that has been silent for more than five seconds is opened again at a check, for it may be dead", limit, async t => {
  t.after(() => mock.restoreAll());
  const client = await joined(), seen = texts(client), [dead] = hub.streams;
  hub.streams.delete(dead); // nothing comes over it any more
  const now = Date.now;
  mock.method(Date, "now", () => now() + 6_000);
  client.check();
  await eventually("another stream", () => hub.streams.size === 1);
  hub.say("lobby", "over the new one");
  await eventually("the message", () => seen.length === 1);
  assert.equal(streams().length, 2);
});

test("a connection over HTTP that is alive is not given up because an earlier one has failed", limit, () => {
  const fallback = new Fallback(class { close() {} }), open = () => fallback.open(new URL(hub.url), []);
  for (let i = 0; i < 2; i += 1) fallback.failed(false);
  open().close();
  const socket = open();
  fallback.accepted(() => assert.fail("no WebSocket has lived"));
  fallback.failed(true); // of the first one, whose judgement took a while
  assert.deepEqual([fallback.is_used, fallback.may_return], [true, false]);
  fallback.closed();
  socket.close();
});

test("a client without a WebSocket class that cannot load its modules tries again after pauses", limit, async t => {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-client-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(fileURLToPath(new URL("../../public/client", import.meta.url)), folder, { recursive: true });
  await rm(join(folder, "fallback.js"));
  const { connect } = await import(join(folder, "hubbub.js")), client = connect(hub.url, { WebSocket: null });
  t.after(() => client.close());
  const lines = heard(client, ["line"]);
  await eventually("two attempts", () => lines.filter(([, { state }]) => state === "offline").length === 2);
  assert.ok(lines.every(([, { state, until }]) => state !== "offline" || until > 0));
});

test("a hub that refuses the stream refuses the WebSockets for the same reason, and these come first again", limit, async () => {
  hub.refuse = ({ path }) => path === "events" ? [503, "hub_full"] : undefined;
  const client = made();
  await eventually("a stream and further attempts", () => {
    client.check();
    return streams().length >= 2;
  });
  assert.match(hub.requests.map(({ path }) => path).filter(path => path !== "health").join(), /^ws,(ws,)+events,ws,(ws,)+events/);
});

test("a client that is closed and opened again tries a WebSocket first", limit, async () => {
  const client = await joined(), before = hub.to("ws").length;
  client.close();
  client.open();
  await eventually("a WebSocket", () => hub.to("ws").length > before);
});
