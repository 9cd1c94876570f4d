/**
 * What the rooms need of the connection.
 * @typedef {object} Port
 * @property {(frame: any) => void} tell gets the frames of the hub
 * @property {() => void} heard is called whenever bytes have arrived
 * @property {Doubts} doubts the messages that one must know about before those that equal them are told
 */
export class EventRooms {
    /**
     * @param {(name: string) => URL} to returns an address of the hub
     * @param {Record<string, string>} headers
     * @param {Port} port
     */
    constructor(to: (name: string) => URL, headers: Record<string, string>, port: Port);
    /** The opening room, by the hub's name when the hub has accepted the connection. */
    opening: string;
    /** Whether the hub has accepted the connection. */
    is_open: boolean;
    /** Whether the client is in no room and wants none. */
    get is_empty(): boolean;
    /**
     * Tells the frames of the hub until `close`. Rejects when the hub ends the connection, or refuses it.
     * @param {string} room
     * @param {Position} [position]
     */
    run(room: string, position?: Position): Promise<void>;
    /** @param {Ask} ask */
    subscribe(ask: Ask): void;
    /** @param {string} room */
    unsubscribe(room: string): void;
    /** Opens the stream again, to find out whether the hub can still be reached. */
    renew(): void;
    close(): void;
    #private;
}
/**
 * What the rooms need of the connection.
 */
export type Port = {
    /**
     * gets the frames of the hub
     */
    tell: (frame: any) => void;
    /**
     * is called whenever bytes have arrived
     */
    heard: () => void;
    /**
     * the messages that one must know about before those that equal them are told
     */
    doubts: Doubts;
};
import type { Position } from "./definitions.js";
import type { Ask } from "./room_catch_up.js";
import type { Doubts } from "./publisher.js";
