// One room of the client: its position in the log, and what happens to its messages. Knows messages, history and forks. Must
// not know sockets.

import { is_lost, read_fork } from "./fork.js";
import { Tracker } from "./tracker.js";

/** @typedef {import("./events.js").EventEmitter} EventEmitter */
/** @typedef {import("./events.js").Message} Message */
/** @typedef {import("./fork.js").Fork} Fork */
/** @typedef {import("./queue.js").Item} Item */
/** @typedef {import("./queue.js").Queue} Queue */
/** @typedef {import("./sender.js").Sender} Sender */
/** The newest message that was delivered, and its log. @typedef {{log: string, after: number}} Position */

export class Subscription {
  /** The UUID of the log of the position, or undefined before the first connection. @type {string|undefined} */
  log;
  #cursor;
  #events;
  #sender;
  #tracker;
  #own_ids;

  /**
   * @param {EventEmitter} events
   * @param {Queue} queue
   * @param {Sender} sender
   * @param {Set<string>} own_ids connections whose messages are `own`
   * @param {Position} [from]
   */
  constructor(events, queue, sender, own_ids, from) {
    this.#events = events;
    this.#sender = sender;
    this.#tracker = new Tracker(queue, item => events.emit("sending", { item, status: undefined, number: undefined }));
    this.#own_ids = own_ids;
    this.log = from?.log;
    this.#cursor = from?.after ?? 0;
  }

  /** @returns {Position|undefined} */
  get position() { return this.log ? { log: this.log, after: this.#cursor } : undefined; }

  /** Must be called when the connection has ended. */
  disconnected() { this.#tracker.disconnected(); }

  /**
   * Begins with the history, instead of going on after the cursor.
   * @param {string} log
   * @param {Message[]} history the newest messages, oldest first
   */
  reset(log, history) {
    this.#cursor = 0;
    this.#tracker.reset(log, history);
    for (const message of history) this.receive_message(message, true);
  }

  /**
   * @param {Message} message
   * @param {boolean} past
   */
  receive_message(message, past) {
    if (message.id <= this.#cursor) return;
    this.#cursor = message.id;
    const item = this.#tracker.match(message, this.#sender.in_flight_over(message.connection_id));
    const own = this.#own_ids.has(message.connection_id) || Boolean(item);
    this.#events.emit("message", { message, past, key: item?.key, own });
    this.#sender.delivered(item, message);
  }

  /** @param {Partial<Fork>} frame */
  receive_fork(frame) {
    const fork = read_fork(frame);
    if (!fork || !this.log) return;
    // Everything that survived the fork or came after it then follows the cursor, whenever the connection breaks.
    if (is_lost(this.#cursor, fork)) this.#cursor = fork.after;
    const lost = this.#tracker.lose(fork, this.log);
    this.#sender.proceed();
    this.#events.emit("fork", { ...fork, lost });
  }

  /**
   * Returns the status of an item that the hub has stored as the message `id`, or "doubtful" if it must be sent again.
   * @param {Item} item
   * @param {number} id
   */
  acknowledge(item, id) { return this.#tracker.acknowledge(item, id, this.#cursor); }
}
