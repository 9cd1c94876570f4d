// The browser and the hub that the tests of one file share. Node.js runs each test file in a process of its own, so this
// module has one of each.

import { after, before } from "node:test";
import { Hub } from "./hub.mjs";
import { browse } from "./reader.mjs";

export let browser, hub;

// Starts both before the tests of the file and ends both after them. `prepare` runs when both are there: a hook of the
// test file would not wait for the one here.
export function use_browser_and_hub(settings = {}, { flags = [], prepare } = {}) {
  before(async () => {
    browser = await browse(...flags);
    hub = await Hub.start(settings);
    await prepare?.();
  });
  after(async () => {
    await browser?.close();
    await hub?.remove();
  });
}
