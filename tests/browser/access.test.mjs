// Accessibility: axe finds no fault, announcements to screen readers are limited, and the page has two languages.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { here } from "./hub.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

const axe = await readFile(here("node_modules/axe-core/axe.min.js"), "utf8");
use_browser_and_hub({ RATE_LIMIT: "0" });

const looks = {
  "on a desk in the light": { colorScheme: "light" },
  "on a desk in the dark": { colorScheme: "dark" },
  "on a phone in the light": { colorScheme: "light", viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true },
  "on a phone in the dark": { colorScheme: "dark", viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true },
};

for (const [where, look] of Object.entries(looks)) test(`axe finds nothing ${where}: empty, busy, offline`, limit, async () => {
  const room = `axe${Object.keys(looks).indexOf(where)}`;
  await Reader.together(browser, `${hub.url}?room=${room}`, [look, {}], async (ada, bea) => {
    assert.deepEqual(await found(ada), []);
    for (const text of ["hello", "https://example.org", "😀", "lines\n".repeat(40), "مرحبا"]) {
      await ada.say(text);
      await bea.say(text);
    }
    await ada.messages.nth(9).waitFor();
    await ada.say("refused \0");
    await ada.alert.waitFor();
    await ada.say("x".repeat(1001));
    await ada.page.getByRole("button", { name: "Send as 2" }).waitFor();
    // The list of rooms has one with unread messages, and one with a message that was refused.
    const toggle = ada.page.getByRole("button", { name: "Rooms" });
    const open = async name => {
      if (await toggle.isVisible()) await toggle.click();
      await ada.page.getByLabel("Open or create a room").fill(name);
      await ada.page.getByLabel("Open or create a room").press("Enter");
      await ada.page.getByRole("heading", { name }).waitFor();
    };
    await open("elsewhere");
    await bea.say("is anybody there?");
    await ada.page.locator("nav .badge").filter({ hasText: "1" }).waitFor({ state: "attached" });
    if (await toggle.isVisible()) await toggle.click();
    assert.deepEqual(await found(ada), []);
    await ada.link(room).click();
    await ada.sees("is anybody there?");
    if (await toggle.isVisible()) await toggle.click();
    await ada.page.keyboard.press("Escape");
    await hub.kill();
    await ada.status("No connection");
    await ada.say("waits");
    await ada.unsent.filter({ hasText: "waiting" }).waitFor();
    assert.deepEqual(await found(ada), []);
    await hub.start();
    await ada.sees("waits");
  });
});

test("what others say is announced, but a busy room only by its count", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=voice`, [{}, {}], async (ada, bea) => {
    assert.equal(await ada.page.locator("#announcements").getAttribute("aria-live"), "polite");
    await ada.listen("announcements");
    await bea.say("can you hear me");
    await ada.hears("announcements", new RegExp(`${(await bea.id()).slice(0, 8)}: can you hear me`));
    await bea.pour(Array.from({ length: 40 }, (_, i) => `noise ${i}`));
    await ada.hears("announcements", /^\d+ new messages$/);
    await ada.say("my own words");
    await ada.sees("my own words");
    assert.equal(await ada.page.getByRole("log").getAttribute("aria-live"), "off", "the list itself is silent");
  });
});

test("the page speaks the browser's language, Russian or else English, and may be told another", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=tongue`, [{ locale: "en-GB" }], async ada => {
    const context = await browser.newContext({ locale: "ru-RU" });
    const page = await context.newPage();
    await page.goto(`${hub.url}?room=tongue`);
    await page.getByRole("status").filter({ hasText: "На связи" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "ru");
    const box = page.getByRole("textbox", { name: "Сообщение" });
    await box.fill("привет");
    await box.press("Enter");
    await ada.sees("привет");
    await page.getByRole("log", { name: "Сообщения" }).getByText("привет").waitFor();
    assert.match(await page.locator(".message").first().getAttribute("data-day"), /^Сегодня$/);
    await page.getByText("2 в сети").waitFor();
    await page.getByRole("combobox", { name: "Язык" }).selectOption("en");
    await page.getByRole("status").filter({ hasText: "Connected" }).waitFor();
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await page.reload();
    await page.getByRole("status").filter({ hasText: "Connected" }).waitFor();
    await context.close();
    const other = await Reader.open(browser, hub.url, { locale: "de-DE" });
    await other.leave();
  });
});

test("at 200 % nothing is cut off or lies over another", limit, async () => {
  const zoomed = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };
  await Reader.together(browser, `${hub.url}?room=${"a".repeat(64)}`, [zoomed], async ada => {
    await ada.say("big enough");
    await ada.sees("big enough");
    const wide = await ada.page.evaluate(() => [...document.querySelectorAll("body *")].filter(element => {
      const box = element.getBoundingClientRect();
      return element.checkVisibility() && !element.closest(".visually-hidden") && !element.closest("h1") && box.right > innerWidth + 1;
    }).map(element => element.id || element.className));
    assert.deepEqual(wide, []);
    const [list, box] = [await ada.list.boundingBox(), await ada.box.boundingBox()];
    assert.ok(list.height > 100 && list.y + list.height <= box.y + 1);
  });
});

// Returns the violations that axe finds, one line each.
async function found(reader) {
  // An element that fades in has its colour only at the end. Endless animations are not waited for.
  await reader.page.evaluate(async () => {
    const moving = () => document.getAnimations().filter(({ playState, effect }) => playState !== "finished" && effect.getComputedTiming().iterations < Infinity);
    while (moving().length) await Promise.allSettled(moving().map(({ finished }) => finished));
  });
  await reader.page.evaluate(axe);
  const { violations } = await reader.page.evaluate(() => axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}
