// The smallest possible chat, as a reference for times: two pages with a text box and a list, and a WebSocket server that
// forwards every message. Must not know hubbub.

import { once } from "node:events";
import { WebSocket, WebSocketServer } from "ws";

export async function barePages(browser) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  server.on("connection", socket => socket.on("message", text => {
    for (const each of server.clients) if (each.readyState === WebSocket.OPEN) each.send(String(text));
  }));
  const context = await browser.newContext();
  const readers = [await bareReader(context, server), await bareReader(context, server)];
  return {
    readers,
    async close() {
      await context.close();
      for (const each of server.clients) each.terminate();
      server.close();
    },
  };
}

async function bareReader(context, server) {
  const page = await context.newPage();
  await page.setContent("<textarea></textarea><ol></ol>");
  await page.evaluate(url => new Promise(resolve => {
    const socket = new WebSocket(url), [box, list] = ["textarea", "ol"].map(name => document.querySelector(name));
    socket.onopen = resolve;
    socket.onmessage = ({ data }) => list.append(Object.assign(document.createElement("li"), { textContent: data }));
    box.onkeydown = event => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      socket.send(box.value);
    };
  }), `ws://127.0.0.1:${server.address().port}`);
  return { box: page.locator("textarea"), sees: text => page.getByText(text, { exact: true }).and(page.locator("li")).waitFor() };
}
