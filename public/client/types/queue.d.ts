/**
 * Returns a new key. A key must be unique but need not be secret, so `Math.random` will do where `crypto.randomUUID`
 * (pages without https) or all of `crypto` (Node.js 18) is missing.
 */
export function new_key(): string;
/**
 * A message on its way to the hub. `key` makes the hub store it once, however often it is sent. `at` is the time of
 * `send` in ms since 1970, made unique within the queue. `via` has the ids of up to ten connections that have carried
 * the item. `why` is the hub's reason if it has refused the item. `seen` is set when a message that seems to be this
 * item has arrived before its ack.
 * @typedef {{key: string, text: string, at: number, via: string[], why: string|null, seen?: boolean}} Item
 */
/** The outbox of a client. A subclass may keep the items elsewhere: `save` and `remove` tell it of every change. */
export class Queue {
    /** Whether `add` would refuse another item. */
    get full(): boolean;
    /**
     * @param {string} key
     * @returns {Item|undefined}
     */
    get(key: string): Item | undefined;
    /**
     * Returns the oldest item that `predicate` accepts.
     * @param {(item: Item) => boolean} predicate
     * @returns {Item|undefined}
     */
    find(predicate: (item: Item) => boolean): Item | undefined;
    /**
     * Returns the new item, or undefined when the queue is full.
     * @param {string} text
     * @returns {Item|undefined}
     */
    add(text: string): Item | undefined;
    /**
     * Appends an item, for example one that an earlier queue had.
     * @param {Item} item
     */
    put(item: Item): void;
    /**
     * Must be called when an item has changed. A refused item is forgotten, because the promise of `send` has been rejected.
     * @param {Item} item
     */
    save(item: Item): void;
    /** @param {string} key */
    remove(key: string): void;
    /** @returns {IterableIterator<Item>} */
    [Symbol.iterator](): IterableIterator<Item>;
    #private;
}
/**
 * A message on its way to the hub. `key` makes the hub store it once, however often it is sent. `at` is the time of
 * `send` in ms since 1970, made unique within the queue. `via` has the ids of up to ten connections that have carried
 * the item. `why` is the hub's reason if it has refused the item. `seen` is set when a message that seems to be this
 * item has arrived before its ack.
 */
export type Item = {
    key: string;
    text: string;
    at: number;
    via: string[];
    why: string | null;
    seen?: boolean;
};
