// A real hubbub with a database of its own, and requests to it as raw as a test wants them. It knows processes and
// HTTP; it must not know what the hub's answers mean.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ended, environment, eventually, patience, serving } from "../support/machine.mjs";

export const here = path => fileURLToPath(new URL(path, import.meta.url));
export const binary = resolve(process.env.HUBBUB ?? here("../../build/release/hubbub"));

// What a program says, run with `home` for its own.
export const output_of = (home, program, how) => execFileSync(program, how, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env: environment(home) });

export class Hub {
  // With DATABASE_URL in the settings it is that database, else a new SQLite file.
  static async start(settings = {}, program = binary) {
    const hub = new Hub();
    hub.folder = await mkdtemp(join(tmpdir(), "hubbub-api-"));
    hub.file = join(hub.folder, "hubbub.db");
    hub.secure = "TLS_CERT" in settings;
    const { child, port } = await serving(program, {
      host: "127.0.0.1", home: hub.folder, settings: { DATABASE_URL: `sqlite:///${hub.file}`, RATE_LIMIT: "0", ...settings },
    });
    hub.process = child;
    hub.port = port;
    return hub;
  }

  get url() { return `http${this.secure ? "s" : ""}://127.0.0.1:${this.port}`; }

  stop(signal = "SIGTERM") { return ended(this.process, signal); }

  async remove() {
    await this.stop("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }

  // Waits until its log is open.
  healthy() { return eventually("the hub is well", async () => (await this.ask("/health")).status === 200); }

  // Waits until those who were here have left: a connection ends a while after its client has closed it.
  without_connections() { return eventually("nobody is left", async () => JSON.parse((await this.ask("/ws-info")).body).active_connections === 0); }

  // One request on a connection of its own. An upgrade that is granted is status 101, and closed at once.
  async ask(path, { method = "GET", headers = {}, body } = {}) {
    const { request } = this.secure ? https : http;
    const asked = request({ host: "127.0.0.1", port: this.port, path, method, headers, agent: false, rejectUnauthorized: false, signal: AbortSignal.timeout(patience) });
    asked.end(body);
    const [answer, socket] = await Promise.race([once(asked, "response"), once(asked, "upgrade")]);
    if (answer.statusCode === 101) {
      socket.destroy();
      return { status: 101, headers: answer.headers, body: "" };
    }
    let text = "";
    for await (const bytes of answer.setEncoding("utf8")) text += bytes;
    return { status: answer.statusCode, headers: answer.headers, body: text };
  }
}
