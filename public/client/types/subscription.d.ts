/** @typedef {import("./events.js").EventEmitter} EventEmitter */
/** @typedef {import("./events.js").Message} Message */
/** @typedef {import("./fork.js").Fork} Fork */
/** @typedef {import("./sender.js").Sender} Sender */
/** The newest message that was delivered, and its log. @typedef {{log: string, after: number}} Position */
export class Subscription {
    /**
     * @param {EventEmitter} events
     * @param {Sender} sender
     * @param {Set<string>} own_ids connections whose messages are `own`
     * @param {Position} [from]
     */
    constructor(events: EventEmitter, sender: Sender, own_ids: Set<string>, from?: Position);
    /** The UUID of the log of the position, or undefined before the first connection. @type {string|undefined} */
    log: string | undefined;
    /** @returns {Position|undefined} */
    get position(): Position | undefined;
    /** The id of the newest message that was delivered. */
    get cursor(): number;
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
    #private;
}
export type EventEmitter = import("./events.js").EventEmitter;
export type Message = import("./events.js").Message;
export type Fork = import("./fork.js").Fork;
export type Sender = import("./sender.js").Sender;
/**
 * The newest message that was delivered, and its log.
 */
export type Position = {
    log: string;
    after: number;
};
