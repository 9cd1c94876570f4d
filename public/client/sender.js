// Carries what is written to the hub: one item at a time, in order, again until it is confirmed or refused, and kept in a
// queue all the while. It knows acks, errors and keys; it must not know sockets, nor when a line comes back.

import { backoff, min_delay } from "./backoff.js";

export class Sender {
  #queue;
  #transmit;
  #notify;
  #pending = new Map(); // key → of the one who sent it
  #connection_id; // of the line, while there is one
  #in_flight; // at most one item is under way: refused and sent again, it still goes out in the order it was written
  #acknowledged = new Map(); // id → item: confirmed, its message not seen yet
  #attempts = 0;
  #retry_timer; // the timer of a refused item

  // `transmit(item)` puts one on the line; `notify` gets what Hubbub tells as `sending`.
  constructor(queue, transmit, notify) {
    this.#queue = queue;
    this.#transmit = transmit;
    this.#notify = notify;
  }

  // An answer is owed.
  get awaits_answer() { return Boolean(this.#in_flight); }

  // A line is there, and its first messages were told.
  connected(id) {
    this.#connection_id = id;
    this.#pump();
  }

  disconnected() {
    this.#connection_id = this.#in_flight = undefined;
  }

  // Another run of messages begins: what was seen counts no more.
  reset() {
    this.#acknowledged.clear();
    for (const item of this.#queue) {
      item.seen = false;
      this.#report(item);
    }
  }

  send(text) {
    const item = this.#queue.add(text);
    if (!item) return Promise.reject(failure("full", "Too many messages wait for the line already"));
    return this.#promise(item);
  }

  resend(key) {
    const item = this.#queue.get(key);
    if (!item) return undefined;
    item.why = null;
    this.#queue.save(item);
    return this.#promise(item);
  }

  cancel(key) {
    const item = this.#queue.get(key);
    if (item) this.#finish(item, "gone");
  }

  // The item that `message` is, if it is one of ours.
  match(message) {
    const stored = this.#acknowledged.get(message.id);
    if (stored) {
      this.#acknowledged.delete(message.id);
      return stored;
    }
    if (message.connection_id === this.#connection_id && message.text === this.#in_flight?.text) return this.#in_flight;
    // Sent on a line that broke before the answer. The text is a guess, so it hides the item and the ack settles it.
    const item = this.#queue.find(i => !i.seen && i.via.includes(message.connection_id) && i.text === message.text);
    if (item) item.seen = true;
    return item;
  }

  // The message of a claimed item was told.
  delivered(item, message) {
    if (item && item === this.#in_flight) this.#finish(item, undefined, message);
  }

  // `cursor`: the last message that was told.
  ack(ack, cursor) {
    const item = this.#queue.get(ack.key);
    if (!item) return;
    if (item.seen) return this.#finish(item, undefined, ack);
    if (ack.id <= cursor) return this.#finish(item, "gone", ack);
    this.#acknowledged.set(ack.id, item);
    this.#finish(item, "stored", ack);
  }

  // Whether the error was an item's.
  error(frame) {
    const item = this.#queue.get(frame.key) ?? this.#in_flight;
    if (!item) return false;
    if (item === this.#in_flight) this.#in_flight = undefined;
    if (frame.code === "busy" || frame.code === "too_fast") {
      this.#retry_timer = setTimeout(() => this.#retry(), min_delay + backoff(this.#attempts++));
      this.#report(item, "held");
      return true;
    }
    item.why = String(frame.message || frame.code);
    this.#queue.save(item);
    this.#report(item);
    this.#settle(item, "reject", failure(frame.code, item.why));
    this.#pump();
    return true;
  }

  #promise(item) {
    const promise = new Promise((resolve, reject) => this.#pending.set(item.key, { resolve, reject }));
    this.#report(item);
    this.#pump();
    return promise;
  }

  #retry() {
    clearTimeout(this.#retry_timer);
    this.#retry_timer = undefined;
    this.#pump();
  }

  #pump() {
    if (!this.#connection_id || this.#in_flight || this.#retry_timer) return;
    const item = this.#queue.find(i => !i.why);
    if (!item) return;
    this.#in_flight = item;
    if (!item.via.includes(this.#connection_id)) item.via = [...item.via.slice(-9), this.#connection_id];
    this.#queue.save(item);
    this.#transmit(item);
  }

  #finish(item, status, stored) {
    this.#queue.remove(item.key);
    if (status) this.#report(item, status, stored?.user_message_number);
    if (stored) this.#settle(item, "resolve", { id: stored.id, user_message_number: stored.user_message_number });
    else this.#settle(item, "reject", failure("cancelled", "It was taken back before it was sent"));
    if (item !== this.#in_flight) return;
    this.#in_flight = undefined;
    this.#attempts = 0;
    this.#pump();
  }

  #settle({ key }, method, value) {
    this.#pending.get(key)?.[method](value);
    this.#pending.delete(key);
  }

  #report(item, status, number) {
    this.#notify({ item, status, number });
  }
}

function failure(code, text) {
  return Object.assign(new Error(text), { code });
}
