// Clients in Node.js with a hub that refuses every WebSocket. Must not know what a test expects.

import { afterEach, beforeEach } from "node:test";
import { WebSocket } from "ws";
import { connect } from "../../public/client/hubbub.js";
import { eventually } from "../support/machine.mjs";
import { HttpHub } from "./http_hub.mjs";

const open = [];
export let hub;

// Gives every test of a file a hub, and closes its clients.
export function use_http_hub() {
  beforeEach(async () => { hub = await HttpHub.listen(); });
  afterEach(() => {
    for (const client of open.splice(0)) client.close();
    hub.remove();
  });
}

// Returns a client that has begun to connect.
export function made(options = {}) {
  const client = connect(hub.url, { WebSocket, ...options });
  open.push(client);
  return client;
}

// Resolves with a client that is connected over HTTP.
export async function joined(options) {
  const client = made(options);
  await online(client);
  return client;
}

// Resolves with the detail of the next event of this type that `fits` accepts.
export function told(source, type, fits = () => true) {
  return new Promise(resolve => {
    const off = source.on(type, detail => {
      if (!fits(detail)) return;
      off();
      resolve(detail);
    });
  });
}

export const online = client => told(client, "line", ({ state }) => state === "online");

// The requests for event streams.
export const streams = () => hub.to("events");

// Waits until there is one stream, of so many rooms.
export const settled = rooms => eventually(`one stream of ${rooms}`, () => hub.streams.size === 1 && [...hub.streams][0].rooms.length === rooms);
