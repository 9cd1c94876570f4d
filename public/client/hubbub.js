// A client of one room that reconnects by itself: it resumes after the last message that was delivered, and sends again
// what is not confirmed. Knows the wire protocol. Must not know the page, nor whether there is one.

import { Connection } from "./connection.js";
import { EventEmitter } from "./events.js";
import { Queue } from "./queue.js";
import { Sender } from "./sender.js";
import { Subscription } from "./subscription.js";

/** @typedef {import("./connection.js").Handler} Handler */
/** @typedef {import("./connection.js").Socket} Socket */
/** @typedef {import("./events.js").Message} Message */
/** @typedef {import("./events.js").Events} Events */
/** @typedef {import("./fork.js").Fork} Fork */
/** @typedef {import("./queue.js").Item} Item */
/** @typedef {import("./sender.js").Stored} Stored */
/** @typedef {import("./subscription.js").Position} Position */
/** @typedef {string|{readonly href: string}} Address */

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
  #connection;
  #events = new EventEmitter();
  /** The id of the connection once the hub has accepted it. @type {string|undefined} */
  #connection_id;
  #own_ids;
  /** @type {Subscription} */
  #subscription;

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
    this.#connection = new Connection(WebSocket, {
      address: () => this.#address(),
      token: typeof token === "function" ? token : () => token,
      receive: frame => this.#receive(frame),
      awaits_answer: () => this.#sender.awaits_answer,
      ended: () => this.#ended(),
      report: state => this.#events.emit("line", state),
    });
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
    this.#connection.open();
    return this;
  }

  /** Disconnects until `open` is called. Messages that are not confirmed stay in the outbox. */
  close() { this.#connection.close(); }

  /**
   * Connects or sends a ping at once. To be called when the connection may have died unnoticed, as after a sleep.
   * @returns {void}
   */
  check() { this.#connection.check(); }

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

  #address() {
    const url = new URL(typeof this.#url === "string" ? this.#url : this.#url.href);
    for (const [name, value] of Object.entries(this.position ?? {})) url.searchParams.set(name, String(value));
    return url;
  }

  /** @param {any} frame */
  #receive(frame) {
    switch (frame?.type) {
      case "init": this.#receive_init(frame); break;
      case "message": this.#subscription.receive_message(frame, false); break;
      case "ack": this.#sender.ack(frame); break;
      case "error": this.#receive_error(frame); break;
      case "fork": this.#subscription.receive_fork(frame); break;
      case "presence": this.#events.emit("presence", frame); break;
    }
  }

  /** @param {{connection_id: string, room: string, log: string, resumed?: boolean, history?: Message[], fork?: Fork}} frame */
  #receive_init(frame) {
    const { connection_id, room, log } = frame, history = frame.history ?? [];
    const resumed = frame.resumed === true;
    this.#own_ids.add(this.#connection_id = connection_id);
    this.#subscription.log = log;
    this.#connection.accept();
    this.#events.emit("init", { connection_id, room, resumed, log, history: history.length });
    if (!resumed) this.#subscription.reset(log, history);
    if (frame.fork) this.#subscription.receive_fork(frame.fork);
    this.#sender.connected(connection_id, log);
  }

  /** @param {{type: "error", message: string, code: string, key?: string}} frame */
  #receive_error(frame) {
    // An older hub answers a ping with an error. That also shows that the connection works.
    if (!frame.key && this.#connection.take_ping()) return;
    if (!this.#sender.error(frame)) this.#events.emit("error", frame);
  }

  /** @param {Item} item */
  #transmit({ text, key }) { this.#connection.send({ type: "message", text, key }); }

  #ended() {
    this.#connection_id = undefined;
    this.#sender.disconnected();
    this.#subscription.disconnected();
  }
}

/** Returns a client that connects at once. @type {(address: Address, options?: Options) => Hubbub} */
export const connect = (address, options) => new Hubbub(address, options).open();
