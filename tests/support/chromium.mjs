// A headless Chromium with a profile, a home and an environment of its own, so that neither the user's settings nor another
// Chromium matter. It knows how the browser is started; it must not know any page.

import { mkdtemp } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, patience } from "./machine.mjs";

const program = process.env.CHROMIUM ?? "/usr/bin/chromium";

// Without a sandbox it starts as root and in a container, too; and it shows nothing but the pages of this machine.
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

// Playwright itself listens to these: they would show windows, or start the browser elsewhere.
for (const name of Object.keys(process.env)) if (/^(PW|PLAYWRIGHT|SELENIUM)/.test(name)) delete process.env[name];

/** Starts one. `chromium` is Playwright's; whatever waits in a page of it waits for `patience`. */
export async function browse(chromium, ...more) {
  const home = await mkdtemp(join(tmpdir(), "hubbub-chromium-"));
  const clean = () => rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  let browser;
  try {
    // Playwright makes a new profile for each, and removes it.
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
