/**
 * Exponential backoff with full jitter: a random delay below `min(max_delay, min_delay * 2^attempt)`, in ms. The jitter
 * spreads the return of a thousand clients that lost their connections at the same moment.
 * @param {number} attempt 0 for the first one
 */
export function backoff(attempt: number): number;
/** The codes of the hub that ask for another attempt later. */
export const passing: Set<string>;
export const min_delay: 500;
