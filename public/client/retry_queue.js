// The subscriptions that the hub has refused because too many came at once, and those that must wait behind them. They are tried
// one after another, because the hub counts every attempt. Must not know how a subscription is made.

import { backoff, min_delay } from "./backoff.js";

/** @typedef {import("./subscription.js").Subscription} Subscription */

export class RetryQueue {
  #attempt;
  /** @type {Set<Subscription>} */
  #waiting = new Set();
  #refusals = 0; // since an attempt succeeded
  /** Runs until the next attempt. @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {(subscription: Subscription) => void} attempt asks the hub for a subscription */
  constructor(attempt) { this.#attempt = attempt; }

  get size() { return this.#waiting.size; }

  /** @param {Subscription} subscription */
  add(subscription) { this.#waiting.add(subscription); }

  /** @param {Subscription} subscription */
  delete(subscription) { this.#waiting.delete(subscription); }

  clear() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
    this.#refusals = 0;
  }

  /** Must be called when the hub has refused an attempt as one too many. The next attempt follows after a delay. */
  pause() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.proceed();
    }, min_delay + backoff(this.#refusals++));
  }

  /** Must be called when an attempt has succeeded. */
  succeeded() { this.#refusals = 0; }

  /** Makes the next attempt unless there is a pause. Must be called when the hub has answered one. */
  proceed() {
    const [next] = this.#waiting;
    if (!next || this.#timer) return;
    this.#waiting.delete(next);
    this.#attempt(next);
  }
}
