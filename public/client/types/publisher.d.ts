/** @typedef {{room: string, text: string, data?: any, key: string}} Outgoing */
/** A sent message, with its data as JSON. @typedef {{key: string, text: string, data: string|undefined, waiting: Set<() => void>}} Doubt */
/**
 * The messages that the hub may have stored and whose answers are not final, over this connection or an earlier one. There is at most
 * one in a room, because a client sends the next one when that before has a final answer or is given up.
 */
export class Doubts {
    /**
     * Must be called when a message is sent. Returns whether it was in doubt before.
     * @param {Outgoing} message
     */
    begin({ room, key, text, data }: Outgoing): boolean;
    /**
     * Must be called when the message of the room has a final answer, or is certainly not stored.
     * @param {string} room
     */
    end(room: string): void;
    /**
     * Returns whether a message may be one that is in doubt.
     * @param {{room: string, text: string, data?: any}} message
     */
    has({ room, text, data }: {
        room: string;
        text: string;
        data?: any;
    }): boolean;
    /**
     * Resolves when it is known whether the message is one that was sent, or cannot become known, or the signal is aborted.
     * @param {{room: string, text: string, data?: any}} message
     * @param {AbortSignal} signal
     * @returns {Promise<void>|undefined} undefined if it is known
     */
    settled(message: {
        room: string;
        text: string;
        data?: any;
    }, signal: AbortSignal): Promise<void> | undefined;
    #private;
}
export class Publisher {
    /**
     * @param {URL} url
     * @param {Record<string, string>} headers
     * @param {Doubts} doubts
     * @param {{tell: (frame: object) => void, fail: (error: unknown) => void}} port `tell` gets the answers, and `fail` an error that
     *   ends the connection
     */
    constructor(url: URL, headers: Record<string, string>, doubts: Doubts, port: {
        tell: (frame: object) => void;
        fail: (error: unknown) => void;
    });
    /**
     * Sends a message when those before it are answered.
     * @param {Outgoing} message
     */
    send(message: Outgoing): void;
    /**
     * Tells the answer. The name and the secret are of the messages that are sent from now on. If the hub refuses them then, the
     * error tells, and the messages go without them.
     * @param {{name?: string|null, secret?: string}} fields
     */
    greet({ name, secret }: {
        name?: string | null;
        secret?: string;
    }): Promise<void>;
    close(): void;
    #private;
}
export type Outgoing = {
    room: string;
    text: string;
    data?: any;
    key: string;
};
/**
 * A sent message, with its data as JSON.
 */
export type Doubt = {
    key: string;
    text: string;
    data: string | undefined;
    waiting: Set<() => void>;
};
