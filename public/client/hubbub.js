// A client of one room that reconnects by itself: it resumes after the last message that was delivered, and sends again
// what is not confirmed. Knows the wire protocol. Must not know the page, nor whether there is one.

import { backoff } from "./backoff.js";
import { EventEmitter } from "./events.js";
import { Queue } from "./queue.js";
import { Sender } from "./sender.js";
import { Subscription } from "./subscription.js";

const max_retry_after = 300_000; // ms; the longest delay that the hub may ask for
const answer_timeout = 30_000; // ms without a frame, while an answer is due, after which the connection counts as dead
const ping_timeout = 5_000; // ms; the same after `check`
const open_timeout = 8_000; // ms; the same for the opening handshake; it doubles with every attempt, for a slow hub
const idle_timeout = 60_000; // ms without a frame after which the client sends a ping
const stable_after = 5_000; // ms that a connection must last before the next attempt counts as the first

/** @typedef {import("./events.js").Message} Message */
/** @typedef {import("./events.js").Events} Events */
/** @typedef {import("./fork.js").Fork} Fork */
/** @typedef {import("./queue.js").Item} Item */
/** @typedef {import("./sender.js").Stored} Stored */
/** @typedef {import("./subscription.js").Position} Position */
/** @typedef {string|{readonly href: string}} Address */
/** @typedef {((event: any) => any)|null} Handler */

/**
 * The part of the WebSocket interface that the client uses. Browsers, `ws`, `undici` and Node.js 22 have it.
 * @typedef {{onmessage: Handler, onclose: Handler, onerror: Handler, send(data: string): void, close(): void}} Socket
 */

/**
 * @typedef {object} Options
 * @property {Queue} [outbox] keeps what is not confirmed, and for ten minutes what is; in memory unless given
 * @property {Position} [from] resumes there instead of beginning with the history
 * @property {Iterable<string>} [ids] connections whose messages are `own` too
 * @property {string|(() => string|undefined)} [token] for hubs that need one; a function is called before every attempt
 * @property {new (url: any, protocols: any) => Socket} [WebSocket] for Node.js before 22, which has none
 */

export class Hubbub {
  #url;
  #sender;
  #token;
  #WebSocket;
  #events = new EventEmitter();
  /** @type {Socket|undefined} */
  #socket;
  /** The id of the connection once the hub has accepted it. @type {string|undefined} */
  #connection_id;
  #own_ids;
  /** @type {Subscription} */
  #subscription;
  #attempts = 0;
  #connected_at = 0;
  #ping_pending = false;
  /** Runs until the next attempt. @type {ReturnType<typeof setTimeout>|undefined} */
  #retry_timer;
  /** Runs until the next frame is due. @type {ReturnType<typeof setTimeout>|undefined} */
  #watchdog;

  /**
   * @param {Address} address ws:// or wss://, with `?room=` unless the room is the lobby
   * @param {Options} [options]
   */
  constructor(address, { outbox = new Queue(), from, ids = [], token, WebSocket = globalThis.WebSocket } = {}) {
    this.#url = address;
    this.#sender = new Sender(outbox, {
      transmit: item => this.#transmit(item),
      acknowledge: (item, id) => this.#subscription.acknowledge(item, id),
      notify: sending => this.#events.emit("sending", sending),
    });
    this.#own_ids = new Set(ids);
    this.#token = typeof token === "function" ? token : () => token;
    this.#WebSocket = WebSocket;
    this.#subscription = new Subscription(this.#events, outbox, this.#sender, this.#own_ids, from);
  }

  /**
   * Calls `listener` at every event of this type. Returns a function that removes the listener.
   * @template {keyof Events} Type
   * @param {Type} type
   * @param {(detail: Events[Type]) => void} listener
   * @returns {() => void}
   */
  on(type, listener) { return this.#events.on(type, listener); }

  /** The `from` of a client that shall go on here, in this process or another. @returns {Position|undefined} */
  get position() { return this.#subscription.position; }

  /** Connects now. An open connection is closed before, and a planned attempt is cancelled. */
  open() {
    this.#disconnect();
    this.#events.emit("line", { state: "connecting" });
    const url = new URL(typeof this.#url === "string" ? this.#url : this.#url.href);
    for (const [name, value] of Object.entries(this.position ?? {})) url.searchParams.set(name, String(value));
    const token = this.#token(); // as a subprotocol: browsers cannot set headers, and addresses are logged
    const socket = this.#socket = new this.#WebSocket(url, token ? ["hubbub", `bearer.${token}`] : []);
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    socket.onerror = () => {}; // a close follows
    this.#arm_watchdog();
    return this;
  }

  /** Disconnects until `open` is called. Messages that are not confirmed stay in the outbox. */
  close() {
    this.#disconnect();
    this.#events.emit("line", { state: "closed" });
  }

  /**
   * Connects or sends a ping at once. To be called when the connection may have died unnoticed, as after a sleep.
   * @returns {void}
   */
  check() {
    if (this.#retry_timer) return void this.open();
    if (this.#connection_id) this.#ping(ping_timeout);
  }

  /**
   * Sends a message now, or when the connection is back. The promise resolves when the message is stored. It rejects
   * with an Error whose `code` is that of the hub, `full` (a hundred messages wait already) or `cancelled`. If the hub's
   * database loses the message within ten minutes, the client sends it again with its key, and it gets another id.
   * @param {string} text 1 to 1000 code points
   * @returns {Promise<Stored>}
   */
  send(text) { return this.#sender.send(text); }

  /**
   * Sends a refused item again. Returns undefined if the outbox does not have it.
   * @param {string} key
   * @returns {Promise<Stored>|undefined}
   */
  resend(key) { return this.#sender.resend(key); }

  /**
   * Removes an item from the outbox. Its promise rejects with `cancelled`.
   * @param {string} key
   */
  cancel(key) { this.#sender.cancel(key); }

  /** @param {string} data */
  #receive(data) {
    const frame = parse(data);
    switch (frame?.type) {
      case "init": this.#receive_init(frame); break;
      case "message": this.#subscription.receive_message(frame, false); break;
      case "ack": this.#sender.ack(frame); break;
      case "error": this.#receive_error(frame); break;
      case "fork": this.#subscription.receive_fork(frame); break;
      case "presence": this.#events.emit("presence", frame); break;
      case "pong": this.#ping_pending = false; break;
    }
    this.#arm_watchdog();
  }

  /** @param {{connection_id: string, room: string, log: string, resumed?: boolean, history?: Message[], fork?: Fork}} frame */
  #receive_init(frame) {
    const { connection_id, room, log } = frame, history = frame.history ?? [];
    const resumed = frame.resumed === true;
    this.#own_ids.add(this.#connection_id = connection_id);
    this.#connected_at = Date.now();
    this.#subscription.log = log;
    this.#events.emit("line", { state: "online" });
    this.#events.emit("init", { connection_id, room, resumed, log, history: history.length });
    if (!resumed) this.#subscription.reset(log, history);
    if (frame.fork) this.#subscription.receive_fork(frame.fork);
    this.#sender.connected(connection_id, log);
  }

  /** @param {{type: "error", message: string, code: string, key?: string}} frame */
  #receive_error(frame) {
    // An older hub answers a ping with an error. That also shows that the connection works.
    if (this.#ping_pending && !frame.key) this.#ping_pending = false;
    else if (!this.#sender.error(frame)) this.#events.emit("error", frame);
  }

  /** @param {Item} item */
  #transmit({ text, key }) {
    this.#socket?.send(JSON.stringify({ type: "message", text, key }));
    this.#arm_watchdog();
  }

  #arm_watchdog() {
    if (!this.#connection_id) this.#start_watchdog(Math.min(answer_timeout, open_timeout * 2 ** this.#attempts));
    else if (this.#sender.awaits_answer) this.#start_watchdog(answer_timeout);
    else this.#start_watchdog(idle_timeout, () => this.#ping(answer_timeout));
  }

  /**
   * @param {number} timeout ms
   * @param {() => void} [expired]
   */
  #start_watchdog(timeout, expired = () => this.#closed()) {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(expired, timeout);
  }

  /** @param {number} timeout ms */
  #ping(timeout) {
    this.#socket?.send('{"type":"ping"}'); // browsers cannot send the pings of RFC 6455
    this.#ping_pending = true;
    this.#start_watchdog(timeout);
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
    this.#subscription.disconnected();
    this.#ping_pending = false;
  }

  /**
   * @param {number} [code] absent if the watchdog has given the connection up
   * @param {string} [reason]
   */
  #closed(code, reason = "") {
    if (this.#connected_at && Date.now() - this.#connected_at > stable_after) this.#attempts = 0;
    const reached = Boolean(this.#connection_id);
    this.#disconnect();
    this.#connected_at = 0;
    if (code === 4401) return this.#events.emit("line", { state: "locked", reached });
    const retry_after = code === 1012 ? Number(/^retry_after_ms=(\d+)$/.exec(reason)?.[1]) : NaN;
    const wait = retry_after >= 0 ? Math.min(retry_after, max_retry_after) : backoff(this.#attempts++);
    this.#retry_timer = setTimeout(() => this.open(), wait);
    this.#events.emit("line", { state: code === 1012 ? "waiting" : "offline", until: Date.now() + wait, reached });
  }
}

/** Returns a client that connects at once. @type {(address: Address, options?: Options) => Hubbub} */
export const connect = (address, options) => new Hubbub(address, options).open();

function parse(/** @type {string} */ data) {
  try { return JSON.parse(data); } catch { return null; }
}
