/**
 * Returns the fork that a frame tells of, or undefined if the frame is malformed.
 * @param {Partial<Fork>} frame
 * @returns {Fork|undefined}
 */
export function read_fork({ after, first }: Partial<Fork>): Fork | undefined;
/**
 * Returns a function that tells whether the message of an id may be lost, judged by the newest messages of its room alone.
 * It may be lost if they begin no later than the id and do not have it. It may also be lost if they begin so far above the
 * id that a fork lies between.
 * @param {Message[]} history oldest first
 * @returns {(id: number) => boolean}
 */
export function is_missing_from(history: Message[]): (id: number) => boolean;
/** @import { Fork, Item, Message } from "./definitions.js" */
export const distance: number;
export function is_lost(id: number, { after, first }: Fork): boolean;
/** The forks that one connection was told of, and the items whose acks they have made doubtful. */
export class KnownForks {
    /** @param {Fork} fork */
    add(fork: Fork): void;
    /**
     * Returns whether an ack of the item with this id is doubtful, which it is at most once after each fork. An ack with a
     * lost id may have been on its way before the fork, or the message has survived an earlier one of several forks that the
     * hub told as one. So the item must be sent again once, and the answer to that is final.
     * @param {Item} item
     * @param {number} id
     */
    doubts(item: Item, id: number): boolean;
    #private;
}
import type { Fork } from "./definitions.js";
import type { Message } from "./definitions.js";
import type { Item } from "./definitions.js";
