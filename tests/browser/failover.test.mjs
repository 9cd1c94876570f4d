// The page through a failover of PostgreSQL to a standby that was behind.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Postgres } from "../support/postgres.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { Hub } from "./hub.mjs";
import { browse, Reader } from "./reader.mjs";

const lost = "#messages .lost";
let browser, primary, standby, hub;

before(async () => {
  browser = await browse();
  primary = await Postgres.start();
  await primary.sql("create database chat");
  standby = await primary.standby();
  const hosts = [primary, standby].map(({ host, port }) => `${host}:${port}`).join();
  hub = await Hub.start({ DATABASE_URL: `postgresql://hubbub@${hosts}/chat`, RATE_LIMIT: "0" });
});
after(async () => {
  await browser?.close();
  await hub?.remove();
  await standby?.remove();
  await primary?.remove();
});

test("messages that a failover loses disappear from every page, and their authors' pages send them again", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  const [ada, bea, cem] = [await Reader.open(browser, hub.url), await Reader.open(browser, hub.url), await Reader.open(browser, proxy.url)];
  const dan = await Reader.open(browser, hub.url);
  const say = async (author, text) => {
    await author.say(text);
    for (const reader of [ada, bea, cem]) await reader.sees(text);
    await author.allSent();
  };
  await say(ada, "kept by both");
  await say(bea, "kept too");
  await primary.replayed_by(standby);
  await standby.cut();
  for (const [author, text] of [[ada, "lost 1"], [bea, "lost 2"], [ada, "lost 3"], [cem, "lost 4"]]) await say(author, text);
  await dan.sees("lost 4");
  const shown = await ids(ada);
  await dan.page.goto("about:blank"); // this page only reads, and returns later
  proxy.cut(); // this page has no connection while it happens
  await cem.status("No connection");
  await primary.kill();
  await ada.say("written in between");
  await standby.promote();
  for (const reader of [ada, bea]) await reader.page.locator(lost).waitFor();
  for (const text of ["lost 1", "lost 2", "lost 3", "written in between"]) for (const reader of [ada, bea]) await reader.sees(text);
  proxy.mend();
  await cem.page.locator(lost).waitFor();
  for (const text of ["lost 1", "lost 2", "lost 3", "lost 4", "written in between"]) for (const reader of [ada, bea, cem]) await reader.sees(text);
  for (const reader of [ada, bea, cem]) await reader.allSent();
  const texts = await ada.texts();
  assert.deepEqual(texts.slice(0, 2), ["kept by both", "kept too"]);
  assert.deepEqual([...texts].sort(), ["kept by both", "kept too", "lost 1", "lost 2", "lost 3", "lost 4", "written in between"]);
  // "written in between" was with the hub already when the page learned of the loss.
  assert.deepEqual(texts.filter(text => ["lost 1", "lost 3"].includes(text)), ["lost 1", "lost 3"], "the author's order");
  for (const reader of [bea, cem]) assert.deepEqual(await reader.texts(), texts);
  assert.deepEqual((await ids(ada)).slice(0, 2), shown.slice(0, 2));
  for (const id of (await ids(ada)).slice(2)) assert.ok(id > shown.at(-1) + 2 ** 32, `${id} is beyond all ids of the lost branch`);
  assert.match(await ada.page.locator(lost).innerText(), /has lost 4 messages, .* 2 messages of yours are sent again/);
  await say(bea, "and on");
  const eve = await Reader.open(browser, hub.url);
  await eve.sees("and on");
  assert.deepEqual(await eve.texts(), [...texts, "and on"], "a new reader sees the same");
  await dan.page.goBack();
  await dan.sees("and on");
  assert.deepEqual(await dan.texts(), [...texts, "and on"]);
  for (const reader of [ada, bea, cem, dan, eve]) await reader.leave();
});

test("an author whose page is loaded anew after a second failover sends again too", limit, async () => {
  const former = primary;
  primary = standby; // since the failover before
  standby = await primary.standby(former);
  await former.remove();
  const url = `${hub.url}?room=second`;
  const [ada, bea] = [await Reader.open(browser, url), await Reader.open(browser, url)];
  await bea.say("kept");
  await ada.sees("kept");
  await primary.replayed_by(standby);
  await standby.cut();
  for (const text of ["lost 1", "lost 2"]) {
    await ada.say(text);
    await bea.sees(text);
    await ada.allSent();
  }
  await ada.page.goto("about:blank");
  await primary.kill();
  await standby.promote();
  await bea.page.locator(lost).waitFor();
  assert.match(await bea.page.locator(lost).innerText(), /^The hub’s database has lost 2 messages, which are removed here\.$/);
  assert.deepEqual(await bea.texts(), ["kept"]);
  await ada.page.goto(url);
  for (const reader of [ada, bea]) {
    await reader.sees("lost 2");
    assert.deepEqual(await reader.texts(), ["kept", "lost 1", "lost 2"]);
  }
  await ada.allSent();
  for (const reader of [ada, bea]) await reader.leave();
});

// The ids of the messages that the page shows.
async function ids(reader) {
  return reader.page.locator("#messages .message").evaluateAll(all => all.map(item => Number(item.dataset.id)));
}
