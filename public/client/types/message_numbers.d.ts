/** @import { Message } from "./definitions.js" */
export const max_connections: 10;
export class MessageNumbers {
    /** @param {string} connection_id of the connection that is open now */
    connected(connection_id: string): void;
    /** Must be called when a message is sent. */
    sent(): void;
    /**
     * Must be called with every ack. A repeated key gets the number that it had on an earlier connection. If that is too small to be
     * told apart, it does no harm.
     * @param {number} number
     */
    acknowledged(number: number): void;
    /** @param {number} number of a message of the current connection whose item is known */
    confirm(number: number): void;
    /** Must be called when an item is given up whose message may arrive. From then on no message of the connection is told apart. */
    give_up(): void;
    /**
     * Returns whether the message was sent after all that were confirmed over its connection.
     * @param {Message} message
     */
    may_await_answer({ connection_id, user_message_number }: Message): boolean;
    #private;
}
import type { Message } from "./definitions.js";
