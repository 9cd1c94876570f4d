// The page and a hub that needs a token: by a link, by hand, after expiry, and in a wrong room.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { afterEach, test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

const secret = "correct horse battery staple, and then some";
const asks = "This hub needs a token";
let context;

use_browser_and_hub({ JWT_SECRET: secret });
afterEach(() => context?.close());

function sign(claims) {
  const head = [{ alg: "HS256", typ: "JWT" }, claims].map(part => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
}

// Opens the page without waiting for a connection. `asked` collects the addresses of all its requests.
async function visit(address) {
  context = await browser.newContext();
  const page = await context.newPage();
  const reader = new Reader(page);
  reader.asked = [];
  page.on("request", request => reader.asked.push(request.url()));
  page.on("websocket", socket => reader.asked.push(socket.url()));
  page.on("pageerror", error => reader.faults.push(String(error)));
  await page.addInitScript(() => {
    window.told = []; // all texts of the page's status
    new MutationObserver(() => told.push(document.getElementById("status")?.textContent))
      .observe(document, { childList: true, characterData: true, subtree: true });
  });
  await page.goto(address);
  return reader;
}

async function enter(reader, text) {
  await reader.page.getByLabel("Token").fill(text);
  await reader.page.getByRole("button", { name: "Sign in" }).click();
}

test("a link with a token lets in, and the token is in no address and in no other tab", limit, async () => {
  const token = sign({ sub: "Ada" });
  const ada = await visit(`${hub.url}?room=garden#access_token=${token}`);
  await ada.status("Connected");
  assert.equal(ada.page.url(), `${hub.url}?room=garden`);
  await ada.say("hello from the garden");
  await ada.sees("hello from the garden");
  await ada.reload();
  await ada.sees("hello from the garden");
  assert.deepEqual(ada.asked.filter(url => url.includes(token)), [`${hub.url}?room=garden#access_token=${token}`].filter(url => ada.asked.includes(url)), "a fragment goes nowhere");
  assert.equal(await ada.page.evaluate(token => JSON.stringify({ ...localStorage }).includes(token), token), false);
  assert.deepEqual(ada.faults, []);
});

test("without a token the page asks for one, takes no nonsense, and shows the names that tokens give", limit, async () => {
  const ada = await visit(hub.url);
  await ada.status(asks);
  await enter(ada, "let me in");
  assert.equal(await ada.page.getByLabel("Token").evaluate(input => input.validationMessage), "This is not a token.");
  await enter(ada, `${sign({})}x`);
  await ada.status(asks);
  await enter(ada, sign({ sub: "Ada Lovelace" }));
  await ada.status("Connected");
  await ada.say("who am I?");
  await ada.sees("who am I?");
  const other = await browser.newContext();
  try {
    const page = await other.newPage();
    await page.goto(`${hub.url}#access_token=${sign({ sub: "<b>Bea</b>" })}`);
    const bea = new Reader(page);
    await bea.sees("who am I?");
    await page.getByText("Ada Lovelace").first().waitFor();
    await bea.say("you are Ada");
    await ada.sees("you are Ada");
    await ada.page.getByText("<b>Bea</b>").first().waitFor();
  } finally {
    await other.close();
  }
  assert.deepEqual(ada.faults, []);
});

test("when the token expires the page asks for the next one, and what was written goes out with it", limit, async () => {
  // The page must connect before its token expires. On a slow machine it gets a token that lasts longer.
  let ada;
  for (let lasts = 3; ; lasts *= 2) {
    const leeway = 5; // s of the hub
    ada = await visit(`${hub.url}#access_token=${sign({ exp: Math.floor(Date.now() / 1000) + lasts - leeway })}`);
    await ada.status(asks);
    if ((await ada.page.evaluate(() => told)).includes("Connected")) break;
    await context.close();
  }
  await ada.say("written between two tokens");
  await ada.unsent.waitFor();
  await ada.page.evaluate(token => { location.hash = `access_token=${token}`; }, sign({}));
  await ada.sees("written between two tokens");
  assert.equal(ada.page.url(), hub.url);
  assert.deepEqual(ada.faults, []);
});

test("a room that the token is not for is said to be closed, and no more is tried", limit, async () => {
  const ada = await visit(`${hub.url}?room=kitchen#access_token=${sign({ rooms: ["garden"] })}`);
  await ada.status("Your token is not valid for this room.");
  assert.equal(await ada.page.getByLabel("Token").isVisible(), false);
  assert.deepEqual(ada.faults, []);
});

test("a late answer about the last token does not keep out a reader with a better one", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  const ada = await visit(proxy.url);
  await ada.status(asks);
  await ada.patient();
  const late = [];
  await ada.page.context().route(/\/messages/, route => { late.push(() => route.continue()); });
  await enter(ada, `${sign({})}x`);
  while (!late.length) await ada.drawn();
  proxy.hold(); // the next connection is still being opened when the answer arrives
  await enter(ada, sign({ sub: "Ada Lovelace" }));
  const answered = ada.page.waitForResponse(/\/messages/);
  for (const go of late) await go();
  await answered;
  await ada.drawn();
  proxy.mend();
  await ada.status("Connected");
});
