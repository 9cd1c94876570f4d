// The focus and the selection stay when the page changes by itself, and after a key on a control that disappears.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

const focused = reader => reader.page.evaluate(() => document.activeElement.id || document.activeElement.ariaLabel || document.activeElement.tagName);

// Selects the text of a message with the focus in it.
const select = message => message.locator(".bubble").evaluate(box => {
  box.focus();
  getSelection().selectAllChildren(box.querySelector(".text"));
});

const selected = reader => reader.page.evaluate(() => String(getSelection()));

async function reconnect(reader, proxy) {
  proxy.cut();
  await reader.status("No connection");
  proxy.mend();
  await reader.status("Connected");
}

test("a reconnect leaves the selection, the focus and the elements of the conversation", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, `${proxy.url}?room=keep`, [{}], async ada => {
    const tall = Array.from({ length: 30 }, (_, i) => `${i}`).join("\n");
    await ada.say("mine");
    await ada.sees("mine");
    await ada.say("refused \0");
    const again = ada.page.getByRole("button", { name: "Send again" });
    await again.waitFor();
    await ada.pour([tall]);
    const message = ada.messages.filter({ has: ada.page.locator(".tall") });
    await message.waitFor();
    await select(message);
    await reconnect(ada, proxy);
    assert.equal(await selected(ada), tall);
    assert.equal(await message.locator(".bubble").evaluate(box => box === document.activeElement), true);
    assert.match(await (await ada.sees("mine")).getAttribute("class"), /\bown\b(?!.*\bcurrent\b)/);
    await again.focus();
    await reconnect(ada, proxy);
    assert.equal(await again.evaluate(button => button === document.activeElement), true);
  });
});

test("older messages above the first one leave the selection in it", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=older`, [{}], async ada => {
    await ada.pour(Array.from({ length: 160 }, (_, i) => `${i + 1}`));
    const first = ada.messages.first();
    await ada.sees("160");
    await ada.reload();
    await ada.sees("160");
    const text = await first.locator(".text").textContent();
    await select(first);
    await first.evaluate(item => item.scrollIntoView());
    await eventually("older messages are there", async () => await first.locator(".text").textContent() !== text);
    assert.equal(await selected(ada), text);
  });
});

test("Enter on a control that disappears leaves the focus on the page", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, proxy.url, [{}], async ada => {
    for (const room of ["one", "two", "lobby"]) await ada.visit(room);
    for (const room of ["one", "two"]) {
      await ada.page.getByRole("button", { name: `Forget ${room}` }).press("Enter");
      await ada.link(room).waitFor({ state: "detached" });
      await ada.drawn();
      assert.equal(await ada.page.evaluate(() => Boolean(document.activeElement.closest("nav"))), true);
    }
    proxy.cut();
    const now = ada.page.getByRole("button", { name: "Try now" });
    await now.waitFor();
    await now.focus();
    proxy.mend();
    await now.press("Enter");
    await ada.status("Connected");
    await eventually("the conversation has the focus", async () => await focused(ada) === "scroll");
    for (const action of ["Send again", "Discard"]) {
      await ada.say("refused \0");
      await ada.page.getByRole("button", { name: action }).press("Enter");
      await eventually("the conversation has the focus", async () => await focused(ada) === "scroll");
      if (action === "Send again") await ada.page.getByRole("button", { name: "Discard" }).click();
      await ada.allSent();
    }
  });
});

test("a control that disappears after the reader has left it does not take the focus", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, proxy.url, [{}], async ada => {
    proxy.cut();
    await ada.page.getByRole("button", { name: "Try now" }).focus();
    await ada.box.focus();
    proxy.mend();
    await ada.status("Connected");
    assert.equal(await focused(ada), "text");
  });
});
