// The tasks of the page's main thread from Chromium's trace: their wall time, and the CPU time of the thread. On a busy machine
// only the CPU time depends on the page. Must not know the page.

import assert from "node:assert/strict";

const marker = "hubbub was watched"; // identifies the page and its thread in the trace

// Runs `act` under a trace. Resolves with the tasks as {at, wall, own}, where `own` is CPU time, and with the times of the events
// that a page has once (navigationStart, firstContentfulPaint), all in ms.
export async function watched(browser, page, act) {
  await browser.startTracing(page, { categories: ["-*", "toplevel", "loading", "blink.user_timing"] });
  await act();
  await page.evaluate(name => { performance.mark(name); }, marker);
  const events = JSON.parse(await browser.stopTracing()).traceEvents;
  const { pid, tid, args } = events.find(({ name }) => name === marker) ?? assert.fail("the trace is not whole");
  const thread = events.filter(event => event.pid === pid && event.tid === tid).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const whole = thread.filter(event => event.args.data?.navigationId === args.data.navigationId); // an SVG image is a page too
  const moments = Object.fromEntries(whole.map(({ name, ts }) => [name, ts / 1000]));
  const tasks = [];
  let untold = 0;
  let end = 0; // a task within another belongs to the outer one
  for (const { name, ph, ts, dur, tdur } of thread) {
    if (ph !== "X" || !name.endsWith("RunTask") || ts < end) continue;
    end = ts + dur;
    untold += !(tdur >= 0); // sometimes the CPU time could not be read; the wall time counts instead
    tasks.push({ at: ts / 1000, wall: dur / 1000, own: (tdur >= 0 ? tdur : dur) / 1000 });
  }
  assert.ok(untold * 2 <= tasks.length, "the trace tells the thread's own time"); // an empty page has few tasks, so one of two may be untold
  return { tasks, moments };
}

// Resolves with the CPU time in ms that this browser takes now for a plain drawing: the median of twenty drawings that create
// 240 plain items and lay them out. Limits for the work of the page are multiples of this time.
export async function plainDrawing(browser) {
  const page = await browser.newPage();
  try {
    await page.setContent("<ol></ol>");
    const { tasks } = await watched(browser, page, () => page.evaluate(async () => {
      const list = document.querySelector("ol");
      for (let drawing = 0; drawing < 20; drawing += 1) {
        await new Promise(requestAnimationFrame);
        list.replaceChildren(...Array.from({ length: 240 }, (_, i) => Object.assign(document.createElement("li"), { textContent: `${drawing}, ${i}` })));
        list.getBoundingClientRect();
      }
    }));
    return tasks.map(({ own }) => own).sort((a, b) => b - a)[10];
  } finally {
    await page.close();
  }
}

// Runs `act`, which returns tasks, up to three times, until no task takes more than `times` the CPU time of a plain drawing.
// Resolves with the tasks and that time in ms. A fault of the page occurs every time, and other load of the machine does not.
export async function quickly(browser, t, times, act) {
  for (let tries = 3; ; tries -= 1) {
    const before = await plainDrawing(browser);
    const tasks = await act();
    const drawing = Math.max(before, await plainDrawing(browser));
    t.diagnostic(`a plain drawing takes ${drawing.toFixed(1)} ms; ${summary(tasks)}`);
    const long = tasks.filter(({ own }) => own > times * drawing);
    if (!long.length) return { tasks, drawing };
    assert.ok(tries > 1, `${long.length} tasks are longer than ${times} plain drawings of ${drawing} ms: ${summary(long)}`);
  }
}

// Returns a summary, with the longest tasks by wall time: `own` of `wall` ms.
function summary(tasks) {
  const long = tasks.filter(({ wall }) => wall > 50).sort((a, b) => b.wall - a.wall);
  const worst = long.slice(0, 5).map(({ wall, own }) => `${Math.round(own)} of ${Math.round(wall)}`);
  const most = Math.round(Math.max(...tasks.map(({ own }) => own)));
  return `${tasks.length} tasks, the longest ${most} ms of its own; ${long.length} over 50 ms by the clock${long.length ? ` (${worst.join(", ")})` : ""}`;
}
