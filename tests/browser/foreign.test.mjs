// A page of another origin in the browser of a person who may use the hub: it can do nothing unless ALLOWED_ORIGINS names it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Hub } from "./hub.mjs";
import { browse } from "./reader.mjs";

let browser, elsewhere, address;

before(async () => {
  browser = await browse();
  elsewhere = createServer((_, answer) => answer.setHeader("content-type", "text/html").end("<!doctype html><body>")).listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  address = `http://127.0.0.1:${elsewhere.address().port}`;
});
after(async () => {
  await browser?.close();
  elsewhere?.close();
});

// Returns what such a page gets from a WebSocket, from a fetch, and from a frame with the hub's page.
async function attempts(hub) {
  const page = await browser.newPage();
  try {
    await page.goto(address);
    return await page.evaluate(async hub => {
      const socket = new WebSocket(`${hub.replace("http", "ws")}ws`);
      const websocket = await new Promise(resolve => {
        socket.onmessage = ({ data }) => resolve(JSON.parse(data).type);
        socket.onclose = ({ code }) => resolve(code);
      });
      socket.close();
      const past = await fetch(`${hub}messages`).then(answer => answer.status, error => error.name);
      const frame = document.createElement("iframe");
      const shown = new Promise(resolve => { frame.onload = resolve; });
      frame.src = hub;
      document.body.append(frame);
      await shown;
      return { websocket, past };
    }, hub.url).then(async told => ({ ...told, framed: await page.frames()[1].locator("textarea").count() > 0 }));
  } finally {
    await page.close();
  }
}

test("it gets no connection, reads no message and shows no page in a frame of its own", limit, async () => {
  const hub = await Hub.start();
  try {
    assert.deepEqual(await attempts(hub), { websocket: 1006, past: "TypeError", framed: false });
  } finally {
    await hub.remove();
  }
});

test("a page that is allowed gets its connection and reads messages, and frames nothing", limit, async () => {
  const hub = await Hub.start({ ALLOWED_ORIGINS: address });
  try {
    assert.deepEqual(await attempts(hub), { websocket: "init", past: 200, framed: false });
  } finally {
    await hub.remove();
  }
});
