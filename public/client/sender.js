// Sends the items of a queue in order, one at a time, and sends each again until the hub confirms or refuses it. Knows acks,
// errors and keys. Must not know sockets, nor when a connection comes back or a room is subscribed.

import { backoff, min_delay, passing } from "./backoff.js";
import { max_connections, MessageNumbers } from "./message_numbers.js";
import { failure, Receipts } from "./receipts.js";
import { not_subscribed } from "./subscription.js";

/** @import { Item, Message, Status, Stored } from "./definitions.js" */
/** @import { Queue } from "./queue.js" */
/** @typedef {{item: Item, status: Status, number: number|undefined}} Sending */
/** A frame `error` of the hub. `retry_after`: how long to wait at least, in ms. @typedef {{code: string, message?: string, key?: string, retry_after?: number}} Refusal */

// An error with one of these codes is about a message. It has no key if the hub could not read that.
const of_messages = new Set(["bad_key", "surrogate", "no_text", "empty", "too_long", "nul"]);

/**
 * What the sender needs of the client.
 * @typedef {object} Port
 * @property {(item: Item) => void} transmit sends one item over the connection
 * @property {(item: Item) => "open"|"closed"|"absent"|{code: string, message: string}} gate returns whether items of the
 *   item's room can be sent: "open": yes. "closed": not yet. "absent": the client is not in the room, so that items wait, unless
 *   they were abandoned. Otherwise: no, and they are refused for this reason
 * @property {(item: Item, id: number) => Status|"doubtful"} acknowledge returns the status of an item that the hub has stored
 *   as the message `id`, or "doubtful" if the item must be sent again
 * @property {(sending: Sending) => void} notify gets every change of an item
 */

export class Sender {
  #queue;
  #port;
  #receipts = new Receipts();
  #numbers = new MessageNumbers();
  /** The id of the current connection. @type {string|undefined} */
  #connection_id;
  /** The UUID of the log that gives the ids. @type {string} */
  #log = "";
  /**
   * The item that awaits its answer. There is at most one, so that an item which is refused and sent again keeps its
   * place in the order.
   * @type {Item|undefined}
   */
  #in_flight;
  /** The items that waited when the client left their rooms. @type {WeakSet<Item>} */
  #abandoned = new WeakSet();
  #attempts = 0;
  /** Runs while the hub has asked to try later. @type {ReturnType<typeof setTimeout>|undefined} */
  #retry_timer;

  /**
   * @param {Queue} queue
   * @param {Port} port
   */
  constructor(queue, port) {
    this.#queue = queue;
    this.#port = port;
  }

  /** The item that awaits its answer. */
  get in_flight() { return this.#in_flight; }

  /**
   * Must be called when a connection is open and the history of its room has been delivered.
   * @param {string} id of the connection
   * @param {string} log
   */
  connected(id, log) {
    this.#connection_id = id;
    this.#log = log;
    this.#numbers.connected(id);
    this.proceed();
  }

  /** @param {boolean} [too_large] whether the hub found a frame too large: the item would end every further connection too */
  disconnected(too_large = false) {
    const item = this.#in_flight;
    this.#connection_id = this.#in_flight = undefined;
    this.#end_pause();
    if (too_large && item) this.#refuse(item, "too_long", "The message is larger than the hub accepts");
  }

  /**
   * Returns the items, oldest first, that the hub may have stored as this message, judged by its connection and its number. Its
   * connection has carried them, and they were sent after all items that were confirmed over that connection.
   * @param {Message} message
   * @returns {Item[]}
   */
  candidates(message) {
    const { connection_id } = message;
    if (!this.#numbers.may_await_answer(message)) return [];
    if (connection_id === this.#connection_id) return this.#in_flight ? [this.#in_flight] : [];
    return [...this.#queue].filter(item => !item.seen && item.via.includes(connection_id));
  }

  /**
   * @param {string} text
   * @param {string} room
   * @param {string} [data] JSON
   * @returns {Promise<Stored>}
   */
  send(text, room, data) {
    const item = this.#queue.add(text, room, data);
    if (!item) return Promise.reject(failure({ code: "full", message: "Too many messages are waiting to be sent" }));
    return this.#promise(item);
  }

  /**
   * @param {string} key
   * @returns {Promise<Stored>|undefined}
   */
  resend(key) {
    const item = this.#queue.get(key);
    if (!item) return undefined;
    item.why = null;
    this.#queue.save(item);
    return this.#promise(item);
  }

  /** @param {string} key */
  cancel(key) {
    const item = this.#queue.get(key);
    if (!item) return;
    if (item === this.#in_flight) this.#numbers.give_up();
    this.#finish(item, "gone");
  }

  /**
   * Must be called when the client leaves a room. The waiting items that `has` accepts are refused when their gate is "absent".
   * @param {(item: Item) => boolean} has
   */
  abandon(has) {
    for (const item of this.#queue) if (has(item)) this.#abandoned.add(item);
  }

  /**
   * Must be called when the listeners have got the message of a matched item.
   * @param {Item|undefined} item
   * @param {Message} message
   */
  delivered(item, message) {
    if (!item || item !== this.#in_flight) return;
    this.#numbers.confirm(message.user_message_number);
    this.#finish(item, undefined, message);
  }

  /** @param {{key: string, id: number, user_message_number: number}} ack */
  ack(ack) {
    this.#numbers.acknowledged(ack.user_message_number);
    const item = this.#queue.get(ack.key);
    if (!item) return;
    const status = this.#port.acknowledge(item, ack.id);
    if (status !== "doubtful") this.#finish(item, status, ack);
    else if (item === this.#in_flight) this.#port.transmit(item);
  }

  /**
   * Returns whether the error is certainly about an item. That may have been cancelled meanwhile.
   * @param {Refusal} frame
   */
  error(frame) {
    const item = frame.key ? this.#queue.get(frame.key) : of_messages.has(frame.code) ? this.#in_flight : undefined;
    if (item) this.refused(item, frame);
    return Boolean(item || frame.key);
  }

  /**
   * Must be called when the hub has refused an item.
   * @param {Item} item
   * @param {Refusal} frame
   */
  refused(item, frame) {
    if (item === this.#in_flight) this.#in_flight = undefined;
    if (passing.has(frame.code)) {
      this.#end_pause();
      this.#retry_timer = setTimeout(() => {
        this.#end_pause();
        this.proceed();
      }, Math.max(min_delay, frame.retry_after ?? 0) + backoff(this.#attempts++));
      return this.#report(item, "held");
    }
    // The room was left and is subscribed again: the item waits for that.
    if (frame.code === "not_subscribed" && this.#gate(item) === "closed") this.#report(item, "held");
    else this.#refuse(item, frame.code, String(frame.message || frame.code));
    this.proceed();
  }

  /** Sends the next item if nothing is in its way. Must be called when items wait again, and when a gate may have changed. @returns {void} */
  proceed() {
    if (!this.#connection_id || this.#in_flight || this.#retry_timer) return;
    const item = this.#queue.find(i => !i.why && this.#gate(i) !== "closed");
    if (!item) return;
    const gate = this.#gate(item);
    if (typeof gate === "object") {
      this.#refuse(item, gate.code, gate.message);
      return this.proceed();
    }
    this.#in_flight = item;
    this.#numbers.sent();
    if (!item.via.includes(this.#connection_id)) item.via = [...item.via.slice(1 - max_connections), this.#connection_id];
    this.#queue.save(item);
    this.#port.transmit(item);
  }

  /** @param {Item} item */
  #gate(item) {
    const gate = this.#port.gate(item);
    return gate === "absent" ? this.#abandoned.has(item) ? not_subscribed : "closed" : gate;
  }

  /**
   * @param {Item} item
   * @returns {Promise<Stored>}
   */
  #promise(item) {
    const promise = this.#receipts.promise(item.key);
    this.#report(item);
    this.proceed();
    return promise;
  }

  #end_pause() {
    clearTimeout(this.#retry_timer);
    this.#retry_timer = undefined;
  }

  /**
   * @param {Item} item
   * @param {string} code
   * @param {string} why
   */
  #refuse(item, code, why) {
    item.why = why;
    this.#queue.save(item);
    this.#report(item);
    this.#receipts.reject(item.key, { code, message: why });
  }

  /**
   * Moves the item to the stored ones, or removes it if it was cancelled, and settles its promise.
   * @param {Item} item
   * @param {Status} status
   * @param {Stored} [stored] absent if the item was cancelled
   */
  #finish(item, status, stored) {
    if (stored) this.#queue.confirm(item, stored.id, this.#log);
    else this.#queue.remove(item.key);
    if (status) this.#report(item, status, stored?.user_message_number);
    if (stored) this.#receipts.resolve(item.key, stored);
    else this.#receipts.reject(item.key, { code: "cancelled", message: "The message was cancelled before it was sent" });
    if (item !== this.#in_flight) return;
    this.#in_flight = undefined;
    this.#attempts = 0;
    this.proceed();
  }

  /**
   * @param {Item} item
   * @param {Status} [status]
   * @param {number} [number]
   */
  #report(item, status, number) {
    this.#port.notify({ item, status, number });
  }
}
