// A headless Chromium with a profile, a home and an environment of its own, so that neither the user's settings nor another
// Chromium matter. Knows how the browser is started. Must not know any page.

import { mkdtemp } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, patience } from "./machine.mjs";

const program = process.env.CHROMIUM ?? "/usr/bin/chromium";

// Without its sandbox, Chromium also starts as root and in a container. It only loads pages of this machine.
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

// Playwright obeys these variables: they would show windows, or start the browser on another machine.
for (const name of Object.keys(process.env)) if (/^(PW|PLAYWRIGHT|SELENIUM)/.test(name)) delete process.env[name];

/** Starts a browser. `chromium` is Playwright's object. Every wait in one of the browser's pages lasts at most `patience`. */
export async function browse(chromium, ...more) {
  const home = await mkdtemp(join(tmpdir(), "hubbub-chromium-"));
  const clean = () => rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  let browser;
  try {
    // Playwright makes a new profile for each browser, and removes it.
    browser = await chromium.launch({ executablePath: program, args: [...flags, ...more], env: environment(home), headless: true, timeout: patience });
  } catch (why) {
    clean();
    throw new Error(`Chromium did not start. The tests need ${program}, or another one that CHROMIUM names.\n${why.message}`, { cause: why });
  }
  browser.on("disconnected", clean);
  const open = browser.newContext.bind(browser);
  browser.newContext = async options => {
    const context = await open(options);
    context.setDefaultTimeout(patience);
    return context;
  };
  return browser;
}
