// The room that a connection is opened with: chooses it, and translates the hub's name of it. Must not know frames.

/** @typedef {import("./subscription.js").Subscription} Subscription */

export class OpeningRoom {
  /** The subscription that the newest connection was opened with. @type {Subscription} */
  subscription;
  /** The hub's name of the room while it is subscribed over the connection. @type {string|undefined} */
  #name;

  /** @param {Subscription} first the room of the client's address */
  constructor(first) { this.subscription = first; }

  /** Whether messages to the room may go without its name. */
  get is_open() { return this.#name !== undefined; }

  /**
   * Chooses the room that the next connection is opened with: the first one, unless the client has left it. Returns undefined if
   * there is none to resume.
   * @param {Iterable<Subscription>} rooms those that the client is in
   * @param {Subscription} first the room of the client's address, which may be left
   * @returns {Subscription|undefined}
   */
  choose(rooms, first) {
    const all = [...rooms], able = all.filter(may_open);
    const chosen = able.includes(first) ? first : able.find(({ confirmed }) => confirmed) ?? able[0] ?? all.find(room => room === first);
    this.subscription = chosen ?? first;
    return chosen;
  }

  /**
   * Must be called when the hub has accepted the connection.
   * @param {string|undefined} name the hub's name of the room, or undefined if the client has left it meanwhile
   */
  connected(name) { this.#name = name; }

  /** Must be called when the client leaves the room, and when the connection has ended. */
  close() { this.#name = undefined; }

  /**
   * Returns whether the hub means the room by the name. Frames of an older hub have no name.
   * @param {string|undefined} name
   */
  is_meant_by(name) { return name === undefined || name === this.#name; }

  /**
   * Returns the client's name of a room.
   * @param {string} name the hub's
   */
  name_of(name) { return name === this.#name ? this.subscription.name : name; }
}

// A room that is forbidden, for example, would keep the connection from being opened.
const may_open = (/** @type {Subscription} */ { refusal }) => !refusal || refusal.code === "unknown_type" || refusal.code === "too_many_rooms";
