/** @import { Handler } from "./connection.js" */
/** The close code of an attempt if the hub has no event streams, because it is of an older release. */
export const no_events: 4404;
/** The close code of an attempt if the hub refuses it, as it would refuse a WebSocket. */
export const is_refused: 4400;
export class HttpSocket {
    /**
     * @param {string|URL} url that of a WebSocket
     * @param {string[]} [protocols] with the token, as a WebSocket has it
     * @param {Doubts} [doubts] those of earlier connections of the client
     */
    constructor(url: string | URL, protocols?: string[], doubts?: Doubts);
    /** @type {Handler} */ onmessage: Handler;
    /** @type {Handler} */ onclose: Handler;
    /** @type {Handler} */ onerror: Handler;
    /** @param {string} text a frame, which is answered later, as over a network */
    send(text: string): void;
    close(): void;
    /** Opens the stream again unless it has just shown that it is alive: the network may have changed. */
    check(): void;
    #private;
}
import type { Handler } from "./connection.js";
import { Doubts } from "./publisher.js";
