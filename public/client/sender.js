// Sends the items of a queue in order, one at a time, and sends each again until the hub confirms or refuses it, and once
// more if the hub's log has lost it. Knows acks, errors, keys and ids. Must not know sockets, nor when a connection comes back.

import { backoff, min_delay } from "./backoff.js";
import { is_lost, is_missing_from, KnownForks } from "./fork.js";

/** @typedef {import("./events.js").Message} Message */
/** @typedef {import("./events.js").Status} Status */
/** @typedef {import("./queue.js").Item} Item */
/** @typedef {import("./queue.js").Queue} Queue */
/** @typedef {import("./fork.js").Fork} Fork */
/** @typedef {{id: number, user_message_number: number}} Stored */

export class Sender {
  #queue;
  #transmit;
  #notify;
  /** The promises of the callers of `send`, by key. @type {Map<string, {resolve: Function, reject: Function}>} */
  #pending = new Map();
  /** The id of the current connection. @type {string|undefined} */
  #connection_id;
  /** The UUID of the log that gives the ids. @type {string} */
  #log = "";
  #forks = new KnownForks();
  /**
   * The item that awaits its answer. There is at most one, so that an item which is refused and sent again keeps its
   * place in the order.
   * @type {Item|undefined}
   */
  #in_flight;
  /** The items that are confirmed and whose messages have not arrived, by id. @type {Map<number, Item>} */
  #acknowledged = new Map();
  #attempts = 0;
  /** Runs while the hub has asked to try later. @type {ReturnType<typeof setTimeout>|undefined} */
  #retry_timer;

  /**
   * @param {Queue} queue
   * @param {(item: Item) => void} transmit sends one item over the connection
   * @param {(detail: {item: Item, status: Status, number: number|undefined}) => void} notify gets every change
   */
  constructor(queue, transmit, notify) {
    this.#queue = queue;
    this.#transmit = transmit;
    this.#notify = notify;
  }

  get awaits_answer() { return Boolean(this.#in_flight); }

  /**
   * Must be called when a connection is open and its history has been delivered.
   * @param {string} id of the connection
   * @param {string} log
   */
  connected(id, log) {
    this.#connection_id = id;
    this.#log = log;
    this.#pump();
  }

  disconnected() {
    this.#connection_id = this.#in_flight = undefined;
    this.#forks = new KnownForks();
  }

  /**
   * Forgets which messages have arrived, because the history replaces all of them. The stored items that may be lost wait
   * again.
   * @param {string} log
   * @param {Message[]} history the newest messages, oldest first
   */
  reset(log, history) {
    this.#acknowledged.clear();
    const is_missing = is_missing_from(history);
    this.#queue.restore(stored => stored.log === log && is_missing(stored.id));
    for (const item of this.#queue) {
      delete item.seen;
      this.#report(item);
    }
  }

  /**
   * Sends the stored items again whose messages a fork has removed. Returns these items, oldest first.
   * @param {Fork} fork
   * @param {string} log
   */
  lose(fork, log) {
    this.#forks.add(fork);
    for (const id of this.#acknowledged.keys()) if (is_lost(id, fork)) this.#acknowledged.delete(id);
    for (const item of this.#queue) if (item.seen && is_lost(item.seen, fork)) {
      delete item.seen;
      this.#report(item);
    }
    const lost = this.#queue.restore(stored => stored.log === log && is_lost(stored.id, fork));
    for (const item of lost) this.#report(item);
    this.#pump();
    return lost;
  }

  /**
   * @param {string} text
   * @returns {Promise<Stored>}
   */
  send(text) {
    const item = this.#queue.add(text);
    if (!item) return Promise.reject(failure("full", "Too many messages are waiting to be sent"));
    return this.#promise(item);
  }

  /**
   * @param {string} key
   * @returns {Promise<Stored>|undefined}
   */
  resend(key) {
    const item = this.#queue.get(key);
    if (!item) return undefined;
    item.why = null;
    this.#queue.save(item);
    return this.#promise(item);
  }

  /** @param {string} key */
  cancel(key) {
    const item = this.#queue.get(key);
    if (item) this.#finish(item, "gone");
  }

  /**
   * Returns the item whose message this is, or undefined if the message is not of this client.
   * @param {Message} message
   * @returns {Item|undefined}
   */
  match(message) {
    const stored = this.#acknowledged.get(message.id);
    if (stored) {
      this.#acknowledged.delete(message.id);
      return stored;
    }
    if (message.connection_id === this.#connection_id && message.text === this.#in_flight?.text) return this.#in_flight;
    // An earlier connection sent the item and broke before the answer. Equal texts are only a guess, so `seen` is
    // set, but the item stays in the queue until its ack.
    const item = this.#queue.find(i => !i.seen && i.via.includes(message.connection_id) && i.text === message.text);
    if (item) item.seen = message.id;
    return item;
  }

  /**
   * Must be called when the listeners have got the message of a matched item.
   * @param {Item|undefined} item
   * @param {Message} message
   */
  delivered(item, message) {
    if (item && item === this.#in_flight) this.#finish(item, undefined, message);
  }

  /**
   * @param {{key: string, id: number, user_message_number: number}} ack
   * @param {number} cursor the id of the newest message that was delivered
   */
  ack(ack, cursor) {
    const item = this.#queue.get(ack.key);
    if (!item) return;
    if (this.#forks.doubts(item, ack.id)) {
      if (item === this.#in_flight) this.#transmit(item);
      return;
    }
    if (item.seen === ack.id) return this.#finish(item, undefined, ack);
    if (ack.id <= cursor) return this.#finish(item, "gone", ack);
    this.#acknowledged.set(ack.id, item);
    this.#finish(item, "stored", ack);
  }

  /**
   * Returns whether the error was about an item.
   * @param {{code: string, message?: string, key?: string}} frame
   */
  error(frame) {
    const item = this.#queue.get(/** @type {string} */ (frame.key)) ?? this.#in_flight;
    if (!item) return false;
    if (item === this.#in_flight) this.#in_flight = undefined;
    if (frame.code === "busy" || frame.code === "too_fast") {
      this.#retry_timer = setTimeout(() => this.#retry(), min_delay + backoff(this.#attempts++));
      this.#report(item, "held");
      return true;
    }
    item.why = String(frame.message || frame.code);
    this.#queue.save(item);
    this.#report(item);
    this.#settle(item, "reject", failure(frame.code, item.why));
    this.#pump();
    return true;
  }

  /**
   * @param {Item} item
   * @returns {Promise<Stored>}
   */
  #promise(item) {
    /** @type {Promise<Stored>} */
    const promise = new Promise((resolve, reject) => this.#pending.set(item.key, { resolve, reject }));
    this.#report(item);
    this.#pump();
    return promise;
  }

  #retry() {
    clearTimeout(this.#retry_timer);
    this.#retry_timer = undefined;
    this.#pump();
  }

  #pump() {
    if (!this.#connection_id || this.#in_flight || this.#retry_timer) return;
    const item = this.#queue.find(i => !i.why);
    if (!item) return;
    this.#in_flight = item;
    if (!item.via.includes(this.#connection_id)) item.via = [...item.via.slice(-9), this.#connection_id];
    this.#queue.save(item);
    this.#transmit(item);
  }

  /**
   * Moves the item to the stored ones, or removes it if it was cancelled, and settles its promise.
   * @param {Item} item
   * @param {Status} status
   * @param {Stored} [stored] absent if the item was cancelled
   */
  #finish(item, status, stored) {
    if (stored) this.#queue.confirm(item, stored.id, this.#log);
    else this.#queue.remove(item.key);
    if (status) this.#report(item, status, stored?.user_message_number);
    if (stored) this.#settle(item, "resolve", { id: stored.id, user_message_number: stored.user_message_number });
    else this.#settle(item, "reject", failure("cancelled", "The message was cancelled before it was sent"));
    if (item !== this.#in_flight) return;
    this.#in_flight = undefined;
    this.#attempts = 0;
    this.#pump();
  }

  /**
   * @param {Item} item
   * @param {"resolve"|"reject"} method
   * @param {Stored|Error} value
   */
  #settle({ key }, method, value) {
    this.#pending.get(key)?.[method](value);
    this.#pending.delete(key);
  }

  /**
   * @param {Item} item
   * @param {Status} [status]
   * @param {number} [number]
   */
  #report(item, status, number) {
    this.#notify({ item, status, number });
  }
}

/**
 * @param {string} code
 * @param {string} text
 */
function failure(code, text) {
  return Object.assign(new Error(text), { code });
}
