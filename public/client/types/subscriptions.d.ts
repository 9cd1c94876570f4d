/**
 * What the subscriptions need of the client.
 * @typedef {object} Port
 * @property {(frame: object) => void} send sends a frame over the connection
 * @property {(name: string, options: RoomOptions) => Subscription} make
 * @property {() => void} changed must be called when the gate of a room has changed
 */
export class Subscriptions {
    /**
     * @param {string} first_name
     * @param {RoomOptions} options
     * @param {Port} port
     */
    constructor(first_name: string, options: RoomOptions, port: Port);
    /** The room of the client's address: the newest subscription to it, which may be left. @type {Subscription} */
    first: Subscription;
    /** @type {OpeningRoom} */
    opening: OpeningRoom;
    get awaits_answer(): boolean;
    /**
     * Returns the subscription of a room that the client is in.
     * @param {string} [name] the first room unless given
     */
    get(name?: string): Subscription | undefined;
    /**
     * Returns the live subscription that a frame of the hub is about.
     * @param {string} [name] `room` of the frame, which frames of an older hub do not have
     */
    receiver(name?: string): Subscription | undefined;
    /**
     * Returns whether messages to a room can be sent. "open": yes. "closed": not yet, because an answer is due. "absent": the client
     * is not in the room. Otherwise: no, for this reason.
     * @param {string} [name] the first room unless given
     * @returns {"open"|"closed"|"absent"|Refusal}
     */
    gate(name?: string): "open" | "closed" | "absent" | Refusal;
    /**
     * Subscribes to a room, now or when the connection is open. A subscription that was refused is tried again, unless its
     * listeners are still being told, or another answer is impossible over this connection.
     * @param {string} name
     * @param {RoomOptions} options
     */
    join(name: string, options: RoomOptions): Subscription;
    /** @param {Subscription} subscription */
    leave(subscription: Subscription): void;
    /**
     * Must be called when the hub has accepted a connection. Subscribes to the other rooms, without waiting for the answers
     * between them. Returns the subscription of the opening room, or undefined if the client has left it.
     * @param {string} [name] the hub's name of its room
     */
    connected(name?: string): Subscription | undefined;
    /** Must be called when the connection has ended. */
    disconnected(): void;
    /** @param {Beginning & {room: string}} frame */
    subscribed(frame: Beginning & {
        room: string;
    }): void;
    /** @param {{room: string}} frame */
    unsubscribed(frame: {
        room: string;
    }): void;
    /**
     * Returns whether the error was about a command.
     * @param {Refusal & {room?: string}} frame
     */
    error(frame: Refusal & {
        room?: string;
    }): boolean;
    [Symbol.iterator](): MapIterator<Subscription>;
    #private;
}
/**
 * What the subscriptions need of the client.
 */
export type Port = {
    /**
     * sends a frame over the connection
     */
    send: (frame: object) => void;
    make: (name: string, options: RoomOptions) => Subscription;
    /**
     * must be called when the gate of a room has changed
     */
    changed: () => void;
};
import type { Subscription } from "./subscription.js";
import { OpeningRoom } from "./opening_room.js";
import type { Refusal } from "./subscription.js";
import type { RoomOptions } from "./definitions.js";
import type { Beginning } from "./subscription.js";
