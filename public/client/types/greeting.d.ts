/** The codes of errors that are about a name or a secret. */
export const greeting_codes: Set<string>;
/**
 * What the greeting needs of the client.
 * @typedef {object} Port
 * @property {(frame: object) => void} send
 * @property {() => void} settled must be called when messages need not wait any longer
 * @property {(frame: any) => void} failed gets the error if the hub refuses what it has accepted over an earlier connection
 */
export class Greeting {
    /** @param {Port} port */
    constructor(port: Port);
    /** Whether messages must wait, so that they get the name. */
    get is_due(): boolean;
    /**
     * @param {Hello} fields
     * @returns {Promise<Person>}
     */
    hello(fields: Hello): Promise<Person>;
    /** Must be called when the hub has accepted a connection. */
    connected(): void;
    disconnected(): void;
    /** @param {Person} frame */
    answer({ name, person }: Person): void;
    /**
     * Returns whether the error answers what was told.
     * @param {{code: string, message: string, key?: string, room?: string}} frame
     */
    error(frame: {
        code: string;
        message: string;
        key?: string;
        room?: string;
    }): boolean;
    #private;
}
export type Call = {
    fields: Hello;
    resolve: (person: Person) => void;
    reject: (why: Error) => void;
};
/**
 * What the greeting needs of the client.
 */
export type Port = {
    send: (frame: object) => void;
    /**
     * must be called when messages need not wait any longer
     */
    settled: () => void;
    /**
     * gets the error if the hub refuses what it has accepted over an earlier connection
     */
    failed: (frame: any) => void;
};
import type { Hello } from "./definitions.js";
import type { Person } from "./definitions.js";
