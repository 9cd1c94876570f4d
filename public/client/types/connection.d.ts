/** @import { ConnectionState } from "./definitions.js" */
/** @import { Fallback } from "./fallback.js" */
/** @typedef {((event: any) => any)|null} Handler */
/**
 * The part of the WebSocket interface that the client uses. Browsers, `ws`, `undici` and Node.js 22 have it.
 * @typedef {{onmessage: Handler, onclose: Handler, onerror: Handler, send(data: string): void, close(): void}} Socket
 */
/** @typedef {new (url: any, protocols: any) => Socket} SocketClass */
/**
 * What the connection needs of the client.
 * @typedef {object} Port
 * @property {() => URL} address returns where to open the next connection
 * @property {() => string|undefined} token returns the token of the next connection, if the hub needs one
 * @property {(frame: any) => void} receive gets every frame other than a pong, and null for what is no JSON
 * @property {() => "message"|"room"|undefined} due returns what an answer is due to. The hub may answer about a room late, while
 *   its database does not answer, so the connection is asked for a sign of life before it counts as dead
 * @property {(code?: number) => void} ended must be called when a connection has ended, with its close code, or is given up
 * @property {(state: ConnectionState) => void} report gets every change of the state
 */
export class Connection {
    /**
     * @param {SocketClass|undefined} WebSocket
     * @param {Port} port
     */
    constructor(WebSocket: SocketClass | undefined, port: Port);
    /** Connects now. An open connection is closed before, and a planned attempt is cancelled. */
    open(): undefined;
    /** Disconnects until `open` is called. */
    close(): void;
    /** Connects or sends a ping at once. */
    check(): undefined;
    /** Must be called when the hub has accepted the connection. */
    accept(): void;
    /** @param {object} frame */
    send(frame: object): void;
    get awaits_pong(): boolean;
    /**
     * Returns whether an error without a key answers a ping. An older hub does not know pings. It does not name the rooms of its
     * errors either, but answers everything, so that it does not matter which of its equal errors is taken for that of the ping.
     * @param {{code: string, room?: string}} frame
     */
    take_error({ code, room }: {
        code: string;
        room?: string;
    }): boolean;
    #private;
}
export type Handler = ((event: any) => any) | null;
/**
 * The part of the WebSocket interface that the client uses. Browsers, `ws`, `undici` and Node.js 22 have it.
 */
export type Socket = {
    onmessage: Handler;
    onclose: Handler;
    onerror: Handler;
    send(data: string): void;
    close(): void;
};
export type SocketClass = new (url: any, protocols: any) => Socket;
/**
 * What the connection needs of the client.
 */
export type Port = {
    /**
     * returns where to open the next connection
     */
    address: () => URL;
    /**
     * returns the token of the next connection, if the hub needs one
     */
    token: () => string | undefined;
    /**
     * gets every frame other than a pong, and null for what is no JSON
     */
    receive: (frame: any) => void;
    /**
     * returns what an answer is due to. The hub may answer about a room late, while
     * its database does not answer, so the connection is asked for a sign of life before it counts as dead
     */
    due: () => "message" | "room" | undefined;
    /**
     * must be called when a connection has ended, with its close code, or is given up
     */
    ended: (code?: number) => void;
    /**
     * gets every change of the state
     */
    report: (state: ConnectionState) => void;
};
import type { ConnectionState } from "./definitions.js";
