// Requests that publish, with every answer that openapi.json describes. Knows the description. Must not know other paths.

import assert from "node:assert/strict";
import { once } from "node:events";
import WebSocket from "ws";
import { ask } from "./described.mjs";
import { openapi } from "./descriptions.mjs";
import { Hub, output_of } from "./hub.mjs";
import { patience } from "../support/machine.mjs";
import { secret, sign } from "./tokens.mjs";

const publish = (hub, body, headers = {}, query = "") =>
  ask(hub, "/messages", `/messages${query}`, { method: "POST", body, headers: { "Content-Type": "application/json", ...headers } });

// Publishes, and compares the status, the code and the index of the answer.
async function refused(hub, expected, body, headers = {}, query = "") {
  const { status, json } = await publish(hub, typeof body === "string" ? body : JSON.stringify(body), headers, query);
  assert.deepEqual([status, json.code, json.index], expected, JSON.stringify(body).slice(0, 100));
}

async function try_bodies(hub) {
  const good = { text: "good" }, { one, many } = openapi.paths["/messages"].post.requestBody.content["application/json"].examples;
  for (const { value } of [one, many]) assert.equal((await publish(hub, JSON.stringify(value))).status, 201);
  assert.equal((await publish(hub, JSON.stringify(one.value))).status, 200);
  for (const [code, bad] of [
    ["bad_json", "{"], ["not_object", "7"], ["no_text", "{}"], ["empty", '{"text":""}'], ["too_long", JSON.stringify({ text: "x".repeat(1001) })],
    ["too_long", JSON.stringify({ text: "x", more: "x".repeat(30_000) })], ["nul", '{"text":"\\u0000"}'], ["surrogate", '{"text":"\\ud800"}'],
    ["bad_key", '{"text":"x","key":""}'], ["bad_room", '{"text":"x","room":"a b"}'],
  ]) {
    await refused(hub, [400, code, 0], bad);
    await refused(hub, [400, code, 1], `[${JSON.stringify(good)},${bad}]`);
  }
  await refused(hub, [400, "empty", undefined], []);
  await refused(hub, [400, "too_long", undefined], Array(1001).fill(good));
  await refused(hub, [400, "bad_room", undefined], good, {}, "?room=a%20b");
  await refused(hub, [400, "bad_key", 0], { text: "x", key: "one" }, { "Idempotency-Key": '"other"' });
  await refused(hub, [422, "key_conflict", 2], [good, good, { text: "other", key: one.value.key }]);
}

async function try_fields(hub) {
  const good = { text: "good" };
  await refused(hub, [400, "bad_name", undefined], good, { "Hubbub-Name": "%" });
  await refused(hub, [400, "bad_secret", undefined], good, { "Hubbub-Secret": "short" });
  const ann = new WebSocket(`ws://127.0.0.1:${hub.port}/ws`);
  await once(ann, "message");
  const named = new Promise(resolve => ann.on("message", frame => JSON.parse(frame).type === "hello" && resolve()));
  ann.send(JSON.stringify({ type: "hello", name: "Ann" }));
  await named;
  await refused(hub, [400, "name_taken", undefined], good, { "Hubbub-Name": "Ann" });
  ann.close();
  await refused(hub, [403, "foreign_origin", undefined], good, { Origin: "https://elsewhere.example" });
  await refused(hub, [411, "length_required", undefined], "", { "Transfer-Encoding": "chunked" });
  await refused(hub, [413, "too_large", undefined], `"${"x".repeat(1 << 20)}"`, { "Content-Length": (1 << 20) + 2 });
  await refused(hub, [415, "unsupported_type", undefined], good, { "Content-Type": "text/plain" });
  await refused(hub, [431, "head_too_large", undefined], good, { "X-Long": "x".repeat(33_000) });
}

async function try_tokens() {
  const locked = await Hub.start({ JWT_SECRET: secret });
  try {
    await locked.healthy();
    const bearing = { Authorization: `Bearer ${await sign({ sub: "Ann", rooms: ["garden"] })}` };
    await refused(locked, [401, "token_required", undefined], { text: "x" });
    await refused(locked, [403, "forbidden", 0], { text: "x" }, bearing);
    await refused(locked, [400, "verified_name", undefined], { text: "x", room: "garden" }, { ...bearing, "Hubbub-Name": "Bob" });
    assert.equal((await publish(locked, '{"text":"x","room":"garden"}', bearing)).status, 201);
  } finally {
    await locked.remove();
  }
}

async function try_rates() {
  const strict = await Hub.start({ RATE_LIMIT_PER_IP: "1" });
  try {
    assert.equal((await publish(strict, '[{"text":"x"},{"text":"x"}]')).status, 201);
    await refused(strict, [429, "too_fast", undefined], [{ text: "x" }, { text: "x" }]);
  } finally {
    await strict.remove();
  }
}

async function try_stop() {
  // A stop takes some seconds. If that was too short for the requests, it starts over with another hub.
  for (let heard = false; !heard;) {
    const stopping = await Hub.start();
    try {
      const socket = new WebSocket(`ws://127.0.0.1:${stopping.port}/ws`);
      await once(socket, "message");
      socket.pause(); // the client does not answer the close, so the hub waits for it
      stopping.process.kill("SIGTERM");
      let answer;
      do answer = await publish(stopping, '{"text":"x"}'); while (answer.status === 201);
      assert.deepEqual([answer.status, answer.json.code], [503, "restarting"]);
      socket.terminate();
      heard = true;
    } catch (why) {
      if (!["ECONNREFUSED", "ECONNRESET"].includes(why.code)) throw why;
    } finally {
      await stopping.remove();
    }
  }
}

async function try_unstorable() {
  const refusing = await Hub.start();
  try {
    assert.equal((await publish(refusing, '{"text":"x"}')).status, 201); // the table is there
    output_of(refusing.folder, "sqlite3", ["-cmd", `.timeout ${patience}`, refusing.file, "create trigger no before insert on messages when new.text = 'no' begin select raise(abort, 'no'); end"]);
    await refused(refusing, [422, "unstorable", 0], { text: "no" });
    await refused(refusing, [422, "unstorable", 3], ["a", "b", "c", "no", "no"].map(text => ({ text })));
  } finally {
    await refusing.remove();
  }
}

// `hub` stores messages. The database of `away` does not answer.
export async function try_publications(hub, away) {
  const doubted = refused(away, [503, "in_doubt", undefined], { text: "x" });
  await try_bodies(hub);
  await try_fields(hub);
  await try_tokens();
  await try_rates();
  await try_unstorable();
  await try_stop();
  await doubted;
}
