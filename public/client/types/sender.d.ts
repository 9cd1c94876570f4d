/**
 * What the sender needs of the client.
 * @typedef {object} Port
 * @property {(item: Item) => void} transmit sends one item over the connection
 * @property {(item: Item) => "open"|"closed"|"absent"|{code: string, message: string}} gate returns whether items of the
 *   item's room can be sent: "open": yes. "closed": not yet. "absent": the client is not in the room, so that items wait, unless
 *   they were abandoned. Otherwise: no, and they are refused for this reason
 * @property {(item: Item, id: number) => Status|"doubtful"} acknowledge returns the status of an item that the hub has stored
 *   as the message `id`, or "doubtful" if the item must be sent again
 * @property {(sending: Sending) => void} notify gets every change of an item
 */
export class Sender {
    /**
     * @param {Queue} queue
     * @param {Port} port
     */
    constructor(queue: Queue, port: Port);
    /** The item that awaits its answer. */
    get in_flight(): Item | undefined;
    /**
     * Must be called when a connection is open and the history of its room has been delivered.
     * @param {string} id of the connection
     * @param {string} log
     */
    connected(id: string, log: string): void;
    /** @param {boolean} [too_large] whether the hub found a frame too large: the item would end every further connection too */
    disconnected(too_large?: boolean): void;
    /**
     * Returns the items, oldest first, that the hub may have stored as this message, judged by its connection and its number. Its
     * connection has carried them, and they were sent after all items that were confirmed over that connection.
     * @param {Message} message
     * @returns {Item[]}
     */
    candidates(message: Message): Item[];
    /**
     * @param {string} text
     * @param {string} room
     * @param {string} [data] JSON
     * @returns {Promise<Stored>}
     */
    send(text: string, room: string, data?: string): Promise<Stored>;
    /**
     * @param {string} key
     * @returns {Promise<Stored>|undefined}
     */
    resend(key: string): Promise<Stored> | undefined;
    /** @param {string} key */
    cancel(key: string): void;
    /**
     * Must be called when the client leaves a room. The waiting items that `has` accepts are refused when their gate is "absent".
     * @param {(item: Item) => boolean} has
     */
    abandon(has: (item: Item) => boolean): void;
    /**
     * Must be called when the listeners have got the message of a matched item.
     * @param {Item|undefined} item
     * @param {Message} message
     */
    delivered(item: Item | undefined, message: Message): void;
    /** @param {{key: string, id: number, user_message_number: number}} ack */
    ack(ack: {
        key: string;
        id: number;
        user_message_number: number;
    }): void;
    /**
     * Returns whether the error is certainly about an item. That may have been cancelled meanwhile.
     * @param {Refusal} frame
     */
    error(frame: Refusal): boolean;
    /**
     * Must be called when the hub has refused an item.
     * @param {Item} item
     * @param {Refusal} frame
     */
    refused(item: Item, frame: Refusal): void;
    /** Sends the next item if nothing is in its way. Must be called when items wait again, and when a gate may have changed. @returns {void} */
    proceed(): void;
    #private;
}
export type Sending = {
    item: Item;
    status: Status;
    number: number | undefined;
};
/**
 * A frame `error` of the hub. `retry_after`: how long to wait at least, in ms.
 */
export type Refusal = {
    code: string;
    message?: string;
    key?: string;
    retry_after?: number;
};
/**
 * What the sender needs of the client.
 */
export type Port = {
    /**
     * sends one item over the connection
     */
    transmit: (item: Item) => void;
    /**
     * returns whether items of the
     * item's room can be sent: "open": yes. "closed": not yet. "absent": the client is not in the room, so that items wait, unless
     * they were abandoned. Otherwise: no, and they are refused for this reason
     */
    gate: (item: Item) => "open" | "closed" | "absent" | {
        code: string;
        message: string;
    };
    /**
     * returns the status of an item that the hub has stored
     * as the message `id`, or "doubtful" if the item must be sent again
     */
    acknowledge: (item: Item, id: number) => Status | "doubtful";
    /**
     * gets every change of an item
     */
    notify: (sending: Sending) => void;
};
import type { Item } from "./definitions.js";
import type { Message } from "./definitions.js";
import type { Stored } from "./definitions.js";
import type { Queue } from "./queue.js";
import type { Status } from "./definitions.js";
