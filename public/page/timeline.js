// The conversation: messages oldest first, of which the list shows a window that moves with the reader, and below them
// what waits to be sent. It must not know where messages come from, nor how one looks.

import { button, element, message_item, unsent_item } from "./message.js";
import { translated, words } from "./words.js";

const most = 240; // messages in the list,
const kept = 5_000; // and in memory; older ones are fetched again
const step = 30; // more in the list at a time when the reader comes near its edge,
const newest = 60; // and only these of what rushed past
const rest = 40; // ms between two drawings, or
const times = 3; // as many times what the last one cost: the reader's own acts come through

export class Timeline {
  #list;
  #top;
  #unsent;
  #place;
  #act;
  #all = []; // {message, own, arrives}: a run of the log without a hole
  #from = 0; // the window: what the list shall show,
  #to = 0;
  #first = 0; // and what it shows
  #last = 0;
  #whole = true; // nothing is older than #all
  #begun = false;
  #loose = false; // newer ones were not kept: the reader is too far back
  #asked = false;
  #failed = false;
  #items = new Map(); // key → {entry, detail} of what is unsent
  #done = []; // keys whose messages come with the next drawing
  #me;
  #planned = false;
  #next = 0; // when the next drawing may begin
  #rush = false; // more came before that

  // `act` is asked for `again` or `cancel` with a failed item's key, and for `older` with the id to look before.
  constructor({ messages, top, unsent, place, act }) {
    this.#list = messages;
    this.#top = top;
    this.#unsent = unsent;
    this.#place = place;
    this.#act = act;
    place.near = edge => edge === "start" ? this.#older() : this.#newer();
    place.at_end = () => !this.#loose && this.#to === this.#all.length;
    place.to_end = () => this.#end();
    translated(() => this.#redraw());
  }

  // From now on the reader's own messages are those of `me`: the earlier ones get their label back.
  rename(me) {
    this.#me = me;
    this.#redraw();
  }

  // `whole`: nothing is older than what will be added.
  clear(whole) {
    this.#all = [];
    this.#from = this.#to = 0;
    this.#whole = whole;
    this.#begun = true;
    this.#loose = this.#asked = this.#failed = false;
    for (const [key, { detail }] of this.#items) if (detail.status === "stored") this.#drop(key);
    this.#place.toEnd();
    this.#redraw();
  }

  // `key`: of the unsent item that this message was, if it was one.
  add({ message, own, past, key }) {
    if (key) this.#done.push(key);
    this.#forget();
    if (!this.#loose) this.#all.push({ message, own, arrives: !past && !own });
    if (!past && !own) this.#place.news();
    this.#plan();
  }

  // A page of the past, oldest first; or nothing, when it did not come.
  prepend(page) {
    this.#asked = false;
    this.#failed = !page;
    if (page) {
      const before = this.#all[0]?.message.id ?? Infinity;
      const older = page.messages.filter(({ message }) => message.id < before);
      this.#all = [...older, ...this.#all];
      this.#shift(older.length);
      this.#whole = page.whole;
      if (this.#all.length > 2 * kept) this.#loosen();
    }
    this.#plan();
  }

  // An item on its way: see Hubbub's `sending`.
  send(detail) {
    const { item: { key }, status } = detail;
    if (status === "gone") this.#done.push(key);
    else this.#items.set(key, { entry: this.#items.get(key)?.entry ?? element("li"), detail, drawn: false });
    this.#plan();
  }

  get newest() { return this.#loose ? undefined : this.#all.at(-1)?.message.id; }

  #drop(key) {
    this.#items.get(key)?.entry.remove();
    this.#items.delete(key);
  }

  // Memory stays bounded: the oldest go unless the reader is there; then the newest do, until the reader returns.
  #forget() {
    if (this.#all.length < kept) return;
    if (this.#from > step + most) {
      this.#all.splice(0, step);
      this.#shift(-step);
      this.#whole = false;
    } else if (this.#all.length >= 2 * kept) this.#loosen();
  }

  #loosen() {
    this.#loose = true;
    this.#all.splice(2 * kept);
    this.#to = Math.min(this.#to, this.#all.length);
  }

  #shift(by) {
    this.#from += by;
    this.#to += by;
    this.#first += by;
    this.#last += by;
  }

  #older() {
    if (this.#from > 0) {
      this.#from = Math.max(0, this.#from - step);
      this.#to = Math.min(this.#to, this.#from + most);
      this.#plan();
    } else if (this.#all.length && !this.#whole && !this.#asked && !this.#failed) this.#ask();
  }

  #ask() {
    this.#asked = true;
    this.#failed = false;
    this.#act.older(this.#all[0]?.message.id);
    this.#plan();
  }

  #newer() {
    if (this.#to === this.#all.length) return;
    this.#to = Math.min(this.#all.length, this.#to + step);
    this.#from = Math.max(this.#from, this.#to - most);
    this.#plan();
  }

  #end() {
    if (this.#loose) {
      this.clear(false);
      this.#ask();
    }
    this.#plan();
  }

  #redraw() {
    this.#first = this.#last = -1;
    this.#plan();
    for (const item of this.#items.values()) item.drawn = false;
  }

  // One drawing for all that came since the last one, at once after a quiet time: a rush costs little more than a trickle.
  #plan() {
    if (this.#planned) return;
    this.#planned = true;
    const wait = this.#next - performance.now();
    this.#rush = wait > 0;
    if (this.#rush) setTimeout(() => this.#frame(), wait);
    else this.#frame();
  }

  #frame() {
    requestAnimationFrame(() => {
      const began = performance.now();
      this.#planned = false;
      this.#place.hold(() => this.#draw());
      const ended = performance.now();
      this.#next = ended + Math.max(rest, times * (ended - began));
    });
  }

  #draw() {
    const end = this.#all.length;
    if (this.#place.follows && !this.#loose) {
      this.#to = end;
      // The list shrinks by a step at a time, not by one with every message; and what rushed past is not made at all.
      if (this.#to - this.#last > newest) this.#from = Math.max(this.#from, this.#to - newest);
      else if (this.#to - this.#from > most) this.#from = this.#to - most + step;
    } else if (this.#to < end && this.#to - this.#from < most) this.#to = Math.min(end, this.#from + most);
    for (const key of this.#done.splice(0)) this.#drop(key);
    if (this.#first < 0 || this.#first >= this.#to || this.#last <= this.#from) {
      this.#list.replaceChildren();
      this.#first = this.#last = this.#from;
    }
    for (; this.#first < this.#from; this.#first += 1) this.#list.firstChild.remove();
    for (; this.#last > this.#to; this.#last -= 1) this.#list.lastChild.remove();
    // The message that was the first of all shows now whether it goes on.
    if (this.#first > this.#from && this.#list.firstChild) this.#list.firstChild.replaceWith(this.#item(this.#first));
    this.#list.prepend(this.#items_of(this.#from, this.#first));
    this.#list.append(this.#items_of(this.#last, this.#to));
    this.#first = this.#from;
    this.#last = this.#to;
    this.#draw_top();
    this.#draw_unsent();
  }

  #items_of(from, to) {
    const made = document.createDocumentFragment();
    for (let i = from; i < to; i += 1) made.append(this.#item(i));
    return made;
  }

  #item(i) {
    if (this.#rush) this.#all[i].arrives = false; // there is no time for a dance
    const item = message_item(this.#all[i], this.#all[i - 1], this.#me);
    this.#all[i].arrives = false; // once is enough
    return item;
  }

  #draw_unsent() {
    for (const item of this.#items.values()) {
      const { entry, detail, drawn } = item;
      if (drawn) continue;
      item.drawn = true;
      unsent_item(entry, detail, what => this.#act[what](detail.item.key));
      if (!entry.isConnected) this.#unsent.append(entry);
    }
  }

  #draw_top() {
    const state = this.#from > 0 || !this.#begun ? "" : this.#failed ? "no_past" : !this.#whole ? "loading" : this.#all.length ? "begins" : this.#items.size ? "" : "empty";
    if (this.#top.dataset.state === state && this.#top.lang === document.documentElement.lang) return;
    this.#top.dataset.state = state;
    this.#top.lang = document.documentElement.lang;
    this.#top.replaceChildren(state && element("p", "", words(state)));
    if (state === "no_past") this.#top.append(button(words("try_again"), () => this.#ask()));
  }
}
