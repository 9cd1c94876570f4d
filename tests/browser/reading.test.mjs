// The rendering of messages: groups, dates, links and scripts; and the cost of a busy room.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { connect } from "../../public/client/hubbub.js";
import { limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { quickly, watched } from "./tasks.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

test("addresses of the web become links that open safely, without what ends the sentence", limit, async () => {
  const links = {
    "see https://example.org/a_(b), please": "https://example.org/a_(b)",
    "(http://example.org/?q=1&r=é#x).": "http://example.org/?q=1&r=é#x",
    "javascript:alert(1) file:///etc/passwd data:text/html,x": undefined,
    "https:// and http://[ are none": undefined,
    "\"https://example.org\"><b>x</b>": "https://example.org",
    "www.example.org/a?b, or so": "www.example.org/a?b",
    "www. www.x ann@www.example.org awww.example.org": undefined,
    "https://example.org/Foo_ ends so": "https://example.org/Foo_",
    "https://example.org/dogs' too": "https://example.org/dogs'",
    "a quoted 'https://example.org/a'": "https://example.org/a",
    "marked **https://example.org/b**.": "https://example.org/b",
    "https://example.org/c。": "https://example.org/c",
    "https://example.org@evil.example": undefined,
    "https://пример.рф/путь": "https://пример.рф/путь",
    "https://münchen.de": "https://münchen.de",
    "https://例え.jp:8080/x": "https://例え.jp:8080/x",
  };
  await Reader.together(browser, `${hub.url}?room=links`, [{}], async ada => {
    for (const [text, address] of Object.entries(links)) {
      await ada.say(text);
      const link = (await ada.sees(text.replaceAll("**", ""))).locator("a"); // what is marked is bold
      assert.equal(await link.count(), address ? 1 : 0, text);
      if (!address) continue;
      assert.equal(await link.textContent(), address);
      assert.equal(await link.evaluate(a => a.href), new URL(address.replace(/^www/, "https://www")).href);
      assert.match(await link.getAttribute("rel"), /noopener/);
      assert.equal(await link.getAttribute("target"), "_blank");
    }
  });
});

test("emoji alone are big, right-to-left text stands right, and long words wrap", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=scripts`, [{ viewport: { width: 600, height: 500 } }], async ada => {
    const size = async text => parseFloat(await (await said(ada, text)).locator(".text").evaluate(t => getComputedStyle(t).fontSize));
    for (const big of ["😀", "👩‍👩‍👧 🏳️‍🌈 🇫🇮", "👍🏽", "❤️", "👩‍❤️‍👨", "☝🏽", "1️⃣"]) assert.ok(await size(big) > 30, `${big} is big`);
    for (const small of ["©", "™ ↔", "❤", "😀\ufe0e", "1", "😀 hm", "#", "…", "😀".repeat(6)]) assert.ok(await size(small) < 20, `${small} is small`);
    const arabic = await said(ada, "مرحبا بكم في الغرفة\nسطر ثان");
    const [first, second, ...more] = await arabic.locator(".text").evaluate(rows);
    assert.equal(first.right, second.right, "both lines begin on the right");
    assert.notEqual(first.left, second.left);
    assert.equal(more.length, 0);
    const long = await said(ada, "w".repeat(200));
    const wide = await long.locator(".bubble").boundingBox();
    assert.ok(wide.x >= 0 && wide.x + wide.width <= 600 && wide.height > 60);
  });
});

test("a day line stands between days, a name once over what one person says, a time once a minute", limit, async () => {
  const times = ["2026-01-30T23:58:10", "2026-01-30T23:58:50", "2026-01-30T23:59:05", "2026-01-31T00:00:01", "2026-01-31T00:09:00"];
  await Reader.together(browser, `${hub.url}?room=days`, [{ timezoneId: "UTC", locale: "en-GB" }, {}], async (ada, bea) => {
    let i = 0;
    await ada.filter(frame => [frame.type === "message" ? { ...frame, created_at: `${times[i++]}.000000+00:00` } : frame]);
    await ada.reload();
    for (const time of times) {
      await bea.say(time);
      await ada.sees(time);
    }
    const shown = await ada.messages.evaluateAll(all => all.map(item => ({
      day: item.dataset.day?.replace(",", ""),
      name: Boolean(item.querySelector(".author")),
      time: item.querySelector("time").checkVisibility(),
    })));
    assert.deepEqual(shown, [
      { day: "Friday 30 January 2026", name: true, time: true },
      { day: undefined, name: false, time: false },
      { day: undefined, name: false, time: true },
      { day: "Saturday 31 January 2026", name: true, time: true },
      { day: undefined, name: true, time: true },
    ]);
  });
});

test("the title counts what came while nobody looked", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=title`, [{}, {}], async (ada, bea) => {
    const look = hidden => ada.page.evaluate(now => {
      Object.defineProperty(document, "hidden", { get: () => now, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
    await look(true);
    for (const text of ["one", "two"]) {
      await bea.say(text);
      await ada.sees(text);
    }
    assert.equal(await ada.page.title(), "(2) title – hubbub");
    await look(false);
    assert.equal(await ada.page.title(), "title – hubbub");
  });
});

test("one's own messages stay on one's own side after a reload", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=sides`, [{}, {}], async (ada, bea) => {
    await ada.say("mine");
    await bea.say("bea's");
    await ada.sees("bea's");
    await ada.reload();
    assert.match(await (await ada.sees("mine")).getAttribute("class"), /\bown\b/);
    assert.match(await (await ada.sees("bea's")).getAttribute("class"), /\bother\b/);
  });
});

const long = 8; // times a plain drawing of a full list; about 50 ms on an idle machine
const seconds = Number(process.env.SECONDS ?? 10);
test("a hundred messages a second keep the page small and quick", limit, async t => {
  await Reader.together(browser, `${hub.url}?room=busy`, [{}], async ada => {
    const flood = connect(ada.websocket_url(), { WebSocket });
    t.after(() => flood.close());
    const meter = await ada.page.context().newCDPSession(ada.page);
    await meter.send("Performance.enable");
    // Memory in use after a garbage collection, in MB.
    const memory = async () => {
      await meter.send("HeapProfiler.collectGarbage");
      return (await meter.send("Performance.getMetrics")).metrics.find(({ name }) => name === "JSHeapUsedSize").value / 1e6;
    };
    const shown = [], held = [await memory()];
    const { tasks, drawing } = await quickly(browser, t, long, async () => {
      const { tasks } = await watched(browser, ada.page, async () => {
        for (let i = 1; i <= 100 * seconds; i += 1) {
          const next = new Promise(resolve => setTimeout(resolve, 10)); // the test is about this rate
          await Promise.all([flood.send(`message ${i} of many, with https://example.org/${i} in it`), next]);
          if (i % 100 === 0) shown.push(await ada.messages.count());
        }
        await flood.send(`that is all, ${shown.length}`);
        await ada.sees(`that is all, ${shown.length}`);
      });
      held.push(await memory());
      return tasks;
    });
    const work = tasks.reduce((sum, { own }) => sum + own, 0) / (100 * seconds);
    t.diagnostic(`a message is ${work.toFixed(2)} ms of work; memory ${held.map(each => each.toFixed(1)).join(", ")} MB`);
    assert.ok(Math.max(...shown) <= 240, `${shown} elements`);
    assert.ok(Math.max(...held) < 30, `${held} MB`);
    assert.ok(work < drawing, `a message is ${work} ms of work, and ${drawing} ms draw 240 plain items`);
  });
});

test("ten thousand messages missed at once are caught up with, and the page stays usable", limit, async t => {
  await Reader.together(browser, `${hub.url}?room=many`, [{}, {}], async (ada, bea) => {
    await bea.pour(Array.from({ length: 10_000 }, (_, i) => `${i + 1}`));
    await ada.sees("10000");
    assert.ok(await ada.messages.count() <= 240);
    // Measured in turn with a reader of an empty room, so that other load of the machine slows both down.
    const cem = await Reader.open(browser, `${hub.url}?room=few`);
    const took = { ada: [], cem: [] };
    for (let i = 0; i < 10; i += 1) for (const [name, reader] of Object.entries({ ada, cem })) {
      const began = performance.now();
      await said(reader, `still here ${i}`);
      took[name].push(performance.now() - began);
    }
    await cem.leave();
    const [late, quick] = [took.ada, took.cem].map(all => all.sort((a, b) => a - b)[5]);
    t.diagnostic(`a message is there after ${Math.round(late)} ms, in an empty room after ${Math.round(quick)} ms`);
    assert.ok(late < 10 * quick, `${late / quick} times as long as in an empty room`);
  });
});

async function said(reader, text) {
  await reader.say(text);
  return reader.sees(text);
}

function rows(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  return [...range.getClientRects()].filter(({ width }) => width > 0).map(({ left, right }) => ({ left: Math.round(left), right: Math.round(right) }));
}
