/** @typedef {import("./subscription.js").Subscription} Subscription */
export class OpeningRoom {
    /** @param {Subscription} first the room of the client's address */
    constructor(first: Subscription);
    /** That of the newest connection. @type {Subscription} */
    subscription: Subscription;
    /** Whether messages to the room may go without its name. */
    get is_open(): boolean;
    /**
     * Chooses the opening room of the next connection: the first room of the client, unless the client has left it, or the attempts
     * with it have failed. Returns undefined if there is none to resume.
     * @param {Iterable<Subscription>} rooms those that the client is in
     * @param {Subscription} first the room of the client's address, which may be left
     * @returns {Subscription|undefined}
     */
    choose(rooms: Iterable<Subscription>, first: Subscription): Subscription | undefined;
    /** Must be called when an attempt has ended before the hub accepted the connection. The hub may have refused the room. */
    failed(): void;
    /**
     * Must be called when the hub has accepted the connection.
     * @param {string|undefined} name the hub's name of the room, or undefined if the client has left it meanwhile
     */
    connected(name: string | undefined): void;
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
export type Subscription = import("./subscription.js").Subscription;
