// The code `upgrading` of both descriptions, which only hubs on one PostgreSQL say.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import WebSocket from "ws";
import { ask } from "./described.mjs";
import { asyncapi, check } from "./descriptions.mjs";
import { eventually, limit } from "../support/machine.mjs";
import { Postgres } from "../support/postgres.mjs";
import { Hub } from "./hub.mjs";

const { error } = asyncapi.components.messages;
const number = 1_999_999_999;

// An older hub has a row without a version, and its session holds the lock of its number. The session ends with the server.
async function start_older_hub(postgres) {
  postgres.sql(`select pg_advisory_lock(cast(cast(cast('hubbub_hubs' as regclass) as oid) as int4), ${number}), pg_sleep(3600)`).catch(() => {});
  await eventually("the lock is held", async () => await postgres.sql(`select count(*) from pg_locks where objid = ${number} and granted`) === "1");
  await postgres.sql(`insert into hubbub_hubs (number) overriding system value values (${number})`);
  await postgres.sql("select pg_notify('hubbub_hubs', 'ring')");
}

test("while an older hub runs on the database, a message with data is refused as described", limit, async () => {
  const postgres = await Postgres.start();
  let hub;
  try {
    hub = await Hub.start({ DATABASE_URL: `postgresql://hubbub@${postgres.host}:${postgres.port}/postgres` });
    await hub.healthy();
    await start_older_hub(postgres);
    await eventually("the hub knows of the older one", async () => JSON.parse((await hub.ask("/ws-info")).body).older_hub);
    const { payload: described } = error.examples.find(({ name }) => name === "upgrading");
    const socket = new WebSocket(`ws://127.0.0.1:${hub.port}${asyncapi.channels.ws.address}`);
    await once(socket, "open");
    const frames = [];
    socket.on("message", bytes => frames.push(JSON.parse(bytes)));
    socket.send(JSON.stringify({ type: "message", text: "Order 7 has shipped", data: { order: 7 }, key: described.key }));
    await eventually("the hub refuses the message", () => frames.some(({ type }) => type === "error"));
    const frame = frames.find(({ type }) => type === "error");
    check(asyncapi, error.payload, frame, "error");
    assert.deepEqual(frame, described);
    socket.terminate();
    const publication = { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"data":{"order":7}}' };
    const answer = await ask(hub, "/messages", "/messages", publication);
    assert.deepEqual([answer.status, answer.json.code], [503, "upgrading"]);
  } finally {
    await hub?.remove();
    await postgres.remove();
  }
});
