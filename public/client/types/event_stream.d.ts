/**
 * Resolves with the answer to a request. Rejects with a Refused unless it is a success.
 * @param {URL} url
 * @param {RequestInit} options
 */
export function request(url: URL, options: RequestInit): Promise<Response>;
/** @import { Position } from "./definitions.js" */
/** @typedef {{type: string, data: string, id: string}} StreamEvent */
/** The end of a connection, with a close code of a WebSocket. */
export class Ended extends Error {
    /**
     * @param {number} code
     * @param {string} [reason]
     */
    constructor(code: number, reason?: string);
    code: number;
    reason: string;
}
/** An answer of HTTP other than success. `code` is the hub's, and undefined if the answer is not the hub's. */
export class Refused extends Error {
    /**
     * @param {number} status
     * @param {string|undefined} code
     * @param {string} message
     * @param {number} retry_after ms, 0 unless the answer says it
     */
    constructor(status: number, code: string | undefined, message: string, retry_after: number);
    status: number;
    code: string | undefined;
    retry_after: number;
}
export class EventStream {
    /** @param {AbortSignal} signal closes the stream */
    constructor(signal: AbortSignal);
    /** The frames `init` and `subscribed` by the hub's names of the rooms. @type {Map<string, any>} */
    begun: Map<string, any>;
    /** Up to where the events that were read are complete in all rooms. @type {Position} */
    position: Position;
    /**
     * Reads until the hub has begun all rooms. Rejects with a Refused, or with an Ended.
     * @param {URL} url
     * @param {Record<string, string>} headers
     * @param {number} rooms how many
     * @param {() => void} heard is called whenever bytes have arrived
     */
    open(url: URL, headers: Record<string, string>, rooms: number, heard: () => void): Promise<this>;
    /**
     * Resolves with the next frame, which is {} if only the position has changed. Rejects with an Ended when the stream ends.
     * @returns {Promise<any>}
     */
    next(): Promise<any>;
    close: () => void;
    #private;
}
export type StreamEvent = {
    type: string;
    data: string;
    id: string;
};
import type { Position } from "./definitions.js";
