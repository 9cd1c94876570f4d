// Writing: drafts, long texts, and the display of a message on its way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Hub } from "./hub.mjs";
import { Reader } from "./reader.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

test("a draft survives a reload, and each room has its own", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await ada.box.fill("half a tho");
    await ada.reload();
    assert.equal(await ada.box.inputValue(), "half a tho");
    await ada.page.goto(`${hub.url}?room=other`);
    await ada.status("Connected");
    assert.equal(await ada.box.inputValue(), "");
    await ada.page.goto(hub.url);
    await ada.status("Connected");
    await ada.box.press("End");
    await ada.box.pressSequentially("ught");
    await ada.box.press("Enter");
    await ada.sees("half a thought");
    await ada.reload();
    assert.equal(await ada.box.inputValue(), "");
  });
});

test("a pasted text that is too long may go in parts, cut between words", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=paste`, [{}, {}], async (ada, bea) => {
    const text = Array.from({ length: 400 }, (_, i) => `word${i}`).join(" ");
    await ada.box.focus();
    await ada.page.evaluate(text => document.execCommand("insertText", false, text), text);
    await ada.box.press("Enter");
    await ada.alert.filter({ hasText: "A message holds 1000 characters" }).waitFor();
    await ada.page.getByRole("button", { name: "Send as 4 messages" }).click();
    await bea.messages.nth(3).waitFor();
    const parts = await bea.texts();
    assert.equal(parts.length, 4);
    assert.equal(parts.join(" "), text);
    assert.ok(parts.every(part => [...part].length <= 1000));
    assert.equal(await ada.box.inputValue(), "");
    assert.equal(await ada.alert.count(), 0);
  });
});

test("the state of a message is shown by text, marks and motion, not by colour alone", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, `${proxy.url}?room=way`, [{}], async ada => {
    const mark = item => item.locator(".meta").evaluate(meta => getComputedStyle(meta, "::after").content);
    proxy.hold();
    await ada.say("on its way");
    const waiting = ada.unsent.filter({ hasText: "waiting to be sent" });
    await waiting.waitFor();
    assert.match(await mark(waiting), /◷/);
    assert.equal(await waiting.locator(".bubble").evaluate(b => getComputedStyle(b).borderStyle), "dashed");
    proxy.mend();
    assert.match(await mark(await ada.sees("on its way")), /✓/);
    await ada.say("refused \0");
    const failed = ada.unsent.filter({ hasText: "Not sent" });
    await failed.waitFor();
    assert.equal(await failed.evaluate(item => getComputedStyle(item).animationName), "shake");
    await failed.getByRole("button", { name: "Discard" }).click();
    await failed.waitFor({ state: "detached" });
  });
});

test("what waits is bounded, and the text that finds no room stays in the box", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, `${proxy.url}?room=full`, [{}], async ada => {
    proxy.cut();
    await ada.status("No connection");
    await ada.box.evaluate(box => {
      for (let i = 1; i <= 100; i += 1) {
        box.value = `${i}`;
        box.form.requestSubmit();
      }
    });
    await ada.say("one too many");
    await ada.alert.filter({ hasText: "Too many messages are waiting" }).waitFor();
    assert.equal(await ada.box.inputValue(), "one too many");
    proxy.mend();
    await ada.sees("100");
    await ada.box.press("Enter");
    await ada.sees("one too many");
  });
});

test("a message that comes too fast is sent again by itself, in order", limit, async t => {
  const slow = await Hub.start({ RATE_LIMIT: "4" });
  t.after(() => slow.remove());
  await Reader.together(browser, slow.url, [{}], async ada => {
    const said = Array.from({ length: 14 }, (_, i) => `quick ${i + 1}`);
    for (const text of said) await ada.say(text);
    await ada.sees("quick 14");
    assert.deepEqual(await ada.texts(), said);
  });
});
