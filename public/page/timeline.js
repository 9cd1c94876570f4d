// The messages of one room that are in memory, and the window of them that the reader sees. Knows ids. Must not know how the
// messages are drawn, nor where they come from.
//
// Every entry has a position, which it keeps when entries are added or removed before it.

const step = 30; // messages that are removed at a time
// How many messages are in memory. `kept`: older ones are removed, and fetched again when they are wanted, except for `margin`
// messages before the window. `most`: newer ones are removed, because the reader is too far back.
const while_shown = { kept: 5_000, margin: 270, most: 10_000 };
const while_hidden = { kept: 200, margin: 30, most: 1_000 };
const min_window = 60; // the least number of messages in the window after a loss, where as many messages precede its end

export class Timeline {
  // The positions of the entries that the list is to show: from `from` on, without `to`. The view moves them. While the page
  // shows another room and the reader is at the end, they are infinite.
  window = { from: Infinity, to: Infinity };
  // Consecutive messages of the room, {id, message, own, arrives}, where `arrives` animates the next drawing, and notices of
  // lost ones, {id, lost, again}, in order of the ids.
  #entries = [];
  #begin = 0; // the position of the first entry
  #older = "unknown"; // older messages: "unknown", "available", "loading", "failed" (could not be loaded) or "none"
  #request; // the answer that is awaited while they are "loading"; every other is out of date
  #detached = false; // messages after the last entry are not in memory, because the reader is too far back
  #arriving; // new messages since a page of newer ones was asked for, while that is on its way
  #limits = while_hidden;
  #load;
  #load_newer;
  #changed;

  // `load` gets the id of the oldest message and resolves with a page of older ones, {complete, messages: [{message, own}]},
  // oldest first, or with undefined if they could not be fetched. `load_newer` gets the id of the newest message in memory and
  // resolves with a page of those after it. `changed` is called after every change; its argument tells whether entries in the midst
  // have changed.
  constructor(load, changed, load_newer) {
    this.#load = load;
    this.#load_newer = load_newer;
    this.#changed = changed;
  }

  // The positions of the first entry, and behind the last one.
  get begin() { return this.#begin; }
  get end() { return this.#begin + this.#entries.length; }

  // Must be called if a short history may lack messages.
  may_have_older() { if (this.#older === "none") this.#older = "available"; }

  get older() { return this.#older; }

  // Whether the last entry is the newest message of the room.
  get complete() { return !this.#detached; }

  // The id of the newest message, or undefined if it is not in memory.
  get newest() { return this.#detached ? undefined : this.#entries.at(-1)?.id; }

  // The id of the oldest message in memory, or undefined.
  get oldest() { return this.#entries[0]?.id; }

  at(position) { return this.#entries[position - this.#begin]; }

  // Returns the position of the first message whose id is at least `id`, or undefined if it may not be in memory.
  position_of(id) {
    const i = this.#entries.findIndex(entry => entry.id >= id);
    return i < 0 || i === 0 && this.oldest > id && this.#older !== "none" ? undefined : this.#begin + i;
  }

  // Returns the position of the first message of somebody else that is after the message `id`, or undefined if it is not in memory.
  first_after(id) {
    const position = this.position_of(id + 1);
    if (position === undefined) return undefined;
    const i = this.#entries.findIndex((entry, at) => at >= position - this.#begin && entry.message && !entry.own);
    return i < 0 ? undefined : this.#begin + i;
  }

  // Returns the entries above a position, from the nearest message on.
  above(position) {
    const i = position - this.#begin;
    let from = i - 1;
    while (from > 0 && !this.#entries[from].message) from -= 1;
    return this.#entries.slice(Math.max(0, from), i);
  }

  // Returns how many messages of others have ids greater than `id`, or undefined if not all of these are in memory.
  count_after(id) {
    const reaches = this.#older === "none" || this.oldest <= id + 1;
    return this.complete && reaches ? this.#entries.filter(entry => entry.message && !entry.own && entry.id > id).length : undefined;
  }

  // Must be called when the page shows the messages. `at_end`: the reader is at the newest one.
  show(at_end) {
    this.#limits = while_shown;
    if (at_end) this.window = { from: Math.max(this.#begin, this.end - min_window), to: this.end };
  }

  // Must be called when the page shows another room. `at_end`: the reader was at the newest message.
  hide(at_end) {
    this.#limits = while_hidden;
    if (at_end) this.window = { from: Infinity, to: Infinity };
    this.#trim();
  }

  // Removes all messages. `complete`: nothing is older than the messages that will be added.
  clear(complete) {
    this.#entries = [];
    const at = this.#limits === while_shown ? this.#begin : Infinity;
    this.window = { from: at, to: at };
    this.#older = complete ? "none" : "available";
    this.#request = this.#arriving = undefined;
    this.#detached = false;
    this.#changed(true);
  }

  // Replaces all messages by two pages around a message. Newer messages are loaded when the reader comes to them.
  replace(older, newer) {
    this.clear(older.complete);
    this.#entries = [...older.messages, ...newer.messages].map(to_entry);
    this.#detached = true; // new messages may have arrived meanwhile
    this.window.to = this.#begin + older.messages.length;
    this.load_newer();
  }

  // Moves the window so that it has the message at `position`.
  show_position(position) {
    this.window = { from: Math.max(this.#begin, position - min_window / 2), to: Math.min(this.end, position + min_window / 2) };
  }

  // Appends a message.
  add({ message, own, past }) {
    const arrives = !past && !own && this.#limits === while_shown;
    if (this.#detached) this.#take_arriving({ message, own });
    else if (!(message.id <= this.newest)) this.#entries.push({ id: message.id, message, own, arrives });
    this.#trim();
    this.#changed(false);
  }

  // Removes the messages of a fork of the log, and puts a notice in their place. `again` is the number of the reader's own
  // that are sent again. Returns the removed messages as {id, own}. The same fork may come twice.
  remove_lost({ after, first }, again) {
    const length = this.#entries.length;
    const [from, to] = [after + 1, first].map(id => this.#entries.findIndex(entry => entry.id >= id)).map(i => i < 0 ? length : i);
    const removed = this.#entries.slice(from, to);
    const lost = removed.reduce((sum, entry) => sum + (entry.lost ?? 1), 0);
    this.#arriving = undefined; // it may have lost messages
    if (lost) {
      for (const entry of removed) again += entry.again ?? 0;
      this.#entries.splice(from, to - from, { id: after + 1, lost, again });
      if (to === length) this.#detached = false; // what was dropped after the last entry is lost too
      const moved = position => {
        const i = position - this.#begin;
        return this.#begin + (i <= from ? i : Math.max(from + 1, i - (to - from) + 1));
      };
      const end = moved(this.window.to);
      this.window = { from: Math.min(moved(this.window.from), Math.max(this.#begin, end - min_window)), to: end };
      this.#changed(true);
    }
    // An answer on its way may have lost messages, and without entries nothing tells them apart.
    if (this.#older === "loading" && !this.#entries.length) this.load_older();
    return removed.filter(entry => entry.message);
  }

  // Replaces all messages by the newest ones, if these are not in memory.
  load_newest() {
    if (!this.#detached) return;
    this.clear(false);
    this.load_older();
  }

  // Puts a page of older messages in front.
  async load_older() {
    this.#older = "loading";
    this.#changed(false);
    const request = this.#request = this.#load(this.#entries[0]?.id);
    const page = await request;
    if (request === this.#request) this.#prepend(page);
  }

  // Appends a page of newer messages, if some are not in memory.
  async load_newer() {
    if (!this.#detached || this.#arriving) return;
    const arriving = this.#arriving = [], page = await this.#load_newer(this.#entries.at(-1)?.id ?? 0);
    if (arriving !== this.#arriving) return;
    this.#arriving = undefined;
    if (!page) return;
    // What the page may lack has arrived after it was asked for.
    for (const entry of [...page.messages, ...page.complete ? arriving : []]) {
      if (!(entry.message.id <= this.#entries.at(-1)?.id)) this.#entries.push(to_entry(entry));
    }
    this.#detached = !page.complete;
    this.#trim();
    this.#changed(false);
  }

  #take_arriving(entry) {
    if (this.#arriving?.push(entry) > while_hidden.most) this.#arriving = undefined; // the page is asked for again
  }

  #prepend(page) {
    this.#older = !page ? "failed" : page.complete ? "none" : "available";
    if (page) {
      const before = this.#entries[0]?.id ?? Infinity;
      const older = page.messages.filter(({ message }) => message.id < before).map(to_entry);
      this.#entries = [...older, ...this.#entries];
      this.#begin -= older.length;
      this.#trim();
    }
    this.#changed(false);
  }

  // Bounds the memory. The oldest entries are removed unless the window is near them. In that case new messages are dropped
  // until the reader returns to the end.
  #trim() {
    const { kept, margin, most } = this.#limits, length = this.#entries.length;
    const surplus = Math.min(length - kept, this.window.from - this.#begin - margin);
    if (surplus >= step) {
      this.#entries.splice(0, surplus);
      this.#begin += surplus;
      if (this.#older === "none") this.#older = "available";
    } else if (length > most) {
      this.#detached = true;
      this.#arriving = undefined;
      this.#entries.splice(most);
      this.window.to = Math.min(this.window.to, this.end);
    }
  }
}

const to_entry = entry => ({ id: entry.message.id, ...entry });
