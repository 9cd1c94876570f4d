// Who speaks: the name that a reader has chosen, or that a token gives, and one person in two tabs and after a reload.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Hub } from "./hub.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

const me = reader => reader.page.locator("#me .id");
const author = message => message.locator(".author");

async function choose(reader, name) {
  await reader.page.getByRole("button", { name: "Choose a name" }).click();
  await reader.page.getByLabel("Your name").fill(name);
  await reader.page.getByRole("button", { name: "Save" }).click();
}

async function is_named(reader, name) {
  await reader.page.locator("#person").waitFor({ state: "hidden" });
  await me(reader).getByText(name, { exact: true }).waitFor();
}

test("a chosen name is at the top and on the messages, and others see that nobody has verified it", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=named`, [{}, {}], async (ada, bea) => {
    await choose(ada, "Ada");
    await is_named(ada, "Ada");
    await ada.say("it is me");
    const seen = await bea.sees("it is me");
    assert.equal(await author(seen).textContent(), "Ada");
    assert.equal(await author(seen).evaluate(name => getComputedStyle(name, "::before").content), '"~"');
    assert.match(await author(seen).getAttribute("title"), /Nobody has verified it/);
    await choose(ada, "");
    await is_named(ada, (await ada.id()).slice(0, 8));
    await ada.say("no name any more");
    assert.match(await author(await bea.sees("no name any more")).textContent(), /^[\da-f]{8}$/);
  });
});

test("one person in two tabs, and after a reload, has one side and one face", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=one`, [{}, {}], async (ada, bea) => {
    await choose(ada, "Ada in two tabs");
    await is_named(ada, "Ada in two tabs");
    await ada.say("from the first tab");
    const other = await ada.tab(`${hub.url}?room=one`);
    await is_named(other, "Ada in two tabs");
    await other.say("from the second tab");
    for (const reader of [ada, other]) for (const text of ["from the first tab", "from the second tab"]) {
      const message = await reader.sees(text);
      await message.and(reader.page.locator(".own.current")).waitFor();
    }
    await bea.sees("from the first tab");
    const faces = await bea.page.locator(".message .avatar").count();
    assert.equal(faces, 1, "the messages of both tabs are one group");
    await ada.reload();
    await is_named(ada, "Ada in two tabs");
    await ada.say("after a reload");
    for (const text of ["from the first tab", "from the second tab", "after a reload"]) await (await ada.sees(text)).and(ada.page.locator(".own")).waitFor();
    await bea.sees("after a reload");
    const hues = await bea.page.locator(".message .avatar").evaluateAll(all => all.map(each => each.style.getPropertyValue("--hue")));
    assert.equal(new Set(hues).size, 1);
    assert.equal(await bea.page.locator(".message.own").count(), 0);
  });
});

test("a refused name says why, in place, and the name before stays", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=refused`, [{}, {}], async (ada, bea) => {
    await choose(ada, "Taken");
    await is_named(ada, "Taken");
    await choose(bea, "Bea");
    await is_named(bea, "Bea");
    const alert = bea.page.locator("#person [role=alert]");
    for (const [name, why] of [["Тaken", "Somebody here has this name"], ["taken", "Somebody here has this name"], ["x".repeat(41), "1 to 40"], ["\u2060\u00ad", "1 to 40"]]) {
      if (!await bea.page.locator("#person").isVisible()) await bea.page.getByRole("button", { name: "Choose a name" }).click();
      await bea.page.getByLabel("Your name").fill(name);
      await bea.page.getByRole("button", { name: "Save" }).click();
      await alert.filter({ hasText: why }).waitFor();
      await bea.page.keyboard.press("Escape");
    }
    assert.equal(await me(bea).textContent(), "Bea");
    await bea.say("still Bea");
    assert.equal(await author(await ada.sees("still Bea")).textContent(), "Bea");
  });
});

test("a name that is chosen without a connection counts when it is back", limit, async () => {
  const own = await Hub.start({});
  try {
    await Reader.together(browser, own.url, [{}], async ada => {
      await own.kill();
      await ada.status("No connection");
      await choose(ada, "Later");
      await ada.say("written before");
      await own.start();
      await is_named(ada, "Later");
      assert.equal(await author(await ada.sees("written before")).textContent(), "Later");
    });
  } finally {
    await own.remove();
  }
});
