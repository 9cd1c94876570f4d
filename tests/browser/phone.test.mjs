// The page on a phone: where a finger writes, and a way out of every state.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

const phone = { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true };

test("Enter begins a new line on a phone, and the button sends", limit, async () => {
  await Reader.together(browser, hub.url, [phone], async ada => {
    await ada.box.pressSequentially("one");
    await ada.box.press("Enter");
    await ada.box.pressSequentially("two");
    assert.equal(await ada.box.inputValue(), "one\ntwo");
    assert.equal(await ada.box.getAttribute("enterkeyhint"), "enter");
    await ada.page.getByRole("button", { name: "Send", exact: true }).tap();
    await ada.sees("one\ntwo");
    await ada.box.fill("with a keyboard");
    await ada.box.press("Control+Enter");
    await ada.sees("with a keyboard");
  });
});

test("Enter sends where a mouse points, and Shift begins a new line", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=desk`, [{}], async ada => {
    assert.equal(await ada.box.getAttribute("enterkeyhint"), "send");
    await ada.box.fill("one");
    await ada.box.press("Shift+Enter");
    await ada.box.pressSequentially("two");
    await ada.box.press("Enter");
    await ada.sees("one\ntwo");
  });
});

for (const viewport of [phone.viewport, { width: 320, height: 568 }]) {
  test(`an address that names no room leads on to the lobby, on a screen of ${viewport.width} px`, limit, async () => {
    await Reader.together(browser, hub.url, [{ ...phone, viewport }], async ada => {
      await ada.page.goto(`${hub.url}?room=two%20words`);
      await ada.status("1 to 64 letters");
      const link = ada.page.getByRole("link", { name: "Go to the lobby" });
      const { x, width } = await link.boundingBox();
      assert.ok(x >= 0 && x + width <= viewport.width);
      await link.tap();
      await ada.status("Connected");
      assert.equal(ada.page.url(), hub.url);
      assert.equal(await link.isVisible(), false);
    });
  });
}
