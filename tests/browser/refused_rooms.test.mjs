// Hubs that do not let the page into all its rooms: older ones with one room on a connection, those with few rooms, and tokens
// that are not for every room. And losses of the log in a room that is not shown.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { eventually, limit } from "../support/machine.mjs";
import { Hub } from "./hub.mjs";
import { Reader } from "./reader.mjs";
import { init, in_room, message, refused, ScriptedHub, subscribed } from "./scripted_hub.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({ RATE_LIMIT: "0" });

const secret = "correct horse battery staple, and then some";

function sign(claims) {
  const head = [{ alg: "HS256", typ: "JWT" }, claims].map(part => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
}

// Makes the hub of the page's next connections one of an older release, which knows no rooms but that of the address. It closes
// the connections whose address is not accepted.
function age(page, accepts = () => true) {
  return page.routeWebSocket(/\/ws/, route => {
    if (!accepts(route.url())) return route.close();
    const hub = route.connectToServer();
    route.onMessage(text => {
      if (/subscribe/.test(JSON.parse(text).type)) route.send(JSON.stringify(refused("unknown_type")));
      else hub.send(text);
    });
    hub.onMessage(text => {
      const { room, ...frame } = JSON.parse(text);
      if (frame.type === "init") return route.send(text);
      route.send(JSON.stringify(frame));
    });
  });
}

test("with a hub of an older release every room is a page of its own, and loses nothing", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=aged`, [{}], async bea => {
    const ada = await Reader.open(browser, hub.url);
    await age(ada.page);
    await ada.reload();
    await ada.visit("aged");
    await ada.status("Connected");
    await ada.say("from a new page");
    await bea.sees("from a new page");
    await ada.sees("from a new page");
    const requests = [];
    ada.page.on("request", request => requests.push(request.url()));
    await ada.box.fill("a draft");
    await ada.page.evaluate(() => { window.same = true; });
    await ada.link("lobby").click();
    await ada.page.getByRole("heading", { name: "lobby" }).waitFor();
    await ada.status("Connected");
    assert.equal(await ada.page.evaluate(() => window.same), undefined, "the page was loaded");
    assert.deepEqual(requests.filter(url => /messages/.test(url)), [], "the unread messages are not asked for");
    await ada.page.goBack();
    await ada.page.getByRole("heading", { name: "aged" }).waitFor();
    await ada.status("Connected");
    assert.equal(await ada.box.inputValue(), "a draft");
    await bea.say("and on");
    await ada.sees("and on");
    // As the service worker does when its notification is clicked.
    await ada.page.evaluate(() => navigator.serviceWorker.dispatchEvent(new MessageEvent("message", { data: { room: "lobby" } })));
    await ada.page.getByRole("heading", { name: "lobby" }).waitFor();
    await ada.status("Connected");
    await ada.leave();
  });
});

test("a page connects again if a hub of an older release refuses its first room after a failed attempt", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=failed`, [{}], async ada => {
    let attempts = 0, loads = 0;
    await age(ada.page, url => !url.endsWith("room=failed") || ++attempts > 1);
    await ada.visit("lobby");
    ada.page.on("load", () => { loads += 1; });
    await ada.page.goto(`${hub.url}?room=failed`);
    await eventually("the page has tried again", () => attempts > 1);
    await ada.status("Connected");
    await ada.say("here at last");
    await ada.sees("here at last");
    assert.equal(loads, 1);
  });
});

test("a hub with few rooms on a connection shows every room, and counts in those that it has", limit, async t => {
  const small = await Hub.start({ RATE_LIMIT: "0", MAX_ROOMS: "2" });
  t.after(() => small.remove());
  await Reader.together(browser, small.url, [{}], async ada => {
    await ada.say("in the lobby");
    await ada.sees("in the lobby");
    for (const room of ["few-a", "few-b", "few-c"]) {
      await ada.page.evaluate(() => { window.same = true; });
      await ada.visit(room);
      if (room !== "few-a") await ada.page.waitForFunction(() => !window.same); // the page is loaded again
      await ada.status("Connected");
      await ada.say(`in ${room}`);
      await ada.sees(`in ${room}`);
    }
    await ada.visit("few-a");
    await ada.sees("in few-a");
    await ada.page.getByText("1 online", { exact: true }).waitFor();
    await ada.say("again in few-a");
    await ada.sees("again in few-a");
  });
});

for (const [which, settings, prepare] of [
  ["has no place for the room", { MAX_ROOMS: "1" }, () => {}],
  ["is of an older release", {}, age],
]) test(`what waits for a room is sent by the page of that room if the hub ${which}`, limit, async t => {
  const other = await Hub.start({ RATE_LIMIT: "0", ...settings });
  t.after(() => other.remove());
  await Reader.together(browser, other.url, [{}], async ada => {
    await prepare(ada.page);
    await ada.page.evaluate(socket => {
      localStorage[`hubbub ${socket}?room=closet ${crypto.randomUUID()}`] =
        JSON.stringify({ text: "for the closet", at: 1, via: [], why: null, owner: sessionStorage["hubbub tab"] });
    }, `${other.url.replace("http", "ws")}ws`);
    await ada.reload();
    await ada.say("in the lobby");
    await ada.sees("in the lobby"); // the hub has answered about the other room before
    await ada.visit("closet");
    await ada.sees("for the closet");
    await ada.allSent();
    assert.deepEqual(await ada.texts(), ["for the closet"]);
  });
});

test("a token that is not for a room closes that room alone", limit, async t => {
  const guarded = await Hub.start({ RATE_LIMIT: "0", JWT_SECRET: secret });
  t.after(() => guarded.remove());
  const context = await browser.newContext();
  t.after(() => context.close());
  const ada = new Reader(await context.newPage());
  ada.page.on("pageerror", error => ada.faults.push(String(error)));
  await ada.page.goto(`${guarded.url}#access_token=${sign({ rooms: ["lobby", "garden"] })}`);
  await ada.status("Connected");
  await ada.say("in the lobby");
  await ada.sees("in the lobby");
  await ada.visit("cellar");
  await ada.status("Your token is not valid for this room.");
  await ada.visit("garden");
  await ada.status("Connected");
  await ada.say("in the garden");
  await ada.sees("in the garden");
  await ada.page.goBack();
  await ada.status("Your token is not valid for this room.");
  await ada.page.reload(); // now the connection cannot be opened with the room of the address
  await ada.status("Your token is not valid for this room.");
  await ada.link("garden").click();
  await ada.sees("in the garden");
  await ada.status("Connected");
  await ada.link("cellar").click();
  await ada.status("Your token is not valid for this room.");
  await ada.page.evaluate(token => { location.hash = `access_token=${token}`; }, sign({}));
  await ada.status("Connected");
  await ada.say("in the cellar at last");
  await ada.sees("in the cellar at last");
  assert.deepEqual(ada.faults, []);
});

test("with a token for none of its rooms the page stops, and goes on with a token for the room that is shown", limit, async t => {
  const guarded = await Hub.start({ RATE_LIMIT: "0", JWT_SECRET: secret });
  t.after(() => guarded.remove());
  const context = await browser.newContext();
  t.after(() => context.close());
  const ada = new Reader(await context.newPage()), sockets = [];
  ada.page.on("pageerror", error => ada.faults.push(String(error)));
  ada.page.on("websocket", socket => sockets.push(new URL(socket.url()).searchParams.get("room")));
  const use = claims => ada.page.evaluate(token => { location.hash = `access_token=${token}`; }, sign(claims));
  await ada.page.goto(`${guarded.url}?room=hall#access_token=${sign({ rooms: ["hall"] })}`);
  await ada.status("Connected");
  await ada.visit("vault");
  await ada.status("Your token is not valid for this room.");
  // The room of the page's first connection is found to be forbidden, and then the one that is shown.
  for (const rooms of [["attic"], ["yard"]]) {
    const denied = ada.page.waitForResponse(answer => /messages.*room=vault/.test(answer.url()) && answer.status() === 403, limit);
    await use({ rooms });
    await denied;
  }
  assert.ok(sockets.includes("vault"), "the page has tried the room that is shown");
  await use({ rooms: ["vault"] });
  await ada.status("Connected");
  await ada.say("in the vault");
  await ada.sees("in the vault");
  assert.deepEqual(ada.faults, []);
});

test("a message that is refused after the reader has gone on is marked in the list", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    const scripted = await ScriptedHub.replace(ada.page);
    const me = "11111111-1111-4111-8111-111111111111";
    const reloaded = ada.reload();
    const line = await scripted.connection();
    line.send(init(me, { history: [] }));
    await reloaded;
    await ada.visit("market");
    assert.equal((await line.message()).type, "subscribe");
    line.send(subscribed("market", { history: [] }));
    await ada.say("fish!");
    const frame = await line.message();
    await ada.visit("lobby");
    line.send(refused("unstorable", { room: "market", key: frame.key }));
    await eventually("the mark", async () => /⚠.*Not sent yet/.test(await ada.link("market").textContent()));
    assert.equal(await ada.page.getByRole("button", { name: "Forget market" }).count(), 0);
    await ada.page.locator("#toggle .badge:not([hidden])").waitFor({ state: "attached" }); // where the list is closed
    await ada.visit("market");
    await ada.page.getByRole("button", { name: "Discard" }).click();
    await ada.visit("lobby");
    await ada.page.getByRole("button", { name: "Forget market" }).waitFor();
  });
});

test("lost messages leave a room that is not shown, and its number of unread ones", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    const scripted = await ScriptedHub.replace(ada.page);
    const [me, bea] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
    const said = (id, text) => in_room("stage")(message(id, text, bea));
    const reloaded = ada.reload();
    const line = await scripted.connection();
    line.send(init(me, { history: [] }));
    await reloaded;
    await ada.visit("stage");
    await line.message();
    line.send(subscribed("stage", { history: [message(1, "one", bea)] }));
    await ada.sees("one");
    await ada.visit("lobby");
    line.send(...[2, 3, 4, 5].map(id => said(id, `number ${id}`)));
    await eventually("four are unread", async () => await ada.link("stage").textContent() === "stage4 4 unread messages");
    line.send({ type: "fork", room: "stage", after: 3, first: 2 ** 33 });
    await eventually("two are unread", async () => await ada.link("stage").textContent() === "stage2 2 unread messages");
    line.send(said(2 ** 33, "after"));
    await eventually("three are unread", async () => await ada.link("stage").textContent() === "stage3 3 unread messages");
    await ada.visit("stage");
    await ada.sees("after");
    assert.deepEqual(await ada.texts(), ["one", "number 2", "number 3", "after"]);
    await ada.page.getByText("The hub’s database has lost 2 messages").waitFor();
  });
});
