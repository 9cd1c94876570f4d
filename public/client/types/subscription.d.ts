/** @typedef {import("./events.js").EventEmitter} EventEmitter */
/** @typedef {import("./events.js").Message} Message */
/** @typedef {import("./fork.js").Fork} Fork */
/** @typedef {import("./queue.js").Item} Item */
/** @typedef {import("./queue.js").Queue} Queue */
/** @typedef {import("./sender.js").Sender} Sender */
/** The newest message that was delivered, and its log. @typedef {{log: string, after: number}} Position */
export class Subscription {
    /**
     * @param {EventEmitter} events
     * @param {Queue} queue
     * @param {Sender} sender
     * @param {Set<string>} own_ids connections whose messages are `own`
     * @param {Position} [from]
     */
    constructor(events: EventEmitter, queue: Queue, sender: Sender, own_ids: Set<string>, from?: Position);
    /** The UUID of the log of the position, or undefined before the first connection. @type {string|undefined} */
    log: string | undefined;
    /** @returns {Position|undefined} */
    get position(): Position | undefined;
    /** Must be called when the connection has ended. */
    disconnected(): void;
    /**
     * Begins with the history, instead of going on after the cursor.
     * @param {string} log
     * @param {Message[]} history the newest messages, oldest first
     */
    reset(log: string, history: Message[]): void;
    /**
     * @param {Message} message
     * @param {boolean} past
     */
    receive_message(message: Message, past: boolean): void;
    /** @param {Partial<Fork>} frame */
    receive_fork(frame: Partial<Fork>): void;
    /**
     * Returns the status of an item that the hub has stored as the message `id`, or "doubtful" if it must be sent again.
     * @param {Item} item
     * @param {number} id
     */
    acknowledge(item: Item, id: number): import("./events.js").Status | "doubtful";
    #private;
}
export type EventEmitter = import("./events.js").EventEmitter;
export type Message = import("./events.js").Message;
export type Fork = import("./fork.js").Fork;
export type Item = import("./queue.js").Item;
export type Queue = import("./queue.js").Queue;
export type Sender = import("./sender.js").Sender;
/**
 * The newest message that was delivered, and its log.
 */
export type Position = {
    log: string;
    after: number;
};
