// Finds out which messages of one room are the client's own, and which of its stored items the hub's log has lost. Knows
// messages, ids and forks. Must not know how items are sent.

import { is_lost, is_missing_from, KnownForks } from "./fork.js";

/** @import { Fork, Item, Message, Status } from "./definitions.js" */
/** @import { Queue } from "./queue.js" */

export class Tracker {
  #queue;
  #has;
  #report;
  #forks = new KnownForks();
  /** The items that are confirmed and whose messages have not arrived, by id. @type {Map<number, Item>} */
  #acknowledged = new Map();

  /**
   * @param {Queue} queue has the items of all rooms
   * @param {(item: Item) => boolean} has returns whether an item belongs to the room
   * @param {(item: Item) => void} report gets every item whose message counts as not arrived any more, or as not stored
   */
  constructor(queue, has, report) {
    this.#queue = queue;
    this.#has = has;
    this.#report = report;
  }

  /** Must be called when the connection has ended. */
  disconnected() { this.#forks = new KnownForks(); }

  /**
   * Must be called when the hub says that it has stored the item as the message `id`. Returns the item's new status, or
   * "doubtful" if the ack may be older than a fork, so that the item must be sent again.
   * @param {Item} item
   * @param {number} id
   * @param {number} cursor the id of the newest message that was delivered
   * @returns {Status|"doubtful"}
   */
  acknowledge(item, id, cursor) {
    if (this.#forks.doubts(item, id)) return "doubtful";
    if (item.seen === id) return undefined;
    if (id <= cursor) return "gone";
    this.#acknowledged.set(id, item);
    return "stored";
  }

  /**
   * Returns the item whose message this is, or undefined if the message is not of this client.
   * @param {Message} message
   * @param {Item[]} candidates the items of all rooms that it can be, oldest first
   * @returns {Item|undefined}
   */
  match(message, candidates) {
    const stored = this.#acknowledged.get(message.id);
    if (stored) {
      this.#acknowledged.delete(message.id);
      return stored;
    }
    // If an earlier connection sent the item and broke before the answer, equal texts are only a guess, so `seen` is
    // set, but the item stays in the queue until its ack.
    const item = candidates.find(i => i.text === message.text && this.#has(i));
    if (item) item.seen = message.id;
    return item;
  }

  /**
   * Forgets which messages have arrived, because the history replaces all of them. The room's stored items that may be lost
   * wait again.
   * @param {string} log
   * @param {Message[]} history the newest messages, oldest first
   */
  reset(log, history) {
    this.#acknowledged.clear();
    const is_missing = is_missing_from(history);
    this.#queue.restore((stored, item) => stored.log === log && is_missing(stored.id) && this.#has(item));
    for (const item of this.#queue) if (this.#has(item)) {
      delete item.seen;
      this.#report(item);
    }
  }

  /**
   * Makes the room's stored items wait again whose messages a fork has removed. Returns these items, oldest first.
   * @param {Fork} fork
   * @param {string} log
   */
  lose(fork, log) {
    this.#forks.add(fork);
    for (const id of this.#acknowledged.keys()) if (is_lost(id, fork)) this.#acknowledged.delete(id);
    for (const item of this.#queue) if (item.seen && is_lost(item.seen, fork) && this.#has(item)) {
      delete item.seen;
      this.#report(item);
    }
    const lost = this.#queue.restore((stored, item) => stored.log === log && is_lost(stored.id, fork) && this.#has(item));
    for (const item of lost) this.#report(item);
    return lost;
  }
}
