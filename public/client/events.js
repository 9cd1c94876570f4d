// The events of the client and their listeners. Must not know when an event happens.

/** @template Details the details by the type of the event */
export class EventEmitter {
  /** @type {Map<keyof Details, Set<Function>>} */
  #listeners = new Map();

  /**
   * Returns a function that removes the listener.
   * @template {keyof Details} Type
   * @param {Type} type
   * @param {(detail: Details[Type]) => void} listener
   * @returns {() => void}
   */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => { listeners.delete(listener); };
  }

  /**
   * Calls the listeners. What one of them throws is reported as an uncaught error, and hinders nothing else.
   * @template {keyof Details} Type
   * @param {Type} type
   * @param {Details[Type]} detail
   */
  emit(type, detail) {
    for (const listener of [...this.#listeners.get(type) ?? []]) {
      try {
        listener(detail);
      } catch (error) {
        queueMicrotask(() => { throw error; });
      }
    }
  }
}
