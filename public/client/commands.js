// The commands about rooms whose answers are due over one connection. Finds the command that an answer belongs to. Knows the
// rules by which the hub answers. Must not know what follows from an answer.
//
// The hub answers the commands about one room in their order. It does not answer a subscription that is left before it was
// accepted.

/** @typedef {import("./subscription.js").Subscription} Subscription */
/** @typedef {{type: "subscribe"|"unsubscribe", subscription: Subscription}} Command */

export class Commands {
  /** By room, oldest first. @type {Map<string, Command[]>} */
  #due = new Map();
  /** Whether an answer over this connection has shown that the hub knows the commands. */
  #known = false;

  get size() { return this.#due.size; }

  /** @param {string} room */
  has(room) { return this.#due.has(room); }

  /** @param {Command} command */
  add(command) {
    const { name } = command.subscription;
    this.#due.set(name, [...this.#due.get(name) ?? [], command]);
  }

  /** Must be called when the connection has ended. Returns the commands that were not answered. */
  clear() {
    const all = [...this.#due.values()].flat();
    this.#due.clear();
    this.#known = false;
    return all;
  }

  /**
   * Returns the subscription that the hub has accepted, or undefined if no answer was due.
   * @param {string} room
   */
  accepted(room) {
    this.#known = true;
    return this.#due.get(room)?.[0]?.type === "subscribe" ? this.#take(room)?.subscription : undefined;
  }

  /**
   * Returns the subscription that has ended as the client wanted, or undefined if the hub has ended it by itself.
   * @param {string} room
   */
  ended(room) {
    this.#known = true;
    const command = this.#take(room, "unsubscribe");
    if (!command) this.#due.delete(room);
    return command?.subscription;
  }

  /**
   * Returns the command that the hub has refused, or undefined if the error is about something else.
   * @param {string} code
   * @param {string} [room] of the error, if it names one
   */
  refused(code, room) {
    if (room !== undefined) {
      const command = this.#take(room, code === "not_subscribed" ? "unsubscribe" : undefined);
      this.#known ||= Boolean(command);
      return command;
    }
    // A hub of an older release names no room, and refuses all commands in the order in which they were sent.
    const [oldest] = this.#due.keys();
    const is_of_older = !this.#known && (code === "unknown_type" || code === "too_fast");
    return is_of_older && oldest !== undefined ? this.#take(oldest) : undefined;
  }

  /**
   * Removes the oldest command about the room, or the oldest of this type and those before it. Returns the last that it has
   * removed.
   * @param {string} room
   * @param {Command["type"]} [type]
   */
  #take(room, type) {
    const commands = this.#due.get(room) ?? [], at = commands.findIndex(command => !type || command.type === type);
    if (at < 0) return undefined;
    const command = commands.splice(0, at + 1).pop();
    if (!commands.length) this.#due.delete(room);
    return command;
  }
}
