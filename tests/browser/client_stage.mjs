// Clients in Node.js with a scripted hub, and what they tell their listeners. Knows the client's interface. Must not know what a
// test expects.

import { afterEach, beforeEach, mock } from "node:test";
import { WebSocket } from "ws";
import { connect, Hubbub } from "../../public/client/hubbub.js";
import { init, ScriptedHub, subscribed } from "./scripted_hub.mjs";

const kinds = ["subscribed", "unsubscribed", "message", "presence", "fork", "sending", "error"];
const open = [];
export let hub;

// Gives every test of a file a scripted hub, and closes its clients.
export function use_scripted_hub() {
  beforeEach(async () => {
    hub = await ScriptedHub.listen();
    mock.method(globalThis, "fetch", () => Promise.reject(new TypeError("A scripted hub answers no requests")));
  });
  afterEach(() => {
    for (const client of open.splice(0)) client.close();
    hub.remove();
  });
}

// Returns a client that is not open.
export function made(options = {}, query = "") {
  const client = new Hubbub(`${hub.url}${query}`, { WebSocket, ...options });
  open.push(client);
  return client;
}

// Resolves with a client and its connection, which has got `frame`.
export async function joined(frame = init("a"), options = {}) {
  const client = connect(hub.url, { WebSocket, ...options });
  open.push(client);
  return { client, line: await accepted(client, frame) };
}

// Resolves with a client that is in the rooms lobby and b, and its connection, which has got `frame`.
export async function in_two_rooms({ frame = init("a", { history: [] }), ...options } = {}) {
  const { client, line } = await joined(frame, options);
  const b = client.room("b");
  await frames(line, 1);
  line.send(subscribed("b", { history: [] }));
  await line.handled();
  return { client, b, line };
}

// Resolves with the client's next connection, which has got `frame`.
export async function accepted(client, frame = init("a")) {
  const line = await hub.connection();
  const done = new Promise(resolve => { const off = client.on("init", () => { off(); resolve(); }); });
  line.send(frame);
  await done;
  return line;
}

// Resolves with the client's next connection after this one breaks.
export function resumed(client, line, frame) {
  line.close();
  return accepted(client, frame);
}

// Resolves when the client has handled all frames of the connection, with the frames that it has sent by then.
export async function settled(client, line) {
  await line.handled();
  return line.messages_until(() => client.check());
}

// Resolves with the next `count` frames that the client sends.
export async function frames(line, count) {
  const all = [];
  while (all.length < count) all.push(await line.message());
  return all;
}

// Returns a growing list of what a client or a room tells, each as [type, detail].
export function heard(source, types = kinds) {
  const all = [];
  for (const type of types) source.on(type, detail => all.push([type, detail]));
  return all;
}

// Returns a growing list of the statuses of the items of a client or a room, each as [text, status], "refused" among them.
export function statuses(source) {
  const all = [];
  source.on("sending", ({ item, status }) => all.push([item.text, item.why ? "refused" : status]));
  return all;
}

// Returns a growing list of the texts of the messages.
export function texts(source) {
  const all = [];
  source.on("message", ({ message }) => all.push(message.text));
  return all;
}
