/** @import { Subscription } from "./subscription.js" */
export class OpeningRoom {
    /**
     * @param {Map<string, Subscription>} rooms those that the client is in, by name
     * @param {Subscription} first the room of the client's address
     */
    constructor(rooms: Map<string, Subscription>, first: Subscription);
    /** That of the newest connection. @type {Subscription} */
    subscription: Subscription;
    /**
     * Chooses the opening room of the next connection: the first room of the client, unless the client has left it, the attempts
     * with it have failed, or it has a `most` and another room has none. Returns undefined if the client is in no room.
     * @param {Subscription} first the first room, which may be left
     * @returns {Subscription|undefined}
     */
    choose(first: Subscription): Subscription | undefined;
    /** Must be called when an attempt has ended before the hub accepted the connection. The hub may have refused the room. */
    failed(): void;
    /**
     * Must be called when the hub has accepted the connection.
     * @param {string|undefined} name the hub's name of the room, or undefined if the client has left it meanwhile
     */
    connected(name: string | undefined): void;
    /**
     * Returns whether messages to the room go without its name, as an older hub expects it.
     * @param {string} name
     */
    is_implied(name: string): boolean;
    /** Must be called when the client leaves the room, and when the connection has ended. */
    close(): void;
    /**
     * Returns whether the hub means the room by the name. Frames of an older hub have no name.
     * @param {string|undefined} name
     */
    is_meant_by(name: string | undefined): boolean;
    /**
     * Returns the client's name of a room.
     * @param {string} name the hub's
     */
    name_of(name: string): string;
    #private;
}
import type { Subscription } from "./subscription.js";
