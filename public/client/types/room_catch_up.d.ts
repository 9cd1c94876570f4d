export function as_subscribed(frame: any): any;
export class RoomCatchUp {
    /** @param {Port} port */
    constructor(port: Port);
    /**
     * Tells the client the answer to `subscribe`, and what it has missed.
     * @param {Ask} ask
     * @param {Begun} begun
     */
    begin({ room, log, after, most }: Ask, begun: Begun): Promise<void>;
    /**
     * Tells the client what has happened in a room since a position.
     * @param {string} room
     * @param {Position} position
     * @param {Begun} begun
     */
    go_on(room: string, position: Position, begun: Begun): Promise<void>;
    #private;
}
/**
 * A frame `subscribe`.
 */
export type Ask = {
    room: string;
    log?: string;
    after?: number;
    most?: number;
};
/**
 * How the hub has begun a room with its history, and the id up to which that is complete.
 */
export type Begun = {
    frame: any;
    newest: number;
};
export type Page = {
    messages: Message[];
    next?: string | null;
};
/**
 * What the catch-up needs.
 */
export type Port = {
    /**
     * of the pages
     */
    url: URL;
    headers: Record<string, string>;
    signal: AbortSignal;
    /**
     * resolves with the fork that the hub tells
     * a client which resumes there
     */
    fork: (room: string, position: Position) => Promise<Partial<Fork> | undefined>;
    /**
     * gets the frames for the client
     */
    tell: (frame: any) => void;
    /**
     * tells how a room begins with a history
     */
    tell_begun: (frame: any) => Promise<void>;
    /**
     * tells a message when it is known whether it is the client's own
     */
    tell_message: (frame: any) => Promise<void>;
};
import type { Position } from "./definitions.js";
import type { Message } from "./definitions.js";
import type { Fork } from "./definitions.js";
