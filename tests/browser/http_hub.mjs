// A small hub in memory that speaks HTTP alone and refuses every WebSocket, for clients in Node.js. A test may hold or change its
// answers. Knows `/health`, `/events` and `/messages` as the hub has them. Must not know clients.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const history_size = 50, page_size = 200;

export class HttpHub {
  log = randomUUID();
  messages = [];
  forks = [];
  streams = new Set(); // {rooms, answer, end}
  requests = []; // {method, path, rooms, after, headers, body}
  refuse = () => undefined; // gets a request, and returns the [status, code, headers] of its answer unless it is accepted, or a promise of them
  before_answer = async () => {}; // is awaited before the answer to a POST, whose message is stored and shown
  #server;

  static async listen() {
    const hub = new HttpHub(), server = hub.#server = createServer((request, answer) => hub.#serve(request, answer).catch(() => answer.destroy()));
    server.on("upgrade", (request, socket) => {
      hub.requests.push({ method: "GET", path: "ws" });
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return hub;
  }

  get url() { return `ws://127.0.0.1:${this.#server.address().port}/ws`; }

  // The requests for an address.
  to(path, method = "GET") { return this.requests.filter(request => request.path === path && request.method === method); }

  // Stores a message and shows it. `more` has its other fields.
  say(room, text, { id = this.#next_id(), ...more } = {}) {
    const message = { type: "message", id, room, text, connection_id: randomUUID(), user_message_number: 1, created_at: "2026-01-31T09:30:00.123456+00:00", ...more };
    this.messages.push(message);
    for (const stream of this.streams) {
      const has = stream.rooms.includes(room);
      if (has && stream.rooms.length === 1) stream.event(message, id);
      else if (has) stream.event(message);
      if (has && stream.rooms.length > 1) stream.id(id);
    }
    return message;
  }

  // Removes the messages after an id, as a database that goes back in time.
  fork(after) {
    const fork = { after, first: this.#next_id() + 2 ** 32 };
    this.messages = this.messages.filter(({ id }) => id <= after);
    this.forks.push(fork);
    for (const stream of this.streams) for (const room of stream.rooms) stream.event({ type: "fork", room, ...fork });
  }

  cut() { for (const { end } of this.streams) end(); }

  // Ends the streams with a close code.
  close(frame) { for (const { answer } of this.streams) answer.end(`event: close\ndata: ${JSON.stringify(frame)}\n\n`); }

  remove() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #next_id() { return Math.max(0, ...this.messages.map(({ id }) => id + 1), ...this.forks.map(({ first }) => first), 1); }

  async #serve(request, answer) {
    const url = new URL(request.url, "http://hub"), path = url.pathname.slice(1), query = url.searchParams;
    let body = "";
    for await (const chunk of request) body += chunk;
    const seen = { method: request.method, path, rooms: query.getAll("room"), after: query.get("after"), headers: request.headers, body: body && JSON.parse(body) };
    this.requests.push(seen);
    const [status, code, headers] = await this.refuse(seen) ?? [];
    if (status) {
      answer.writeHead(status, { "Content-Type": "application/problem+json", ...headers });
      return answer.end(JSON.stringify({ type: "about:blank", title: "No", status, code, detail: `refused: ${code}` }));
    }
    if (path === "health") answer.end(JSON.stringify({ status: "ok" }));
    else if (path === "events") this.#stream(seen, query, answer);
    else if (request.method === "POST") await this.#publish(seen, answer);
    else this.#page(query, answer);
  }

  #page(query, answer) {
    const after = Number(query.get("after")), all = this.messages.filter(({ room, id }) => room === query.get("room") && id > after);
    const messages = all.slice(0, Math.min(page_size, query.get("limit")));
    answer.end(JSON.stringify({ messages, next: messages.length < all.length ? "messages?" : null }));
  }

  async #publish({ body: { room, text, data, key } }, answer) {
    const before = this.messages.find(message => message.key === key), repeated = Boolean(before);
    const stored = before ?? this.say(room, text, { ...data !== undefined && { data }, key });
    await this.before_answer(stored);
    const { id, connection_id, user_message_number, created_at } = stored;
    answer.writeHead(repeated ? 200 : 201, { "Content-Type": "application/json" });
    answer.end(JSON.stringify({ log: this.log, messages: [{ id, room, connection_id, user_message_number, created_at, repeated }] }));
  }

  #stream({ rooms, after }, query, answer) {
    const resumed = after !== null && query.get("log") === this.log, from = resumed ? Number(after) : this.#next_id() - 1;
    const fork = resumed && this.forks.filter(({ first }) => from < first);
    const told = fork?.length ? { fork: { after: Math.min(...fork.map(each => each.after)), first: fork.at(-1).first } } : {};
    answer.writeHead(200, { "Content-Type": "text/event-stream" });
    const stream = {
      rooms, answer, end: () => answer.destroy(),
      event: ({ key, ...frame }, id) => answer.write(`event: ${frame.type}\n${id === undefined ? "" : `id: ${this.log}:${id}\n`}data: ${JSON.stringify(frame)}\n\n`),
      id: id => answer.write(`id: ${this.log}:${id}\n\n`),
    };
    for (const [i, room] of rooms.entries()) {
      const history = resumed ? [] : this.messages.filter(message => message.room === room).slice(-history_size);
      const begun = { room, log: this.log, resumed, history, ...told };
      if (i) stream.event({ type: "subscribed", ...begun });
      else stream.event({ type: "init", connection_id: randomUUID(), ...begun }, from);
    }
    if (resumed) for (const message of this.messages) if (message.id > from && rooms.includes(message.room)) stream.event(message, rooms.length > 1 ? undefined : message.id);
    if (rooms.length > 1) stream.id(this.#next_id() - 1);
    for (const room of rooms) stream.event({ type: "presence", room, online: 1 });
    this.streams.add(stream);
    answer.on("close", () => this.streams.delete(stream));
  }
}
