// Carries what is written to the hub: one item at a time, in order, again until it is confirmed or refused, and kept in a
// queue all the while. It knows acks, errors and keys; it must not know sockets, nor when a line comes back.

import { backoff, shortest } from "./backoff.js";

export class Courier {
  #queue;
  #transmit;
  #tell;
  #promises = new Map(); // key → of the one who sent it
  #id; // of the line, while there is one
  #sent; // at most one item is under way: refused and sent again, it still goes out in the order it was written
  #stored = new Map(); // id → item: confirmed, its message not seen yet
  #refusals = 0;
  #pause; // the timer of a refused item

  // `transmit(item)` puts one on the line; `tell` gets what Hubbub tells as `sending`.
  constructor(queue, transmit, tell) {
    this.#queue = queue;
    this.#transmit = transmit;
    this.#tell = tell;
  }

  // An answer is owed.
  get waits() { return Boolean(this.#sent); }

  // A line is there, and its first messages were told.
  begin(id) {
    this.#id = id;
    this.#pump();
  }

  end() {
    this.#id = this.#sent = undefined;
  }

  // Another run of messages begins: what was seen counts no more.
  restart() {
    this.#stored.clear();
    for (const item of this.#queue) {
      item.seen = false;
      this.#sending(item);
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
  claim(message) {
    const stored = this.#stored.get(message.id);
    if (stored) {
      this.#stored.delete(message.id);
      return stored;
    }
    if (message.connection_id === this.#id && message.text === this.#sent?.text) return this.#sent;
    // Sent on a line that broke before the answer. The text is a guess, so it hides the item and the ack settles it.
    const item = this.#queue.find(i => !i.seen && i.via.includes(message.connection_id) && i.text === message.text);
    if (item) item.seen = true;
    return item;
  }

  // The message of a claimed item was told.
  told(item, message) {
    if (item && item === this.#sent) this.#finish(item, undefined, message);
  }

  // `cursor`: the last message that was told.
  ack(ack, cursor) {
    const item = this.#queue.get(ack.key);
    if (!item) return;
    if (item.seen) return this.#finish(item, undefined, ack);
    if (ack.id <= cursor) return this.#finish(item, "gone", ack);
    this.#stored.set(ack.id, item);
    this.#finish(item, "stored", ack);
  }

  // Whether the error was an item's.
  error(frame) {
    const item = this.#queue.get(frame.key) ?? this.#sent;
    if (!item) return false;
    if (item === this.#sent) this.#sent = undefined;
    if (frame.code === "busy" || frame.code === "too_fast") {
      this.#pause = setTimeout(() => this.#resume(), shortest + backoff(this.#refusals++));
      this.#sending(item, "held");
      return true;
    }
    item.why = String(frame.message || frame.code);
    this.#queue.save(item);
    this.#sending(item);
    this.#settle(item, "reject", failure(frame.code, item.why));
    this.#pump();
    return true;
  }

  #promise(item) {
    const promise = new Promise((resolve, reject) => this.#promises.set(item.key, { resolve, reject }));
    this.#sending(item);
    this.#pump();
    return promise;
  }

  #resume() {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#pump();
  }

  #pump() {
    if (!this.#id || this.#sent || this.#pause) return;
    const item = this.#queue.find(i => !i.why);
    if (!item) return;
    this.#sent = item;
    if (!item.via.includes(this.#id)) item.via = [...item.via.slice(-9), this.#id];
    this.#queue.save(item);
    this.#transmit(item);
  }

  #finish(item, status, stored) {
    this.#queue.remove(item.key);
    if (status) this.#sending(item, status, stored?.user_message_number);
    if (stored) this.#settle(item, "resolve", { id: stored.id, user_message_number: stored.user_message_number });
    else this.#settle(item, "reject", failure("cancelled", "It was taken back before it was sent"));
    if (item !== this.#sent) return;
    this.#sent = undefined;
    this.#refusals = 0;
    this.#pump();
  }

  #settle({ key }, how, what) {
    this.#promises.get(key)?.[how](what);
    this.#promises.delete(key);
  }

  #sending(item, status, number) {
    this.#tell({ item, status, number });
  }
}

function failure(code, words) {
  return Object.assign(new Error(words), { code });
}
