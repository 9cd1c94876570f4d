/** @typedef {{room: string, text: string, data?: any, key: string}} Outgoing */
export class Publisher {
    /**
     * @param {URL} url
     * @param {Record<string, string>} headers
     * @param {{tell: (frame: object) => void, fail: (error: unknown) => void}} port `tell` gets the answers, and `fail` an error that
     *   ends the connection
     */
    constructor(url: URL, headers: Record<string, string>, port: {
        tell: (frame: object) => void;
        fail: (error: unknown) => void;
    });
    /**
     * Sends a message when those before it are answered.
     * @param {Outgoing} message
     */
    send(message: Outgoing): void;
    /**
     * Resolves when it is known whether the message is one that was sent: those who get it must have got the ack before. It resolves
     * at once if it cannot be.
     * @param {{room?: string, text: string, data?: any}} message
     */
    settled({ room, text, data }: {
        room?: string;
        text: string;
        data?: any;
    }): Promise<void>;
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
