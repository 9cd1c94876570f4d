// What was sent and is not yet confirmed, oldest first, in memory and with a bound. It must not know sockets or storage.

const capacity = 100;

/** @typedef {{key: string, text: string, at: number, via: string[], why: string|null}} Item */

export class Queue {
  /** @type {Map<string, Item>} */
  #items = new Map();
  #newest = 0;

  get full() { return this.#items.size >= capacity; }

  get(key) { return this.#items.get(key); }

  find(predicate) { return [...this.#items.values()].find(predicate); }

  [Symbol.iterator]() { return this.#items.values(); }

  /** The new item, or undefined when too many wait already. */
  add(text) {
    if (this.full) return undefined;
    const item = { key: new_key(), text, at: Math.max(Date.now(), this.#newest + 1), via: [], why: null };
    this.put(item);
    this.save(item);
    return item;
  }

  put(item) {
    this.#items.set(item.key, item);
    this.#newest = item.at;
  }

  /** To be called when an item has changed. What was refused is forgotten: its sender was told. */
  save(item) {
    if (item.why) this.remove(item.key);
  }

  remove(key) { this.#items.delete(key); }
}

// randomUUID is missing where a page did not come over https, and all of crypto is in Node.js 18. A key need not be
// secret, only its own.
export function new_key() {
  if (globalThis.crypto?.randomUUID) return crypto.randomUUID();
  const bytes = new Uint8Array(16).map(() => Math.random() * 256);
  globalThis.crypto?.getRandomValues(bytes);
  return Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
}
