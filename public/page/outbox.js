// What was sent and is not yet confirmed, kept across a dropped line, a reload and a crashed tab.
// It must not know sockets or the page.
//
// Every item is one storage entry, so tabs never overwrite each other. A tab holds a lock for its life: entries whose
// owner holds none are a dead tab's, and the next tab to open adopts them. Should two tabs ever send the same item,
// its key makes the hub store it once; ownership only keeps a tab from showing what was written in another.

import { Queue, new_key } from "./queue.js";

const lock_timeout = 2_000; // ms

export class Outbox extends Queue {
  #storage = storage();
  #prefix;
  #owner = owner();

  // The items that wait for the hub at `address`: this tab's, and those that a dead tab left behind.
  static async open(address) {
    const outbox = new Outbox(address);
    await outbox.#load();
    return outbox;
  }

  constructor(address) {
    super();
    this.#prefix = `hubbub ${address} `;
  }

  save({ key, text, at, via, why }) {
    try {
      this.#storage?.setItem(this.#prefix + key, JSON.stringify({ text, at, via, why, owner: this.#owner }));
    } catch {
      // A full or forbidden storage: the item still goes out while this page lives.
    }
  }

  remove(key) {
    super.remove(key);
    this.#storage?.removeItem(this.#prefix + key);
  }

  async #load() {
    if (!this.#storage) return;
    const alive = await acquire_lock(this.#owner);
    const found = Object.keys(this.#storage)
      .filter(name => name.startsWith(this.#prefix))
      .map(name => ({ key: name.slice(this.#prefix.length), ...parse(this.#storage.getItem(name)) }))
      .filter(item => item.text && (item.owner === this.#owner || alive && !alive.has(item.owner)))
      .sort((a, b) => a.at - b.at);
    for (const item of found) {
      this.put(item);
      this.save(item);
    }
  }
}

// Without locks nobody can tell a dead tab's items, so they stay with their tab: session storage outlives a reload.
function storage() {
  try { return navigator.locks ? localStorage : sessionStorage; } catch { return undefined; }
}

// This tab's name; a reload keeps it, and with it the tab's items.
function owner() {
  try { return sessionStorage["hubbub tab"] ??= new_key(); } catch { return new_key(); }
}

// Takes the lock of `owner` until the page ends and tells which owners hold theirs, or nothing when the browser does not
// say so soon: the line must not wait for it.
async function acquire_lock(owner) {
  if (!navigator.locks) return new Set();
  navigator.locks.request(`hubbub ${owner}`, () => new Promise(() => {})).catch(() => {});
  const late = new Promise(resolve => setTimeout(resolve, lock_timeout));
  const { held } = await Promise.race([navigator.locks.query(), late]).catch(() => {}) ?? {};
  return held && new Set(held.map(lock => lock.name.slice("hubbub ".length)));
}

function parse(text) {
  try { return JSON.parse(text); } catch { return null; }
}
