// The rooms that this browser has visited, and the newest message that was read in each, in the browser's storage. Must not know
// the page.
//
// An id in the storage is 0 if the room was never read, and -1 if it had no messages when it was read. Earlier versions of the
// page know both as "nothing was read". The names are stored in their order too, because the keys of an object that are numbers
// come before all others. Earlier versions store no order.

import { lobby } from "./address.js";

const max_rooms = 30;
const save_interval = 1_000; // ms

export class Rooms {
  on_changed = () => {}; // called when another tab has changed the rooms
  #storage_key;
  #read = new Map(); // name → the id up to which it was read, 0 if it had no messages, undefined if it was never read
  #unsaved = new Set(); // names
  #log;
  #timer;

  // `base` is the address of the hub. The rooms of different hubs are stored apart.
  constructor(base) {
    this.#storage_key = `hubbub rooms ${base}`;
    this.load();
    addEventListener("storage", ({ key }) => key === this.#storage_key && this.load());
  }

  get log() { return this.#log; }

  // The rooms that this browser has visited, the newest last. Earlier versions have stored the lobby even if it was not visited.
  get visited() { return [...this.#read.keys()].filter(name => name !== lobby || this.#read.get(name) !== undefined); }

  // Returns these and `more` rooms sorted by name, with the lobby first, even if it was never visited.
  names(more) {
    return [...new Set([lobby, ...this.#read.keys(), ...more])].sort((a, b) => (b === lobby) - (a === lobby) || a.localeCompare(b));
  }

  read_id(name) { return this.#read.get(name); }

  // Makes the room the newest. Only the newest rooms are kept.
  visit(name) {
    this.#set(name, this.#read.get(name));
    this.save({ visited: name });
  }

  // Marks the room as read up to the message `id`.
  read(name, id) {
    if (this.#read.get(name) >= id) return;
    this.#set(name, id);
    this.#timer ??= setTimeout(() => this.save(), save_interval);
  }

  forget(name) {
    this.#read.delete(name);
    this.#unsaved.delete(name);
    this.save({ forgotten: name });
  }

  // Must be called with the log of the connection. The ids of another log do not count as read.
  use_log(log) {
    if (this.#log === log) return;
    this.#log = log;
    this.#unsaved.clear();
    for (const name of this.#read.keys()) this.#read.set(name, undefined);
    this.#merge(); // another tab may have learned of the log before
    this.#write();
  }

  // Takes what other tabs have stored.
  load() {
    this.#merge();
    this.on_changed();
  }

  // Stores what is new. The room `visited` is added, and the room `forgotten` removed.
  save(change = {}) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#unsaved.size && !change.forgotten) return;
    this.#merge(change);
    this.#write();
  }

  #set(name, id) {
    this.#read.delete(name);
    this.#read.set(name, id);
    this.#unsaved.add(name);
  }

  // Takes what is stored, with what is new here. A room that another tab has forgotten does not come back by being read.
  #merge({ visited, forgotten } = {}) {
    let kept;
    try { kept = JSON.parse(localStorage[this.#storage_key]); } catch { return; } // nothing is stored yet, or nothing can be
    this.#log ??= kept.log;
    const mine = this.#read;
    const valid = kept.log === this.#log;
    const stored = new Map(Object.entries(kept.read)), names = new Set([...kept.order ?? [], ...stored.keys()]);
    this.#read = new Map([...names].filter(name => stored.has(name))
      .map(name => [name, valid ? from_storage(stored.get(name)) : mine.get(name)]));
    this.#read.delete(forgotten);
    for (const name of this.#unsaved) {
      if (name !== visited && !this.#read.has(name)) continue;
      const id = newest(mine.get(name), this.#read.get(name));
      this.#read.delete(name);
      this.#read.set(name, id);
    }
  }

  #write() {
    this.#unsaved.clear();
    this.#read = new Map([...this.#read].slice(-max_rooms));
    const read = Object.fromEntries([...this.#read].map(([name, id]) => [name, to_storage(id)]));
    try {
      localStorage[this.#storage_key] = JSON.stringify({ log: this.#log, read, order: [...this.#read.keys()] });
    } catch { /* without storage the rooms last as long as the page */ }
  }
}

const from_storage = id => id === 0 ? undefined : Math.max(id, 0);
const to_storage = id => id === undefined ? 0 : id || -1;

const newest = (a, b) => a === undefined || b === undefined ? a ?? b : Math.max(a, b);
