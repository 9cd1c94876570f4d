// What a program sees of one room. Must not know how the client keeps it.

/** @import { Position, RoomEvents, Stored } from "./definitions.js" */
/** @import { Subscription } from "./subscription.js" */

/** A room of a client, made by its method `room`. It is subscribed while the connection is open, until it is left. */
export class Room {
  #subscription;
  #send;
  #leave;

  /**
   * @param {Subscription} subscription
   * @param {(text: string) => Promise<Stored>} send
   * @param {() => void} leave
   */
  constructor(subscription, send, leave) {
    this.#subscription = subscription;
    this.#send = send;
    this.#leave = leave;
  }

  /** The name in Unicode's normalization form C. */
  get name() { return this.#subscription.name; }

  /** The `from` of a room that shall go on here, in this process or another. @returns {Position|undefined} */
  get position() { return this.#subscription.position; }

  /** The option `most`. A change counts from the next subscription on. @returns {number|undefined} */
  get most() { return this.#subscription.most; }
  set most(most) { this.#subscription.most = most; }

  /** How many connections were in the room when the hub last told. @returns {number|undefined} */
  get online() { return this.#subscription.online; }

  /**
   * Calls `listener` at every event of this type. Returns a function that removes the listener.
   * @template {keyof RoomEvents} Type
   * @param {Type} type
   * @param {(detail: RoomEvents[Type]) => void} listener
   * @returns {() => void}
   */
  on(type, listener) { return this.#subscription.events.on(type, listener); }

  /**
   * Sends a message to this room, as the client's method `send` does. The promise also rejects if the hub refuses the
   * subscription, and with `not_subscribed` if the room is left.
   * @param {string} text 1 to 1000 code points
   * @returns {Promise<Stored>}
   */
  send(text) { return this.#send(text); }

  /**
   * Leaves the room. The only event that may follow is `unsubscribed`, when the hub has confirmed it or the connection has
   * ended. Items that wait are sent if the room is subscribed again before that, and are refused otherwise.
   */
  leave() { this.#leave(); }
}
