// A reverse proxy that serves a hub below a path of its own site. Knows HTTP and upgrades. Must not know what they carry.

import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";

// Returns a server that forwards everything below `path` to the hub and strips the path.
export async function below(path, { host = "127.0.0.1", port }) {
  const inner = url => url.startsWith(`${path}/`) ? url.slice(path.length) : "/nowhere";
  const site = createServer((asked, answer) => {
    asked.pipe(request({ agent: false, port, host, path: inner(asked.url), method: asked.method, headers: asked.headers }, inside => {
      answer.writeHead(inside.statusCode, inside.headers);
      inside.pipe(answer);
    }).on("error", () => answer.destroy()));
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
