// Forks of the log: what is lost when the hub's database goes back in time. Knows ids. Must not know frames.

/** @import { Fork, Item, Message } from "./definitions.js" */

export const distance = 2 ** 32; // the least distance between an id before a fork and one after it

/**
 * Returns the fork that a frame tells of, or undefined if the frame is malformed.
 * @param {Partial<Fork>} frame
 * @returns {Fork|undefined}
 */
export function read_fork({ after = NaN, first = NaN }) {
  return Number.isSafeInteger(after) && Number.isSafeInteger(first) && after < first ? { after, first } : undefined;
}

/**
 * Returns whether the message `id` is lost.
 * @param {number} id
 * @param {Fork} fork
 */
export const is_lost = (id, { after, first }) => id > after && id < first;

/**
 * Returns a function that tells whether the message of an id may be lost, judged by the newest messages of its room alone.
 * It may be lost if they begin no later than the id and do not have it. It may also be lost if they begin so far above the
 * id that a fork lies between.
 * @param {Message[]} history oldest first
 * @returns {(id: number) => boolean}
 */
export function is_missing_from(history) {
  const ids = new Set(history.map(({ id }) => id)), oldest = history[0]?.id ?? 0;
  return id => id >= oldest ? !ids.has(id) : oldest - id >= distance;
}

/** The forks that one connection was told of, and the items whose acks they have made doubtful. */
export class KnownForks {
  /** The forks without those that a later one includes. @type {Fork[]} */
  #forks = [];
  /** The items that were doubted since the newest fork. @type {Set<Item>} */
  #doubted = new Set();

  /** @param {Fork} fork */
  add(fork) {
    this.#forks = [...this.#forks.filter(({ after, first }) => after < fork.after || first > fork.first), fork];
    this.#doubted.clear();
  }

  /**
   * Returns whether an ack of the item with this id is doubtful, which it is at most once after each fork. An ack with a
   * lost id may have been on its way before the fork, or the message has survived an earlier one of several forks that the
   * hub told as one. So the item must be sent again once, and the answer to that is final.
   * @param {Item} item
   * @param {number} id
   */
  doubts(item, id) {
    if (!this.#forks.some(fork => is_lost(id, fork)) || this.#doubted.has(item)) return false;
    this.#doubted.add(item);
    return true;
  }
}
