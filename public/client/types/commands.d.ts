/** @import { Subscription } from "./subscription.js" */
/** @typedef {{type: "subscribe"|"unsubscribe", subscription: Subscription}} Command */
export class Commands {
    get size(): number;
    /** @param {string} room */
    has(room: string): boolean;
    /** @param {Command} command */
    add(command: Command): void;
    /** Must be called when the connection has ended. Returns the commands that were not answered. */
    clear(): Command[];
    /**
     * Returns the command that the frame `subscribed` shows to be over, or undefined if no answer was due. It is a subscription that
     * the hub has accepted. Or it is an "unsubscribe" that the hub has refused: its error came before this frame, and was taken for
     * the answer to the subscription.
     * @param {string} room
     */
    begun(room: string): Command | undefined;
    /**
     * Returns the command that has ended the subscription, or undefined if the hub has ended it by itself.
     * @param {string} room
     */
    ended(room: string): Command | undefined;
    /**
     * Returns the commands that the hub has refused, oldest first: none if the error is about something else. There are several
     * if the error shows that earlier ones were refused too.
     * @param {string} code
     * @param {string} [room] of the error, if it names one
     */
    refused(code: string, room?: string): Command[];
    #private;
}
export type Command = {
    type: "subscribe" | "unsubscribe";
    subscription: Subscription;
};
import type { Subscription } from "./subscription.js";
