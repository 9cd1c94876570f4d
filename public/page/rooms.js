// The rooms that this browser has visited, and the newest message that was read in each. Must not know the page.

import { lobby } from "./address.js";

const max_rooms = 30;
const page_size = 20; // the greatest number of unread messages that is counted

export class Rooms {
  #storage_key;
  #history;
  #read = new Map(); // name → the id up to which it was read
  #log;

  // `base` is the address of the hub. The rooms of different hubs are stored apart.
  constructor(base, history) {
    this.#storage_key = `hubbub rooms ${base}`;
    this.#history = history;
    this.#load();
  }

  // The rooms sorted by name, with the lobby first.
  get names() {
    return [...this.#read.keys()].sort((a, b) => (b === lobby) - (a === lobby) || a.localeCompare(b));
  }

  // Must be called with the log of the connection. The ids of another log do not count as read.
  use_log(log) {
    if (this.#log === log) return;
    for (const name of this.#read.keys()) this.#read.set(name, 0);
    this.#log = log;
    this.#save();
  }

  // Marks the room as read up to the message `id`.
  read(name, id = 0) {
    this.#load(); // another tab may have read more
    const read = this.#read.get(name);
    if (read >= id) return;
    this.#read.delete(name); // a room that is set again becomes the newest, and the newest are kept
    this.#read.set(name, id);
    this.#save();
  }

  forget(name) {
    this.#load();
    this.#read.delete(name);
    this.#save();
  }

  // Resolves with the `count` of unread messages in the room, and with `more` if there are too many to count. A room that
  // was never read has none.
  async unread(name) {
    const read = this.#read.get(name);
    if (!read) return { count: 0, more: false };
    const { messages } = await this.#history.page(name, page_size, undefined);
    const count = messages.filter(({ id }) => id > read).length;
    return { count, more: count === page_size };
  }

  #load() {
    let kept;
    try { kept = JSON.parse(localStorage[this.#storage_key]); } catch { /* nothing is stored yet */ }
    this.#read = new Map([[lobby, 0], ...kept ? Object.entries(kept.read) : this.#read]);
    this.#log ??= kept?.log;
  }

  #save() {
    const newest = [...this.#read].slice(-max_rooms);
    try { localStorage[this.#storage_key] = JSON.stringify({ log: this.#log, read: Object.fromEntries(newest) }); } catch { /* without storage the rooms last as long as the page */ }
  }
}
