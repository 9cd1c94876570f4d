// Texts, names and addresses that look like something else, and messages that look like nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

test("the address of a host that looks like another one is shown in its ASCII form", limit, async () => {
  const texts = [
    "https://\u0430pple.com/x?y", // the first letter is Cyrillic
    "https://\u0430\u0440\u0440\u04cf\u0435.com", // all letters are
    "www.g\u03bf\u03bfgle.com/a", // two letters are Greek
    "https://example.com\u30ceabc.org", // a letter of Kana looks like a slash
  ];
  await Reader.together(browser, `${hub.url}?room=hosts`, [{}], async ada => {
    for (const text of texts) {
      await ada.say(text);
      const host = new URL(text.replace(/^www/, "https://www")).host;
      const link = ada.messages.last().locator("a").filter({ hasText: host });
      await link.waitFor();
      assert.match(host, /xn--/);
      assert.equal(await link.textContent(), `${/^https?:\/\//.exec(text)?.[0] ?? ""}${host}${text.replace(/^(https:\/\/)?[^/]*/, "")}`);
    }
  });
});

test("a text and a name with direction overrides are shown in the order of their letters", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=overrides`, [{}, {}], async (ada, bea) => {
    await ada.filter(frame => [frame.type === "message" ? { ...frame, name: "\u202enimda\u202c" } : frame]);
    await ada.reload();
    await bea.say("see \u202egro.live//:sptth\u202c and \u2067this\u2069");
    const message = ada.messages.last();
    await message.filter({ hasText: "see gro.live//:sptth and this" }).waitFor();
    assert.equal(await message.locator(".author").textContent(), "nimda");
    await ada.page.getByText("2 online", { exact: true }).click();
    await ada.page.getByRole("list", { name: "Recent authors" }).getByText("nimda", { exact: true }).waitFor();
  });
});

test("a name of invisible characters is no name", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=nobody`, [{}, {}], async (ada, bea) => {
    await ada.filter(frame => [frame.type === "message" ? { ...frame, name: "\u200b\u3164\u00ad" } : frame]);
    await ada.reload();
    await bea.say("hello");
    assert.match(await (await ada.sees("hello")).locator(".author").textContent(), /^[0-9a-f]{8}$/);
  });
});

test("invisible characters alone are not sent, and those of others are told of", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=nothing`, [{}, {}], async (ada, bea) => {
    const invisible = ["\u200b", "\u2060\u200d\ufe0f", "\u3164", "\u2800", "\u00ad\u202e\n\u2066"];
    for (const text of invisible) await ada.say(text);
    await ada.say("something");
    await bea.sees("something");
    assert.deepEqual(await bea.texts(), ["something"]);
    await bea.pour([...invisible, "that was all"]);
    await bea.sees("that was all");
    assert.deepEqual(await bea.texts(), ["something", ...invisible.map(() => "This message has no visible text."), "that was all"]);
  });
});

test("empty lines around a message are not sent, and its indentation is", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=lines`, [{}], async ada => {
    await ada.say("\n \n    indented\n\n  below\n\n \n");
    await ada.messages.first().waitFor();
    assert.deepEqual(await ada.texts(), ["    indented\n\n  below"]);
    await ada.say(`${"x".repeat(1000)}\n\n`);
    await ada.sees("x".repeat(1000));
  });
});
