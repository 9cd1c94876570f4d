#!/usr/bin/env node
// Measures searches and inserts on a large table, with both databases: tests/bench/search.mjs [ROWS], three million by default.
// Prints a table in Markdown. HUBBUB names the binary. Must not know how a search is done.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ended, serving } from "../support/machine.mjs";
import { Postgres } from "../support/postgres.mjs";

const run = promisify(execFile);
const rows = Number(process.argv[2] ?? 3_000_000);
const program = process.env.HUBBUB ?? new URL("../../build/release/hubbub", import.meta.url).pathname;
const sent = 8_000; // messages of one measurement of inserts

// Two thirds of the rows are in the room "lobby". The words of SQL are the same in both databases.
const text = `'common ' || case when g % 2 = 0 then 'even ' else 'odd ' end || case when g < ${rows / 2} then 'old ' else '' end ||
  case when g % 3 = 0 then 'elsewhere ' else '' end || case when g = ${Math.floor(rows / 5) * 3 + 1} then 'needle ' else '' end ||
  'w' || (g * 7919 % 50021) || ' w' || (g * 104729 % 50021) || ' w' || (g % 997) || ' hello world'`;
const columns = "room, text, connection_id, user_message_number, created_at";
const values = `case when g % 3 = 0 then 'den' else 'lobby' end, ${text}, '00000000-0000-0000-0000-000000000000'`;

const searches = {
  "a word in every row": "common",
  "a word in no row": "nowhere",
  "two common words that never meet": "even odd",
  "a word of the old half": "old",
  "a word of another room": "elsewhere",
  "a word in one row": "needle",
  "two rare words": "w17 w996",
  "five common words": "common hello world even old",
};

class Store {
  settings(search) { return { DATABASE_URL: this.url, RATE_LIMIT: "0", SEARCH: search ? "true" : "" }; }

  async with_hub(search, use) {
    const { child, port } = await serving(program, { host: "127.0.0.1", home: this.folder, settings: this.settings(search) });
    try {
      return await use(port);
    } finally {
      await ended(child, "SIGTERM");
    }
  }
}

class PostgresStore extends Store {
  name = "PostgreSQL";
  async prepare() {
    this.folder = await mkdtemp(join(tmpdir(), "hubbub-bench-"));
    this.server = await Postgres.start();
    this.url = `postgresql://hubbub@${this.server.host}:${this.server.port}/postgres`;
  }
  fill() {
    return this.server.sql(`insert into messages (${columns}) select ${values}::uuid, g::int, now() from generate_series(1::bigint, ${rows}) g;`);
  }
  without_index() { return this.server.sql("drop index if exists hubbub_search"); }
  index_size() { return this.server.sql("select pg_relation_size('hubbub_search') >> 20"); }
  async remove() {
    await this.server.remove();
    await rm(this.folder, { recursive: true });
  }
}

class SqliteStore extends Store {
  name = "SQLite";
  async prepare() {
    this.folder = await mkdtemp(join(tmpdir(), "hubbub-bench-"));
    this.url = `sqlite:///${this.folder}/hubbub.db`;
  }
  async #sql(statement) { return (await run("sqlite3", [`${this.folder}/hubbub.db`, statement])).stdout.trim(); }
  fill() {
    return this.#sql(`with recursive s(g) as (select 1 union all select g + 1 from s where g < ${rows})
      insert into messages (${columns}) select ${values}, g, '2026-01-31 09:30:00' from s`);
  }
  async without_index() {}
  index_size() { return this.#sql("select sum(pgsize) >> 20 from dbstat where name like 'hubbub_search%'"); }
  remove() { return rm(this.folder, { recursive: true }); }
}

const ask = (port, query) => fetch(`http://127.0.0.1:${port}/messages?${query}`, { headers: { Connection: "close" } });

async function milliseconds(act) {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

const until_ready = async port => {
  while ((await ask(port, "q=nowhere")).status !== 200) await new Promise(resolve => setTimeout(resolve, 200));
};

const until_open = async port => {
  while ((await ask(port, "")).status !== 200) await new Promise(resolve => setTimeout(resolve, 50));
};

// The median and the greatest of seven requests.
async function search(port, q) {
  const all = [];
  let found = 0;
  for (let i = 0; i < 7; ++i)
    all.push(await milliseconds(async () => {
      const answer = await ask(port, new URLSearchParams({ q }));
      found = answer.status === 200 ? (await answer.json()).messages.length : answer.status;
    }));
  all.sort((a, b) => a - b);
  return `${all[3].toFixed(1)} / ${all[6].toFixed(1)} ms, ${found} found`;
}

const frame = text => { // under 126 bytes, with a mask of zeros
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0]), body]);
};

// Sends messages as fast as the hub takes them, over four connections in rooms of their own, and returns how many it stored in a second.
async function inserts(port) {
  const each = sent / 4;
  const sockets = await Promise.all([0, 1, 2, 3].map(async number => {
    const socket = net.connect(port, "127.0.0.1");
    socket.write(`GET /ws?room=bench-${number} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`);
    await once(socket, "data");
    return socket;
  }));
  const time = await milliseconds(() => Promise.all(sockets.map(socket => new Promise(resolve => {
    let seen = "", acks = 0;
    const run_key = randomBytes(8).toString("hex");
    const send = i => socket.write(frame(`{"type":"message","text":"hello world w${i % 5000} some words more","key":"${run_key}${i}"}`));
    socket.on("data", bytes => {
      seen += bytes.toString("latin1");
      let end = 0;
      for (const { 0: event, 1: refused, index } of seen.matchAll(/"type":"ack"|"code":"busy"[^}]*"key":"\w{16}(\d+)"/g)) {
        end = index + event.length;
        if (refused) setTimeout(send, 100, Number(refused)); // a commit has taken over a second
        else acks += 1;
      }
      seen = seen.slice(Math.max(end, seen.length - 200));
      if (acks >= each) resolve();
    });
    for (let i = 0; i < each; ++i) send(i);
  }))));
  for (const socket of sockets) socket.destroy();
  return Math.round(sent / time * 1000);
}

const say = (...what) => console.error("bench:", ...what);

async function measure(store) {
  const out = {};
  await store.prepare();
  try {
    await store.with_hub(false, until_open);
    await store.fill();
    say(store.name, "is filled");
    out["inserts a second, SEARCH off"] = await store.with_hub(false, inserts);
    say("the index is made");
    await store.with_hub(true, async port => {
      out["the index is made, s"] = (await milliseconds(() => until_ready(port)) / 1000).toFixed(0);
      out["the index, MiB"] = await store.index_size();
      say("searches");
      for (const [name, q] of Object.entries(searches)) {
        out[name] = await search(port, q);
        say(name, out[name]);
      }
      out["inserts a second, SEARCH on"] = await inserts(port);
      out["a word in every row, after the inserts"] = await search(port, "common");
    });
    await store.without_index();
    out["inserts a second, SEARCH off again"] = await store.with_hub(false, inserts);
  } finally {
    await store.remove();
  }
  return out;
}

const stores = [new PostgresStore(), new SqliteStore()];
const results = [];
for (const store of stores) results.push(await measure(store));
console.log(`| ${rows.toLocaleString("en")} rows | ${stores.map(each => each.name).join(" | ")} |\n|---|--:|--:|`);
for (const name of Object.keys(results[0])) console.log(`| ${name} | ${results.map(each => each[name]).join(" | ")} |`);
