// The events of the client and their listeners. Must not know when an event happens.

/**
 * A message of a room, as the hub sent it. `room` is absent if the hub is of an older release. `data` is the JSON value
 * for programs, if there is one. `name` is the name in the author's token, if there was one.
 * @typedef {{type: "message", id: number, room?: string, text: string, data?: unknown, connection_id: string, user_message_number: number,
 *   created_at: string, name?: string}} Message
 */

/**
 * The state of the connection. `reached`: the hub had accepted the connection that ended. `until`: when the next attempt
 * begins, in ms since 1970. `waiting`: the hub restarts and said for how long. `locked`: the token has expired, and the
 * client waits for `open`. `closed`: `close` was called.
 * @typedef {{state: "connecting"|"online"|"closed"}
 *   | {state: "locked", reached: boolean}
 *   | {state: "offline"|"waiting", until: number, reached: boolean}} ConnectionState
 */

/**
 * The status of an item. `undefined`: queued, queued again because its message was lost, or refused if `item.why` is set.
 * `held`: the hub asked to wait, and the client will send again. `stored`: the hub has stored it, and the message follows.
 * `gone`: the item was cancelled, or its message was delivered before.
 * @typedef {"held"|"stored"|"gone"|undefined} Status
 */

/**
 * The events of a room, each with its detail.
 * @typedef {object} RoomEvents
 * @property {{room: string, resumed: boolean, log: string, history: number, missed?: number}} subscribed the hub has
 *   accepted the subscription; `history` messages of the past follow, and none if it is `resumed`; `missed`: how many
 *   messages followed the position, if these were more than the option `most` allows
 * @property {{room: string}} unsubscribed the subscription has ended, and no message, presence or fork of the room
 *   follows before another `subscribed`
 * @property {{message: Message, past: boolean, own: boolean, key: string|undefined}} message a message was delivered;
 *   `past`: it is part of the history; `own`: this client or a connection of the option `ids` wrote it; `key`: the key
 *   of the item that became this message
 * @property {import("./fork.js").Fork & {lost: import("./queue.js").Item[]}} fork the hub's database has lost the messages
 *   between `after` and `first`, and listeners must remove them; `lost`: the items that the client sends again. The same
 *   fork may be told several times, and then `lost` has no item twice
 * @property {{type: "presence", room: string, online: number}} presence how many connections are in the room
 * @property {{type: "error", message: string, code: string, room?: string}} error the hub refused the subscription, or a
 *   frame other than a message of this client
 * @property {{item: import("./queue.js").Item, status: Status, number: number|undefined}} sending the status of an item
 *   has changed; `number` is its user_message_number once it is stored
 */

/**
 * The events of the connection, each with its detail.
 * @typedef {object} ConnectionEvents
 * @property {ConnectionState} line the state of the connection has changed
 * @property {{connection_id: string, room: string, resumed: boolean, log: string, history: number}} init the hub has
 *   accepted the connection, whose opening room is `room`; `history` messages of the past follow, and none if it is `resumed`
 */

/** The events of the client: those of its connection and of its first room. @typedef {ConnectionEvents & RoomEvents} Events */

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
