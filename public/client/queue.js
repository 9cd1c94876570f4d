// The items that were sent and are not confirmed yet, oldest first, in memory and bounded. Must not know sockets or
// storage.

const capacity = 100; // items

/**
 * A message on its way to the hub. `key` makes the hub store it once, however often it is sent. `at` is the time of
 * `send` in ms since 1970, made unique within the queue. `via` has the ids of up to ten connections that have carried
 * the item. `why` is the hub's reason if it has refused the item. `seen` is set when a message that seems to be this
 * item has arrived before its ack.
 * @typedef {{key: string, text: string, at: number, via: string[], why: string|null, seen?: boolean}} Item
 */

/** The outbox of a client. A subclass may keep the items elsewhere: `save` and `remove` tell it of every change. */
export class Queue {
  /** @type {Map<string, Item>} */
  #items = new Map();
  #newest = 0;

  /** Whether `add` would refuse another item. */
  get full() { return this.#items.size >= capacity; }

  /**
   * @param {string} key
   * @returns {Item|undefined}
   */
  get(key) { return this.#items.get(key); }

  /**
   * Returns the oldest item that `predicate` accepts.
   * @param {(item: Item) => boolean} predicate
   * @returns {Item|undefined}
   */
  find(predicate) { return [...this.#items.values()].find(predicate); }

  /** @returns {IterableIterator<Item>} */
  [Symbol.iterator]() { return this.#items.values(); }

  /**
   * Returns the new item, or undefined when the queue is full.
   * @param {string} text
   * @returns {Item|undefined}
   */
  add(text) {
    if (this.full) return undefined;
    const item = { key: new_key(), text, at: Math.max(Date.now(), this.#newest + 1), via: [], why: null };
    this.put(item);
    this.save(item);
    return item;
  }

  /**
   * Appends an item, for example one that an earlier queue had.
   * @param {Item} item
   */
  put(item) {
    this.#items.set(item.key, item);
    this.#newest = item.at;
  }

  /**
   * Must be called when an item has changed. A refused item is forgotten, because the promise of `send` has been rejected.
   * @param {Item} item
   */
  save(item) {
    if (item.why) this.remove(item.key);
  }

  /** @param {string} key */
  remove(key) { this.#items.delete(key); }
}

/**
 * Returns a new key. A key must be unique but need not be secret, so `Math.random` will do where `crypto.randomUUID`
 * (pages without https) or all of `crypto` (Node.js 18) is missing.
 */
export function new_key() {
  if (typeof globalThis.crypto?.randomUUID === "function") return crypto.randomUUID();
  const bytes = new Uint8Array(16).map(() => Math.random() * 256);
  globalThis.crypto?.getRandomValues(bytes);
  return Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
}
