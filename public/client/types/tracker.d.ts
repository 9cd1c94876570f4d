/** @import { Fork, Item, Message, Status } from "./definitions.js" */
/** @import { Queue } from "./queue.js" */
export class Tracker {
    /**
     * @param {Queue} queue has the items of all rooms
     * @param {(item: Item) => boolean} has returns whether an item belongs to the room
     * @param {(item: Item) => void} report gets every item whose message counts as not arrived any more, or as not stored
     */
    constructor(queue: Queue, has: (item: Item) => boolean, report: (item: Item) => void);
    /** Must be called when the connection has ended. */
    disconnected(): void;
    /**
     * Must be called when the hub says that it has stored the item as the message `id`. Returns the item's new status, or
     * "doubtful" if the ack may be older than a fork, so that the item must be sent again.
     * @param {Item} item
     * @param {number} id
     * @param {number} cursor the id of the newest message that was delivered
     * @returns {Status|"doubtful"}
     */
    acknowledge(item: Item, id: number, cursor: number): Status | "doubtful";
    /**
     * Returns the item whose message this is, or undefined if the message is not of this client.
     * @param {Message} message
     * @param {Item[]} candidates the items of all rooms that it can be, oldest first
     * @returns {Item|undefined}
     */
    match(message: Message, candidates: Item[]): Item | undefined;
    /**
     * Forgets which messages have arrived, because the history replaces all of them. The room's stored items that may be lost
     * wait again.
     * @param {string} log
     * @param {Message[]} history the newest messages, oldest first
     */
    reset(log: string, history: Message[]): void;
    /**
     * Makes the room's stored items wait again whose messages a fork has removed. Returns these items, oldest first.
     * @param {Fork} fork
     * @param {string} log
     */
    lose(fork: Fork, log: string): Item[];
    #private;
}
import type { Item } from "./definitions.js";
import type { Status } from "./definitions.js";
import type { Message } from "./definitions.js";
import type { Fork } from "./definitions.js";
import type { Queue } from "./queue.js";
