// A TCP proxy between a page and the hub that causes faults of WebSocket connections. Requests for the page and its files are
// always forwarded. Knows bytes, and of HTTP the target of the first request alone.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class FaultProxy {
  #connections = new Set(); // of WebSockets: [the page's socket, the hub's socket]
  #accepts = true;
  #forwards = true;
  #throttled = false;
  #budget = 0;
  #busy = new Set(); // sockets of the hub whose last bytes are still being throttled

  static async to(hub) {
    const proxy = new FaultProxy();
    proxy.server = createServer(reader => reader.once("data", first => proxy.#connect(reader, first, hub)));
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    proxy.url = `http://127.0.0.1:${proxy.server.address().port}/`;
    return proxy;
  }

  // Ends all connections, and every new one at once, until `mend`.
  cut() {
    this.#accepts = false;
    for (const ends of this.#connections) for (const end of ends) end.destroy();
  }

  // Stops forwarding what the hub sends. The connections stay open.
  hold() {
    this.#forwards = false;
    for (const [, hub] of this.#connections) hub.pause();
  }

  // Accepts connections, but forwards what the hub sends slowly, and no more than `bytes` of it until `mend`.
  drip(bytes = Infinity) {
    this.#throttled = true;
    this.#budget = bytes;
    this.#accepts = true;
  }

  // Forwards on new connections again. Connections that were held stay silent.
  flow() { this.#forwards = true; }

  mend() {
    this.#accepts = this.#forwards = true;
    this.#throttled = false;
    for (const [, hub] of this.#connections) if (!this.#busy.has(hub)) hub.resume();
  }

  remove() {
    this.cut();
    this.server.close();
  }

  #connect(reader, first, { host, port }) {
    const websocket = /^GET \S*\/ws[ ?]/.test(first.toString("latin1"));
    if (websocket && !this.#accepts) return reader.destroy();
    const hub = connect(port, host);
    hub.write(first);
    reader.on("data", bytes => hub.write(bytes));
    hub.on("data", async bytes => {
      if (websocket && this.#throttled) {
        hub.pause();
        this.#busy.add(hub);
        while (this.#throttled && bytes.length) {
          const few = bytes.subarray(0, Math.min(1024, this.#budget));
          this.#budget -= few.length;
          bytes = bytes.subarray(few.length);
          if (few.length) reader.write(few);
          await new Promise(resolve => setTimeout(resolve, 100)); // the pace of a slow network
        }
        this.#busy.delete(hub);
        hub.resume();
      }
      reader.write(bytes);
    });
    const ends = [reader, hub];
    for (const end of ends) end.on("error", () => {}).on("close", () => {
      this.#connections.delete(ends);
      for (const other of ends) other.destroy();
    });
    if (!websocket) return;
    this.#connections.add(ends);
    if (!this.#forwards) hub.pause();
  }
}
