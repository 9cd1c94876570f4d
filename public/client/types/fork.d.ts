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
export function is_lost(id: number, { after, first }: Fork): boolean;
export type Message = import("./events.js").Message;
/**
 * A loss in the hub's database: the messages with ids greater than `after` and less than `first` are gone. Ids go on at
 * `first`.
 */
export type Fork = {
    after: number;
    first: number;
};
