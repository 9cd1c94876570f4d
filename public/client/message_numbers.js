// The numbers of the client's own messages, by which equal texts are told apart. Must not know items or texts.
//
// The hub numbers the messages of a connection in the order in which they were sent. The client sends one message at a time, so a
// message that awaits its answer has a greater number than all messages that were confirmed before.

/** @import { Message } from "./definitions.js" */

export const max_connections = 10; // whose messages are told apart

export class MessageNumbers {
  /** The id of the current connection. */
  #connection_id = "";
  /** How many messages were sent over the current connection, which bounds its numbers. */
  #sent = 0;
  /** The greatest number that was confirmed over each of the newest connections, by id. @type {Map<string, number>} */
  #confirmed = new Map();

  /** @param {string} connection_id of the connection that is open now */
  connected(connection_id) {
    this.#connection_id = connection_id;
    this.#sent = 0;
  }

  /** Must be called when a message is sent. */
  sent() { this.#sent += 1; }

  /**
   * Must be called with every ack. A repeated key gets the number that it had on an earlier connection. If that is too small to be
   * told apart, it does no harm.
   * @param {number} number
   */
  acknowledged(number) {
    if (number <= this.#sent) this.confirm(number);
  }

  /** @param {number} number of a message of the current connection whose item is known */
  confirm(number) {
    const id = this.#connection_id, [oldest] = this.#confirmed.keys();
    if (number <= (this.#confirmed.get(id) ?? 0)) return;
    if (oldest !== undefined && !this.#confirmed.has(id) && this.#confirmed.size === max_connections) this.#confirmed.delete(oldest);
    this.#confirmed.set(id, number);
  }

  /** Must be called when an item is given up whose message may arrive. From then on no message of the connection is told apart. */
  give_up() { this.confirm(Infinity); }

  /**
   * Returns whether the message was sent after all that were confirmed over its connection.
   * @param {Message} message
   */
  may_await_answer({ connection_id, user_message_number }) { return user_message_number > (this.#confirmed.get(connection_id) ?? 0); }
}
