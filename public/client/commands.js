// The commands about rooms whose answers are due over one connection. Finds the command that an answer belongs to. Knows the
// rules by which the hub answers. Must not know what follows from an answer.
//
// The hub answers the commands about one room in their order. It does not answer a subscription that is left before it was
// accepted.

/** @import { Subscription } from "./subscription.js" */
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
   * Returns the command that the frame `subscribed` shows to be over, or undefined if no answer was due. It is a subscription that
   * the hub has accepted. Or it is an "unsubscribe" that the hub has refused: its error came before this frame, and was taken for
   * the answer to the subscription.
   * @param {string} room
   */
  begun(room) {
    this.#known = true;
    return this.#take(room).pop();
  }

  /**
   * Returns the command that has ended the subscription, or undefined if the hub has ended it by itself.
   * @param {string} room
   */
  ended(room) {
    this.#known = true;
    const command = this.#take(room, "unsubscribe").pop();
    if (!command) this.#due.delete(room);
    return command;
  }

  /**
   * Returns the commands that the hub has refused, oldest first: none if the error is about something else. There are several
   * if the error shows that earlier ones were refused too.
   * @param {string} code
   * @param {string} [room] of the error, if it names one
   */
  refused(code, room) {
    if (room !== undefined) {
      const commands = this.#take(room, types.get(code));
      this.#known ||= commands.length > 0;
      const last = commands.pop();
      return last ? [...commands.filter(({ type }) => type === "unsubscribe"), last] : [];
    }
    // A hub of an older release names no room, and refuses all commands in the order in which they were sent.
    const [oldest] = this.#due.keys();
    const is_of_older = !this.#known && (code === "unknown_type" || code === "too_fast");
    return is_of_older && oldest !== undefined ? this.#take(oldest) : [];
  }

  /**
   * Removes the oldest command about the room, or the oldest of this type and those before it. Returns what it has removed.
   * @param {string} room
   * @param {Command["type"]} [type]
   */
  #take(room, type) {
    const commands = this.#due.get(room) ?? [], at = commands.findIndex(command => !type || command.type === type);
    const taken = commands.splice(0, at + 1);
    if (!commands.length) this.#due.delete(room);
    return taken;
  }
}

/** The errors that only one type of command gets. @type {Map<string, Command["type"]>} */
const types = new Map([["not_subscribed", "unsubscribe"], ["already_subscribed", "subscribe"]]);
