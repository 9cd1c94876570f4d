// A TCP proxy between a page and the hub that causes faults of its connections, which are WebSockets and event streams. Other requests
// are always forwarded. Knows bytes, and of HTTP the targets of the requests.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class FaultProxy {
  // How long WebSockets live, in ms, unless a test breaks them before. With 0 they are refused.
  websocket_life = Infinity;
  opened = []; // "ws" and "events" for each connection, in order
  #connections = new Set(); // [the page's socket, the hub's socket]
  #has_events;
  #accepts = true;
  #forwards = true;
  #throttled = false;
  #budget = 0;
  #busy = new Set(); // sockets of the hub whose last bytes are still being throttled

  // Without `events` there are no event streams, as with a hub of an older release, so that tests of WebSockets have these alone.
  static async to(hub, { events = false } = {}) {
    const proxy = new FaultProxy();
    proxy.#has_events = events;
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
    const hub = connect(port, host), ends = [reader, hub];
    let is_connection = false;
    const read = bytes => {
      const [, kind] = /^GET \S*\/(ws|events)[ ?]/.exec(bytes.toString("latin1")) ?? [];
      if (kind && !this.#begins(kind, ends)) return;
      is_connection ||= Boolean(kind);
      hub.write(bytes);
    };
    for (const end of ends) end.on("error", () => {}).on("close", () => {
      this.#connections.delete(ends);
      for (const other of ends) other.destroy();
    });
    reader.on("data", read);
    hub.on("data", async bytes => {
      if (is_connection && this.#throttled) {
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
    read(first);
  }

  // Returns whether the connection is let through.
  #begins(kind, ends) {
    const [reader, hub] = ends;
    this.opened.push(kind);
    if (kind === "events" ? !this.#has_events : !this.websocket_life) {
      reader.end(`HTTP/1.1 ${kind === "events" ? "404 Not Found" : "403 Forbidden"}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return false;
    }
    if (!this.#accepts) {
      reader.destroy();
      return false;
    }
    this.#connections.add(ends);
    if (!this.#forwards) hub.pause();
    if (kind === "ws" && this.websocket_life < Infinity) {
      const timer = setTimeout(() => reader.destroy(), this.websocket_life);
      reader.on("close", () => clearTimeout(timer));
    }
    return true;
  }
}
