// The page in forced colours, where the grounds that a style sheet asks for do not show.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

// Returns the ground and the border of an element, or of a part of it.
const look = (locator, part) => locator.evaluate((element, part) => {
  const { backgroundColor, borderTopStyle } = getComputedStyle(element, part);
  return { ground: backgroundColor, bordered: borderTopStyle === "solid" };
}, part);

for (const colorScheme of ["light", "dark"]) test(`the current room and the state of the connection show in forced colours, ${colorScheme}`, limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, proxy.url, [{ forcedColors: "active", colorScheme }], async ada => {
    for (const room of ["one", "two"]) await ada.visit(room);
    const page = await look(ada.page.locator("html"));
    const [current, other] = [await look(ada.link("two")), await look(ada.link("one"))];
    assert.notEqual(current.ground, other.ground);
    assert.notEqual(current.ground, page.ground);
    const dot = () => look(ada.page.locator("#connection"), "::before");
    const online = await dot();
    assert.notEqual(online.ground, page.ground);
    proxy.cut();
    await ada.status("No connection");
    const offline = await dot();
    assert.notEqual(offline.ground, page.ground);
    assert.notEqual(offline.ground, online.ground);
    proxy.mend();
    await ada.status("Connected");
  });
});
