// The addresses that the page can be served from, and the room in the address.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { FaultProxy } from "./fault_proxy.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub({}, { flags: ["--host-resolver-rules=MAP hub.test 127.0.0.1"] });

test("the page works below a path of another site", limit, async t => {
  const site = await below("/chat", hub);
  t.after(() => site.close());
  await Reader.together(browser, `http://127.0.0.1:${site.address().port}/chat/`, [{}, {}], async (ada, bea) => {
    await ada.say("below a path");
    await bea.sees("below a path");
  });
});

test("without https, where a page may do less, what is written still survives a reload", limit, async t => {
  const proxy = await FaultProxy.to(hub);
  t.after(() => proxy.remove());
  await Reader.together(browser, proxy.url.replace("127.0.0.1", "hub.test"), [{}], async ada => {
    assert.equal(await ada.page.evaluate(() => isSecureContext), false);
    proxy.cut();
    await ada.status("There is no connection to the hub");
    await ada.say("in plain sight");
    await ada.page.reload();
    await ada.unsent.waitFor();
    proxy.mend();
    await ada.sees("in plain sight");
    assert.equal(await ada.unsent.count(), 0);
  });
});

test("the page's address names the room", limit, async () => {
  await Reader.together(browser, `${hub.url}?room=kitchen`, [{}], async ada => {
    const bea = await Reader.open(browser, hub.url);
    await ada.page.getByRole("heading", { name: "kitchen" }).waitFor();
    await bea.page.getByRole("heading", { name: "lobby" }).waitFor();
    await ada.say("in the kitchen");
    await bea.say("in the lobby");
    await ada.sees("in the kitchen");
    await bea.sees("in the lobby");
    assert.deepEqual(await ada.texts(), ["in the kitchen"]);
    assert.equal((await bea.texts()).includes("in the kitchen"), false);
    await bea.leave();
  });
});

// Returns a server that forwards everything below `path` to the hub, as a reverse proxy does.
async function below(path, { host, port }) {
  const inner = url => url.startsWith(`${path}/`) ? url.slice(path.length) : "/nowhere";
  const site = createServer((asked, answer) => {
    request({ agent: false, port, host, path: inner(asked.url), method: asked.method, headers: asked.headers }, inside => {
      answer.writeHead(inside.statusCode, inside.headers);
      inside.pipe(answer);
    }).on("error", () => answer.destroy()).end();
  });
  site.on("upgrade", (asked, reader) => {
    const inside = connect(port, host);
    const headers = asked.rawHeaders.map((word, i) => i % 2 ? `${word}\r\n` : `${word}: `).join("");
    inside.write(`GET ${inner(asked.url)} HTTP/1.1\r\n${headers}\r\n`);
    for (const [from, to] of [[reader, inside], [inside, reader]]) from.on("error", () => to.destroy()).pipe(to);
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  return site;
}
