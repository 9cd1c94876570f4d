export class Fallback {
    /** @param {SocketClass|undefined} WebSocket absent in Node.js before 22, unless the program brings one */
    constructor(WebSocket: SocketClass | undefined);
    /** Whether the newest connection goes over HTTP. */
    is_used: boolean;
    /** Whether that is so, and a WebSocket has lived meanwhile. */
    may_return: boolean;
    /**
     * Returns a connection over HTTP, or undefined if a WebSocket is to be opened.
     * @param {URL} url
     * @param {string[]} protocols
     * @returns {Socket|undefined}
     */
    open(url: URL, protocols: string[]): Socket | undefined;
    /**
     * Must be called when the hub has accepted the newest connection.
     * @param {() => void} returning is called when that goes over HTTP, and a WebSocket would live
     */
    accepted(returning: () => void): void;
    /** Finds out now whether the connection is alive and whether a WebSocket would live, if it goes over HTTP. */
    check(): void;
    /** Must be called when a connection has ended. */
    closed(): void;
    /**
     * Must be called when a connection has failed although the hub answers requests.
     * @param {boolean} is_http whether it went over HTTP
     */
    failed(is_http: boolean): void;
    /**
     * Must be called when a connection has ended that did not fail, or that the hub has refused.
     * @param {number} [code] the close code
     */
    ended(code?: number): void;
    /** Must be called when the client is closed: WebSockets come first when it is opened again, perhaps with another token. */
    reset(): void;
    #private;
}
import type { Socket } from "./connection.js";
import type { SocketClass } from "./connection.js";
