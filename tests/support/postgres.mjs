// A PostgreSQL of the tests, and a standby that streams from it. Knows Debian's programs of PostgreSQL. Must not know the hub.

import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { ended, environment, eventually } from "./machine.mjs";

const versions = "/usr/lib/postgresql";
const running = new Set();
const folders = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGQUIT"); // the server ends its own children
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10 }); // a server that ends may still write
});

export class Postgres {
  // A random loopback address, so that no other process gets the port while the server is away.
  host = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  #folder;
  #server;

  // Starts a new primary with further settings, such as "fsync=on".
  static async start(more = []) {
    const primary = await Postgres.#make();
    // Connections over TCP/IP come from this machine alone, and its other users cannot know the random address.
    await primary.#run("initdb", "--pgdata=data", "--username=hubbub", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync");
    await primary.#serve(more);
    return primary;
  }

  // Starts a standby that streams from this server. It takes the address of `former` if there is one, which must have ended.
  async standby(former) {
    const standby = await Postgres.#make(former);
    await standby.#run("pg_basebackup", "--pgdata=data", `--host=${this.#folder}`, `--port=${this.port}`, "--username=hubbub",
      "--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream", "--no-sync");
    await standby.#serve();
    return standby;
  }

  static async #make(former) {
    const made = new Postgres();
    if (former) made.host = former.host;
    made.#folder = await mkdtemp(join(tmpdir(), "hubbub-postgres-"));
    folders.add(made.#folder);
    const { uid, gid } = await unprivileged();
    if (uid !== undefined) await chown(made.#folder, uid, gid);
    const probe = createServer().listen(former?.port ?? 0, made.host);
    await once(probe, "listening");
    made.port = probe.address().port;
    probe.close();
    await once(probe, "close");
    return made;
  }

  async #serve(more = []) {
    const settings = ["fsync=off", "shared_buffers=32MB", `listen_addresses=${this.host}`, "wal_retrieve_retry_interval=100ms", ...more];
    const server = this.#server = spawn(await program("postgres"),
      ["-D", "data", "-p", String(this.port), "-k", this.#folder, ...settings.flatMap(setting => ["-c", setting])], {
        ...await unprivileged(), cwd: this.#folder, env: environment(this.#folder), stdio: ["ignore", "ignore", "pipe"],
      });
    running.add(server);
    server.on("exit", () => running.delete(server));
    let last = "", ready = false;
    createInterface(server.stderr).on("line", line => {
      last = line;
      ready ||= line.includes("ready to accept");
    });
    await eventually("PostgreSQL is ready", () => {
      assert.equal(server.exitCode ?? server.signalCode, null, last);
      return ready;
    });
  }

  async #run(name, ...how) {
    await promisify(execFile)(await program(name), how, { ...await unprivileged(), cwd: this.#folder, env: environment(this.#folder) });
  }

  // Runs one of PostgreSQL's client programs on this server. Resolves with its output.
  async client(name, ...how) {
    const to = [`--host=${this.#folder}`, `--port=${this.port}`, "--username=hubbub"];
    return (await promisify(execFile)(await program(name), [...to, ...how, "postgres"], { env: environment(this.#folder) })).stdout;
  }

  // Runs a statement over the server's Unix socket, and resolves with what it returns as text.
  async sql(text, database = "postgres") {
    const how = ["--no-psqlrc", "--tuples-only", "--no-align", `--host=${this.#folder}`, `--port=${this.port}`, "--username=hubbub", `--dbname=${database}`, `--command=${text}`];
    return (await promisify(execFile)(await program("psql"), how, { env: environment(this.#folder) })).stdout.trim();
  }

  // Waits until the standby has replayed everything that this server has written.
  async replayed_by(standby) {
    const written = await this.sql("select pg_current_wal_lsn()");
    await eventually("the standby has replayed", async () => await standby.sql(`select pg_last_wal_replay_lsn() >= '${written}'`) === "t");
  }

  // Ends the stream to this standby.
  async cut() {
    await this.sql("alter system set primary_conninfo = ''");
    await this.sql("select pg_reload_conf()");
    await eventually("the stream has ended", async () => await this.sql("select count(*) from pg_stat_wal_receiver") === "0");
  }

  // Makes this standby a primary.
  promote() { return this.sql("select pg_promote()"); }

  // Ends the server without a checkpoint, as a crash does.
  kill() { return ended(this.#server, "SIGQUIT"); }

  async remove() {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
    folders.delete(this.#folder);
  }
}

async function program(name) {
  const newest = existsSync(versions) ? (await readdir(versions)).map(Number).sort((a, b) => b - a)[0] : undefined;
  assert.ok(newest, `PostgreSQL's server is not installed: there is no ${versions}`);
  return join(versions, String(newest), "bin", name);
}

// PostgreSQL refuses to run as root, so root runs it as Debian's user postgres.
async function unprivileged() {
  if (process.getuid() !== 0) return {};
  const [uid, gid] = ["-u", "-g"].map(which => Number(execFileSync("id", [which, "postgres"])));
  return { uid, gid };
}
