/** @typedef {import("./definitions.js").Item} Item */
/** @typedef {import("./definitions.js").StoredAs} StoredAs */
/**
 * Returns how long an item stays that was stored at the time `at`, in ms: 0 if that was too long ago, or if the time is in
 * the future because the clock was wrong.
 * @param {number} at ms since 1970
 */
export function time_left(at: number): number;
/**
 * Returns a new key. A key must be unique but need not be secret, so `Math.random` will do where `crypto.randomUUID`
 * (pages without https) or all of `crypto` (Node.js 18) is missing.
 */
export function new_key(): string;
/**
 * The outbox of a client: the items that wait, and beside them the newest stored ones. A stored item leaves ten minutes
 * after its ack, or when it is the oldest of more than 1000 items or 262,144 UTF-16 code units of text.
 *
 * A subclass may keep the items elsewhere: `save` and `remove` tell it of every change, and it gives them back by `put`.
 * It must keep `room` and `stored`. Without `room`, an item is sent to the first room. Without `stored`, a stored item is
 * sent again, and its key makes the hub store it only once.
 */
export class Queue {
    /** Whether `add` would refuse another item. */
    get full(): boolean;
    /**
     * Returns the item if it waits.
     * @param {string} key
     * @returns {Item|undefined}
     */
    get(key: string): Item | undefined;
    /**
     * Returns the oldest waiting item that `predicate` accepts.
     * @param {(item: Item) => boolean} predicate
     * @returns {Item|undefined}
     */
    find(predicate: (item: Item) => boolean): Item | undefined;
    /**
     * Returns the new item, or undefined when the queue is full.
     * @param {string} text
     * @param {string} [room]
     * @returns {Item|undefined}
     */
    add(text: string, room?: string): Item | undefined;
    /**
     * Appends an item, for example one that an earlier queue had. A stored item that is too old is removed at once.
     * Those that wait must come in the order of `at`, and those that are stored in the order of `stored.at`.
     * @param {Item} item
     */
    put(item: Item): void;
    /**
     * Must be called when the hub has stored a waiting item: as the message `id` of the log `log`.
     * @param {Item} item
     * @param {number} id
     * @param {string} log
     */
    confirm(item: Item, id: number, log: string): void;
    /**
     * Makes the stored items that `is_lost` accepts wait again, each at its place by `at`, before the items that were sent
     * after it. Returns them, oldest first.
     * @param {(stored: StoredAs, item: Item) => boolean} is_lost
     * @returns {Item[]}
     */
    restore(is_lost: (stored: StoredAs, item: Item) => boolean): Item[];
    /**
     * Must be called when an item has changed. A refused item is forgotten, because the promise of `send` has been rejected.
     * @param {Item} item
     */
    save(item: Item): void;
    /**
     * Removes an item, whether it waits or is stored.
     * @param {string} key
     */
    remove(key: string): void;
    /** The items that wait, oldest first. @returns {IterableIterator<Item>} */
    [Symbol.iterator](): IterableIterator<Item>;
    #private;
}
export type Item = import("./definitions.js").Item;
export type StoredAs = import("./definitions.js").StoredAs;
