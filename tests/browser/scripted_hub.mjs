// A hub without a log: the test sends every frame by hand. It serves clients of Node.js on a port, and pages in place of the
// hub that the page was loaded from. Knows frames as JSON. Must not know what they mean.

import { once } from "node:events";
import { WebSocketServer } from "ws";

// What has arrived and was not taken yet, in order.
class Inbox {
  #items = [];
  #waiting = [];

  put(item) {
    const taker = this.#waiting.shift();
    if (taker) taker(item);
    else this.#items.push(item);
  }

  take() {
    return new Promise(resolve => {
      if (this.#items.length) resolve(this.#items.shift());
      else this.#waiting.push(resolve);
    });
  }

  get size() { return this.#items.length; }
}

// One connection of a client.
class ScriptedConnection {
  #send;
  #inbox = new Inbox();

  // `handled()`, for clients of Node.js alone, resolves when the client has handled all frames.
  constructor(url, send, close, handled) {
    this.query = Object.fromEntries(new URL(url, "ws://hub/").searchParams);
    this.#send = send;
    this.close = close;
    this.handled = handled;
  }

  send(...frames) { for (const frame of frames) this.#send(JSON.stringify(frame)); }

  put(text) { this.#inbox.put(JSON.parse(text)); }

  // Resolves with the next frame of the client.
  next() { return this.#inbox.take(); }

  // Resolves with the next frame other than a ping.
  async message() {
    for (;;) {
      const frame = await this.next();
      if (frame.type !== "ping") return frame;
    }
  }

  // Resolves with the messages that the client has sent before a ping, which `check` makes it send.
  async messages_until(check) {
    const sent = [];
    await check();
    for (let frame; (frame = await this.next()).type !== "ping";) sent.push(frame);
    this.send({ type: "pong" });
    return sent;
  }
}

export class ScriptedHub {
  #connections = new Inbox();
  #server;

  // Listens for clients of Node.js.
  static async listen() {
    const hub = new ScriptedHub(), server = hub.#server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    server.on("connection", (socket, { url }) => {
      const connection = new ScriptedConnection(url, text => socket.send(text), code => socket.close(code), async () => {
        socket.ping(); // the pong follows what the client has got before
        await once(socket, "pong");
      });
      socket.on("message", text => connection.put(String(text)));
      hub.#connections.put(connection);
    });
    return hub;
  }

  // Takes the place of the real hub for the next connections of a page.
  static async replace(page) {
    const hub = new ScriptedHub();
    await page.route(/\/events\?/, route => route.fulfill({ status: 404 })); // the page must not go to the real hub over HTTP
    await page.routeWebSocket(/\/ws/, route => {
      const connection = new ScriptedConnection(route.url(), text => route.send(text), () => route.close());
      route.onMessage(text => connection.put(text));
      hub.#connections.put(connection);
    });
    return hub;
  }

  get url() { return `ws://127.0.0.1:${this.#server.address().port}/ws`; }

  // Resolves with the next connection.
  connection() { return this.#connections.take(); }

  remove() {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}

export const log = "5d0f4c0e-1a1b-4c3d-9e8f-0123456789ab";

// Returns the frame that begins the connection `connection_id`. A connection with a history has not resumed.
export function init(connection_id, { history, ...more } = {}) {
  return { type: "init", connection_id, room: "lobby", log, resumed: !history, history: history ?? [], ...more };
}

export function message(id, text, connection_id = "00000000-0000-4000-8000-000000000000", user_message_number = 1) {
  return { type: "message", id, text, connection_id, user_message_number, created_at: "2026-01-31T09:30:00.123456+00:00" };
}

export function ack({ key }, id, user_message_number = 1) { return { type: "ack", key, id, user_message_number }; }

// Returns the answer to `hello`.
export function hello(name, person = "anon-0123456789abcdef") { return { type: "hello", name: name ?? null, person }; }

// Returns the answer to `subscribe`. A subscription with a history has not resumed.
export function subscribed(room, { history, ...more } = {}) {
  return { type: "subscribed", history: (history ?? []).map(in_room(room)), room, log, resumed: !history, ...more };
}

export function unsubscribed(room) { return { type: "unsubscribed", room }; }

export function refused(code, more) { return { type: "error", message: `refused: ${code}`, code, ...more }; }

// Returns a function that adds the room to a frame.
export const in_room = room => frame => ({ ...frame, room });
