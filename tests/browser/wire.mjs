// The wire between a reader and the hub, with a fault when a test wants one. It knows bytes, and of HTTP only which
// connection is a line; the page and its files always come through.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Wire {
  #lines = new Set(); // [reader's end, hub's end]
  #whole = true;
  #flows = true;
  #drips = false;
  #left = 0;
  #busy = new Set(); // hubs' ends whose last bytes are still dripping

  static async to(hub) {
    const wire = new Wire();
    wire.server = createServer(reader => reader.once("data", first => wire.#join(reader, first, hub)));
    wire.server.listen(0, "127.0.0.1");
    await once(wire.server, "listening");
    wire.url = `http://127.0.0.1:${wire.server.address().port}/`;
    return wire;
  }

  // Ends every line, and each new one at once, until mended.
  cut() {
    this.#whole = false;
    for (const ends of this.#lines) for (const end of ends) end.destroy();
  }

  // From here on nothing that the hub says arrives, though the line looks whole.
  hold() {
    this.#flows = false;
    for (const [, hub] of this.#lines) hub.pause();
  }

  // From here on the lines are whole, but of what the hub says only so many bytes come until mended, a little at a time.
  drip(bytes = Infinity) {
    this.#drips = true;
    this.#left = bytes;
    this.#whole = true;
  }

  // New lines flow again; those that were held stay dead.
  flow() { this.#flows = true; }

  mend() {
    this.#whole = this.#flows = true;
    this.#drips = false;
    for (const [, hub] of this.#lines) if (!this.#busy.has(hub)) hub.resume();
  }

  remove() {
    this.cut();
    this.server.close();
  }

  #join(reader, first, { host, port }) {
    const line = /^GET \S*\/ws[ ?]/.test(first.toString("latin1"));
    if (line && !this.#whole) return reader.destroy();
    const hub = connect(port, host);
    hub.write(first);
    reader.on("data", bytes => hub.write(bytes));
    hub.on("data", async bytes => {
      if (line && this.#drips) {
        hub.pause();
        this.#busy.add(hub);
        while (this.#drips && bytes.length) {
          const few = bytes.subarray(0, Math.min(1024, this.#left));
          this.#left -= few.length;
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
      this.#lines.delete(ends);
      for (const other of ends) other.destroy();
    });
    if (!line) return;
    this.#lines.add(ends);
    if (!this.#flows) hub.pause();
  }
}
