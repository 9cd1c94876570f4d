// How long to wait before another try. It must not know of what.

export const shortest = 500; // ms
const longest = 15_000;

// Full jitter: a thousand clients that lost their line at once come back spread out.
export function backoff(tries) {
  return Math.random() * Math.min(longest, shortest * 2 ** tries);
}
