// The commands that the hub has refused because too many came at once, and the commands that must wait behind them. All are tried
// one after another, because the hub counts every attempt. Must not know how a command is sent.

import { backoff, min_delay } from "./backoff.js";

/** @import { Command } from "./commands.js" */

export class RetryQueue {
  #attempt;
  /** Oldest first. @type {Command[]} */
  #waiting = [];
  #refusals = 0; // since a subscription was accepted
  /** Runs until the next attempt. @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {(command: Command) => void} attempt sends a command to the hub */
  constructor(attempt) { this.#attempt = attempt; }

  get size() { return this.#waiting.length; }

  /**
   * @param {Command["type"]} type
   * @param {string} room
   */
  has(type, room) { return this.#waiting.some(is_about(type, room)); }

  /** @param {Command} command */
  add(command) { this.#waiting.push(command); }

  /**
   * Adds a command that the hub has refused as one too many. The next attempt follows after a delay.
   * @param {Command} command
   */
  postpone(command) {
    this.add(command);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.proceed();
    }, min_delay + backoff(this.#refusals++));
  }

  /**
   * Returns the commands of this type about the room, which do not wait any longer.
   * @param {Command["type"]} type
   * @param {string} room
   */
  remove(type, room) {
    const removed = this.#waiting.filter(is_about(type, room));
    this.#waiting = this.#waiting.filter(command => !removed.includes(command));
    return removed;
  }

  /** Returns the commands that have waited. */
  clear() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#refusals = 0;
    return this.#waiting.splice(0);
  }

  /** Must be called when the hub has accepted a subscription. */
  succeeded() { this.#refusals = 0; }

  /** Makes the next attempt unless there is a pause. Must be called when the hub has answered one. */
  proceed() {
    const next = this.#timer ? undefined : this.#waiting.shift();
    if (next) this.#attempt(next);
  }
}

/**
 * @param {Command["type"]} type
 * @param {string} room
 * @returns {(command: Command) => boolean}
 */
const is_about = (type, room) => command => command.type === type && command.subscription.name === room;
