// The promises of the callers of `send`, one for each item that awaits its end. Must not know how an item is sent.

/** @import { Stored } from "./definitions.js" */
/** @typedef {{promise: Promise<Stored>, resolve: Function, reject: Function}} Receipt */

export class Receipts {
  /** By the keys of the items. @type {Map<string, Receipt>} */
  #receipts = new Map();

  /**
   * Returns the promise of an item, which is new unless an earlier one has not settled.
   * @param {string} key
   */
  promise(key) {
    const receipt = this.#receipts.get(key) ?? new_receipt();
    this.#receipts.set(key, receipt);
    return receipt.promise;
  }

  /**
   * @param {string} key
   * @param {Stored} stored
   */
  resolve(key, { id, user_message_number }) { this.#take(key)?.resolve({ id, user_message_number }); }

  /**
   * @param {string} key
   * @param {{code: string, message: string}} why
   */
  reject(key, why) { this.#take(key)?.reject(failure(why)); }

  /** @param {string} key */
  #take(key) {
    const receipt = this.#receipts.get(key);
    this.#receipts.delete(key);
    return receipt;
  }
}

/** @returns {Receipt} */
function new_receipt() {
  /** @type {Partial<Receipt>} */
  const receipt = {};
  receipt.promise = new Promise((resolve, reject) => Object.assign(receipt, { resolve, reject }));
  return /** @type {Receipt} */ (receipt);
}

/**
 * Returns an error of `send`.
 * @param {{code: string, message: string}} why
 */
export const failure = ({ code, message }) => Object.assign(new Error(message), { code });
