// A real hubbub with a port and a database of its own. It knows how the binary is started, stopped, killed and started
// again; it must not know browsers.

import { randomInt } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ended, serving } from "../support/machine.mjs";

export const here = path => fileURLToPath(new URL(path, import.meta.url));
const binary = resolve(process.env.HUBBUB ?? here("../../build/release/hubbub"));

export class Hub {
  // One of the sixteen million addresses of this machine. While a hub is away, another process may get its port, but hardly
  // on the same address; so the hub finds both free when it comes back.
  host = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  #process;
  #folder;
  #settings;

  static async start(settings = {}) {
    const hub = new Hub();
    hub.#settings = { PUBLIC_DIR: here("../../public/page"), ...settings };
    await hub.renew();
    return hub;
  }

  get url() { return `http${this.#settings.TLS_CERT ? "s" : ""}://${this.host}:${this.port}/`; }

  // Again on the port it had, with the database it had.
  async start() {
    const { child, port } = await serving(binary, { host: this.host, port: this.port, home: this.#folder, settings: this.#settings });
    this.#process = child;
    this.port = port;
  }

  // An ordered stop, as a deploy does it.
  stop() { return ended(this.#process, "SIGTERM"); }

  signal(name) { this.#process.kill(name); }

  // No goodbye, as a crash does it.
  kill() { return ended(this.#process, "SIGKILL"); }

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
    for (const file of await readdir(this.#folder)) await rm(join(this.#folder, file), { recursive: true });
    await this.start();
  }

  async remove() {
    await this.kill();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }
}
