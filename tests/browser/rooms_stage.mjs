// Pages that know several rooms, and a client that speaks for everybody else in these rooms.

import { after } from "node:test";
import { WebSocket } from "ws";
import { connect } from "../../public/client/hubbub.js";
import { eventually } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

let others;

// Starts the browser, the hub and the client before the tests of the file, and ends them after the tests.
export function use_rooms() {
  use_browser_and_hub({ RATE_LIMIT: "0" }, { prepare: () => { others = connect(`${hub.url.replace("http", "ws")}ws`, { WebSocket }); } });
  after(() => others?.close());
}

export const address = room => `${hub.url}?room=${room}`;
export const range = (words, n) => Array.from({ length: n }, (_, i) => `${words} ${i + 1}`);

// Says `texts` in a room. The client stays in the room.
export async function say(room, ...texts) {
  for (const text of texts) await others.room(room).send(text);
}

// The number of connections in a room where the client is, too.
export const online = room => others.room(room).online;

// Opens the page, and visits `rooms` in this order. Each has one message, which is read.
export async function page_of(rooms, { url = hub.url, ...options } = {}) {
  const reader = await Reader.open(browser, url, options);
  for (const room of rooms) {
    await say(room, `welcome to ${room}`);
    await reader.visit(room);
    await reader.sees(`welcome to ${room}`);
  }
  return reader;
}

// Waits until the list says that so many messages are unread in the room.
export function counts(reader, room, count) {
  const text = count ? `${room}${count} ${count.toLocaleString("en")} unread message${count === 1 ? "" : "s"}` : room;
  return eventually(`${room} has ${count} unread messages`, async () => await reader.link(room).textContent() === text);
}
