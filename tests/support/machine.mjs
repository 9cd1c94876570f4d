// What makes the Node.js tests independent of the user and of the load on the machine: how long they wait, and which part of the
// user's environment a child process gets. Knows processes. Must not know a page or the hub's frames.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { createInterface } from "node:readline";

/** The milliseconds within which something must happen. Only a test that fails waits that long. */
export const patience = 180_000;

/** The options of a test. The timeout ends a test that waits for something without a timeout. */
export const limit = { timeout: 900_000 };

const kept = /^(PATH|TMPDIR|[A-Z]+SAN_OPTIONS)$/;

/**
 * The whole environment of a child. Of the user's variables it has only the paths of programs and temporary files and the
 * options of sanitizers.
 * @param {string} home a folder of the test, which holds no configuration of the user
 */
export function environment(home, settings = {}) {
  const own = Object.entries(process.env).filter(([name]) => kept.test(name));
  return { ...Object.fromEntries(own), HOME: home, LC_ALL: "C.UTF-8", TZ: "UTC", ...settings };
}

/** Calls `ask` every 20 ms until the result is truthy, and returns that result. After `patience` it fails and names `what`. */
export async function eventually(what, ask) {
  for (const end = performance.now() + patience; ;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(performance.now() < end, `${what}: not within ${patience / 1000} s`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

// Without a handler, a signal would end Node.js without the event `exit`, whose listeners end the children.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(128 + constants.signals[signal]));

const running = new Set();
process.on("exit", () => { for (const child of running) child.kill("SIGKILL"); });

/** Starts the hub `program` on `host` and `port` (0 means any free port). Resolves with the process and the port when the hub serves. */
export async function serving(program, { host, port = 0, home, settings }) {
  const child = spawn(program, ["--host", host, "--port", String(port)], {
    env: environment(home, settings), cwd: home, stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  child.on("exit", () => running.delete(child));
  const over = new AbortController();
  const told = new Promise(resolve => createInterface(child.stdout).on("line", line => {
    const [, served] = /https?:\/\/127[\d.]+:(\d+)/.exec(line) ?? [];
    if (served) resolve(Number(served));
  }));
  const ended = once(child, "exit", { signal: over.signal }).then(([code, signal]) => { throw new Error(`${program} ended with ${code ?? signal}`); });
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`${program} does not serve after ${patience / 1000} s`)), patience); });
  try {
    return { child, port: await Promise.race([told, ended, late]) };
  } catch (why) {
    child.kill("SIGKILL");
    throw why;
  } finally {
    clearTimeout(timer);
    ended.catch(() => {});
    over.abort();
  }
}

/** Sends a signal to a child and waits until the child has ended. */
export async function ended(child, signal) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}
