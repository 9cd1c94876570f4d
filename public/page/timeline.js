// The conversation: messages oldest first, of which the list shows a window that moves with the reader, and below them
// what waits to be sent. It must not know where messages come from, nor how one looks.

import { on_language, translate } from "./i18n.js";
import { button, element, message_item, unsent_item } from "./message.js";

const max_items = 240; // messages in the list,
const max_kept = 5_000; // and in memory; older ones are fetched again
const step = 30; // more in the list at a time when the reader comes near its edge,
const max_burst = 60; // and only these of what rushed past
const min_interval = 40; // ms between two drawings, or
const cost_factor = 3; // as many times what the last one cost: the reader's own acts come through

export class Timeline {
  #list;
  #top;
  #unsent_list;
  #anchor;
  #actions;
  #entries = []; // {message, own, arrives}: a run of the log without a hole
  #window_from = 0; // the window: what the list shall show,
  #window_to = 0;
  #drawn_from = 0; // and what it shows
  #drawn_to = 0;
  #whole = true; // nothing is older than #entries
  #begun = false;
  #detached = false; // newer ones were not kept: the reader is too far back
  #asked = false;
  #failed = false;
  #unsent_items = new Map(); // key → {entry, detail} of what is unsent
  #delivered = []; // keys whose messages come with the next drawing
  #me;
  #planned = false;
  #next_draw = 0; // when the next drawing may begin
  #rushed = false; // more came before that

  // `actions` is asked for `resend` or `cancel` with a failed item's key, and for `older` with the id to look before.
  constructor({ messages, top, unsent, anchor, actions }) {
    this.#list = messages;
    this.#top = top;
    this.#unsent_list = unsent;
    this.#anchor = anchor;
    this.#actions = actions;
    anchor.on_near = edge => edge === "start" ? this.#show_older() : this.#show_newer();
    anchor.is_complete = () => !this.#detached && this.#window_to === this.#entries.length;
    anchor.on_to_end = () => this.#show_newest();
    on_language(() => this.#redraw_all());
  }

  // From now on the reader's own messages are those of `me`: the earlier ones get their label back.
  set_own(me) {
    this.#me = me;
    this.#redraw_all();
  }

  // `whole`: nothing is older than what will be added.
  clear(whole) {
    this.#entries = [];
    this.#window_from = this.#window_to = 0;
    this.#whole = whole;
    this.#begun = true;
    this.#detached = this.#asked = this.#failed = false;
    for (const [key, { detail }] of this.#unsent_items) if (detail.status === "stored") this.#drop(key);
    this.#anchor.to_end();
    this.#redraw_all();
  }

  // `key`: of the unsent item that this message was, if it was one.
  add({ message, own, past, key }) {
    if (key) this.#delivered.push(key);
    this.#trim();
    if (!this.#detached) this.#entries.push({ message, own, arrives: !past && !own });
    if (!past && !own) this.#anchor.count_new();
    this.#plan();
  }

  // A page of the past, oldest first; or nothing, when it did not come.
  prepend(page) {
    this.#asked = false;
    this.#failed = !page;
    if (page) {
      const before = this.#entries[0]?.message.id ?? Infinity;
      const older = page.messages.filter(({ message }) => message.id < before);
      this.#entries = [...older, ...this.#entries];
      this.#shift(older.length);
      this.#whole = page.complete;
      if (this.#entries.length > 2 * max_kept) this.#detach();
    }
    this.#plan();
  }

  // An item on its way: see Hubbub's `sending`.
  set_unsent(detail) {
    const { item: { key }, status } = detail;
    if (status === "gone") this.#delivered.push(key);
    else this.#unsent_items.set(key, { entry: this.#unsent_items.get(key)?.entry ?? element("li"), detail, drawn: false });
    this.#plan();
  }

  get newest() { return this.#detached ? undefined : this.#entries.at(-1)?.message.id; }

  #drop(key) {
    this.#unsent_items.get(key)?.entry.remove();
    this.#unsent_items.delete(key);
  }

  // Memory stays bounded: the oldest go unless the reader is there; then the newest do, until the reader returns.
  #trim() {
    if (this.#entries.length < max_kept) return;
    if (this.#window_from > step + max_items) {
      this.#entries.splice(0, step);
      this.#shift(-step);
      this.#whole = false;
    } else if (this.#entries.length >= 2 * max_kept) this.#detach();
  }

  #detach() {
    this.#detached = true;
    this.#entries.splice(2 * max_kept);
    this.#window_to = Math.min(this.#window_to, this.#entries.length);
  }

  #shift(by) {
    this.#window_from += by;
    this.#window_to += by;
    this.#drawn_from += by;
    this.#drawn_to += by;
  }

  #show_older() {
    if (this.#window_from > 0) {
      this.#window_from = Math.max(0, this.#window_from - step);
      this.#window_to = Math.min(this.#window_to, this.#window_from + max_items);
      this.#plan();
    } else if (this.#entries.length && !this.#whole && !this.#asked && !this.#failed) this.#load_older();
  }

  #load_older() {
    this.#asked = true;
    this.#failed = false;
    this.#actions.older(this.#entries[0]?.message.id);
    this.#plan();
  }

  #show_newer() {
    if (this.#window_to === this.#entries.length) return;
    this.#window_to = Math.min(this.#entries.length, this.#window_to + step);
    this.#window_from = Math.max(this.#window_from, this.#window_to - max_items);
    this.#plan();
  }

  #show_newest() {
    if (this.#detached) {
      this.clear(false);
      this.#load_older();
    }
    this.#plan();
  }

  #redraw_all() {
    this.#drawn_from = this.#drawn_to = -1;
    this.#plan();
    for (const item of this.#unsent_items.values()) item.drawn = false;
  }

  // One drawing for all that came since the last one, at once after a quiet time: a rush costs little more than a trickle.
  #plan() {
    if (this.#planned) return;
    this.#planned = true;
    const wait = this.#next_draw - performance.now();
    this.#rushed = wait > 0;
    if (this.#rushed) setTimeout(() => this.#frame(), wait);
    else this.#frame();
  }

  #frame() {
    requestAnimationFrame(() => {
      const began = performance.now();
      this.#planned = false;
      this.#anchor.hold(() => this.#draw());
      const ended = performance.now();
      this.#next_draw = ended + Math.max(min_interval, cost_factor * (ended - began));
    });
  }

  #draw() {
    const end = this.#entries.length;
    if (this.#anchor.follows && !this.#detached) {
      this.#window_to = end;
      // The list shrinks by a step at a time, not by one with every message; and what rushed past is not made at all.
      if (this.#window_to - this.#drawn_to > max_burst) this.#window_from = Math.max(this.#window_from, this.#window_to - max_burst);
      else if (this.#window_to - this.#window_from > max_items) this.#window_from = this.#window_to - max_items + step;
    } else if (this.#window_to < end && this.#window_to - this.#window_from < max_items) this.#window_to = Math.min(end, this.#window_from + max_items);
    for (const key of this.#delivered.splice(0)) this.#drop(key);
    if (this.#drawn_from < 0 || this.#drawn_from >= this.#window_to || this.#drawn_to <= this.#window_from) {
      this.#list.replaceChildren();
      this.#drawn_from = this.#drawn_to = this.#window_from;
    }
    for (; this.#drawn_from < this.#window_from; this.#drawn_from += 1) this.#list.firstChild.remove();
    for (; this.#drawn_to > this.#window_to; this.#drawn_to -= 1) this.#list.lastChild.remove();
    // The message that was the first of all shows now whether it goes on.
    if (this.#drawn_from > this.#window_from && this.#list.firstChild) this.#list.firstChild.replaceWith(this.#draw_item(this.#drawn_from));
    this.#list.prepend(this.#draw_items(this.#window_from, this.#drawn_from));
    this.#list.append(this.#draw_items(this.#drawn_to, this.#window_to));
    this.#drawn_from = this.#window_from;
    this.#drawn_to = this.#window_to;
    this.#draw_top();
    this.#draw_unsent();
  }

  #draw_items(from, to) {
    const made = document.createDocumentFragment();
    for (let i = from; i < to; i += 1) made.append(this.#draw_item(i));
    return made;
  }

  #draw_item(i) {
    if (this.#rushed) this.#entries[i].arrives = false; // there is no time for a dance
    const item = message_item(this.#entries[i], this.#entries[i - 1], this.#me);
    this.#entries[i].arrives = false; // once is enough
    return item;
  }

  #draw_unsent() {
    for (const item of this.#unsent_items.values()) {
      const { entry, detail, drawn } = item;
      if (drawn) continue;
      item.drawn = true;
      unsent_item(entry, detail, what => this.#actions[what](detail.item.key));
      if (!entry.isConnected) this.#unsent_list.append(entry);
    }
  }

  #draw_top() {
    const state = this.#window_from > 0 || !this.#begun ? "" : this.#failed ? "history_failed" : !this.#whole ? "loading" : this.#entries.length ? "begins" : this.#unsent_items.size ? "" : "empty";
    if (this.#top.dataset.state === state && this.#top.lang === document.documentElement.lang) return;
    this.#top.dataset.state = state;
    this.#top.lang = document.documentElement.lang;
    this.#top.replaceChildren(state && element("p", "", translate(state)));
    if (state === "history_failed") this.#top.append(button(translate("try_again"), () => this.#load_older()));
  }
}
