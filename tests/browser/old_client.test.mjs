// A page that was written for the old chat. Hubbub serves it unchanged from its folder.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { here, Hub } from "./hub.mjs";
import { browse } from "./reader.mjs";

test("a page of the old chat works unmodified", limit, async t => {
  const hub = await Hub.start({ PUBLIC_DIR: here("old_client") });
  t.after(() => hub.remove());
  const browser = await browse();
  t.after(() => browser.close());
  const open = async () => {
    const page = await browser.newPage();
    await page.goto(hub.url);
    await page.locator("#me:not(:empty)").waitFor();
    return page;
  };
  const say = async (page, text) => {
    await page.getByLabel("Message").fill(text);
    await page.getByRole("button", { name: "Send" }).click();
  };
  const [ada, bea] = [await open(), await open()];
  const id = await ada.locator("#me").innerText();
  for (const number of [1, 2, 3]) {
    await say(ada, `hello ${number}`);
    await ada.getByText(`me #${number}: hello ${number}`, { exact: true }).waitFor();
    await bea.getByText(`${id.slice(0, 8)} #${number}: hello ${number}`, { exact: true }).waitFor();
  }
  await ada.reload();
  await ada.getByText(`${id.slice(0, 8)} #3: hello 3`, { exact: true }).waitFor();
  await ada.locator("#me:not(:empty)").waitFor();
  assert.notEqual(await ada.locator("#me").innerText(), id);

  const refused = ada.waitForEvent("dialog").then(async dialog => {
    await dialog.dismiss();
    return dialog.message();
  });
  await say(ada, "x".repeat(1001));
  assert.notEqual(await refused, "");

  await say(ada, "the line still holds");
  await bea.getByText("#1: the line still holds").waitFor();
  assert.equal(await ada.locator(".mine").evaluate(item => getComputedStyle(item).textAlign), "right", "its style sheet is in force");
  assert.equal(await ada.locator("#gone").isVisible(), false, "its style attribute is in force");
  await hub.stop();
  await ada.locator("#gone").waitFor();
});
