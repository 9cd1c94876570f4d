// The wire between a reader and the hub, with a fault when a test wants one. It knows bytes, and of HTTP only which
// connection is a line; the page and its files always come through.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Wire {
  #lines = new Set(); // [reader's end, hub's end]
  #whole = true;
  #flows = true;

  static async to(hub) {
    const wire = new Wire();
    wire.server = createServer(reader => reader.once("data", first => wire.#join(reader, first, hub.port)));
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

  mend() {
    this.#whole = this.#flows = true;
    for (const [, hub] of this.#lines) hub.resume();
  }

  remove() {
    this.cut();
    this.server.close();
  }

  #join(reader, first, port) {
    const line = /^GET \S*\/ws[ ?]/.test(first.toString("latin1"));
    if (line && !this.#whole) return reader.destroy();
    const hub = connect(port, "127.0.0.1", () => hub.write(first));
    reader.on("data", bytes => hub.write(bytes));
    hub.on("data", bytes => reader.write(bytes));
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
