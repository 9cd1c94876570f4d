// Forks of the log: what is lost when the hub's database goes back in time. Knows ids. Must not know frames.

/** @typedef {import("./events.js").Message} Message */

/**
 * A loss in the hub's database: the messages with ids greater than `after` and less than `first` are gone. Ids go on at
 * `first`.
 * @typedef {{after: number, first: number}} Fork
 */

const distance = 2 ** 32; // the least distance between an id before a fork and one after it

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
