// The items of the client's queue, kept in the browser's storage across a reload and a crashed tab. Must not know sockets or
// the page.
//
// Every item is one storage entry, so tabs never overwrite each other. The entry's name has the address of the item's room, as
// in earlier versions of the page, which knew one room only. So each version finds the items of the others, and sends none to a
// wrong room. Every tab holds a Web Lock while it is open. An entry whose owner holds no lock is of a closed tab, and the next
// tab that opens adopts it. If two tabs ever send the same item, its key makes the hub store it once. Ownership only keeps a
// tab from showing what was written in another.

import { lobby, socket_url } from "./address.js";
import { Queue, new_key, time_left } from "./queue.js";

const lock_timeout = 2_000; // ms for the browser to list the locks

export const tab = name(); // of this tab; a reload keeps it

export class Outbox extends Queue {
  // Returns whether this page cannot send the items of a room, although another page may. A refusal of such an item is not
  // stored, so that the next page of the room sends the item.
  belongs_to_another_page = () => false;
  #storages = storages(); // the first one that has room keeps an item
  #names = new Map(); // of the entries, by key
  #unsaved = new Set(); // the keys of items that no storage has room for

  // Resolves with the outbox of the hub that serves the page. The outbox has the items of this tab and of closed tabs.
  static async open() {
    const outbox = new Outbox();
    await outbox.#load();
    return outbox;
  }

  save({ key, room, text, data, at, via, why, stored }) {
    this.#names.set(key, `hubbub ${socket_url(room)} ${key}`);
    const refused = why && !this.belongs_to_another_page(room) ? why : null;
    const value = JSON.stringify({ text, data, at, via, why: refused, stored, owner: tab });
    this.#unsaved.delete(key);
    if (this.#write(this.#storages[0], key, value)) return;
    // The storage is full or forbidden. Items that wait matter more than stored ones. The item is still sent while this page is
    // open, even if there is no place for it.
    for (const { storage, name } of this.#stored_entries().sort((a, b) => a.at - b.at)) {
      storage.removeItem(name);
      if (this.#write(this.#storages[0], key, value)) return;
    }
    if (!this.#write(this.#storages[1], key, value)) this.#unsaved.add(key);
  }

  // Whether the item outlives the page.
  is_saved(key) { return !this.#unsaved.has(key); }

  remove(key) {
    super.remove(key);
    this.#unsaved.delete(key);
    if (this.#names.has(key)) for (const storage of this.#storages) storage.removeItem(this.#names.get(key));
    this.#names.delete(key);
  }

  // Returns whether there was a place for the item. Another storage does not keep it any more.
  #write(storage, key, value) {
    try {
      storage.setItem(this.#names.get(key), value);
    } catch {
      return false;
    }
    for (const other of this.#storages) if (other !== storage) other.removeItem(this.#names.get(key));
    return true;
  }

  async #load() {
    hold_lock();
    addEventListener("pageshow", ({ persisted }) => persisted && hold_lock());
    if (!this.#storages.length) return;
    this.#remove_expired();
    const open = navigator.locks ? await open_tabs() : new Set();
    const found = this.#entries()
      .map(({ storage, name }) => ({ ...parse(storage.getItem(name)), ...parse_name(name) }))
      .filter(({ room }) => room)
      .filter(item => item.text !== undefined && (item.owner === tab || open && !open.has(item.owner)))
      .sort((a, b) => (a.stored?.at ?? a.at) - (b.stored?.at ?? b.at)); // stored ones must be in the order of their acks
    for (const item of found) {
      this.save(item);
      this.put(item);
    }
  }

  // Removes what was stored too long ago to be sent again.
  #remove_expired() {
    for (const { storage, name, at } of this.#stored_entries()) if (!time_left(at)) storage.removeItem(name);
  }

  // Returns the names of the entries of stored items, and when they were stored, also those of rooms which are not visited any
  // more.
  #stored_entries() {
    return this.#entries()
      .map(({ storage, name }) => ({ storage, name, at: parse(storage.getItem(name))?.stored?.at }))
      .filter(({ at }) => at !== undefined);
  }

  #entries() {
    return this.#storages.flatMap(storage => Object.keys(storage).filter(name => /^hubbub ws/.test(name)).map(name => ({ storage, name })));
  }
}

// Without Web Locks the items of a closed tab cannot be recognized, so each tab keeps its own in the session storage, which
// survives a reload. The session storage also has room when the other one is full.
function storages() {
  const all = [() => navigator.locks && localStorage, () => sessionStorage];
  return all.map(each => { try { return each(); } catch { return undefined; } }).filter(Boolean);
}

// Takes the lock of this tab, until the page ends or another page takes its place. A page that is kept for the way back must hold
// no lock, because the next page of the tab asks for the same one.
function hold_lock() {
  const given_up = new AbortController();
  const over = new Promise(resolve => addEventListener("pagehide", resolve, { once: true })).then(() => given_up.abort());
  navigator.locks?.request(`hubbub ${tab}`, { signal: given_up.signal }, () => over).catch(() => {});
}

// Resolves with the names of the open tabs, or with undefined if the browser does not tell, or not in time.
export async function open_tabs() {
  const late = new Promise(resolve => setTimeout(resolve, lock_timeout));
  const { held } = await Promise.race([navigator.locks?.query(), late]).catch(() => {}) ?? {};
  return held && new Set(held.map(lock => lock.name.slice("hubbub ".length)));
}

function name() {
  try { return sessionStorage["hubbub tab"] ??= new_key(); } catch { return new_key(); }
}

// Returns the key and the room of the item whose entry has this name, or nothing if the name is not that of an item of this hub.
function parse_name(name) {
  const [, address, key] = /^hubbub (\S+) (\S+)$/.exec(name) ?? [];
  if (!key || address.split("?")[0] !== socket_url(lobby)) return {};
  return { key, room: new URL(address).searchParams.get("room") ?? lobby };
}

function parse(text) {
  try { return JSON.parse(text); } catch { return null; }
}
