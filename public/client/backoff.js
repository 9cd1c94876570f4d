// When the client tries again by itself. Must not know what is attempted.

/** The codes of the hub that ask for another attempt later. */
export const passing = new Set(["busy", "too_fast", "upgrading"]);

export const min_delay = 500; // ms
const max_delay = 15_000; // ms

/**
 * Exponential backoff with full jitter: a random delay below `min(max_delay, min_delay * 2^attempt)`, in ms. The jitter
 * spreads the return of a thousand clients that lost their connections at the same moment.
 * @param {number} attempt 0 for the first one
 */
export function backoff(attempt) {
  return Math.random() * Math.min(max_delay, min_delay * 2 ** attempt);
}
