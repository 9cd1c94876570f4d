/** @typedef {import("./subscription.js").Subscription} Subscription */
export class RetryQueue {
    /** @param {(subscription: Subscription) => void} attempt asks the hub for a subscription */
    constructor(attempt: (subscription: Subscription) => void);
    get size(): number;
    /** @param {Subscription} subscription */
    add(subscription: Subscription): void;
    /** @param {Subscription} subscription */
    delete(subscription: Subscription): void;
    clear(): void;
    /** Must be called when the hub has refused an attempt as one too many. The next attempt follows after a delay. */
    pause(): void;
    /** Must be called when an attempt has succeeded. */
    succeeded(): void;
    /** Makes the next attempt unless there is a pause. Must be called when the hub has answered one. */
    proceed(): void;
    #private;
}
export type Subscription = import("./subscription.js").Subscription;
