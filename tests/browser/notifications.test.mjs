// Notifications of new messages while nobody looks at the page. The browser's own ones are replaced by some that are recorded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

// Opens the page in a browser that gives this answer when it is asked for its permission.
async function page_with(answer, url) {
  const context = await browser.newContext();
  await context.addInitScript(answer => {
    globalThis.told = [];
    globalThis.asked = 0;
    globalThis.Notification = class {
      static get permission() { return localStorage.granted ?? "default"; }
      static async requestPermission() {
        asked += 1;
        return localStorage.granted = answer;
      }
      constructor(title, { body }) { told.push(Object.assign(this, { title, body, closed: false })); }
      close() { this.closed = true; }
    };
  }, answer);
  const page = await context.newPage(), reader = new Reader(page);
  page.on("pageerror", error => reader.faults.push(String(error)));
  await page.goto(url);
  await reader.status("Connected");
  return reader;
}

const told = reader => reader.page.evaluate(() => told.map(({ title, body, closed }) => ({ title, body, closed })));

// Stops the time of the page, which then goes on by `runFor` alone. The page draws nothing meanwhile.
async function stop_time(reader) {
  const { clock } = reader.page;
  await clock.install();
  await clock.pauseAt(await reader.page.evaluate(() => Date.now() + 1_000));
  return clock;
}

function look(reader, hidden) {
  return reader.page.evaluate(now => {
    Object.defineProperty(document, "hidden", { get: () => now, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

test("a message in any room is notified of while the page is hidden, once the reader has asked for it", limit, async () => {
  const [quiet, loud] = [await Reader.open(browser, `${hub.url}?room=quiet`), await Reader.open(browser, `${hub.url}?room=loud`)];
  const ada = await page_with("granted", `${hub.url}?room=loud`);
  await ada.visit("quiet");
  await quiet.page.getByText("2 online", { exact: true }).waitFor();
  await look(ada, true);
  await loud.say("nobody asked");
  await eventually("the message is counted", async () => await ada.page.title() === "(1) quiet – hubbub");
  await look(ada, false);
  assert.equal(await ada.page.evaluate(() => asked), 0, "nobody is asked without a wish");
  const wish = ada.page.getByLabel("Notify me of new messages");
  await wish.check();
  await eventually("the browser was asked", () => ada.page.evaluate(() => asked === 1));
  const clock = await stop_time(ada);
  await look(ada, true);
  await loud.say("first");
  await loud.say("second");
  await quiet.say("in the room that is shown");
  await eventually("all are counted", async () => await ada.page.title() === "(4) quiet – hubbub");
  assert.deepEqual(await told(ada), [], "others may follow");
  await clock.runFor(1_500);
  assert.deepEqual(await told(ada), [
    { title: "loud", body: "3 new messages", closed: false },
    { title: "quiet", body: `${(await quiet.id()).slice(0, 8)}: in the room that is shown`, closed: false },
  ]);
  await clock.resume();
  await ada.page.evaluate(() => told[0].onclick());
  await ada.page.getByRole("heading", { name: "loud" }).waitFor();
  await ada.sees("second");
  await look(ada, false);
  assert.deepEqual((await told(ada)).map(({ closed }) => closed), [true, true]);
  await ada.page.reload();
  await ada.status("Connected");
  assert.equal(await wish.isChecked(), true);
  await wish.uncheck();
  await stop_time(ada);
  await look(ada, true);
  await loud.say("third");
  await eventually("the message is counted", async () => await ada.page.title() === "(2) loud – hubbub");
  await clock.runFor(10_000);
  assert.deepEqual(await told(ada), []);
  for (const reader of [ada, quiet, loud]) await reader.leave();
});

test("what another tab has read meanwhile is not notified of", limit, async () => {
  const bea = await Reader.open(browser, `${hub.url}?room=twice`);
  const ada = await page_with("granted", `${hub.url}?room=twice`);
  await ada.page.getByLabel("Notify me of new messages").check();
  const tab = await ada.tab(`${hub.url}?room=twice`);
  // Playwright's clock is that of all tabs, so the timer of the notification is held by hand.
  await ada.page.evaluate(() => {
    const start = setTimeout;
    window.held = [];
    window.setTimeout = (act, delay, ...more) => delay === 1_500 ? held.push(act) : start(act, delay, ...more);
  });
  await look(ada, true);
  await bea.say("for whoever looks");
  await tab.sees("for whoever looks");
  await ada.sees("for whoever looks");
  await eventually("it is read", async () => await ada.page.title() === "twice – hubbub");
  assert.equal(await ada.page.evaluate(() => held.length), 1, "a notification is planned");
  await ada.page.evaluate(() => held[0]());
  assert.deepEqual(await told(ada), []);
  await bea.leave();
  await ada.leave();
});

test("the wish for notifications is that of all tabs", limit, async () => {
  const ada = await page_with("granted", hub.url), tab = await ada.tab(hub.url);
  const wishes = [ada, tab].map(reader => reader.page.getByLabel("Notify me of new messages"));
  await wishes[0].check();
  await eventually("the other tab knows", () => wishes[1].isChecked());
  await wishes[1].uncheck();
  await eventually("the first tab knows", async () => !await wishes[0].isChecked());
  await ada.leave();
});

test("a click on a notification of the service worker shows the room in the page, not in another page of the hub", limit, async () => {
  const context = await browser.newContext({ permissions: ["notifications"] });
  const started = context.waitForEvent("serviceworker");
  const ada = new Reader(await context.newPage());
  ada.page.on("pageerror", error => ada.faults.push(String(error)));
  await ada.page.goto(hub.url);
  await ada.status("Connected");
  const worker = await started;
  await ada.page.evaluate(() => navigator.serviceWorker.ready);
  await (await context.newPage()).goto(`${hub.url}ops`);
  await ada.page.evaluate(() => { window.same = true; });
  await worker.evaluate(async url => {
    await registration.showNotification("attic", { data: { room: "attic", url: `${url}?room=attic` } });
    const [notification] = await registration.getNotifications();
    dispatchEvent(new NotificationEvent("notificationclick", { notification }));
  }, hub.url);
  await ada.page.getByRole("heading", { name: "attic" }).waitFor();
  assert.equal(await ada.page.evaluate(() => window.same), true, "the page was not loaded again");
  assert.equal(ada.page.url(), `${hub.url}?room=attic`);
  await ada.leave();
});

test("a reader whose browser refuses notifications is told so", limit, async () => {
  const ada = await page_with("denied", hub.url);
  const wish = ada.page.getByLabel("Notify me of new messages");
  await wish.click();
  await ada.alert.filter({ hasText: "does not allow notifications" }).waitFor();
  assert.equal(await wish.isChecked(), false);
  await ada.leave();
});
