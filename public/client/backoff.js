// How long to wait before another try. It must not know of what.

export const min_delay = 500; // ms
const max_delay = 15_000;

// Full jitter: a thousand clients that lost their line at once come back spread out.
export function backoff(attempt) {
  return Math.random() * Math.min(max_delay, min_delay * 2 ** attempt);
}
