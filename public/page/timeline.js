// The conversation: a list of messages, oldest first, which is drawn together with the unsent items below it. The list shows a
// window of the messages that moves with the scroll position. Must not know where messages come from, nor how a message is
// rendered.

import { on_language, translate } from "./i18n.js";
import { button, element, lost_item, message_item } from "./message.js";

const max_items = 240; // messages in the list
const max_kept = 5_000; // messages in memory; older ones are fetched again
const step = 30; // messages by which the window moves when the reader comes near its edge
const max_burst = 60; // messages of one drawing that are rendered; older ones of a burst are left out
const min_interval = 40; // ms between two drawings
const cost_factor = 3; // the interval is at least this many times what the last drawing took, so that input is handled

export class Timeline {
  #list;
  #top;
  #unsent;
  #anchor;
  #load;
  // Consecutive messages of the room, {id, message, own, arrives}, where `arrives` animates the next drawing, and notices of
  // lost ones, {id, lost, again}, in order of the ids.
  #entries = [];
  #window_from = 0; // indices of the entries that the list is to show
  #window_to = 0;
  #drawn_from = 0; // indices of the entries that the list shows
  #drawn_to = 0;
  #older = "unknown"; // older messages: "unknown", "available", "loading", "failed" (could not be loaded) or "none"
  #request; // the answer that is awaited while they are "loading"; every other is out of date
  #detached = false; // messages after the last entry were dropped, because the reader is too far back
  #me;
  #planned = false;
  #next_draw = 0; // when the next drawing may begin, in ms of the page
  #rushed = false; // the next drawing had to wait, so nothing is animated

  // `unsent` is an UnsentList. `load` gets the id of the oldest message and resolves with a page of older ones, {complete,
  // messages: [{message, own}]}, oldest first, or with undefined if they could not be fetched.
  constructor({ messages, top, unsent, anchor, load }) {
    this.#list = messages;
    this.#top = top;
    this.#unsent = unsent;
    this.#anchor = anchor;
    this.#load = load;
    anchor.on_near = edge => edge === "start" ? this.#show_older() : this.#show_newer();
    anchor.is_complete = () => !this.#detached && this.#window_to === this.#entries.length;
    anchor.on_to_end = () => this.#show_newest();
    on_language(() => this.#redraw_all());
  }

  // Sets the reader's connection. Messages of the current connection hide their author; when the connection changes, those of
  // the earlier ones show it.
  set_own(me) {
    this.#me = me;
    this.#redraw_all();
  }

  // Removes all messages. `complete`: nothing is older than the messages that will be added.
  clear(complete) {
    this.#entries = [];
    this.#window_from = this.#window_to = 0;
    this.#older = complete ? "none" : "available";
    this.#request = undefined;
    this.#detached = false;
    this.#unsent.remove_stored();
    this.#anchor.to_end();
    this.#redraw_all();
  }

  // Appends a message. `key` is that of the unsent item that became this message, if there was one.
  add({ message, own, past, key }) {
    if (key) this.#unsent.remove(key);
    this.#trim();
    if (!this.#detached && !(message.id <= this.newest)) this.#entries.push({ id: message.id, message, own, arrives: !past && !own });
    if (!past && !own) this.#anchor.count_new(message.id);
    this.#plan();
  }

  // Removes the messages of a fork of the log, and puts a notice in their place. `again` is the number of the reader's own
  // that are sent again. Returns the removed messages as {id, own}. The same fork may come twice.
  remove_lost({ after, first }, again) {
    const length = this.#entries.length;
    const [from, to] = [after + 1, first].map(id => this.#entries.findIndex(entry => entry.id >= id)).map(i => i < 0 ? length : i);
    const removed = this.#entries.slice(from, to);
    const lost = removed.reduce((sum, entry) => sum + (entry.lost ?? 1), 0);
    if (lost) {
      for (const entry of removed) again += entry.again ?? 0;
      this.#entries.splice(from, to - from, { id: after + 1, lost, again });
      if (to === length) this.#detached = false; // what was dropped after the last entry is lost too
      const moved = i => i <= from ? i : Math.max(from + 1, i - (to - from) + 1);
      this.#window_to = moved(this.#window_to);
      this.#window_from = Math.min(moved(this.#window_from), Math.max(0, this.#window_to - max_burst));
      this.#redraw_all();
    }
    // An answer on its way may have lost messages, and without entries nothing tells them apart.
    if (this.#older === "loading" && !this.#entries.length) this.#load_older();
    const messages = removed.filter(entry => entry.message);
    this.#anchor.discount(messages.filter(({ own }) => !own).map(({ id }) => id));
    return messages;
  }

  // Shows the status of an unsent item. `detail` is that of the client's `sending` event.
  set_unsent(detail) {
    this.#unsent.set(detail);
    this.#plan();
  }

  // The id of the newest message, or undefined if it is not in memory.
  get newest() { return this.#detached ? undefined : this.#entries.at(-1)?.id; }

  // Bounds the memory. The oldest entries are removed unless the window is near them. In that case new messages are dropped
  // until the reader returns to the end.
  #trim() {
    if (this.#entries.length < max_kept) return;
    if (this.#window_from > step + max_items) {
      this.#entries.splice(0, step);
      this.#shift(-step);
      if (this.#older === "none") this.#older = "available";
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
    } else if (this.#entries.length && this.#older === "available") this.#load_older();
  }

  async #load_older() {
    this.#older = "loading";
    this.#plan();
    const request = this.#request = this.#load(this.#entries[0]?.id);
    const page = await request;
    if (request === this.#request) this.#prepend(page);
  }

  #prepend(page) {
    this.#older = !page ? "failed" : page.complete ? "none" : "available";
    if (page) {
      const before = this.#entries[0]?.id ?? Infinity;
      const older = page.messages.filter(({ message }) => message.id < before).map(entry => ({ id: entry.message.id, ...entry }));
      this.#entries = [...older, ...this.#entries];
      this.#shift(older.length);
      if (this.#entries.length > 2 * max_kept) this.#detach();
    }
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
    this.#unsent.redraw();
  }

  // Plans one drawing of all changes since the last one. After a pause the drawing is immediate; in a burst it waits, so that
  // many messages cost little more than few.
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
      // The list shrinks by a whole step, not with every message. Messages of a burst beyond `max_burst` are not rendered.
      if (this.#window_to - this.#drawn_to > max_burst) this.#window_from = Math.max(this.#window_from, this.#window_to - max_burst);
      else if (this.#window_to - this.#window_from > max_items) this.#window_from = this.#window_to - max_items + step;
    } else if (this.#window_to < end && this.#window_to - this.#window_from < max_items) this.#window_to = Math.min(end, this.#window_from + max_items);
    this.#unsent.draw_removals();
    if (this.#drawn_from < 0 || this.#drawn_from >= this.#window_to || this.#drawn_to <= this.#window_from) {
      this.#list.replaceChildren();
      this.#drawn_from = this.#drawn_to = this.#window_from;
    }
    for (; this.#drawn_from < this.#window_from; this.#drawn_from += 1) this.#list.firstChild.remove();
    for (; this.#drawn_to > this.#window_to; this.#drawn_to -= 1) this.#list.lastChild.remove();
    // The first item has a predecessor now, and may continue its group.
    if (this.#drawn_from > this.#window_from && this.#list.firstChild) this.#list.firstChild.replaceWith(this.#draw_item(this.#drawn_from));
    this.#list.prepend(this.#draw_items(this.#window_from, this.#drawn_from));
    this.#list.append(this.#draw_items(this.#drawn_to, this.#window_to));
    this.#drawn_from = this.#window_from;
    this.#drawn_to = this.#window_to;
    this.#draw_top();
    this.#unsent.draw();
  }

  #draw_items(from, to) {
    const made = document.createDocumentFragment();
    for (let i = from; i < to; i += 1) made.append(this.#draw_item(i));
    return made;
  }

  #draw_item(i) {
    const entry = this.#entries[i];
    if (entry.lost) return lost_item(entry);
    if (this.#rushed) entry.arrives = false;
    let from = i - 1;
    while (from > 0 && !this.#entries[from].message) from -= 1;
    const item = message_item(entry, this.#entries.slice(Math.max(0, from), i), this.#me);
    entry.arrives = false; // a message is animated once
    return item;
  }

  // Returns the key of the text above the first message.
  #top_state() {
    if (this.#window_from > 0 || this.#older === "unknown") return "";
    if (this.#older === "failed") return "history_failed";
    if (this.#older !== "none") return "loading";
    if (this.#entries.length) return "begins";
    return this.#unsent.empty ? "empty" : "";
  }

  #draw_top() {
    const state = this.#top_state();
    if (this.#top.dataset.state === state && this.#top.lang === document.documentElement.lang) return;
    this.#top.dataset.state = state;
    this.#top.lang = document.documentElement.lang;
    this.#top.replaceChildren(state && element("p", "", translate(state)));
    if (state === "history_failed") this.#top.append(button(translate("try_again"), () => this.#load_older()));
  }
}
