// Takes pictures of the page: node screenshots.mjs OUTDIR. The page is wide and narrow, light and dark, English and Russian,
// empty, busy, scrolled back, refused, offline, after a loss of messages and with many rooms. OUTDIR/page.png and
// OUTDIR/walk.png are the pictures of the READMEs. Tests nothing.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { animated } from "./apng.mjs";
import { Hub } from "./hub.mjs";
import { browse, Reader } from "./reader.mjs";
import { ack, in_room, init, message, refused, ScriptedHub, subscribed } from "./scripted_hub.mjs";

const [out] = process.argv.slice(2);
if (!out) throw new Error("usage: node screenshots.mjs OUTDIR");
await mkdir(out, { recursive: true });

const talk = [
  ["ada", "Morning! Is the new hub up already?"],
  ["bea", "Since eight. It took over the old table and lost nothing."],
  ["ada", "Nice. And when it restarts during a deploy?"],
  ["bea", "Then the page says so and comes back by itself."],
  ["bea", "What you missed follows, each message once: https://example.org/promises"],
  ["ada", "I pulled my network cable to try it.\nIt is true."],
  ["cem", "مرحبا! Does it do every script?"],
];
const sizes = { wide: { width: 1100, height: 720 }, narrow: { width: 390, height: 780 } };
const room = name => `${hub.url}?room=${name}`;

const browser = await browse();
const hub = await Hub.start({ RATE_LIMIT: "0" });
try {
  for (const [name, viewport] of Object.entries(sizes)) for (const colorScheme of ["light", "dark"]) {
    await hub.renew();
    const look = { viewport, colorScheme, locale: "en-GB", deviceScaleFactor: name === "narrow" ? 2 : 1 };
    const shot = async (reader, what) => {
      await picture(reader, `${what}-${name}-${colorScheme}`);
      await speak_in(reader, "ru");
      await picture(reader, `${what}-${name}-${colorScheme}-ru`);
      await speak_in(reader, "en");
    };
    await pictures(look, shot);
    await loss(look, shot);
    await many(look, shot);
  }
  await hub.renew();
  await walk({ viewport: { width: 390, height: 640 }, colorScheme: "light", locale: "en-GB" });
} finally {
  await browser.close();
  await hub.remove();
}

function picture(reader, what) {
  return reader.page.screenshot({ path: what && join(out, `${what}.png`), animations: "disabled" });
}

async function speak_in(reader, language) {
  await reader.page.locator("#language").evaluate((select, language) => {
    select.value = language;
    select.dispatchEvent(new Event("change"));
  }, language);
  await reader.drawn();
  await reader.drawn(); // the list and the conversation are drawn with the next frame
}

async function company(look) {
  const people = {};
  for (const name of ["ada", "bea", "cem"]) people[name] = await Reader.open(browser, hub.url, look);
  return people;
}

// Ada visits two more rooms, and one of them gets new messages.
async function news(ada, look) {
  await ada.visit("кухня");
  await ada.say("Tea is ready.");
  await ada.sees("Tea is ready.");
  await ada.visit("release-2.0");
  const dan = await Reader.open(browser, room("кухня"), look);
  for (const text of ["On my way.", "Any cake left?"]) await dan.say(text);
  await dan.sees("Any cake left?");
  await dan.page.context().close();
  await ada.visit("lobby");
}

async function speak(people) {
  for (const [name, text] of talk) {
    await people[name].say(text);
    for (const reader of Object.values(people)) await reader.sees(text);
  }
}

async function pictures(look, shot) {
  const people = await company(look);
  const { ada, bea, cem } = people;
  await shot(ada, "empty");
  await news(ada, look);
  await speak(people);
  await ada.page.locator("nav .badge").first().waitFor({ state: "attached" });
  await shot(ada, "talk");
  if (look.viewport === sizes.wide && look.colorScheme === "light") await picture(ada, "page");
  if (look.viewport === sizes.narrow) {
    await ada.page.getByRole("button", { name: "Rooms" }).click();
    await shot(ada, "rooms");
    await ada.page.keyboard.press("Escape");
  }
  await bea.pour(Array.from({ length: 400 }, (_, i) => `A busy room says a lot, and this is line ${i + 1} of it.`));
  await ada.sees("A busy room says a lot, and this is line 400 of it.");
  await shot(ada, "busy");
  await ada.list.hover();
  await ada.page.mouse.wheel(0, -900);
  await ada.page.locator("#scroll:not(.follows)").waitFor();
  await bea.say("And so does everybody else.");
  await ada.page.getByText("1 new").waitFor();
  await shot(ada, "news");
  await ada.box.fill("word ".repeat(197));
  await bea.say("No database stores this: \0");
  await bea.alert.waitFor();
  await bea.box.fill("word ".repeat(300));
  await bea.box.press("Enter");
  await shot(ada, "counter");
  await shot(bea, "refused");
  await hub.kill();
  await cem.status("No connection");
  await cem.say("This waits until the hub is back.");
  await cem.page.getByText("waiting to be sent").waitFor();
  await shot(cem, "offline");
  await hub.start();
  for (const reader of Object.values(people)) await reader.page.context().close();
}

// The hub's database has lost three messages. Two of them are the reader's: one is stored again, and one still waits.
async function loss(look, shot) {
  const reader = await Reader.open(browser, hub.url, look);
  const scripted = await ScriptedHub.replace(reader.page);
  const [me, bea] = ["5c1e7a90-3b1d-4f7e-9c55-0d2f6a1b8e34", "e2a4c6d8-7f10-4b2c-8d3e-9a5b6c7d8e9f"];
  const reloaded = reader.reload();
  const connection = await scripted.connection();
  connection.send(init(me, { history: talk.slice(0, 4).map(([name, text], i) => message(i + 1, text, name === "ada" ? me : bea, i + 1)) }));
  await reloaded;
  for (const [i, text] of ["The standby takes over now.", "Did that one arrive?"].entries()) {
    await reader.say(text);
    connection.send(ack(await connection.message(), 5 + i, 5 + i), message(5 + i, text, me, 5 + i));
    await reader.sees(text);
  }
  connection.send(message(7, "I think so.", bea, 7), { type: "fork", room: "lobby", after: 4, first: 2 ** 33 });
  const again = await connection.message();
  connection.send(message(2 ** 33, "Here I am again.", bea, 1), ack(again, 2 ** 33 + 1, 7), message(2 ** 33 + 1, again.text, me, 7), { type: "presence", room: "lobby", online: 2 });
  await reader.sees(again.text);
  await reader.unsent.waitFor();
  await shot(reader, "lost");
  await reader.page.context().close();
}

// A list of rooms with long names and many unread messages, and a message that was refused after the reader had gone on.
async function many(look, shot) {
  const reader = await Reader.open(browser, hub.url, look);
  const scripted = await ScriptedHub.replace(reader.page);
  const [me, bea] = ["5c1e7a90-3b1d-4f7e-9c55-0d2f6a1b8e34", "e2a4c6d8-7f10-4b2c-8d3e-9a5b6c7d8e9f"];
  const names = ["release-2.0", "кухня", "a-room-with-a-rather-long-name_".repeat(2), "garden", "market"];
  const reloaded = reader.reload();
  const connection = await scripted.connection();
  connection.send(init(me, { history: talk.slice(0, 4).map(([name, text], i) => message(i + 1, text, name === "ada" ? me : bea, i + 1)) }));
  await reloaded;
  for (const name of names) {
    await reader.visit(name);
    await connection.message();
    connection.send(subscribed(name, { history: [message(10, `Welcome to ${name}`, bea)] }));
    await reader.sees(`Welcome to ${name}`);
  }
  await reader.say("Fish!");
  const refusable = await connection.message();
  await reader.visit("lobby");
  const unread = { "release-2.0": 7, [names[2]]: 1240, garden: 131, market: 2 };
  for (const [name, count] of Object.entries(unread)) {
    connection.send(...Array.from({ length: count }, (_, i) => in_room(name)(message(11 + i, `Message ${i + 1}`, bea, i + 2))));
  }
  connection.send(refused("unstorable", { room: "market", key: refusable.key }), { type: "presence", room: "lobby", online: 12 });
  await reader.page.getByText("12 online").waitFor();
  await reader.link(names[2]).filter({ hasText: "1240" }).waitFor({ state: "attached" });
  if (look.viewport === sizes.narrow) await reader.page.getByRole("button", { name: "Rooms" }).click();
  await shot(reader, "many");
  await reader.page.context().close();
}

// A minute with the page in a few frames: a conversation, the hub stops, a message waits, and the hub starts again.
async function walk(look) {
  const people = await company(look);
  const { ada, bea } = people;
  const frames = [];
  const frame = async ms => frames.push({ png: await picture(ada), ms });
  await news(ada, look);
  await speak(people);
  await frame(2_500);
  await ada.box.pressSequentially("And when the hub is away?");
  await frame(1_500);
  await hub.kill();
  await ada.status("No connection");
  await ada.box.press("Enter");
  await ada.unsent.getByText("waiting to be sent").waitFor();
  await ada.page.waitForFunction(() => document.querySelector(".note")?.getAnimations().every(a => a.playState === "finished"));
  await frame(3_000);
  await hub.start();
  await ada.sees("And when the hub is away?");
  await ada.status("Connected");
  await frame(2_000);
  await bea.say("Then it waits, and comes once.");
  await ada.sees("Then it waits, and comes once.");
  await frame(2_500);
  await ada.page.getByRole("button", { name: "Rooms" }).click();
  await frame(2_500);
  await ada.link("кухня").click();
  await ada.sees("Any cake left?");
  await frame(2_500);
  await writeFile(join(out, "walk.png"), animated(frames));
}
