// A line to a hub that comes back by itself: after a break it resumes behind the last message it has told, and sends
// again what is not confirmed. It knows the wire; it must not know the page, nor whether there is one.

import { backoff } from "./backoff.js";
import { Sender } from "./sender.js";
import { Queue } from "./queue.js";

const max_retry_after = 300_000; // ms between two tries
const answer_timeout = 30_000; // ms without a frame while an answer is owed: the line is dead, though nobody closed it
const ping_timeout = 5_000; // the same, when there is a reason to ask
const open_timeout = 8_000; // the same for a line that is being opened, and twice that with every try: a slow hub is no dead one
const idle_timeout = 60_000; // ms without a frame after which the hub is asked for one
const stable_after = 5_000; // ms a line must last before the next break counts as the first

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
  #url;
  #sender;
  #token;
  #WebSocket;
  #listeners = new Map();
  #socket;
  #connection_id;
  #own_ids;
  #log;
  #cursor = 0;
  #attempts = 0;
  #connected_at = 0;
  #ping_pending = false; // the hub was asked for a sign of life
  #retry_timer; // the timers: the next try of the line,
  #watchdog; // and the end of waiting for a frame

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
    this.#url = address;
    this.#sender = new Sender(outbox, item => this.#transmit(item), detail => this.#emit("sending", detail));
    this.#own_ids = new Set(ids);
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
    this.#disconnect();
    this.#emit("line", { state: "connecting" });
    const url = new URL(this.#url);
    if (this.#log) {
      url.searchParams.set("after", this.#cursor);
      url.searchParams.set("log", this.#log);
    }
    const token = this.#token(); // in a subprotocol: browsers set no headers, and addresses get into logs
    const socket = this.#socket = new this.#WebSocket(url, token ? ["hubbub", `bearer.${token}`] : []);
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    socket.onerror = () => {}; // a close follows
    this.#arm_watchdog();
    return this;
  }

  /** Ends the line until `open`; what waits stays in the outbox. */
  close() {
    this.#disconnect();
    this.#emit("line", { state: "closed" });
  }

  /** To be called when the line may have died unnoticed, as after a sleep: asks the hub, or tries at once. */
  check() {
    if (this.#retry_timer) return this.open();
    if (this.#connection_id) this.#ping(ping_timeout);
  }

  /**
   * Sends now, or when the line is back. Rejects with the hub's `code`, or `full` or `cancelled`.
   * @param {string} text 1 to 1000 code points
   * @returns {Promise<Stored>}
   */
  send(text) { return this.#sender.send(text); }

  /** Another try of an item that was refused. @returns {Promise<Stored>|undefined} */
  resend(key) { return this.#sender.resend(key); }

  cancel(key) { this.#sender.cancel(key); }

  #receive(data) {
    const frame = parse(data);
    switch (frame?.type) {
      case "init": this.#receive_init(frame); break;
      case "message": this.#receive_message(frame, false); break;
      case "ack": this.#sender.ack(frame, this.#cursor); break;
      case "error": this.#receive_error(frame); break;
      case "presence": this.#emit("presence", frame); break;
      case "pong": this.#ping_pending = false; break;
    }
    this.#arm_watchdog();
  }

  #receive_init(frame) {
    this.#connection_id = frame.connection_id;
    this.#own_ids.add(this.#connection_id);
    this.#connected_at = Date.now();
    const resumed = frame.resumed === true;
    this.#log = frame.log;
    this.#emit("line", { state: "online" });
    this.#emit("init", { connection_id: this.#connection_id, room: frame.room, resumed, log: frame.log, history: frame.history?.length ?? 0 });
    if (!resumed) this.#replace_history(frame.history ?? []);
    this.#sender.connected(this.#connection_id);
  }

  #replace_history(history) {
    this.#cursor = 0;
    this.#sender.reset();
    for (const message of history) this.#receive_message(message, true);
  }

  #receive_message(message, past) {
    if (message.id <= this.#cursor) return;
    this.#cursor = message.id;
    const item = this.#sender.match(message);
    this.#emit("message", { message, past, key: item?.key, own: this.#own_ids.has(message.connection_id) || Boolean(item) });
    this.#sender.delivered(item, message);
  }

  #receive_error(frame) {
    if (this.#ping_pending && !frame.key) this.#ping_pending = false;
    else if (!this.#sender.error(frame)) this.#emit("error", frame);
  }

  #transmit({ text, key }) {
    this.#socket.send(JSON.stringify({ type: "message", text, key }));
    this.#arm_watchdog();
  }

  #arm_watchdog() {
    clearTimeout(this.#watchdog);
    const [owed, wait] = !this.#connection_id ? [true, Math.min(answer_timeout, open_timeout * 2 ** this.#attempts)] : this.#sender.awaits_answer ? [true, answer_timeout] : [false, idle_timeout];
    this.#watchdog = setTimeout(() => owed ? this.#closed() : this.#ping(answer_timeout), wait);
  }

  // Browsers send no pings of RFC 6455. An older hub does not know this one and says so: it lives, too.
  #ping(timeout) {
    this.#socket.send('{"type":"ping"}');
    this.#ping_pending = true;
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#closed(), timeout);
  }

  #disconnect() {
    clearTimeout(this.#retry_timer);
    clearTimeout(this.#watchdog);
    this.#retry_timer = undefined;
    if (!this.#socket) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = this.#connection_id = undefined;
    this.#sender.disconnected();
    this.#ping_pending = false;
  }

  #closed(code, reason) {
    if (this.#connected_at && Date.now() - this.#connected_at > stable_after) this.#attempts = 0;
    const reached = Boolean(this.#connection_id);
    this.#disconnect();
    this.#connected_at = 0;
    if (code === 4401) return this.#emit("line", { state: "locked", reached });
    const told = code === 1012 ? Number(/^retry_after_ms=(\d+)$/.exec(reason)?.[1]) : NaN;
    const wait = told >= 0 ? Math.min(told, max_retry_after) : backoff(this.#attempts++);
    this.#retry_timer = setTimeout(() => this.open(), wait);
    this.#emit("line", { state: code === 1012 ? "waiting" : "offline", until: Date.now() + wait, reached });
  }

  #emit(type, detail) {
    for (const listener of [...this.#listeners.get(type) ?? []]) listener(detail);
  }
}

/** A line that is opened at once; the parameters are those of Hubbub. */
export const connect = (address, options) => new Hubbub(address, options).open();

function parse(data) {
  try { return JSON.parse(data); } catch { return null; }
}
