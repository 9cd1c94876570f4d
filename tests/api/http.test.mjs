// Every path, parameter, answer and example of openapi.json with a real hub. A test fails if an answer is not described, or if a
// described answer never occurs.

import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFile, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import WebSocket from "ws";
import { limit } from "../support/machine.mjs";
import { ask as ask_of, codes, details, example, paths, seen, upgrade } from "./described.mjs";
import { try_publications } from "./publications.mjs";
import { asyncapi, at, check, openapi, problem } from "./descriptions.mjs";
import { ask_for_events } from "./events.mjs";
import { binary, here, Hub, output_of } from "./hub.mjs";
import { secret, sign } from "./tokens.mjs";

let hub, away, nothing;

before(async () => {
  nothing = createServer(connection => connection.destroy()); // takes the port of a database that does not answer
  await once(nothing.listen(0, "127.0.0.1"), "listening");
  [hub, away] = await Promise.all([Hub.start(), Hub.start({ DATABASE_URL: `postgresql://nobody@127.0.0.1:${nothing.address().port}/nothing` })]);
  const socket = new WebSocket(`ws://127.0.0.1:${hub.port}/ws`);
  await once(socket, "message"); // init; its history would have messages that are sent before
  const stored = new Promise(resolve => socket.on("message", frame => JSON.parse(frame).id === 3 && resolve()));
  for (const text of ["one", "two", "three"]) socket.send(JSON.stringify({ type: "message", text }));
  await stored;
  socket.close();
});
after(async () => {
  await Promise.all([hub?.remove(), away?.remove()]);
  nothing.close();
});

const ask = (path, target, how = {}, where = hub) => ask_of(where, path, target, how);

for (const path of paths) test(`${path} answers its own example as described`, limit, async () => {
  const { status } = await ask(path, example(path), { headers: path === "/ws" ? upgrade : {} });
  assert.equal(status, path === "/ws" ? 101 : 200);
  const wrong = await ask(path, example(path), { method: "PUT" });
  const lasts = ["/ws", "/events"].includes(path);
  assert.deepEqual([wrong.status, wrong.headers.allow], [405, lasts ? "GET" : "post" in openapi.paths[path] ? "GET, HEAD, POST" : "GET, HEAD"]);
  if (path === "/ws") return;
  const head = await ask(path, example(path), { method: "HEAD" });
  assert.deepEqual([head.status, head.body], [lasts ? 405 : 200, ""]);
});

for (const path of paths.filter(path => "304" in openapi.paths[path].get.responses)) test(`${path} is asked again at no cost`, limit, async () => {
  const { headers } = await ask(path, example(path));
  const { status } = await ask(path, example(path), { headers: { "If-None-Match": headers.etag } });
  assert.equal(status, 304);
});

test("a path that is not described is 404", limit, async () => {
  const { status, body } = await hub.ask("/nothing");
  assert.equal(status, 404);
  check(openapi, openapi.components.responses.problem.content[problem].schema, JSON.parse(body), "/nothing");
  for (const path of paths) details.add(`${path} default ${JSON.parse(body).detail}`);
  for (const detail of ["Not Found", "Method Not Allowed"]) details.add(`POST /messages default ${detail}`); // cannot be said there
  for (const path of paths.filter(path => path.endsWith("/{file}"))) assert.equal((await ask(path, path.replace("{file}", "nothing"))).status, 404);
});

test("the descriptions are served as they are", limit, async () => {
  assert.deepEqual((await ask("/openapi.json", "/openapi.json")).json, openapi);
  assert.match((await ask("/ws-info", "/ws-info")).json.version, new RegExp(`^${openapi.info.version}$`));
});

test("what is wrong with a request is said to everyone", limit, async () => {
  for (const [status, how] of [
    [400, { headers: { Host: "a b" } }],
    [411, { method: "GET", headers: { "Transfer-Encoding": "chunked" } }],
    [413, { headers: { "Content-Length": 20_000 }, body: "x".repeat(20_000) }],
    [431, { headers: { "X-Long": "x".repeat(33_000) } }],
  ]) assert.equal((await ask("/health", "/health", how)).status, status);
});

test("a hub with a certificate says so to plain HTTP", limit, async () => {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-tls-")), [TLS_CERT, TLS_KEY] = ["chain.pem", "key.pem"].map(name => join(folder, name));
  let secure;
  try {
    output_of(folder, "openssl", ["req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=hub", "-out", TLS_CERT, "-keyout", TLS_KEY]);
    secure = await Hub.start({ TLS_CERT, TLS_KEY });
    secure.secure = false; // the test speaks plain HTTP to it
    assert.equal((await ask("/health", "/health", {}, secure)).json.code, "https_required");
  } finally {
    await secure?.remove();
    await rm(folder, { recursive: true, force: true });
  }
});

test("/messages explains what is wrong with a request", limit, async () => {
  for (const query of ["room=a%20b", "before=0", "limit=201", "after=-1", "at=noon", "at=2026-01-31T09:30:00+02:00", "after=1&before=2"]) assert.equal((await ask("/messages", `/messages?${query}`)).status, 400);
  const first = await ask("/messages", "/messages?limit=2");
  assert.equal(first.headers.link, `<${first.json.next}>; rel="next"`);
  const last = await ask("/messages", `/${first.json.next}`);
  assert.deepEqual([...first.json.messages, ...last.json.messages].map(each => each.text), ["three", "two", "one"]);
  assert.equal(last.json.next, null);
});

test("/messages goes forward from a message and from a time", limit, async () => {
  const all = (await ask("/messages", "/messages?after=0")).json.messages;
  const first = await ask("/messages", "/messages?after=0&limit=2");
  assert.equal(first.headers.link, `<${first.json.next}>; rel="next"`);
  const last = await ask("/messages", `/${first.json.next}`);
  assert.deepEqual([...first.json.messages, ...last.json.messages], all);
  const from = all.findIndex(each => each.created_at === all.at(-1).created_at);
  const at = await ask("/messages", `/messages?at=${encodeURIComponent(all.at(-1).created_at)}`);
  assert.deepEqual(at.json.messages, all.slice(from));
});

test("/messages?q= searches where SEARCH is set, and says so where it is not", limit, async () => {
  assert.equal((await ask("/messages", "/messages?q=word")).json.code, "no_search");
  const searching = await Hub.start({ SEARCH: "true" });
  try {
    let found;
    do found = await ask("/messages", "/messages?q=two", {}, searching); while (found.status === 503);
    assert.deepEqual([found.status, found.json.messages], [200, []]);
    const socket = new WebSocket(`ws://127.0.0.1:${searching.port}/ws`);
    await once(socket, "message");
    const stored = new Promise(resolve => socket.on("message", frame => JSON.parse(frame).id === 3 && resolve()));
    for (const text of ["one & two", "two", "One, TWO"]) socket.send(JSON.stringify({ type: "message", text }));
    await stored;
    socket.close();
    const first = await ask("/messages", `/messages?q=${encodeURIComponent("two, one")}&limit=1`, {}, searching);
    const last = await ask("/messages", `/${first.json.next}`, {}, searching);
    assert.deepEqual([...first.json.messages, ...last.json.messages].map(each => each.text), ["One, TWO", "one & two"]);
    for (const query of ["q=", "q=...", `q=${"a".repeat(201)}`, "q=a&after=1"])
      assert.equal((await ask("/messages", `/messages?${query}`, {}, searching)).status, 400);
  } finally {
    await searching.remove();
  }
});

test("POST /messages says what is stored, and why something is not", limit, () => try_publications(hub, away));

test("/ws-info lists the connections in pages, and explains what is wrong with a request", limit, async () => {
  for (const query of ["connections=2", "connections=1&before=0", "connections=1&limit=201"]) assert.equal((await ask("/ws-info", `/ws-info?${query}`)).status, 400);
  await hub.without_connections();
  const sockets = [];
  for (let i = 0; i < 3; i++) {
    sockets.push(new WebSocket(`ws://127.0.0.1:${hub.port}/ws`));
    await once(sockets[i], "message");
  }
  const first = await ask("/ws-info", "/ws-info?connections=1&limit=2");
  assert.equal(first.headers.link, `<${first.json.next}>; rel="next"`);
  const last = await ask("/ws-info", `/${first.json.next}`);
  assert.deepEqual([first, last].map(({ json }) => json.connections.length), [2, 1]);
  assert.equal(last.json.next, null);
  for (const socket of sockets) socket.terminate();
});

test("with an ADMIN_TOKEN a request without it gets little", limit, async () => {
  const token = "correct-horse-battery-staple", guarded = await Hub.start({ ADMIN_TOKEN: token });
  try {
    for (const target of ["/metrics", "/ws-info?connections=1"]) assert.equal((await ask(target.split("?")[0], target, {}, guarded)).status, 401);
    assert.deepEqual(Object.keys((await ask("/ws-info", "/ws-info", {}, guarded)).json), ["active_connections", "status"]);
    for (const [status, bearer] of [[401, "another"], [200, token]])
      for (const path of ["/metrics", "/ws-info"]) assert.equal((await ask(path, path, { headers: { Authorization: `Bearer ${bearer}` } }, guarded)).status, status);
  } finally {
    await guarded.remove();
  }
});

test("/metrics counts every code of an error that is described", limit, async () => {
  const { body } = await ask("/metrics", "/metrics");
  const counted = [...body.matchAll(/^hubbub_frames_refused_total\{code="(\w+)"\}/gm)].map(([, code]) => code);
  assert.deepEqual(counted.sort(), [...asyncapi.components.messages.error.examples.map(({ name }) => name), "other"].sort());
});

test("/ws opens for a good upgrade alone", limit, async () => {
  const open = (query, headers) => ask("/ws", `/ws${query}`, { headers: { ...upgrade, ...headers } });
  for (const [status, query, headers] of [
    [400, "?room=a%20b", {}],
    [400, "?after=last", {}],
    [400, "", { "Sec-WebSocket-Key": "short" }],
    [403, "", { Origin: "http://elsewhere.example" }],
    [426, "", { "Sec-WebSocket-Version": "12" }],
  ]) assert.equal((await open(query, headers)).status, status);
  assert.equal((await ask("/ws", "/ws")).status, 426);
});

test("/events opens for a good request alone", limit, () => ask_for_events(hub));

test("with a key, /ws, /events and /messages ask for a token that is for the room", limit, async () => {
  const locked = await Hub.start({ JWT_SECRET: secret });
  try {
    await locked.healthy();
    const bring = async (path, target, token) => (await ask(path, target, { headers: { ...path === "/ws" ? upgrade : {}, Authorization: `Bearer ${token}` } }, locked)).status;
    const token = await sign({ rooms: ["garden"] });
    for (const [path, good] of [["/ws", 101], ["/events", 200], ["/messages", 200]]) {
      assert.equal(await bring(path, path, "nonsense"), 401);
      assert.equal(await bring(path, `${path}?room=kitchen`, token), 403);
      assert.equal(await bring(path, `${path}?room=garden`, token), good);
    }
  } finally {
    await locked.remove();
  }
});

test("/ws and /events say when the hub is full", limit, async () => {
  const full = await Hub.start({ MAX_CONNECTIONS: "1" });
  try {
    const socket = new WebSocket(`ws://127.0.0.1:${full.port}/ws`);
    await new Promise(resolve => socket.on("message", resolve));
    assert.equal((await ask("/ws", "/ws", { headers: upgrade }, full)).status, 503);
    assert.equal((await ask("/events", "/events", {}, full)).status, 503);
    socket.terminate();
  } finally {
    await full.remove();
  }
});

test("/ws and /events say when one address has taken all its places", limit, async () => {
  const full = await Hub.start({ MAX_CONNECTIONS_PER_IP: "1" });
  try {
    const socket = new WebSocket(`ws://127.0.0.1:${full.port}/ws`);
    await new Promise(resolve => socket.on("message", resolve));
    assert.equal((await ask("/ws", "/ws", { headers: upgrade }, full)).status, 429);
    assert.equal((await ask("/events", "/events", {}, full)).status, 429);
    socket.terminate();
  } finally {
    await full.remove();
  }
});

test("every path says when too much is asked from one address", limit, async () => {
  const strict = await Hub.start({ OPENS_PER_IP: "0.001" });
  try {
    assert.equal((await ask("/", "/", {}, strict)).status, 200);
    for (const path of paths) assert.equal((await ask(path, example(path), { headers: path === "/ws" ? upgrade : {} }, strict)).status, 429);
    assert.equal((await ask("/messages", "/messages", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"text":"x"}' }, strict)).status, 429);
  } finally {
    await strict.remove();
  }
});

test("a hub that is about to stop says so, and lets nobody in", limit, async () => {
  // A stop takes some seconds. If that was too short for the requests, the test starts over with another hub.
  for (let heard = false; !heard;) {
    const stopping = await Hub.start();
    try {
      const socket = new WebSocket(`ws://127.0.0.1:${stopping.port}/ws`);
      await once(socket, "message");
      socket.pause(); // the client does not answer the close, so the hub waits for it
      assert.equal((await ask("/health", "/health?ready=1", {}, stopping)).json.ready, true);
      stopping.process.kill("SIGTERM");
      let answer;
      do answer = await ask("/health", "/health?ready=1", {}, stopping); while (answer.json.ready);
      assert.deepEqual([answer.status, answer.json.status, answer.json.draining], [503, "healthy", true]);
      assert.equal((await ask("/ws", "/ws", { headers: upgrade }, stopping)).status, 503);
      assert.equal((await ask("/events", "/events", {}, stopping)).status, 503);
      socket.terminate();
      heard = true;
    } catch (why) {
      if (!["ECONNREFUSED", "ECONNRESET"].includes(why.code)) throw why;
    } finally {
      await stopping.remove();
    }
  }
});

test("without its database a hub says so", limit, async () => {
  const answer = await ask("/health", "/health", {}, away);
  assert.deepEqual([answer.status, answer.json.status], [503, "degraded"]);
  assert.equal((await ask("/messages", "/messages", {}, away)).status, 503);
  assert.equal((await ask("/ws-info", "/ws-info", {}, away)).json.database, "postgresql");
});

test("the pages about the API are there beside another page, and say when they are not in place", limit, async () => {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-installed-"));
  const own = join(folder, "share/hubbub/public"), other = join(folder, "other"), installed = join(folder, "bin/hubbub");
  let bare;
  try {
    await Promise.all([join(folder, "bin"), other].map(name => mkdir(name, { recursive: true })));
    await Promise.all([copyFile(binary, installed), cp(here("../../public"), own, { recursive: true, filter: from => !from.endsWith("/packages") })]);
    bare = await Hub.start({ PUBLIC_DIR: other }, installed);
    assert.equal((await ask("/", "/", {}, bare)).status, 404);
    for (const path of ["/docs", "/redoc", "/ops"]) assert.equal((await ask(path, path, {}, bare)).status, 503);
    for (const path of ["/openapi.json", "/asyncapi.json"]) assert.equal((await ask(path, path, {}, bare)).status, 200);
    await cp(here("../../public/api/packages"), join(own, "api/packages"), { recursive: true });
    for (const path of ["/docs", "/redoc", "/ops"]) assert.equal((await ask(path, path, {}, bare)).status, 200);
  } finally {
    await bare?.remove();
    await rm(folder, { recursive: true, force: true });
  }
});

test("every answer that is described has been given above, and every refusal said", limit, () => {
  const described = openapi.components.schemas.problem.properties.code.oneOf.map(each => each.const);
  assert.deepEqual(described.filter(code => !codes.has(code)), ["upgrading", "no_memory", "stalled"]); // tests/server and upgrading.test.mjs bring a hub so far
  const operations = Object.entries(openapi.paths).flatMap(([path, { get, post }]) => [[path, get], ...post ? [[`POST ${path}`, post]] : []]);
  for (const [operation, { responses }] of operations) for (const [status, response] of Object.entries(responses)) {
    assert.ok(seen.has(`${operation} ${status}`), `${operation} ${status} was never seen`);
    const examples = at(openapi, response).content?.[problem]?.examples ?? {};
    for (const { value } of Object.values(examples)) assert.ok(details.has(`${operation} ${status} ${value.detail}`), `${operation} ${status} never said: ${value.detail}`);
  }
});
