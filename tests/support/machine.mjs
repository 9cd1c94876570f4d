// What the Node.js tests may count on whoever runs them and however busy the machine is: how long they wait, and what a child
// gets to see of the user's environment. It knows no hub and no browser.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Milliseconds for one thing that must happen. Only a test that fails waits that long. */
export const patience = 180_000;

/** The options of a test: its end, if it waits for something that has none. */
export const limit = { timeout: 900_000 };

const kept = /^(PATH|TMPDIR|[A-Z]+SAN_OPTIONS)$/;

/**
 * The whole environment of a child: nothing that the user has set, but where programs and temporary files are and what the
 * sanitizers are told.
 * @param {string} home a folder of the test's own, where no configuration of the user is
 */
export function environment(home, settings = {}) {
  const own = Object.entries(process.env).filter(([name]) => kept.test(name));
  return { ...Object.fromEntries(own), HOME: home, LC_ALL: "C.UTF-8", TZ: "UTC", ...settings };
}

/** Asks every 20 ms until the answer is true, and returns it; fails after `patience`, and then says `what`. */
export async function eventually(what, ask) {
  for (const end = performance.now() + patience; ;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(performance.now() < end, `${what}: not within ${patience / 1000} s`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

const running = new Set();
process.on("exit", () => { for (const child of running) child.kill("SIGKILL"); });

/** Starts the hub `program` on `host` with `port`, 0 for a free one. Returns its process and the port, once it serves. */
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

/** Ends a child with a signal, and waits until it is gone. */
export async function ended(child, signal) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}
