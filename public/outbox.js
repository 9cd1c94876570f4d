// What was sent and is not yet confirmed. It keeps items across a dropped line, a reload and a crashed tab;
// it must not know sockets or the page.
//
// Every item is one storage entry, so tabs never overwrite each other. A tab holds a lock for its life: entries whose
// owner holds none are a dead tab's, and the next tab to open adopts them. Should two tabs ever send the same item,
// its key makes the hub store it once; ownership only keeps a tab from showing what was written in another.

const most = 100;

export class Outbox {
  #storage = storage();
  #prefix;
  #owner = owner();
  #items = new Map();
  #newest = 0;

  // The items that wait for the hub at `address`: this tab's, and those that a dead tab left behind.
  static async open(address) {
    const outbox = new Outbox(address);
    await outbox.#load();
    return outbox;
  }

  constructor(address) {
    this.#prefix = `hubbub ${address} `;
  }

  get(key) { return this.#items.get(key); }

  find(wanted) { return [...this.#items.values()].find(wanted); }

  [Symbol.iterator]() { return this.#items.values(); }

  // The new item, or undefined when too many wait already.
  add(text) {
    if (this.#items.size >= most) return undefined;
    this.#newest = Math.max(Date.now(), this.#newest + 1);
    const item = { key: unique(), text, at: this.#newest, via: [], why: null };
    this.#items.set(item.key, item);
    this.save(item);
    return item;
  }

  save({ key, text, at, via, why }) {
    try {
      this.#storage?.setItem(this.#prefix + key, JSON.stringify({ text, at, via, why, owner: this.#owner }));
    } catch {
      // A full or forbidden storage: the item still goes out while this page lives.
    }
  }

  remove(key) {
    this.#items.delete(key);
    this.#storage?.removeItem(this.#prefix + key);
  }

  async #load() {
    if (!this.#storage) return;
    const alive = await hold(this.#owner);
    const found = Object.keys(this.#storage)
      .filter(name => name.startsWith(this.#prefix))
      .map(name => ({ key: name.slice(this.#prefix.length), ...parse(this.#storage.getItem(name)) }))
      .filter(item => item.text && (item.owner === this.#owner || !alive.has(item.owner)))
      .sort((a, b) => a.at - b.at);
    for (const item of found) {
      this.#items.set(item.key, item);
      this.#newest = item.at;
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
  try { return sessionStorage["hubbub tab"] ??= unique(); } catch { return unique(); }
}

// Takes the lock of `owner` until the page ends and tells which owners hold theirs.
async function hold(owner) {
  if (!navigator.locks) return new Set();
  navigator.locks.request(`hubbub ${owner}`, () => new Promise(() => {}));
  const { held } = await navigator.locks.query();
  return new Set(held.map(lock => lock.name.slice("hubbub ".length)));
}

// randomUUID is missing where the page did not come over https.
function unique() {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)),
    byte => byte.toString(16).padStart(2, "0")).join("");
}

function parse(text) {
  try { return JSON.parse(text); } catch { return null; }
}
