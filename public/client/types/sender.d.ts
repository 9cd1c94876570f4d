/** @typedef {import("./events.js").Message} Message */
/** @typedef {import("./events.js").Status} Status */
/** @typedef {import("./queue.js").Item} Item */
/** @typedef {import("./queue.js").Queue} Queue */
/** @typedef {import("./fork.js").Fork} Fork */
/** @typedef {{id: number, user_message_number: number}} Stored */
export class Sender {
    /**
     * @param {Queue} queue
     * @param {(item: Item) => void} transmit sends one item over the connection
     * @param {(detail: {item: Item, status: Status, number: number|undefined}) => void} notify gets every change
     */
    constructor(queue: Queue, transmit: (item: Item) => void, notify: (detail: {
        item: Item;
        status: Status;
        number: number | undefined;
    }) => void);
    get awaits_answer(): boolean;
    /**
     * Must be called when a connection is open and its history has been delivered.
     * @param {string} id of the connection
     * @param {string} log
     */
    connected(id: string, log: string): void;
    disconnected(): void;
    /**
     * Forgets which messages have arrived, because the history replaces all of them. The stored items that may be lost wait
     * again.
     * @param {string} log
     * @param {Message[]} history the newest messages, oldest first
     */
    reset(log: string, history: Message[]): void;
    /**
     * Sends the stored items again whose messages a fork has removed. Returns these items, oldest first.
     * @param {Fork} fork
     * @param {string} log
     */
    lose(fork: Fork, log: string): import("./queue.js").Item[];
    /**
     * @param {string} text
     * @returns {Promise<Stored>}
     */
    send(text: string): Promise<Stored>;
    /**
     * @param {string} key
     * @returns {Promise<Stored>|undefined}
     */
    resend(key: string): Promise<Stored> | undefined;
    /** @param {string} key */
    cancel(key: string): void;
    /**
     * Returns the item whose message this is, or undefined if the message is not of this client.
     * @param {Message} message
     * @returns {Item|undefined}
     */
    match(message: Message): Item | undefined;
    /**
     * Must be called when the listeners have got the message of a matched item.
     * @param {Item|undefined} item
     * @param {Message} message
     */
    delivered(item: Item | undefined, message: Message): void;
    /**
     * @param {{key: string, id: number, user_message_number: number}} ack
     * @param {number} cursor the id of the newest message that was delivered
     */
    ack(ack: {
        key: string;
        id: number;
        user_message_number: number;
    }, cursor: number): void;
    /**
     * Returns whether the error was about an item.
     * @param {{code: string, message?: string, key?: string}} frame
     */
    error(frame: {
        code: string;
        message?: string;
        key?: string;
    }): boolean;
    #private;
}
export type Message = import("./events.js").Message;
export type Status = import("./events.js").Status;
export type Item = import("./queue.js").Item;
export type Queue = import("./queue.js").Queue;
export type Fork = import("./fork.js").Fork;
export type Stored = {
    id: number;
    user_message_number: number;
};
