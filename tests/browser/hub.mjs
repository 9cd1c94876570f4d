// A real hubbub with its own port, and with its own database unless the settings name one. Knows how the binary is started,
// stopped, killed and started again. Must not know browsers.

import { randomInt } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ended, serving } from "../support/machine.mjs";

export const here = path => fileURLToPath(new URL(path, import.meta.url));
const binary = resolve(process.env.HUBBUB ?? here("../../build/release/hubbub"));

export class Hub {
  // A random loopback address, one of sixteen million. While the hub is stopped another process may get its port, but hardly on
  // the same address, so both are free when the hub starts again.
  host = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  #process;
  #folder;
  #settings;
  #database;

  static async start(settings = {}) {
    const hub = new Hub();
    hub.#database = settings.DATABASE_URL;
    hub.#settings = { PUBLIC_DIR: here("../../public/page"), ...settings };
    await hub.renew();
    return hub;
  }

  get url() { return `http${this.#settings.TLS_CERT ? "s" : ""}://${this.host}:${this.port}/`; }

  // Starts the hub, with its earlier port and database if there are any.
  async start() {
    const { child, port } = await serving(binary, { host: this.host, port: this.port, home: this.#folder, settings: this.#settings });
    this.#process = child;
    this.port = port;
  }

  // Stops the hub in order, as a deploy does.
  stop() { return ended(this.#process, "SIGTERM"); }

  signal(name) { this.#process.kill(name); }

  // Kills the hub without a close, as a crash does.
  kill() { return ended(this.#process, "SIGKILL"); }

  // Starts a new hub with another port and an empty database.
  async renew() {
    await this.remove();
    this.#folder = await mkdtemp(join(tmpdir(), "hubbub-browser-"));
    this.#settings.DATABASE_URL = this.#database ?? `sqlite:///${this.#folder}/hubbub.db`;
    this.port = 0;
    await this.start();
  }

  // Starts the hub on the same port with an empty database, which is another log.
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
