// The answers of /events, good and bad, with a real hub whose log has messages. Knows the description. Must not know the other
// paths.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { ask as ask_of } from "./described.mjs";
import { asyncapi, check } from "./descriptions.mjs";

export async function ask_for_events(hub) {
  const ask = (path, target, how = {}) => ask_of(hub, path, target, how);
  const { headers, body } = await ask("/events", "/events?room=lobby&room=garden");
  assert.match(body, /^retry: \d+\n\nevent: init\nid: [0-9a-f-]{36}:\d+\ndata: /m);
  assert.equal(headers.connection, "close");
  const init = JSON.parse(body.match(/^data: (.*)$/m)[1]);
  check(asyncapi, asyncapi.components.messages.init.payload, init, "the first event");
  const resumed = await ask("/events", "/events", { headers: { "Last-Event-ID": `${init.log}:1` } });
  assert.match(resumed.body, /"resumed":true/);
  for (const [status, query, headers] of [
    [400, "?room=a%20b", {}],
    [400, "?room=a&room=a", {}],
    [400, `?${Array.from({ length: 101 }, (_, i) => `room=${i}`).join("&")}`, {}],
    [400, "?after=last", {}],
    [400, "", { "Last-Event-ID": "7" }],
    [403, "", { Origin: "http://elsewhere.example" }],
  ]) assert.equal((await ask("/events", `/events${query}`, { headers })).status, status);
  // Node's client has no HTTP/1.0.
  const old = connect(hub.port, "127.0.0.1");
  old.end("GET /events HTTP/1.0\r\nHost: hub\r\n\r\n");
  let text = "";
  for await (const bytes of old.setEncoding("utf8")) text += bytes;
  const [head, problem] = text.split("\r\n\r\n");
  await ask_of({ ask: () => ({ status: Number(head.split(" ")[1]), headers: { "content-type": "application/problem+json" }, body: problem }) }, "/events", "/events of HTTP/1.0");
  assert.match(head, / 505 /);
}
