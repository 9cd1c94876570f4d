// The proxy between a reader and the hub, with a fault when a test wants one. It knows bytes, and of HTTP only which
// connection is a line; the page and its files always come through.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class FaultProxy {
  #connections = new Set(); // [reader's end, hub's end]
  #accepts = true;
  #forwards = true;
  #throttled = false;
  #budget = 0;
  #busy = new Set(); // hubs' ends whose last bytes are still dripping

  static async to(hub) {
    const proxy = new FaultProxy();
    proxy.server = createServer(reader => reader.once("data", first => proxy.#connect(reader, first, hub)));
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    proxy.url = `http://127.0.0.1:${proxy.server.address().port}/`;
    return proxy;
  }

  // Ends every line, and each new one at once, until mended.
  cut() {
    this.#accepts = false;
    for (const ends of this.#connections) for (const end of ends) end.destroy();
  }

  // From here on nothing that the hub says arrives, though the line looks whole.
  hold() {
    this.#forwards = false;
    for (const [, hub] of this.#connections) hub.pause();
  }

  // From here on the lines are whole, but of what the hub says only so many bytes come until mended, a little at a time.
  drip(bytes = Infinity) {
    this.#throttled = true;
    this.#budget = bytes;
    this.#accepts = true;
  }

  // New lines flow again; those that were held stay dead.
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
    const line = /^GET \S*\/ws[ ?]/.test(first.toString("latin1"));
    if (line && !this.#accepts) return reader.destroy();
    const hub = connect(port, host);
    hub.write(first);
    reader.on("data", bytes => hub.write(bytes));
    hub.on("data", async bytes => {
      if (line && this.#throttled) {
        hub.pause();
        this.#busy.add(hub);
        while (this.#throttled && bytes.length) {
          const few = bytes.subarray(0, Math.min(1024, this.#budget));
          this.#budget -= few.length;
          bytes = bytes.subarray(few.length);
          if (few.length) reader.write(few);
          await new Promise(resolve => setTimeout(resolve, 100)); // the pace of a slow line
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
    if (!line) return;
    this.#connections.add(ends);
    if (!this.#forwards) hub.pause();
  }
}
