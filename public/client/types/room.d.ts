/** @import { Position, RoomEvents, Stored } from "./definitions.js" */
/** @import { Subscription } from "./subscription.js" */
/** A room of a client, made by its method `room`. It is subscribed while the connection is open, until it is left. */
export class Room {
    /**
     * @param {Subscription} subscription
     * @param {(text: string) => Promise<Stored>} send
     * @param {() => void} leave
     */
    constructor(subscription: Subscription, send: (text: string) => Promise<Stored>, leave: () => void);
    /** The name in Unicode's normalization form C. */
    get name(): string;
    /** The `from` of a room that shall go on here, in this process or another. @returns {Position|undefined} */
    get position(): Position | undefined;
    set most(most: number | undefined);
    /** The option `most`. A change counts from the next subscription on. @returns {number|undefined} */
    get most(): number | undefined;
    /** How many connections were in the room when the hub last told. @returns {number|undefined} */
    get online(): number | undefined;
    /**
     * Calls `listener` at every event of this type. Returns a function that removes the listener.
     * @template {keyof RoomEvents} Type
     * @param {Type} type
     * @param {(detail: RoomEvents[Type]) => void} listener
     * @returns {() => void}
     */
    on<Type extends keyof RoomEvents>(type: Type, listener: (detail: RoomEvents[Type]) => void): () => void;
    /**
     * Sends a message to this room, as the client's method `send` does. The promise also rejects if the hub refuses the
     * subscription, and with `not_subscribed` if the room is left.
     * @param {string} text 1 to 1000 code points
     * @returns {Promise<Stored>}
     */
    send(text: string): Promise<Stored>;
    /**
     * Leaves the room. The only event that may follow is `unsubscribed`, when the hub has confirmed it or the connection has
     * ended. Items that wait are sent if the room is subscribed again before that, and are refused otherwise.
     */
    leave(): void;
    #private;
}
import type { Position } from "./definitions.js";
import type { RoomEvents } from "./definitions.js";
import type { Stored } from "./definitions.js";
import type { Subscription } from "./subscription.js";
