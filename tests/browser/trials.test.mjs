// When the client tries whether a WebSocket would live.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Trials } from "../../public/client/trials.js";

let now, timers, sockets, lived, trials;

beforeEach(() => {
  [now, timers] = [1_000_000, new Map()];
  mock.method(Date, "now", () => now);
  mock.method(globalThis, "clearTimeout", timer => timers.delete(timer));
  mock.method(globalThis, "setTimeout", (act, delay) => {
    const timer = {};
    timers.set(timer, { act, at: now + delay });
    return timer;
  });
  [sockets, lived, trials] = [[], 0, new Trials()];
  begin();
});
afterEach(() => mock.restoreAll());

function tick(ms) {
  now += ms;
  for (const [timer, { act, at }] of timers) if (at <= now && timers.delete(timer)) act();
}

function begin() {
  trials.begin(() => {
    const socket = { sent: [], closed: false, send: text => socket.sent.push(JSON.parse(text)), close: () => { socket.closed = true; } };
    sockets.push(socket);
    return socket;
  }, () => { lived += 1; });
}

const accept = socket => socket.onmessage({ data: '{"type":"init","room":"lobby","history":[]}' });

// Returns the pause until the next trial, in s.
function pause() {
  const before = sockets.length;
  for (let seconds = 1; ; seconds += 1) {
    tick(1_000);
    if (sockets.length > before) return seconds;
  }
}

test("the pauses between trials grow to ten minutes, and no longer", () => {
  for (const most of [30, 60, 120, 240, 480, 600, 600]) {
    const seconds = pause();
    assert.ok(seconds >= most / 2 && seconds <= most, `${seconds} s of ${most} s`);
    sockets.at(-1).onclose();
  }
  trials.end();
});

test("a WebSocket that lives for ten seconds is enough, and nobody counts it meanwhile", () => {
  trials.check();
  accept(sockets[0]);
  assert.deepEqual(sockets[0].sent, [{ type: "unsubscribe", room: "lobby" }]);
  tick(9_999);
  assert.equal(lived, 0);
  tick(1);
  assert.equal(lived, 1);
  trials.end();
  assert.equal(sockets[0].closed, true);
});

test("a WebSocket that is cut before is not enough, and the next trial is not at once", () => {
  trials.check();
  accept(sockets[0]);
  tick(5_000);
  sockets[0].onclose();
  trials.check();
  assert.equal(sockets.length, 1);
  tick(10_000);
  trials.check();
  assert.equal(sockets.length, 2);
  assert.equal(lived, 0);
  trials.end();
});

test("a WebSocket that opens for half a minute is given up", () => {
  trials.check();
  tick(30_000);
  assert.equal(sockets[0].closed, true);
  trials.end();
});

test("after the end nothing is tried, until it begins again with the pause that was due", () => {
  pause();
  trials.end();
  trials.check();
  tick(600_000);
  assert.equal(sockets.length, 1);
  begin();
  assert.ok(pause() >= 30);
  trials.end();
});
