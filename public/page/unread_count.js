// Counts the unread messages of one room: those of others that came after the newest one that was read. Knows ids. Must not know
// how the hub is asked, nor what is shown.

import { is_lost } from "./fork.js";

const max_missed = 100_000; // the hub does not count further

export class UnreadCount {
  count = 0;
  exact = true; // else there may be more
  #timeline;
  #read; // the id up to which the room was read, 0 if it had no message then, or undefined if it was never read
  #counted = 0; // the id of the newest message that was counted or read
  #own = new Set(); // the ids of the reader's own messages after #read
  #paused = true;

  // `timeline` has the newest messages.
  constructor(timeline) { this.#timeline = timeline; }

  get read() { return this.#read; }

  get counted() { return this.#counted; }

  // Must be called before the history replaces the messages of the timeline. `replaced`: the log is another one.
  pause(replaced) {
    this.#paused = true;
    if (replaced) this.#own.clear();
  }

  // Must be called when the history has replaced them. `read` is the id up to which the room was read. `missed` is how many
  // messages followed the newest one that was counted, or undefined if the hub has not told.
  resume(read, missed) {
    this.#paused = false;
    if (missed === undefined) {
      this.#read = read ?? this.#timeline.newest ?? 0; // a room that was never read has no unread messages
      this.#count_again();
    } else {
      this.count += missed - [...this.#own].filter(id => id > this.#counted).length;
      this.exact &&= missed < max_missed;
    }
    this.#counted = Math.max(this.#read, this.#timeline.newest ?? 0);
  }

  // Counts from the newest message that was read: all messages after it follow, or their number.
  restart() {
    this.count = 0;
    this.exact = true;
    this.#counted = this.#read;
  }

  // Must be called for every message.
  add(id, own) {
    if (own && !(id <= this.#read)) this.#own.add(id);
    if (this.#paused || id <= this.#counted) return;
    this.#counted = id;
    if (!own) this.count += 1;
  }

  // Must be called when the room was read up to the message `id`, here or in another tab.
  read_to(id) {
    if (id <= this.#read) return;
    this.#read = id;
    for (const own of this.#own) if (own <= id) this.#own.delete(own);
    if (this.#paused) return;
    if (id < this.#counted) return this.#count_again();
    this.count = 0;
    this.exact = true;
    this.#counted = id;
  }

  // Must be called when the timeline has lost messages by a fork of the log. `removed` are the lost messages that the
  // timeline had, as {id, own}.
  lose(fork, removed) {
    for (const id of this.#own) if (is_lost(id, fork)) this.#own.delete(id);
    if (this.#paused) return;
    if (is_lost(this.#counted, fork)) this.#counted = fork.after;
    if (!this.count) return;
    if (this.#timeline.oldest <= fork.after) this.count -= removed.filter(({ id, own }) => !own && id > this.#read).length;
    else this.#count_again();
  }

  #count_again() {
    const count = this.#timeline.count_after(this.#read);
    this.exact = count !== undefined;
    this.count = count ?? this.#timeline.count_after(this.#timeline.oldest - 1) ?? 0;
  }
}
