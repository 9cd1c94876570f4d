// The page under TLS: over wss, and with a certificate that is renewed while the page is open.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { environment, limit } from "../support/machine.mjs";
import { Hub } from "./hub.mjs";
import { browse, Reader } from "./reader.mjs";

let browser, hub, folder, files;

function certify() {
  execFileSync("openssl", ["req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "30", "-subj", "/CN=hub",
    "-addext", "subjectAltName=IP:127.0.0.1", "-out", files.TLS_CERT, "-keyout", files.TLS_KEY],
  { stdio: "ignore", env: environment(folder) });
}

before(async () => {
  browser = await browse();
  folder = await mkdtemp(join(tmpdir(), "hubbub-tls-"));
  files = { TLS_CERT: join(folder, "chain.pem"), TLS_KEY: join(folder, "key.pem") };
  certify();
  hub = await Hub.start(files);
});
after(async () => {
  await browser?.close();
  await hub?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

// Opens the page. The certificate is self-signed, so the browser must be told to accept it.
async function visit() {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const reader = new Reader(page);
  reader.sockets = [];
  page.on("websocket", socket => reader.sockets.push(socket.url()));
  page.on("pageerror", error => reader.faults.push(String(error)));
  await page.goto(hub.url);
  await reader.status("Connected");
  return reader;
}

test("the page talks over wss, and goes on when the certificate is renewed", limit, async () => {
  const ada = await visit();
  assert.match(ada.sockets[0], /^wss:\/\/127\./);
  await ada.say("under TLS");
  await ada.sees("under TLS");
  certify();
  hub.signal("SIGHUP");
  const bob = await visit();
  await bob.say("with another certificate");
  await ada.sees("with another certificate");
  assert.equal(ada.sockets.length, 1, "nobody was dropped");
  assert.deepEqual([...ada.faults, ...bob.faults], []);
});
