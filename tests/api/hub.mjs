// A real hubbub with a database of its own, and requests to it as raw as a test wants them. It knows processes and
// HTTP; it must not know what the hub's answers mean.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const here = path => fileURLToPath(new URL(path, import.meta.url));
export const binary = process.env.HUBBUB ?? here("../../build/release/hubbub");

export class Hub {
  // With DATABASE_URL in the settings it is that database, else a new SQLite file.
  static async start(settings = {}, program = binary) {
    const hub = new Hub();
    hub.folder = await mkdtemp(join(tmpdir(), "hubbub-api-"));
    hub.file = join(hub.folder, "hubbub.db");
    hub.secure = "TLS_CERT" in settings;
    hub.process = spawn(program, ["--host", "127.0.0.1", "--port", "0"], {
      env: { ...process.env, DATABASE_URL: `sqlite:///${hub.file}`, RATE_LIMIT: "0", ...settings },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const late = AbortSignal.timeout(15_000);
    const ended = once(hub.process, "exit", { signal: late }).then(([code]) => { throw new Error(`hubbub ended with ${code}`); });
    const told = new Promise(resolve => createInterface(hub.process.stdout).on("line", line => {
      const [, port] = /https?:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (port) resolve(Number(port));
    }));
    hub.port = await Promise.race([told, ended]);
    ended.catch(() => {});
    return hub;
  }

  get url() { return `http${this.secure ? "s" : ""}://127.0.0.1:${this.port}`; }

  async stop(signal = "SIGTERM") {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill(signal);
    await ended;
  }

  async remove() {
    await this.stop("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }

  // One request on a connection of its own. An upgrade that is granted is status 101, and closed at once.
  async ask(path, { method = "GET", headers = {}, body } = {}) {
    const { request } = this.secure ? https : http;
    const asked = request({ host: "127.0.0.1", port: this.port, path, method, headers, agent: false, rejectUnauthorized: false, signal: AbortSignal.timeout(15_000) });
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
