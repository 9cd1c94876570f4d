// Tokens that another library signs, valid ones and forged ones.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import WebSocket from "ws";
import { environment, limit } from "../support/machine.mjs";
import { binary, Hub } from "./hub.mjs";
import { secret, sign } from "./tokens.mjs";

const now = () => Math.floor(Date.now() / 1000);
const text = value => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const pair = (type, how) => {
  const { publicKey, privateKey } = generateKeyPairSync(type, how);
  return { pem: publicKey.export({ type: "spki", format: "pem" }), key: privateKey };
};
const rsa = pair("rsa", { modulusLength: 2048 }), ec = pair("ec", { namedCurve: "P-256" });
let hub;

before(async () => {
  hub = await Hub.start({ JWT_SECRET: secret });
  await hub.healthy();
});
after(() => hub?.remove());

async function status(token, where = hub) {
  const { status, body } = await where.ask("/messages", { headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } });
  if (status === 401) assert.deepEqual(JSON.parse(body), { type: "about:blank", title: "Unauthorized", status: 401, code: "token_required", detail: "A valid token is needed" });
  return status;
}

async function withHub(settings, act) {
  const other = await Hub.start(settings);
  try {
    await other.healthy();
    await act(other);
  } finally {
    await other.remove();
  }
}

// Resolves with the first frame and the selected subprotocol, or with the status if the upgrade is refused.
async function open(where, { query = "", protocols = [], headers = {} } = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${where.port}/ws${query}`, protocols, { headers });
  const refused = once(socket, "unexpected-response").then(([, answer]) => ({ status: answer.statusCode }));
  refused.catch(() => {});
  socket.on("error", () => {});
  const [first] = await Promise.race([once(socket, "message"), refused.then(answer => [answer])]);
  if (first.status) return first;
  return { init: JSON.parse(first), protocol: socket.protocol, socket };
}

test("a good token of another library lets in, whatever it is signed with", limit, async () => {
  assert.equal(await status(await sign({ sub: "ada", exp: now() + 3600 })), 200);
  assert.equal(await status(await sign({})), 200);
  for (const [alg, { pem, key }] of [["RS256", rsa], ["ES256", ec]])
    await withHub({ JWT_PUBLIC_KEY: pem }, async other => assert.equal(await status(await sign({ exp: now() + 3600 }, { key, alg }), other), 200));
});

test("exp and nbf count, with five seconds to spare", limit, async () => {
  for (const [claims, expected] of [
    [at => ({ exp: at - 3 }), 200], [at => ({ exp: at - 7 }), 401], [() => ({ exp: 0 }), 401], [() => ({ exp: -1e300 }), 401], [() => ({ exp: 1e300 }), 200],
    [at => ({ exp: at + 60.5 }), 200], [at => ({ nbf: at + 3 }), 200], [at => ({ nbf: at + 9 }), 401], [() => ({ nbf: 0 }), 200],
    [at => ({ exp: String(at + 60) }), 401], [() => ({ exp: null }), 401], [() => ({ nbf: "0" }), 401],
  ]) {
    let at, got;
    do { // an answer that took longer than a second may be on the other side of the limit
      at = now();
      got = await status(signed(claims(at)));
    } while (now() > at + 1);
    assert.equal(got, expected, JSON.stringify(claims(at)));
  }
});

// Signs any claims and header. Libraries refuse to make invalid tokens.
function signed(claims, header = { alg: "HS256", typ: "JWT" }, key = secret) {
  const head = `${text(header)}.${text(claims)}`;
  return `${head}.${createHmac("sha256", key).update(head).digest("base64url")}`;
}

test("a token that is wrong in any way is 401, and no hint says why", limit, async () => {
  const good = await sign({ exp: now() + 3600 });
  const [head, claims, signature] = good.split(".");
  for (const token of [
    undefined, "", ".", "..", "...", "a.b.c", `${head}.${claims}`, `${head}.${claims}.`, `${good}.`, `${good}x`, `.${claims}.${signature}`, `${good} ${good}`,
    `${head}.${text({ exp: now() + 6000 })}.${signature}`,
    `${text({ alg: "none" })}.${claims}.`, `${text({ alg: "none" })}.${claims}.${signature}`, `${text({ alg: "None", typ: "JWT" })}.${claims}.`,
    `${text({ alg: "" })}.${claims}.`, `${text({})}.${claims}.${signature}`,
    signed({}, { alg: "HS384" }), signed({}, { alg: "hs256" }), signed({}, { alg: "RS256" }), signed({}, { alg: ["HS256"] }),
    await sign({}, { alg: "HS384" }), await sign({}, { alg: "HS512" }),
    signed({}, undefined, "another secret"), signed({}, undefined, ""), signed({}, undefined, `${secret} `),
    signed({}, { alg: "HS256", crit: ["exp"], exp: 1 }), signed({}, { alg: "HS256", crit: [] }),
    signed("[]"), signed("1"), signed('"{}"'), signed("{"), signed(""), signed('{"exp":1e999}'),
    signed({ rooms: "lobby" }), signed({ rooms: [1] }), signed({ rooms: null }), signed({ sub: 7 }), signed({ sub: ["ada"] }), signed({ sub: "ada", iss: 7 }), signed({ sub: "ada", iss: null }),
    "x".repeat(7_000), await sign({}, { key: rsa.key, alg: "RS256" }),
  ]) assert.equal(await status(token), 401, String(token));
  assert.equal(await status(signed({}, { alg: "HS256" })), 200, "what signs them signs good ones too");
});

test("an access token comes in, and a token for something else does not", limit, async () => {
  for (const typ of ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", undefined]) assert.equal(await status(signed({}, { alg: "HS256", typ })), 200, typ);
  for (const typ of ["dpop+jwt", "logout+jwt", "JOSE", "", null, 1]) assert.equal(await status(signed({}, { alg: "HS256", typ })), 401, String(typ));
});

test("a public key is no secret: nobody signs with it", limit, async () => {
  for (const { pem, key, alg } of [{ ...rsa, alg: "RS256" }, { ...ec, alg: "ES256" }]) await withHub({ JWT_PUBLIC_KEY: pem }, async other => {
    assert.equal(await status(await sign({}, { key, alg }), other), 200);
    for (const forged of [pem, pem.trim(), pem.replaceAll("\n", "\r\n")]) for (const header of [{ alg: "HS256" }, { alg }, { alg: "none" }]) assert.equal(await status(signed({}, header, forged), other), 401);
    assert.equal(await status(await sign({}, { key: pair("rsa", { modulusLength: 2048 }).key, alg: "RS256" }), other), 401);
    assert.equal(await status(await sign({}, { key: rsa.key, alg: "RS512" }), other), 401);
    assert.equal(await status(await sign({}, { key: rsa.key, alg: "PS256" }), other), 401);
  });
});

test("a WebSocket takes its token from the header, the query or a subprotocol", limit, async () => {
  const token = await sign({ exp: now() + 3600 });
  for (const how of [
    { headers: { Authorization: `Bearer ${token}` } }, { headers: { Authorization: `bearer ${token}` } }, { query: `?access_token=${token}` },
    { protocols: ["hubbub", `bearer.${token}`] }, { protocols: [`bearer.${token}`, "hubbub"] }, { protocols: [`bearer.${token}`] },
  ]) {
    const { init, protocol, socket } = await open(hub, how);
    assert.equal(init.type, "init");
    assert.equal(protocol, how.protocols ? (how.protocols.includes("hubbub") ? "hubbub" : `bearer.${token}`) : "");
    socket.terminate();
  }
  for (const how of [
    {}, { headers: { Authorization: `Basic ${token}` } }, { headers: { Authorization: token } }, { query: `?access_token=${token}%00` }, { query: `?access_token=` },
    { protocols: ["hubbub", token] }, { query: `?access_token=${token}`, headers: { Authorization: "Bearer no" } },
  ]) assert.equal((await open(hub, how)).status, 401, JSON.stringify(how));
});

test("a token with a thousand rooms comes in from the header, the query and a subprotocol", limit, async () => {
  const token = await sign({ sub: "ada", exp: now() + 3600, rooms: Array.from({ length: 1000 }, (_, i) => `department-${i}`) });
  assert.ok(token.length > 20_000 && token.length < 30_000);
  for (const [room, expected] of [["department-999", undefined], ["department-1000", 403]]) for (const how of [
    { headers: { Authorization: `Bearer ${token}` } }, { query: `&access_token=${token}` }, { protocols: ["hubbub", `bearer.${token}`] },
  ]) {
    const { status, init, socket } = await open(hub, { ...how, query: `?room=${room}${how.query ?? ""}` });
    assert.equal(status, expected);
    assert.equal(init?.room, expected ? undefined : room);
    socket?.terminate();
  }
  assert.equal((await hub.ask("/messages?room=department-0", { headers: { Authorization: `Bearer ${token}` } })).status, 200);
});

test("an entry of rooms that ends in a star allows what begins with the rest", limit, async () => {
  const token = await sign({ rooms: ["garden", "team-*", "cafe\u0301*"] });
  for (const [room, expected] of [["garden", 200], ["gardens", 403], ["team-", 200], ["team-7", 200], ["team", 403], ["caf\u00e9.2", 200], ["cafe", 403]])
    assert.equal((await hub.ask(`/messages?room=${encodeURIComponent(room)}&access_token=${token}`)).status, expected, room);
  assert.equal(await status(await sign({ rooms: ["*"] })), 200);
});

test("rooms limits where its holder may be, and what may be read", limit, async () => {
  const token = await sign({ rooms: ["garden", "кухня", "cafe\u0301"] });
  for (const [room, expected] of [["garden", undefined], ["caf\u00e9", undefined], ["cafe\u0301", undefined], ["cafe", 403], ["кухня", undefined], ["lobby", 403], ["Garden", 403]])
    assert.equal((await open(hub, { query: `?room=${encodeURIComponent(room)}&access_token=${token}` })).status, expected, room);
  assert.equal((await open(hub, { query: `?access_token=${token}` })).status, 403);
  assert.equal((await open(hub, { query: `?access_token=${await sign({ rooms: [] })}` })).status, 403);
  for (const [query, expected] of [["?room=garden", 200], ["?room=lobby", 403], ["", 403]])
    assert.equal((await hub.ask(`/messages${query}${query ? "&" : "?"}access_token=${token}`)).status, expected);
});

test("sub is the name in every message, live, in the history, in the past and after a restart", limit, async () => {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-names-"));
  const settings = { JWT_SECRET: secret, DATABASE_URL: `sqlite:///${join(folder, "hubbub.db")}` };
  const named = { "Ada 💡": "Ada 💡", ["x".repeat(100)]: "x".repeat(64), "a\u0007\nb": "ab", "<b>": "<b>" };
  const everyone = Object.values(named);
  const query = `?access_token=${await sign({ sub: "reader" })}`;
  try {
    await withHub(settings, async other => {
      for (const [sub, name] of Object.entries(named)) {
        const { socket } = await open(other, { query: `?access_token=${await sign({ sub })}` });
        const heard = new Promise(resolve => socket.on("message", frame => JSON.parse(frame).type === "message" && resolve(JSON.parse(frame))));
        socket.send(JSON.stringify({ type: "message", text: "hello" }));
        assert.equal((await heard).name, name);
        socket.terminate();
      }
      const nobody = await open(other, { query: `?access_token=${await sign({})}` });
      nobody.socket.send(JSON.stringify({ type: "message", text: "hello" }));
      const [frame] = await once(nobody.socket, "message");
      assert.equal("name" in JSON.parse(frame), false);
      assert.deepEqual((await open(other, { query })).init.history.map(each => each.name), [...everyone, undefined]);
    });
    await withHub(settings, async other => {
      assert.deepEqual((await open(other, { query })).init.history.map(each => each.name), [...everyone, undefined]);
      const { messages } = JSON.parse((await other.ask(`/messages${query}`)).body);
      assert.deepEqual(messages.map(each => each.name), [undefined, ...[...everyone].reverse()]);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("pages, health and descriptions need no token", limit, async () => {
  for (const path of ["/", "/static/app.js", "/health", "/openapi.json"]) assert.equal((await hub.ask(path)).status, 200);
});

test("a key may be in a file or in one line, and one that is none is said at the start", limit, async () => {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-keys-"));
  try {
    const file = join(folder, "key.pem");
    await writeFile(file, ec.pem);
    const token = await sign({}, { key: ec.key, alg: "ES256" });
    for (const given of [file, ec.pem.replaceAll("\n", "\\n")]) await withHub({ JWT_PUBLIC_KEY: given }, async other => assert.equal(await status(token, other), 200));
    const small = pair("rsa", { modulusLength: 1024 }).pem, other = pair("ec", { namedCurve: "P-384" }).pem, edwards = pair("ed25519").pem;
    for (const [settings, line] of [
      [{ JWT_PUBLIC_KEY: "/nowhere/key.pem" }, /JWT_PUBLIC_KEY: the file \/nowhere\/key\.pem cannot be read/],
      [{ JWT_PUBLIC_KEY: "-----BEGIN PUBLIC KEY-----\nnonsense" }, /JWT_PUBLIC_KEY: it is no public key in PEM/],
      [{ JWT_PUBLIC_KEY: ec.key.export({ type: "pkcs8", format: "pem" }) }, /JWT_PUBLIC_KEY: it is no public key in PEM/],
      [{ JWT_PUBLIC_KEY: small }, /JWT_PUBLIC_KEY: an RSA key has 2048 bits or more/],
      [{ JWT_PUBLIC_KEY: other }, /JWT_PUBLIC_KEY: it is neither an RSA key nor one on the curve P-256/],
      [{ JWT_PUBLIC_KEY: edwards }, /JWT_PUBLIC_KEY: it is neither an RSA key nor one on the curve P-256/],
      [{ JWT_PUBLIC_KEY: ec.pem, JWT_SECRET: secret }, /JWT_SECRET|jwt-secret/],
    ]) {
      const failure = await promisify(execFile)(binary, ["--check-config"], { env: environment(folder, settings) }).catch(error => error);
      assert.equal(failure.code, 2, line);
      assert.match(failure.stderr, line);
      assert.equal(failure.stderr.trim().split("\n").length, 1);
    }
    const { stdout } = await promisify(execFile)(binary, ["--help"], { env: environment(folder, { JWT_SECRET: secret }) });
    assert.equal(stdout.includes(secret), false);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
