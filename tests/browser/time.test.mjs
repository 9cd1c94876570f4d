// Times and days by the reader's settings, in the page's language.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

// Makes the hub's messages of these times, one after the other.
async function at(reader, ...times) {
  await reader.filter(frame => [frame.type === "message" ? { ...frame, created_at: times.shift() } : frame]);
  await reader.reload();
}

const days = reader => reader.messages.evaluateAll(all => all.map(item => item.dataset.day).filter(Boolean));

for (const [locale, language, shown] of [
  ["de-DE", "en", "19:41"], ["en-GB", "en", "19:41"], ["fr-FR", "en", "19:41"], ["en-US", "en", "7:41 PM"], ["en-US", "ru", "07:41 PM"],
]) test(`a reader of ${locale} reads ${shown} on the page in ${language}`, limit, async () => {
  await Reader.together(browser, `${hub.url}?room=${locale}${language}`, [{ locale, timezoneId: "UTC" }], async ada => {
    await at(ada, "2026-01-31T19:41:10.000000+00:00");
    await ada.say("when");
    const time = (await ada.sees("when")).locator("time");
    await ada.page.locator("#language").selectOption(language);
    await eventually(`the time is ${shown}`, async () => (await time.textContent()).replaceAll("\u202f", " ") === shown);
    assert.ok((await time.getAttribute("title")).replaceAll("\u202f", " ").includes(shown.replace(/ .*/, ":10")));
  });
});

for (const [language, today, yesterday] of [["en", "Today", "Yesterday"], ["ru", "Сегодня", "Вчера"]]) {
  test(`the days are ${today} and ${yesterday}, also when another day has begun`, limit, async () => {
    await Reader.together(browser, `${hub.url}?room=days-${language}`, [{ locale: "en-GB", timezoneId: "Europe/Berlin" }], async ada => {
      await ada.page.clock.setSystemTime("2026-03-29T22:30:00+02:00"); // on this day the clocks have changed
      await at(ada, "2026-03-27T12:00:00.000000+00:00", "2026-03-28T12:00:00.000000+00:00", "2026-03-29T20:00:00.000000+00:00");
      for (const text of ["one", "two", "three"]) {
        await ada.say(text);
        await ada.sees(text);
      }
      await ada.page.locator("#language").selectOption(language);
      await eventually("the days are named", async () => `${(await days(ada)).slice(1)}` === `${[yesterday, today]}`);
      assert.match((await days(ada))[0], /27/);
      await ada.page.clock.setSystemTime("2026-03-30T00:00:01+02:00");
      await ada.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      await eventually("the days have other names", async () => (await days(ada))[2] === yesterday);
      assert.match((await days(ada))[1], /28/);
    });
  });
}
