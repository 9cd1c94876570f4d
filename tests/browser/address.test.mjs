// The addresses that the page can be served from, and the room in the address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { below } from "../support/below.mjs";
import { limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({}, { flags: ["--host-resolver-rules=MAP hub.test 127.0.0.1"] });

test("the page works below a path of another site", limit, async t => {
  const site = await below("/chat", hub);
  t.after(() => site.close());
  await Reader.together(browser, `http://127.0.0.1:${site.address().port}/chat/`, [{}, {}], async (ada, bea) => {
    await ada.say("below a path");
    await bea.sees("below a path");
  });
});

test("without https, where a page may do less, what is written still survives a reload", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, proxy.url.replace("127.0.0.1", "hub.test"), [{}], async ada => {
    assert.equal(await ada.page.evaluate(() => isSecureContext), false);
    proxy.cut();
    await ada.status("No connection");
    await ada.say("in plain sight");
    await ada.page.reload();
    await ada.unsent.waitFor();
    proxy.mend();
    await ada.sees("in plain sight");
    assert.equal(await ada.unsent.count(), 0);
  });
});

test("the page's address names the room", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=kitchen`, [{}], async ada => {
    const bea = await Reader.open(browser, hub.url);
    await ada.page.getByRole("heading", { name: "kitchen" }).waitFor();
    await bea.page.getByRole("heading", { name: "lobby" }).waitFor();
    await ada.say("in the kitchen");
    await bea.say("in the lobby");
    await ada.sees("in the kitchen");
    await bea.sees("in the lobby");
    assert.deepEqual(await ada.texts(), ["in the kitchen"]);
    assert.equal((await bea.texts()).includes("in the kitchen"), false);
    await bea.leave();
  });
});
