// A line to a hub that comes back by itself: after a break it resumes behind the last message it has told, and sends
// again what is not confirmed. It knows the wire; it must not know the page, nor whether there is one.

import { backoff } from "./backoff.js";
import { Courier } from "./courier.js";
import { Queue } from "./queue.js";

const longest_told = 300_000; // ms between two tries
const silence = 30_000; // ms without a frame while an answer is owed: the line is dead, though nobody closed it
const quick = 5_000; // the same, when there is a reason to ask
const opening = 8_000; // the same for a line that is being opened, and twice that with every try: a slow hub is no dead one
const idle = 60_000; // ms without a frame after which the hub is asked for one
const settled_after = 5_000; // ms a line must last before the next break counts as the first

/**
 * @typedef {{id: number, text: string, connection_id: string, user_message_number: number, created_at: string}} Message
 * @typedef {{log: string, after: number}} Position the last message told, and of which log
 * @typedef {{id: number, user_message_number: number}} Stored
 *
 * What `on` tells:
 * - `line` {state, until, reached}: `connecting`, `online`, `offline`, `waiting` (the hub restarts and said how long),
 *   `locked` (the token has expired; `open` when there is a new one) or `closed`; `until` is when the next try begins,
 *   `reached` whether the hub had let this line in
 * - `init` {connection_id, room, resumed, log, history}: `history` is how many messages of the past follow
 * - `message` {message, past, own, key}: `past` when it is part of the history; `key`, the item that it was
 * - `presence` {online}
 * - `error` {message, code}: of what belongs to no item
 * - `sending` {item, status, number}: it waits, or is `held` by the hub for a while, or failed by its `why`, or is
 *   `stored` (its message is on the way) or `gone`
 */
export class Hubbub {
  #address;
  #courier;
  #token;
  #WebSocket;
  #listeners = new Map();
  #socket;
  #id;
  #ids;
  #log;
  #cursor = 0;
  #breaks = 0;
  #since = 0;
  #asked = false; // the hub was asked for a sign of life
  #again; // the timers: the next try of the line,
  #patience; // and the end of waiting for a frame

  /**
   * @param {string|URL} address ws:// or wss://, with `?room=` if wanted
   * @param {object} [options]
   * @param {Queue} [options.outbox] keeps what is not confirmed; in memory unless given
   * @param {Position} [options.from] tells what followed it instead of the history
   * @param {Iterable<string>} [options.ids] connections whose messages are one's own, too
   * @param {string|(() => string|undefined)} [options.token] asked for before every try, where the hub wants one
   * @param {typeof globalThis.WebSocket} [options.WebSocket] where the language has none: that of `ws` or `undici`
   */
  constructor(address, { outbox = new Queue(), from, ids = [], token, WebSocket = globalThis.WebSocket } = {}) {
    this.#address = address;
    this.#courier = new Courier(outbox, item => this.#transmit(item), detail => this.#tell("sending", detail));
    this.#ids = new Set(ids);
    this.#token = typeof token === "function" ? token : () => token;
    this.#WebSocket = WebSocket;
    this.#log = from?.log;
    this.#cursor = from?.after ?? 0;
  }

  /** @returns {() => void} takes the listener back */
  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type).delete(listener);
  }

  /** Where to go on `from`, in this process or another. @returns {Position|undefined} */
  get position() { return this.#log && { log: this.#log, after: this.#cursor }; }

  /** Opens the line now, in place of an open or a planned one. */
  open() {
    this.#leave();
    this.#tell("line", { state: "connecting" });
    const url = new URL(this.#address);
    if (this.#log) {
      url.searchParams.set("after", this.#cursor);
      url.searchParams.set("log", this.#log);
    }
    const token = this.#token(); // in a subprotocol: browsers set no headers, and addresses get into logs
    const socket = this.#socket = new this.#WebSocket(url, token ? ["hubbub", `bearer.${token}`] : []);
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
    socket.onerror = () => {}; // a close follows
    this.#watch();
    return this;
  }

  /** Ends the line until `open`; what waits stays in the outbox. */
  close() {
    this.#leave();
    this.#tell("line", { state: "closed" });
  }

  /** To be called when the line may have died unnoticed, as after a sleep: asks the hub, or tries at once. */
  check() {
    if (this.#again) return this.open();
    if (this.#id) this.#ask(quick);
  }

  /**
   * Sends now, or when the line is back. Rejects with the hub's `code`, or `full` or `cancelled`.
   * @param {string} text 1 to 1000 code points
   * @returns {Promise<Stored>}
   */
  send(text) { return this.#courier.send(text); }

  /** Another try of an item that was refused. @returns {Promise<Stored>|undefined} */
  resend(key) { return this.#courier.resend(key); }

  cancel(key) { this.#courier.cancel(key); }

  #receive(data) {
    const frame = parse(data);
    switch (frame?.type) {
      case "init": this.#init(frame); break;
      case "message": this.#message(frame, false); break;
      case "ack": this.#courier.ack(frame, this.#cursor); break;
      case "error": this.#error(frame); break;
      case "presence": this.#tell("presence", frame); break;
      case "pong": this.#asked = false; break;
    }
    this.#watch();
  }

  #init(frame) {
    this.#id = frame.connection_id;
    this.#ids.add(this.#id);
    this.#since = Date.now();
    const resumed = frame.resumed === true;
    this.#log = frame.log;
    this.#tell("line", { state: "online" });
    this.#tell("init", { connection_id: this.#id, room: frame.room, resumed, log: frame.log, history: frame.history?.length ?? 0 });
    if (!resumed) this.#restart(frame.history ?? []);
    this.#courier.begin(this.#id);
  }

  #restart(history) {
    this.#cursor = 0;
    this.#courier.restart();
    for (const message of history) this.#message(message, true);
  }

  #message(message, past) {
    if (message.id <= this.#cursor) return;
    this.#cursor = message.id;
    const item = this.#courier.claim(message);
    this.#tell("message", { message, past, key: item?.key, own: this.#ids.has(message.connection_id) || Boolean(item) });
    this.#courier.told(item, message);
  }

  #error(frame) {
    if (this.#asked && !frame.key) this.#asked = false;
    else if (!this.#courier.error(frame)) this.#tell("error", frame);
  }

  #transmit({ text, key }) {
    this.#socket.send(JSON.stringify({ type: "message", text, key }));
    this.#watch();
  }

  #watch() {
    clearTimeout(this.#patience);
    const [owed, wait] = !this.#id ? [true, Math.min(silence, opening * 2 ** this.#breaks)] : this.#courier.waits ? [true, silence] : [false, idle];
    this.#patience = setTimeout(() => owed ? this.#lost() : this.#ask(silence), wait);
  }

  // Browsers send no pings of RFC 6455. An older hub does not know this one and says so: it lives, too.
  #ask(patience) {
    this.#socket.send('{"type":"ping"}');
    this.#asked = true;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#lost(), patience);
  }

  #leave() {
    clearTimeout(this.#again);
    clearTimeout(this.#patience);
    this.#again = undefined;
    if (!this.#socket) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = this.#id = undefined;
    this.#courier.end();
    this.#asked = false;
  }

  #lost(code, reason) {
    if (this.#since && Date.now() - this.#since > settled_after) this.#breaks = 0;
    const reached = Boolean(this.#id);
    this.#leave();
    this.#since = 0;
    if (code === 4401) return this.#tell("line", { state: "locked", reached });
    const told = code === 1012 ? Number(/^retry_after_ms=(\d+)$/.exec(reason)?.[1]) : NaN;
    const wait = told >= 0 ? Math.min(told, longest_told) : backoff(this.#breaks++);
    this.#again = setTimeout(() => this.open(), wait);
    this.#tell("line", { state: code === 1012 ? "waiting" : "offline", until: Date.now() + wait, reached });
  }

  #tell(type, detail) {
    for (const listener of [...this.#listeners.get(type) ?? []]) listener(detail);
  }
}

/** A line that is opened at once; the parameters are those of Hubbub. */
export const connect = (address, options) => new Hubbub(address, options).open();

function parse(data) {
  try { return JSON.parse(data); } catch { return null; }
}
