// A real hubbub on a free port of this machine with a database of its own. It knows how the binary is started,
// stopped, killed and started again; it must not know browsers.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const here = path => fileURLToPath(new URL(path, import.meta.url));
const binary = process.env.HUBBUB ?? here("../../build/release/hubbub");

export class Hub {
  #process;
  #folder;
  #settings;

  static async start(settings = {}) {
    const hub = new Hub();
    hub.#settings = { PUBLIC_DIR: here("../../public"), ...settings };
    await hub.renew();
    return hub;
  }

  get url() { return `http${this.#settings.TLS_CERT ? "s" : ""}://127.0.0.1:${this.port}/`; }

  // Again on the port it had, with the database it had.
  async start() {
    this.#process = spawn(binary, ["--host", "127.0.0.1", "--port", String(this.port)], {
      env: { ...process.env, ...this.#settings },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface(this.#process.stdout);
    const late = AbortSignal.timeout(15_000);
    const ended = once(this.#process, "exit", { signal: late }).then(([code]) => { throw new Error(`hubbub ended with ${code}`); });
    const told = new Promise(resolve => lines.on("line", line => {
      const [, port] = /https?:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (port) resolve(Number(port));
    }));
    this.port = await Promise.race([told, ended]);
    ended.catch(() => {});
  }

  // An ordered stop, as a deploy does it.
  stop() { return this.#end("SIGTERM"); }

  signal(name) { this.#process.kill(name); }

  // No goodbye, as a crash does it.
  kill() { return this.#end("SIGKILL"); }

  // As if never used: a new port and an empty database.
  async renew() {
    await this.remove();
    this.#folder = await mkdtemp(join(tmpdir(), "hubbub-browser-"));
    this.#settings.DATABASE_URL = `sqlite:///${this.#folder}/hubbub.db`;
    this.port = 0;
    await this.start();
  }

  // The same hub with an empty database: another log.
  async forget() {
    await this.kill();
    for (const file of await readdir(this.#folder)) await rm(join(this.#folder, file));
    await this.start();
  }

  async remove() {
    await this.kill();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  async #end(signal) {
    if (!this.#process || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill(signal);
    await ended;
  }
}
