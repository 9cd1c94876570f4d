// Pictures of the page: node screenshots.mjs OUTDIR. Wide and narrow, light and dark, talking, empty, cut off and refused;
// OUTDIR/page.png is the one of the README. It starts its own hub and tests nothing.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Hub } from "./hub.mjs";
import { browse, Reader } from "./reader.mjs";

const [out] = process.argv.slice(2);
if (!out) throw new Error("usage: node screenshots.mjs OUTDIR");
await mkdir(out, { recursive: true });

const talk = [
  ["ada", "Morning! Is the new hub up already?"],
  ["bea", "Since eight. It took over the old table and lost nothing."],
  ["ada", "Nice. And when it restarts during a deploy?"],
  ["bea", "Then the page says so and comes back by itself."],
  ["bea", "What you missed follows, each message once."],
  ["ada", "I pulled my network cable to try it 🔌\nIt is true."],
  ["bea", "Then tell the others 🎉"],
];
const sizes = { wide: { width: 1100, height: 720 }, narrow: { width: 390, height: 780 } };

const browser = await browse();
const hub = await Hub.start();
try {
  for (const [name, viewport] of Object.entries(sizes)) for (const colorScheme of ["light", "dark"]) {
    const shot = (reader, what) => reader.page.screenshot({
      path: join(out, what.endsWith(".png") ? what : `${what}-${name}-${colorScheme}.png`),
      animations: "disabled",
    });
    await hub.renew();
    const look = { viewport, colorScheme, locale: "en-GB", deviceScaleFactor: name === "narrow" ? 2 : 1 };
    const people = {};
    for (const person of ["ada", "bea", "cem"]) people[person] = await Reader.open(browser, hub.url, look);
    await shot(people.ada, "empty");
    for (const [person, text] of talk) {
      await people[person].say(text);
      for (const reader of Object.values(people)) await reader.sees(text);
    }
    if (name === "wide" && colorScheme === "light") await shot(people.ada, "page.png");
    await people.cem.say("We know already.");
    await people.ada.sees("We know already.");
    await shot(people.ada, "talk");
    await people.ada.list.evaluate(list => { list.scrollTop = 0; });
    await people.ada.page.locator("#scroll:not(.follows)").waitFor();
    await people.bea.say("And so does everybody else.");
    await people.ada.page.getByText("1 new").waitFor();
    await shot(people.ada, "news");
    await people.ada.box.fill("word ".repeat(197));
    await people.bea.say("No database stores this: \0");
    await people.bea.alert.waitFor();
    await people.bea.box.fill("x".repeat(1012));
    await people.bea.box.press("Enter");
    await shot(people.ada, "counter");
    await shot(people.bea, "refused");
    await hub.kill();
    await people.cem.status("The line to the hub is down");
    await people.cem.say("This waits until the hub is back.");
    await people.cem.page.getByText("waiting to be sent").waitFor();
    await shot(people.cem, "offline");
    for (const reader of Object.values(people)) await reader.page.context().close();
  }
} finally {
  await browser.close();
  await hub.remove();
}
