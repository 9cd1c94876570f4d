// The light markup of a message: code, bold, italics, quotes and lists, and never HTML.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

const link = address => `<a href="${address}" target="_blank" rel="noopener noreferrer nofollow">${address}</a>`;
const shown = [
  ["**bold**, *italic* and _italic_", "<strong>bold</strong>, <em>italic</em> and <em>italic</em>"],
  ["(**bold**) “_italic_”!", "(<strong>bold</strong>) “<em>italic</em>”!"],
  ["**bold with *italic* inside**", "<strong>bold with <em>italic</em> inside</strong>"],
  ["**жирный**", "<strong>жирный</strong>"],
  ["*a*", "<em>a</em>"],
  ["run `make -j2 **all**` now", "run <code>make -j2 **all**</code> now"],
  ["``a ` b``", "<code>a ` b</code>"],
  ["**`code`**", "<strong><code>code</code></strong>"],
  ["```\nif (a)\n    b(**c**);\n```", '<pre dir="ltr"><code>if (a)\n    b(**c**);</code></pre>'],
  ["before\n```c++\n\tint x;\n```\nafter", 'before<pre dir="ltr"><code>\tint x;</code></pre>after'],
  ["> said\n> twice\nanswer", "<blockquote>said\ntwice</blockquote>answer"],
  ["> > deeper\n> **bold**", "<blockquote><blockquote>deeper</blockquote><strong>bold</strong></blockquote>"],
  ["- one\n- *two*", "<ul><li>one</li><li><em>two</em></li></ul>"],
  ["3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'],
  [`**see ${"https://example.org/a_b_c"}**`, `<strong>see ${link("https://example.org/a_b_c")}</strong>`],
  ["https://example.org/_a_/*b*/c", link("https://example.org/_a_/*b*/c")],
];
const plain = [
  "2 * 3 * 4", "snake_case_name", "__init__", "**", "* * *", "****", "_ _", "a*b*c", "5*6", "**not closed", "*line\n\nline*", "`not closed", "``",
  "```\nnot closed", "- one line", "1. one line", "2024. A year", "-1\n-2", "1.5\n2.5", "a > b", "->", "x - y", "*", "_", "`", "\\*", "~~", "# no heading",
  "[text](https://example)".replace("https://", ""), "a  b\n   c", "<b>bold</b>", "<img src=x onerror=alert(1)>", "&amp;", "<script>alert(1)</script>",
];

test("light markup is shown, and everything else stays as it was written", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    const render = texts => ada.page.evaluate(async texts => {
      const { markup } = await import(new URL("static/markup.js", document.baseURI));
      return texts.map(text => {
        const box = document.createElement("div");
        box.append(...markup(text));
        return { html: box.innerHTML, text: box.textContent, elements: box.childElementCount };
      });
    }, texts);
    assert.deepEqual((await render(shown.map(([text]) => text))).map(({ html }) => html), shown.map(([, html]) => html));
    for (const [i, { text, elements }] of (await render(plain)).entries()) assert.deepEqual({ text, elements }, { text: plain[i], elements: 0 });
  });
});

test("markup in a message is never HTML, whatever it encloses", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=html`, [{}, {}], async (ada, bea) => {
    await ada.say("**<img src=x onerror=alert(1)>** `<b>` *<script>alert(1)</script>* https://example.org/\"><i>");
    await bea.messages.locator("strong").waitFor();
    assert.deepEqual(await bea.messages.locator(".text *").evaluateAll(all => all.map(({ localName }) => localName)), ["strong", "code", "em", "a"]);
    await ada.say("> a **quote**\n- one\n- two\n```\n    indented\n```");
    await bea.messages.locator("pre").waitFor();
    assert.equal(await bea.messages.locator("pre").evaluate(pre => pre.innerText), "    indented");
  });
});

test("no text of a thousand characters makes the page wait", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=slow`, [{}], async ada => {
    const texts = ["*a ", "**a ", "_a*", "`", "`a", "```\n", "> ", "- a\n", "*_", "**_`", "1. \n", "http://", "*a\n"].map(each => each.repeat(1000).slice(0, 1000));
    // The reference is the same number of characters without a mark, which costs one pass over the text.
    const times = await ada.page.evaluate(async texts => {
      const { markup } = await import(new URL("static/markup.js", document.baseURI));
      const measured = text => {
        const began = performance.now();
        for (let i = 0; i < 20; i += 1) markup(text);
        return performance.now() - began;
      };
      const best = text => Math.min(...Array.from({ length: 5 }, () => measured(text)));
      best("warm ".repeat(200));
      const reference = Math.max(1, best("word ".repeat(200)));
      return texts.map(text => best(text) / reference);
    }, texts);
    for (const [i, time] of times.entries()) assert.ok(time < 500, `${JSON.stringify(texts[i].slice(0, 8))}… takes ${time} times as long as plain words`);
  });
});
