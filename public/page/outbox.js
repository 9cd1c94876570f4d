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

export class Outbox extends Queue {
  // Returns whether this page cannot send the items of a room, although another page may. A refusal of such an item is not
  // stored, so that the next page of the room sends the item.
  belongs_to_another_page = () => false;
  #storage = storage();
  #names = new Map(); // of the entries, by key
  #owner = owner();

  // Resolves with the outbox of the hub that serves the page. The outbox has the items of this tab and of closed tabs.
  static async open() {
    const outbox = new Outbox();
    await outbox.#load();
    return outbox;
  }

  save({ key, room, text, data, at, via, why, stored }) {
    this.#names.set(key, `hubbub ${socket_url(room)} ${key}`);
    const refused = why && !this.belongs_to_another_page(room) ? why : null;
    const value = JSON.stringify({ text, data, at, via, why: refused, stored, owner: this.#owner });
    if (this.#write(key, value)) return;
    // The storage is full or forbidden. Items that wait matter more than stored ones. The item is still sent while this page is
    // open, even if there is no place for it.
    for (const { name } of this.#stored_entries().sort((a, b) => a.at - b.at)) {
      this.#storage.removeItem(name);
      if (this.#write(key, value)) return;
    }
  }

  remove(key) {
    super.remove(key);
    if (this.#names.has(key)) this.#storage?.removeItem(this.#names.get(key));
    this.#names.delete(key);
  }

  // Returns whether there was a place for the item.
  #write(key, value) {
    try {
      this.#storage?.setItem(this.#names.get(key), value);
      return true;
    } catch {
      return false;
    }
  }

  async #load() {
    if (!this.#storage) return;
    this.#remove_expired();
    const alive = await acquire_lock(this.#owner);
    const found = Object.keys(this.#storage)
      .map(name => ({ ...parse_name(name), name }))
      .filter(({ room }) => room)
      .map(({ name, key, room }) => ({ ...parse(this.#storage.getItem(name)), key, room }))
      .filter(item => item.text !== undefined && (item.owner === this.#owner || alive && !alive.has(item.owner)))
      .sort((a, b) => (a.stored?.at ?? a.at) - (b.stored?.at ?? b.at)); // stored ones must be in the order of their acks
    for (const item of found) {
      this.save(item);
      this.put(item);
    }
  }

  // Removes what was stored too long ago to be sent again.
  #remove_expired() {
    for (const { name, at } of this.#stored_entries()) if (!time_left(at)) this.#storage.removeItem(name);
  }

  // Returns the names of the entries of stored items, and when they were stored, also those of rooms which are not visited any
  // more.
  #stored_entries() {
    return Object.keys(this.#storage)
      .filter(name => name.startsWith("hubbub "))
      .map(name => ({ name, at: parse(this.#storage.getItem(name))?.stored?.at }))
      .filter(({ at }) => at !== undefined);
  }
}

// Without Web Locks the items of a closed tab cannot be recognized, so each tab keeps its own in the session storage, which
// survives a reload.
function storage() {
  try { return navigator.locks ? localStorage : sessionStorage; } catch { return undefined; }
}

// Returns the name of this tab. A reload keeps the name, and with it the tab's items.
function owner() {
  try { return sessionStorage["hubbub tab"] ??= new_key(); } catch { return new_key(); }
}

// Takes the lock of `owner` until the page ends. Resolves with the owners that hold a lock, or with undefined if the browser
// does not answer in time, because the connection must not wait for it.
async function acquire_lock(owner) {
  if (!navigator.locks) return new Set();
  navigator.locks.request(`hubbub ${owner}`, () => new Promise(() => {})).catch(() => {});
  const late = new Promise(resolve => setTimeout(resolve, lock_timeout));
  const { held } = await Promise.race([navigator.locks.query(), late]).catch(() => {}) ?? {};
  return held && new Set(held.map(lock => lock.name.slice("hubbub ".length)));
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
