// What the page's main thread did, by Chromium's own trace: how long each task was by the clock, and how much of that the
// thread had a processor. On a busy machine only the second is the page's doing. It must not know the page.

import assert from "node:assert/strict";

const marker = "hubbub was watched"; // tells which of the browser's threads is the page's, and which page

// Resolves with the tasks during `act` as {at, wall, own}, and when the things happened that a page goes through once
// (navigationStart, firstContentfulPaint); all in ms.
export async function watched(browser, page, act) {
  await browser.startTracing(page, { categories: ["-*", "toplevel", "loading", "blink.user_timing"] });
  await act();
  await page.evaluate(name => { performance.mark(name); }, marker);
  const events = JSON.parse(await browser.stopTracing()).traceEvents;
  const { pid, tid, args } = events.find(({ name }) => name === marker) ?? assert.fail("the trace is not whole");
  const thread = events.filter(event => event.pid === pid && event.tid === tid).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const whole = thread.filter(event => event.args.data?.navigationId === args.data.navigationId); // a picture is a page of its own
  const moments = Object.fromEntries(whole.map(({ name, ts }) => [name, ts / 1000]));
  const tasks = [];
  let untold = 0;
  let end = 0; // tasks within tasks belong to the outer one
  for (const { name, ph, ts, dur, tdur } of thread) {
    if (ph !== "X" || !name.endsWith("RunTask") || ts < end) continue;
    end = ts + dur;
    untold += !(tdur >= 0); // now and then the clock of the thread could not be read: then all of it is the page's
    tasks.push({ at: ts / 1000, wall: dur / 1000, own: (tdur >= 0 ? tdur : dur) / 1000 });
  }
  assert.ok(untold * 2 <= tasks.length, "the trace tells the thread's own time"); // an empty page has few tasks
  return { tasks, moments };
}

// What one drawing costs this browser on this machine at this time, in ms of its thread: the middle one of twenty that make
// 240 plain items and lay them out. A claim about the page's own work is a multiple of it.
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

// Tries `act`, which returns tasks, until none of them takes more than `times` as long as a plain drawing does meanwhile, and
// returns them with that drawing's ms. What the page does wrong it does each time; what else the machine does is not so regular.
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

// In words, with the worst of those that the clock calls long: `own` of `wall` ms.
function summary(tasks) {
  const long = tasks.filter(({ wall }) => wall > 50).sort((a, b) => b.wall - a.wall);
  const worst = long.slice(0, 5).map(({ wall, own }) => `${Math.round(own)} of ${Math.round(wall)}`);
  const most = Math.round(Math.max(...tasks.map(({ own }) => own)));
  return `${tasks.length} tasks, the longest ${most} ms of its own; ${long.length} over 50 ms by the clock${long.length ? ` (${worst.join(", ")})` : ""}`;
}
