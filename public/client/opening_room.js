// The opening room of a connection, which is that of its address: chooses it, and translates the hub's name of it. Must not know
// frames.

import { answerable_name } from "./subscription.js";

/** @import { Subscription } from "./subscription.js" */

export class OpeningRoom {
  /** That of the newest connection. @type {Subscription} */
  subscription;
  /** The hub's name of the room while it is subscribed over the connection. @type {string|undefined} */
  #name;
  /** How many attempts with a room have failed since a connection was accepted. @type {WeakMap<Subscription, number>} */
  #failures = new WeakMap();
  #rooms;

  /**
   * @param {Map<string, Subscription>} rooms those that the client is in, by name
   * @param {Subscription} first the room of the client's address
   */
  constructor(rooms, first) {
    this.#rooms = rooms;
    this.subscription = first;
  }

  /**
   * Chooses the opening room of the next connection: the first room of the client, unless the client has left it, the attempts
   * with it have failed, or it has a `most` and another room has none. Returns undefined if the client is in no room.
   * @param {Subscription} first the first room, which may be left
   * @returns {Subscription|undefined}
   */
  choose(first) {
    const all = [...this.#rooms.values()], able = most_able(all, first).sort((a, b) => rank(a, first) - rank(b, first));
    let chosen = able.find(room => !this.#has_failed(room));
    if (!chosen) this.#failures = new WeakMap();
    chosen ??= able[0] ?? all.find(room => room === first);
    this.subscription = chosen ?? first;
    return chosen;
  }

  /** Must be called when an attempt has ended before the hub accepted the connection. The hub may have refused the room. */
  failed() { this.#failures.set(this.subscription, (this.#failures.get(this.subscription) ?? 0) + 1); }

  /**
   * Must be called when the hub has accepted the connection.
   * @param {string|undefined} name the hub's name of the room, or undefined if the client has left it meanwhile
   */
  connected(name) {
    this.#name = name;
    this.#failures = new WeakMap();
  }

  /**
   * Returns whether messages to the room go without its name, as an older hub expects it.
   * @param {string} name
   */
  is_implied(name) { return this.#name !== undefined && name === this.subscription.name; }

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

  // Browsers do not tell why an attempt has failed. With a room that the hub has accepted before, it is probably the network.
  /** @param {Subscription} room */
  #has_failed(room) { return (this.#failures.get(room) ?? 0) >= (room.confirmed ? 3 : 1); }
}

/**
 * Returns the rooms that the hub may accept a connection with. A room that is forbidden, for example, is none of them. A hub that
 * is of an older release, or has enough rooms of the client, refuses a room only beside others. Such a room makes way for others
 * unless it is the first one. If the hub has refused all rooms, each of them is tried: the client may have another token now.
 * @param {Subscription[]} rooms
 * @param {Subscription} first
 */
function most_able(rooms, first) {
  const answerable = rooms.filter(({ name }) => answerable_name.test(name));
  const able = answerable.filter(({ refusal }) => !refusal || beside_others.has(refusal.code));
  const best = able.filter(room => room === first || !room.refusal);
  return [best, able, answerable].find(({ length }) => length) ?? [];
}

const beside_others = new Set(["unknown_type", "too_many_rooms"]);

/**
 * The address of a connection has no `most`, so a room that has one and resumes comes last but for those that the hub has never
 * accepted.
 * @param {Subscription} room
 * @param {Subscription} first
 */
const rank = (room, first) => (room === first ? 0 : room.confirmed ? 1 : 4) + (room.position && room.most ? 2 : 0);
