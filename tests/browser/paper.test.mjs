// What leaves the page: on paper, by the clipboard, and in the parts of a long text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

const lines = (words, n) => Array.from({ length: n }, (_, i) => `${words} ${i + 1}`);

for (const colorScheme of ["light", "dark"]) test(`a conversation in the ${colorScheme} is printed whole, dark on white`, limit, async () => {
  await Reader.together(browser, `${hub.url}?room=print-${colorScheme}`, [{ colorScheme }], async ada => {
    await ada.pour([...lines("on paper", 50), lines("a tall one", 40).join("\n")]);
    await ada.say("and one of my own");
    await ada.sees("and one of my own");
    const pages = (await ada.page.pdf({ format: "A4" })).toString("latin1").match(/\/Type ?\/Page\b/g).length;
    assert.ok(pages >= 3, `${pages} pages`);
    await ada.page.emulateMedia({ media: "print" });
    const looks = await ada.messages.evaluateAll(all => all.map(item => {
      const box = item.querySelector(".bubble"), { color } = getComputedStyle(box);
      return { cut: box.scrollHeight > box.clientHeight + 1, dark: color.match(/\d+/g).slice(0, 3).every(part => part < 100) };
    }));
    assert.deepEqual(looks.filter(({ cut, dark }) => cut || !dark), []);
    assert.equal(await ada.box.isVisible(), false);
  });
});

test("copied messages are what was said, line by line", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=copy`, [{}, {}], async (ada, bea) => {
    const said = [[bea, "one"], [ada, "two\n    indented"], [ada, "three"], [bea, "four https://example.org/4"]];
    for (const [reader, text] of said) {
      await reader.say(text);
      await ada.sees(text);
    }
    await ada.page.evaluate(() => {
      const all = document.querySelectorAll("#messages .message");
      getSelection().setBaseAndExtent(all[0], 0, all[3], all[3].childNodes.length);
    });
    await ada.page.evaluate(() => addEventListener("copy", () => { window.copied = String(getSelection()); }));
    await ada.page.keyboard.press("Control+c");
    const copied = await ada.page.waitForFunction(() => window.copied);
    assert.deepEqual((await copied.jsonValue()).split("\n").filter(Boolean), said.flatMap(([, text]) => text.split("\n")));
  });
});

test("code that is sent in parts keeps the indentation of every line", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=code`, [{}, {}], async (ada, bea) => {
    const code = ["    first();", ...lines("        then_the_next(one, two, three);", 60), "    }"].join("\n");
    await ada.box.focus();
    await ada.page.evaluate(text => document.execCommand("insertText", false, text), code);
    await ada.box.press("Enter");
    await ada.page.getByRole("button", { name: /Send as \d messages/ }).click();
    await eventually("all parts have arrived", async () => (await bea.texts()).join("\n").length >= code.length);
    const parts = await bea.texts();
    assert.ok(parts.length >= 3);
    assert.equal(parts.join("\n"), code);
  });
});
