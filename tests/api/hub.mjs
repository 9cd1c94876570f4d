// A real hubbub with its own database, and plain HTTP requests to it. Knows processes and HTTP. Must not know the meaning of the
// hub's answers.

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

// Runs a program with `home` as its home and returns its output.
export const output_of = (home, program, how) => execFileSync(program, how, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env: environment(home) });

export class Hub {
  // Starts a hub with a new SQLite file, unless the settings have a DATABASE_URL.
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

  // Waits until the log is open.
  healthy() { return eventually("the hub is healthy", async () => (await this.ask("/health")).status === 200); }

  // Waits until there are no connections. A connection ends a while after its client has closed it.
  without_connections() { return eventually("no connection is left", async () => JSON.parse((await this.ask("/ws-info")).body).active_connections === 0); }

  // Sends one request on a new connection. An accepted upgrade has the status 101 and is closed at once.
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
    const endless = answer.headers["content-type"] === "text/event-stream"; // is read up to its first event
    for await (const bytes of answer.setEncoding("utf8")) if (text += bytes, endless && /^data: .*\n\n/m.test(text)) break;
    return { status: answer.statusCode, headers: answer.headers, body: text };
  }
}
