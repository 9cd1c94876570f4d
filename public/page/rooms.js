// The rooms that this browser knows, and up to which message each was read. It must not know the page.

export const lobby = "lobby";
const max_rooms = 30;
const page_size = 20; // more unread than that are not counted
const pattern = /^(?![\u200c\u200d])[\p{L}\p{M}\p{Nd}._\u200c\u200d-]{1,64}$/u; // where the last two may stand, the hub knows

// The room's name as the hub has it, or undefined if it is none.
export function room_name(text) {
  const name = text.trim().normalize("NFC");
  return pattern.test(name) && [...name].length <= 64 ? name : undefined;
}

export class Rooms {
  #storage_key;
  #history;
  #read = new Map(); // name → the id up to which it was read
  #log;

  // `base`: where the hub is; browsers keep the rooms of each apart.
  constructor(base, history) {
    this.#storage_key = `hubbub rooms ${base}`;
    this.#history = history;
    this.#load();
  }

  // By name, the lobby first.
  get names() {
    return [...this.#read.keys()].sort((a, b) => (b === lobby) - (a === lobby) || a.localeCompare(b));
  }

  // Another log's ids mean something else.
  use_log(log) {
    if (this.#log === log) return;
    for (const name of this.#read.keys()) this.#read.set(name, 0);
    this.#log = log;
    this.#save();
  }

  read(name, id = 0) {
    this.#load(); // another tab may have read on
    const read = this.#read.get(name);
    if (read >= id) return;
    this.#read.delete(name); // the last read ones are kept
    this.#read.set(name, id);
    this.#save();
  }

  forget(name) {
    this.#load();
    this.#read.delete(name);
    this.#save();
  }

  // How many messages of the room follow what was read; `more` when they are too many to count. A room that was never
  // read has nothing unread.
  async unread(name) {
    const read = this.#read.get(name);
    if (!read) return { count: 0, more: false };
    const { messages } = await this.#history.page(name, page_size, undefined);
    const count = messages.filter(({ id }) => id > read).length;
    return { count, more: count === page_size };
  }

  #load() {
    let kept;
    try { kept = JSON.parse(localStorage[this.#storage_key]); } catch { /* nothing is known yet */ }
    this.#read = new Map([[lobby, 0], ...kept ? Object.entries(kept.read) : this.#read]);
    this.#log ??= kept?.log;
  }

  #save() {
    const newest = [...this.#read].slice(-max_rooms);
    try { localStorage[this.#storage_key] = JSON.stringify({ log: this.#log, read: Object.fromEntries(newest) }); } catch { /* then not */ }
  }
}
