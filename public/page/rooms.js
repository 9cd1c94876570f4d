// The rooms that this browser knows, and up to which message each was read. It must not know the page.

export const lobby = "lobby";
const most = 30;
const page = 20; // more unread than that are not counted
const good = /^(?![\u200c\u200d])[\p{L}\p{M}\p{Nd}._\u200c\u200d-]{1,64}$/u; // where the last two may stand, the hub knows

// The room's name as the hub has it, or undefined if it is none.
export function room_name(text) {
  const name = text.trim().normalize("NFC");
  return good.test(name) && [...name].length <= 64 ? name : undefined;
}

export class Rooms {
  #name;
  #past;
  #known = new Map(); // name → the id up to which it was read
  #log;

  // `base`: where the hub is; browsers keep the rooms of each apart.
  constructor(base, past) {
    this.#name = `hubbub rooms ${base}`;
    this.#past = past;
    this.#load();
  }

  // By name, the lobby first.
  get names() {
    return [...this.#known.keys()].sort((a, b) => (b === lobby) - (a === lobby) || a.localeCompare(b));
  }

  // Another log's ids mean something else.
  of_log(log) {
    if (this.#log === log) return;
    for (const name of this.#known.keys()) this.#known.set(name, 0);
    this.#log = log;
    this.#save();
  }

  read(name, id = 0) {
    this.#load(); // another tab may have read on
    const read = this.#known.get(name);
    if (read >= id) return;
    this.#known.delete(name); // the last read ones are kept
    this.#known.set(name, id);
    this.#save();
  }

  forget(name) {
    this.#load();
    this.#known.delete(name);
    this.#save();
  }

  // How many messages of the room follow what was read; `more` when they are too many to count. A room that was never
  // read has nothing unread.
  async unread(name) {
    const read = this.#known.get(name);
    if (!read) return { count: 0, more: false };
    const { messages } = await this.#past.page(name, page, undefined);
    const count = messages.filter(({ id }) => id > read).length;
    return { count, more: count === page };
  }

  #load() {
    let kept;
    try { kept = JSON.parse(localStorage[this.#name]); } catch { /* nothing is known yet */ }
    this.#known = new Map([[lobby, 0], ...kept ? Object.entries(kept.read) : this.#known]);
    this.#log ??= kept?.log;
  }

  #save() {
    const newest = [...this.#known].slice(-most);
    try { localStorage[this.#name] = JSON.stringify({ log: this.#log, read: Object.fromEntries(newest) }); } catch { /* then not */ }
  }
}
