// Versions of the page: a deploy in its midst, answers that are not the hub's, and scripts that do not start.

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { here, Hub } from "./hub.mjs";
import { Reader } from "./reader.mjs";
import { browser, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub();

let folder, hub;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hubbub-versions-"));
  for (const part of ["client", "page"]) await cp(here(`../../public/${part}`), join(folder, "page"), { recursive: true });
  hub = await Hub.start({ PUBLIC_DIR: join(folder, "page") });
});
after(async () => {
  await hub?.remove();
  await rm(folder, { recursive: true, force: true });
});

// Changes a file of the page as a deploy does.
async function deploy(file, from, to) {
  const path = join(folder, "page", file), text = await readFile(path, "utf8");
  assert.ok(text.includes(from));
  await writeFile(path, text.replaceAll(from, to));
}

const kept = reader => reader.page.waitForFunction(() => navigator.serviceWorker.controller);
const count = reader => reader.page.evaluate(async () => (await (await caches.open("hubbub")).keys()).length);

// Takes a file of the page away. Returns a function that brings it back.
async function take(file) {
  const path = join(folder, "page", file);
  await rename(path, `${path}.away`);
  return () => rename(`${path}.away`, path);
}

test("a page whose scripts do not all come offers to load it again", limit, async () => {
  const bring = await take("text.js");
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${hub.url}?room=broken`);
  const reload = page.getByRole("button", { name: "Reload" });
  await reload.waitFor();
  await bring();
  await reload.click();
  await page.getByRole("status").filter({ hasText: "Connected" }).waitFor();
  assert.equal(page.url(), `${hub.url}?room=broken`);
  assert.equal(await reload.isVisible(), false);
  await context.close();
});

test("in the midst of a deploy, the page opens with the kept files alone", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await kept(ada);
    const bring = await take("text.js");
    await deploy("i18n.js", '"Message"', '"New message"');
    await ada.reload();
    assert.equal(await ada.box.count(), 1);
    await ada.say("it works");
    await ada.sees("it works");
    await bring();
    await eventually("a load shows the new page", async () => { // if the hub does not answer soon, it is the next one
      await ada.reload();
      return await ada.page.getByRole("textbox", { name: "New message" }).count() === 1;
    });
    await deploy("i18n.js", '"New message"', '"Message"');
  });
});

test("the page of a captive portal is not kept", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await kept(ada);
    const files = await count(ada), bring = await take("index.html");
    await writeFile(join(folder, "page", "index.html"), "<!doctype html><title>Welcome to our hotel</title>Log in");
    await ada.reload();
    assert.equal(await ada.page.title(), "hubbub");
    assert.equal(await count(ada), files);
    await bring();
    await ada.reload();
  });
});

test("an open page learns of a new version, and Reload shows it", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await kept(ada);
    const reload = ada.page.getByRole("button", { name: "Reload for the new version" });
    await hub.kill();
    await ada.status("No connection");
    await deploy("i18n.js", '"Write a message"', '"Write something"');
    await hub.start();
    await ada.status("Connected");
    await reload.waitFor();
    await reload.click();
    await ada.page.getByPlaceholder("Write something").waitFor();
    await ada.status("Connected");
    assert.equal(await reload.isVisible(), false);
  });
});

test("two new modules that need each other come together, with the next load", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    await kept(ada);
    await deploy("text.js", "only_emoji", "just_emoji");
    await deploy("message.js", "only_emoji", "just_emoji");
    await ada.reload();
    await ada.say("still here");
    await ada.sees("still here");
    await eventually("the new module is kept", () => ada.page.evaluate(async () =>
      (await (await caches.match(new URL("static/text.js", location))).text()).includes("just_emoji")));
  });
});
