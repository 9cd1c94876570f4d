/** @import { Stored } from "./definitions.js" */
/** @typedef {{promise: Promise<Stored>, resolve: Function, reject: Function}} Receipt */
export class Receipts {
    /**
     * Returns the promise of an item, which is new unless an earlier one has not settled.
     * @param {string} key
     */
    promise(key: string): Promise<Stored>;
    /**
     * @param {string} key
     * @param {Stored} stored
     */
    resolve(key: string, { id, user_message_number }: Stored): void;
    /**
     * @param {string} key
     * @param {{code: string, message: string}} why
     */
    reject(key: string, why: {
        code: string;
        message: string;
    }): void;
    #private;
}
export function failure({ code, message }: {
    code: string;
    message: string;
}): Error & {
    code: string;
};
export type Receipt = {
    promise: Promise<Stored>;
    resolve: Function;
    reject: Function;
};
import type { Stored } from "./definitions.js";
