// The items of one room that are not confirmed, below the conversation, in the order in which they were written. Must not know
// messages, nor when the list is drawn.

import { element, unsent_item } from "./message.js";

export class UnsentList {
  #list;
  #actions;
  #items = new Map(); // key → {entry, detail, why, drawn}; `why` is that of the item when it was set
  #removed = []; // keys of items that leave with the next drawing

  // `actions` has `resend` and `cancel`, which get the key of a failed item, and `is_saved`, which tells whether the item with a
  // key outlives the page.
  constructor(list, actions) {
    this.#list = list;
    this.#actions = actions;
  }

  get empty() { return this.#items.size === this.#removed.length; }

  // Whether the hub has refused an item.
  get failed() { return [...this.#items.values()].some(({ detail }) => detail.item.why); }

  // Sets the status of an item. `detail` is that of the client's `sending` event.
  set(detail) {
    const { item: { key }, status } = detail;
    this.#removed = this.#removed.filter(removed => removed !== key);
    if (status === "gone") this.remove(key);
    else {
      const before = this.#items.get(key);
      const same = before?.why === detail.item.why && before?.detail.status === status; // then it keeps its selection and focus
      this.#items.set(key, { entry: before?.entry ?? element("li"), detail, why: detail.item.why, drawn: same && before.drawn });
    }
  }

  // Removes an item with the next drawing, which also shows its message.
  remove(key) {
    if (this.#items.has(key) && !this.#removed.includes(key)) this.#removed.push(key);
  }

  // Removes the items whose messages were about to come.
  remove_stored() {
    for (const [key, { detail }] of this.#items) if (detail.status === "stored") this.#drop(key);
  }

  // Makes the next drawing render every item again.
  redraw() {
    for (const item of this.#items.values()) item.drawn = false;
  }

  // Must be called when the list is to show other items. `draw` shows these again.
  hide() {
    for (const { entry } of this.#items.values()) entry.remove();
    this.redraw();
  }

  draw_removals() {
    for (const key of this.#removed.splice(0)) this.#drop(key);
  }

  draw() {
    for (const item of this.#items.values()) {
      const { entry, detail, drawn } = item;
      if (drawn) continue;
      item.drawn = true;
      unsent_item(entry, detail, this.#actions.is_saved(detail.item.key), what => this.#actions[what](detail.item.key));
      if (entry.isConnected) continue;
      entry.dataset.at = detail.item.at;
      this.#list.insertBefore(entry, [...this.#list.children].find(other => other.dataset.at > detail.item.at) ?? null);
    }
  }

  #drop(key) {
    this.#items.get(key)?.entry.remove();
    this.#items.delete(key);
    this.#removed = this.#removed.filter(removed => removed !== key);
  }
}
