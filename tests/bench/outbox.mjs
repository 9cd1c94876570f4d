#!/usr/bin/env node
// Measures messages published by SQL, with fsync on: tests/bench/outbox.mjs [SECONDS], 60 by default, for each of the long cases.
// Prints a table in Markdown. HUBBUB names the binary. Must not know how rows are moved.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connection } from "../docker/websocket.mjs";
import { ended, eventually, serving } from "../support/machine.mjs";
import { Postgres } from "../support/postgres.mjs";

const seconds = Number(process.argv[2] ?? 60);
const program = process.env.HUBBUB ?? new URL("../../build/release/hubbub", import.meta.url).pathname;
const say = (...what) => console.error("bench:", ...what);
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const now = () => performance.now();

// A session of psql. `run` resolves when the statement has ended.
class Session {
  constructor(url) {
    this.child = spawn("psql", ["-XAtq", url], { stdio: ["pipe", "pipe", "inherit"], env: { PATH: process.env.PATH } });
    this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }
  async run(statement) {
    this.child.stdin.write(`${statement};\n\\echo done\n`);
    while ((await this.lines.next()).value !== "done");
  }
  end() { this.child.stdin.end(); return once(this.child, "exit"); }
}

const quantile = (all, share) => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * share))];
const times = all => `p50 ${quantile(all, 0.5).toFixed(1)} ms, p99 ${quantile(all, 0.99).toFixed(1)} ms`;

// Publishes one message after another for that time, and returns the milliseconds from the end of each commit to a subscriber.
async function latencies(url, port, milliseconds, room) {
  const reader = await connection.open(port, `?room=${room}`);
  const session = new Session(url);
  const all = [];
  for (let i = 0, end = now() + milliseconds; now() < end; ++i) {
    const text = `m${i}`;
    const shown = reader.shown(({ type, text: seen }) => type === "message" && seen === text).then(now);
    await session.run(`select hubbub_publish('${room}', '${text}')`);
    const committed = now();
    all.push(Math.max(0, await shown - committed));
    await sleep(5);
  }
  reader.socket.destroy();
  await session.end();
  return all;
}

const table = [];
const note = (name, value) => { table.push([name, value]); say(`${name}: ${value}`); };

const folder = await mkdtemp(join(tmpdir(), "hubbub-bench-"));
// Autovacuum looks for work once a second instead of once a minute, so a minute here is an hour of the default.
const server = await Postgres.start(["fsync=on", "autovacuum_naptime=1s"]);
try {
  const url = `postgresql://hubbub@${server.host}:${server.port}/postgres`;
  const hub = await serving(program, { host: "127.0.0.1", home: folder, settings: { DATABASE_URL: url, RATE_LIMIT: "0", OPENS_PER_IP: "0" } });
  const number = async text => Number(await server.sql(text));
  const waiting = () => number("select count(*) from hubbub_outbox");
  const all_moved = () => eventually("all rows to be moved", async () => await waiting() === 0);
  const size = () => number("select pg_total_relation_size('hubbub_outbox') / 1024");
  await eventually("the functions", async () => await number("select count(*) from pg_proc where proname = 'hubbub_publish'") === 2);
  const script = join(folder, "publish.sql");
  await writeFile(script, `select hubbub_publish('bulk', repeat('x', 150));\n`);
  const load = (time, ...how) => server.client("pgbench", "--no-vacuum", `--file=${script}`, `--time=${time}`, ...how);

  note("from a commit to a subscriber, nothing else going on", times(await latencies(url, hub.port, Math.min(seconds, 10) * 1000, "quiet")));

  let before = await number("select count(*) from messages");
  let began = now();
  const said = await load(Math.min(seconds, 10), "--client=8", "--protocol=prepared");
  await all_moved();
  note("published by 8 sessions, a transaction each", `${Math.round(Number(/tps = ([\d.]+)/.exec(said)[1]))} a second`);
  note("the same, moved into the log", `${Math.round((await number("select count(*) from messages") - before) / (now() - began) * 1000)} a second`);

  before = await number("select count(*) from messages");
  await server.sql("select hubbub_publish('bulk', repeat('x', 150)) from generate_series(1, 50000)");
  began = now();
  await all_moved();
  note("50,000 messages of one transaction, moved into the log", `${Math.round(50_000 / (now() - began) * 1000)} a second`);

  const open = new Session(url);
  await open.run("begin");
  await open.run("select hubbub_publish('bulk', 'late')");
  const busy = load(seconds, "--client=2", "--rate=500");
  const third = seconds * 1000 / 3;
  const first = await latencies(url, hub.port, third, "quiet");
  await latencies(url, hub.port, third, "quiet");
  const last = await latencies(url, hub.port, third - 1000, "quiet");
  await busy;
  note(`500 a second while a transaction is open, the first third of ${seconds} s`, times(first));
  note("the same, the last third", times(last));
  await open.run("commit");
  began = now();
  await eventually("the late message", async () => await number("select count(*) from messages where text = 'late'") === 1);
  note("from the end of that transaction to its message in the log", `${Math.round(now() - began)} ms`);

  const sizes = [];
  let over = false;
  const hour = load(seconds, "--client=4", "--rate=2000").then(text => { over = true; return text; });
  for (; !over; await sleep(500)) sizes.push(await size());
  await hour;
  await all_moved();
  const half = sizes.length >> 1;
  note(`2,000 a second for ${seconds} s, autovacuum every second: the outbox at most, first and second half`,
    `${Math.max(...sizes.slice(0, half))} and ${Math.max(...sizes.slice(half))} KiB`);
  note("published in that time", `${Math.round(Number(/processed: (\d+)/.exec(await hour)[1]))}`);
  await ended(hub.child, "SIGTERM");
} finally {
  await server.remove();
  await rm(folder, { recursive: true });
}
console.log(`| published by SQL | |\n|---|--:|\n${table.map(row => `| ${row.join(" | ")} |`).join("\n")}`);
