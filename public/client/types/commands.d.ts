/** @typedef {import("./subscription.js").Subscription} Subscription */
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
     * Returns the subscription that the hub has accepted, or undefined if no answer was due.
     * @param {string} room
     */
    accepted(room: string): import("./subscription.js").Subscription | undefined;
    /**
     * Returns the subscription that has ended as the client wanted, or undefined if the hub has ended it by itself.
     * @param {string} room
     */
    ended(room: string): import("./subscription.js").Subscription | undefined;
    /**
     * Returns the command that the hub has refused, or undefined if the error is about something else.
     * @param {string} code
     * @param {string} [room] of the error, if it names one
     */
    refused(code: string, room?: string): Command | undefined;
    #private;
}
export type Subscription = import("./subscription.js").Subscription;
export type Command = {
    type: "subscribe" | "unsubscribe";
    subscription: Subscription;
};
