// The items that were sent to all rooms: those that wait for the hub, oldest first, and for ten minutes those that the hub has
// stored, because a failover of its database may lose them. In memory and bounded. Must not know sockets or storage.

const capacity = 100; // items that wait
const keep_time = 600_000; // ms that an item is kept after its ack
const max_stored = 1000; // items that are kept after their acks
const max_stored_length = 262_144; // UTF-16 code units in the texts of these items

/** @typedef {import("./definitions.js").Item} Item */
/** @typedef {import("./definitions.js").StoredAs} StoredAs */

/**
 * Returns how long an item stays that was stored at the time `at`, in ms: 0 if that was too long ago, or if the time is in
 * the future because the clock was wrong.
 * @param {number} at ms since 1970
 */
export function time_left(at) {
  const age = Date.now() - at;
  return age >= 0 && age < keep_time ? keep_time - age : 0;
}

/**
 * The outbox of a client: the items that wait, and beside them the newest stored ones. A stored item leaves ten minutes
 * after its ack, or when it is the oldest of more than 1000 items or 262,144 UTF-16 code units of text.
 *
 * A subclass may keep the items elsewhere: `save` and `remove` tell it of every change, and it gives them back by `put`.
 * It must keep `room` and `stored`. Without `room`, an item is sent to the first room. Without `stored`, a stored item is
 * sent again, and its key makes the hub store it only once.
 */
export class Queue {
  /** The items that wait, by key. @type {Map<string, Item>} */
  #items = new Map();
  /** The stored items by key, the oldest ack first. @type {Map<string, Item>} */
  #stored = new Map();
  #stored_length = 0;
  #newest = 0;
  /** Runs until the next stored item has been kept for long enough. @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** Whether `add` would refuse another item. */
  get full() { return this.#items.size >= capacity; }

  /**
   * Returns the item if it waits.
   * @param {string} key
   * @returns {Item|undefined}
   */
  get(key) { return this.#items.get(key); }

  /**
   * Returns the oldest waiting item that `predicate` accepts.
   * @param {(item: Item) => boolean} predicate
   * @returns {Item|undefined}
   */
  find(predicate) { return [...this.#items.values()].find(predicate); }

  /** The items that wait, oldest first. @returns {IterableIterator<Item>} */
  [Symbol.iterator]() { return this.#items.values(); }

  /**
   * Returns the new item, or undefined when the queue is full.
   * @param {string} text
   * @param {string} [room]
   * @returns {Item|undefined}
   */
  add(text, room) {
    if (this.full) return undefined;
    const item = { key: new_key(), text, ...room === undefined ? {} : { room }, at: Math.max(Date.now(), this.#newest + 1), via: [], why: null };
    this.put(item);
    this.save(item);
    return item;
  }

  /**
   * Appends an item, for example one that an earlier queue had. A stored item that is too old is removed at once.
   * Those that wait must come in the order of `at`, and those that are stored in the order of `stored.at`.
   * @param {Item} item
   */
  put(item) {
    this.#newest = Math.max(this.#newest, item.at);
    if (item.stored) this.#keep(item);
    else this.#items.set(item.key, item);
  }

  /**
   * Must be called when the hub has stored a waiting item: as the message `id` of the log `log`.
   * @param {Item} item
   * @param {number} id
   * @param {string} log
   */
  confirm(item, id, log) {
    this.#items.delete(item.key);
    item.stored = { id, log, at: Date.now() };
    item.why = null;
    delete item.seen;
    this.save(item);
    this.#keep(item);
  }

  /**
   * Makes the stored items that `is_lost` accepts wait again, each at its place by `at`, before the items that were sent
   * after it. Returns them, oldest first.
   * @param {(stored: StoredAs, item: Item) => boolean} is_lost
   * @returns {Item[]}
   */
  restore(is_lost) {
    this.#expire();
    const lost = [...this.#stored.values()].filter(item => item.stored && is_lost(item.stored, item)).sort(by_time);
    for (const item of lost) {
      this.#forget(item.key);
      delete item.stored;
      this.#items.set(item.key, item);
      this.save(item);
    }
    if (lost.length) this.#items = new Map([...this.#items.values()].sort(by_time).map(item => [item.key, item]));
    return lost;
  }

  /**
   * Must be called when an item has changed. A refused item is forgotten, because the promise of `send` has been rejected.
   * @param {Item} item
   */
  save(item) {
    if (item.why) this.remove(item.key);
  }

  /**
   * Removes an item, whether it waits or is stored.
   * @param {string} key
   */
  remove(key) {
    this.#items.delete(key);
    this.#forget(key);
  }

  /** @param {Item} item */
  #keep(item) {
    this.#forget(item.key);
    this.#stored.set(item.key, item);
    this.#stored_length += item.text.length;
    this.#expire();
  }

  /** @param {string} key */
  #forget(key) {
    const item = this.#stored.get(key);
    if (this.#stored.delete(key)) this.#stored_length -= item?.text.length ?? 0;
  }

  // Removes the stored items that are too old or too many.
  #expire() {
    clearTimeout(this.#timer);
    for (const { key, stored } of this.#stored.values()) {
      const left = time_left(stored?.at ?? 0);
      if (left > 0 && this.#stored.size <= max_stored && this.#stored_length <= max_stored_length) return this.#expire_in(left);
      this.remove(key);
    }
  }

  /** @param {number} delay ms */
  #expire_in(delay) {
    this.#timer = setTimeout(() => this.#expire(), delay);
    /** @type {{unref?(): void}} */ (/** @type {unknown} */ (this.#timer)).unref?.(); // Node.js must not wait for this timer
  }
}

const by_time = (/** @type {Item} */ a, /** @type {Item} */ b) => a.at - b.at;

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
