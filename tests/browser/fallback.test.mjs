// The page where no WebSocket gets through: it goes on over HTTP, and comes back.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { Hub } from "./hub.mjs";
import { Reader } from "./reader.mjs";
import { counts, say, use_rooms } from "./rooms_stage.mjs";
import { browser, hub } from "./stage.mjs";

const secret = "correct horse battery staple, and then some";
const proxies = [];

use_rooms();
after(() => { for (const proxy of proxies) proxy.remove(); });

// Resolves with a reader whose WebSockets live for so many ms, and the proxy.
async function behind({ life = 0, room = "lobby", of = hub, token = "" } = {}) {
  const proxy = await FaultProxy.to(of, { events: true });
  proxies.push(proxy);
  proxy.websocket_life = life;
  const reader = await Reader.open(browser, `${proxy.url}?room=${room}${token && `#access_token=${token}`}`);
  await goes_over_http(reader);
  return { reader, proxy };
}

const over_http = reader => reader.page.locator("#detail", { hasText: "over HTTP" });
const goes_over_http = reader => over_http(reader).waitFor();
const own = reader => reader.page.locator("#messages .message.own .text").allTextContents();

for (const [how, life] of [["refused", 0], ["cut after five seconds", 5_000]]) test(`where WebSockets are ${how}, a conversation goes on over HTTP`, limit, async () => {
  const room = `talk-${life}`, { reader: ada, proxy } = await behind({ life, room });
  await Reader.together(browser, `${hub.url}?room=${room}`, [{}], async bea => {
    await ada.status("Connected");
    await ada.say("from ada");
    await bea.sees("from ada");
    await bea.say("from bea");
    await ada.sees("from bea");
    await ada.say("from ada again");
    await bea.sees("from ada again");
    await ada.sees("from ada again");
    await ada.allSent();
    assert.deepEqual(await ada.texts(), ["from ada", "from bea", "from ada again"]);
    assert.deepEqual(await own(ada), ["from ada", "from ada again"]);
    assert.ok(proxy.opened.filter(kind => kind === "ws").length >= 2, "two WebSockets are tried before");
    await ada.page.getByText("2 online").waitFor();
  });
  await ada.reload();
  await ada.sees("from ada again");
  assert.deepEqual(await own(ada), ["from ada", "from ada again"], "a reload does not forget who wrote them");
  await ada.leave();
});

test("a page over HTTP in Russian says so in Russian", limit, async () => {
  const { reader: ada } = await behind({ room: "russian" });
  await ada.page.evaluate(() => { document.getElementById("language").value = "ru"; document.getElementById("language").dispatchEvent(new Event("change")); });
  await ada.page.getByText("через HTTP").waitFor();
  await ada.leave();
});

test("several rooms share one stream: messages are shown and counted in each", limit, async () => {
  const { reader: ada } = await behind({ room: "first" });
  for (const room of ["second", "third"]) {
    await say(room, `welcome to ${room}`);
    await ada.visit(room);
    await ada.sees(`welcome to ${room}`);
  }
  await say("first", "one", "two");
  await say("second", "three");
  await counts(ada, "first", 2);
  await counts(ada, "second", 1);
  await say("third", "here");
  await ada.sees("here");
  await ada.visit("second");
  await ada.sees("three");
  await ada.say("written in the second");
  await ada.sees("written in the second");
  await counts(ada, "second", 0);
  await ada.leave();
});

test("a break and a restart over HTTP lose nothing and double nothing", limit, async () => {
  const { reader: ada, proxy } = await behind({ room: "break" });
  await ada.say("before");
  await ada.sees("before");
  proxy.cut();
  await ada.status("does not accept the connection");
  await ada.say("written during the break");
  await say("break", "missed during the break");
  proxy.mend();
  await goes_over_http(ada);
  await ada.sees("written during the break");
  await ada.sees("missed during the break");
  await hub.stop();
  await ada.status(/no connection/i);
  await ada.say("written during the restart");
  await hub.start();
  await goes_over_http(ada);
  await ada.sees("written during the restart");
  await ada.allSent();
  const texts = await ada.texts();
  assert.deepEqual([...texts].sort(), ["before", "missed during the break", "written during the break", "written during the restart"]);
  assert.deepEqual(await own(ada), ["before", "written during the break", "written during the restart"]);
  await ada.leave();
});

test("a message that the hub refuses over HTTP waits with the reason, and can be sent again", limit, async () => {
  const { reader: ada } = await behind({ room: "refused" });
  const problem = { status: 422, contentType: "application/problem+json", body: JSON.stringify({ code: "unstorable", detail: "The database refuses it", status: 422 }) };
  await ada.page.route(/\/messages$/, route => route.fulfill(problem), { times: 1 });
  await ada.say("refused once");
  await ada.unsent.filter({ hasText: "The database refuses it" }).waitFor();
  await ada.say("another");
  await ada.sees("another");
  await ada.unsent.getByRole("button", { name: "Send again" }).click();
  await ada.sees("refused once");
  await ada.allSent();
  await ada.leave();
});

test("a token is enough over HTTP, and the page asks for another when it has expired", limit, async t => {
  const safe = await Hub.start({ JWT_SECRET: secret });
  t.after(() => safe.remove());
  const { reader: ada } = await behind({ of: safe, room: "safe", token: sign({ sub: "Ann", exp: Math.floor(Date.now() / 1000) + 5 }) });
  await ada.say("with the first token");
  await ada.sees("with the first token");
  await ada.status("This hub needs a token");
  await ada.page.getByLabel("Token").fill(sign({ sub: "Ann" }));
  await ada.page.getByRole("button", { name: "Sign in" }).click();
  await goes_over_http(ada);
  await ada.say("with the second");
  await ada.sees("with the second");
  assert.deepEqual(await ada.texts(), ["with the first token", "with the second"]);
  await ada.leave();
});

test("when WebSockets get through again, the page comes back to one and loses nothing", limit, async () => {
  const { reader: ada, proxy } = await behind({ room: "back" });
  await ada.say("over HTTP");
  await ada.sees("over HTTP");
  proxy.websocket_life = Infinity;
  await ada.page.evaluate(() => dispatchEvent(new Event("online")));
  await say("back", "during the trial");
  await over_http(ada).waitFor({ state: "detached" });
  await ada.status("Connected");
  await say("back", "over a WebSocket");
  await ada.sees("over a WebSocket");
  await ada.say("mine over a WebSocket");
  await ada.sees("mine over a WebSocket");
  assert.deepEqual(await ada.texts(), ["over HTTP", "during the trial", "over a WebSocket", "mine over a WebSocket"]);
  assert.deepEqual(await own(ada), ["over HTTP", "mine over a WebSocket"]);
  assert.equal(proxy.opened.at(-1), "ws");
  await ada.leave();
});

test("an older hub, which has no event streams, is not taken for one that has", limit, async () => {
  const proxy = await FaultProxy.to(hub);
  proxies.push(proxy);
  await Reader.together(browser, `${proxy.url}?room=older`, [{}], async ada => {
    proxy.websocket_life = 0;
    proxy.cut();
    await eventually("a stream and further WebSockets are tried", () => /events,ws,ws/.test(String(proxy.opened)));
    await ada.status("does not accept the connection");
    proxy.websocket_life = Infinity;
    proxy.mend();
    await ada.status("Connected");
  });
});

function sign(claims) {
  const head = [{ alg: "HS256", typ: "JWT" }, claims].map(part => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
}
