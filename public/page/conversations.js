// The rooms that the page is in, all on one connection: the rooms that this browser has visited, the rooms of unsent items, and the
// room that is shown. Must not know the elements of the page.

import { Conversation } from "./conversation.js";

export class Conversations {
  shown; // the conversation that the page shows
  single = false; // the hub has one room on a connection, as hubs of older releases do
  #all = new Map();
  #context;
  #page;

  // `context` and `page` are those of every Conversation. `page` also has `rooms_changed()`.
  constructor(context, page) {
    this.#context = context;
    this.#page = page;
    context.rooms.on_changed = () => this.#follow_other_tabs();
  }

  [Symbol.iterator]() { return this.#all.values(); }

  get(name) { return this.#all.get(name); }

  // Returns the conversation of a room, which the page enters unless it is there.
  enter(name) {
    const conversation = this.#all.get(name) ?? new Conversation(name, this.#context, this.#page);
    this.#all.set(name, conversation);
    return conversation;
  }

  // Enters all rooms that this browser has visited, the newest first.
  enter_visited() {
    if (!this.single) for (const name of this.#context.rooms.visited.reverse()) this.enter(name);
  }

  // Enters a room that the browser may not know yet.
  visit(name) {
    this.#context.rooms.visit(name);
    return this.enter(name);
  }

  // Shows a room.
  show(name) {
    const before = this.shown;
    this.shown = this.visit(name);
    before?.show(false);
    this.shown.show(true);
    this.#leave_forgotten();
    return this.shown;
  }

  forget(name) {
    this.#context.rooms.forget(name);
    this.#leave(name);
    this.#page.rooms_changed();
  }

  // Must be called when the hub has refused a room because it does not know how to have several on one connection.
  use_one_room() {
    this.single = true;
    for (const { name } of this) if (name !== this.shown.name) this.#leave(name);
    this.#page.rooms_changed();
  }

  // How many messages are unread in the rooms that are not shown, and in the one that is shown if nobody looks at the page.
  get unread() {
    const counted = [...this].filter(each => each !== this.shown || document.hidden).map(({ unread }) => unread);
    return { count: counted.reduce((sum, { count }) => sum + count, 0), exact: counted.every(({ exact }) => exact) };
  }

  // The rooms of the list, as the RoomSwitcher wants them. A room is not forgotten while messages wait to be sent there.
  get list() {
    return this.#context.rooms.names([...this.#all.keys()]).map(name => {
      const { unread, unsent } = this.get(name) ?? {};
      return { name, current: name === this.shown?.name, unread: unread?.count ?? 0, exact: unread?.exact ?? true,
        failed: unsent?.failed ?? false, waits: !(unsent?.empty ?? true) };
    });
  }

  // Marks the newest message of the shown room as read if it is in sight of the reader.
  mark_read() {
    const { shown } = this, { rooms } = this.#context, newest = shown?.timeline.newest;
    if (document.hidden || !newest || !shown.place.follows || shown.log !== rooms.log) return;
    rooms.read(shown.name, newest);
    shown.read_to(newest);
  }

  #follow_other_tabs() {
    if (!this.shown) return this.#page.rooms_changed();
    this.#leave_forgotten();
    this.enter_visited();
    for (const each of this) each.read_to(this.#context.rooms.read_id(each.name));
    this.#page.rooms_changed();
  }

  // Leaves the rooms that the reader has forgotten in another tab, and the rooms that are not among the newest any more.
  #leave_forgotten() {
    const kept = new Set([this.shown.name, ...this.#context.rooms.visited]);
    for (const { name, unsent } of this) if (!kept.has(name) && unsent.empty) this.#leave(name);
  }

  #leave(name) {
    this.#all.get(name)?.leave();
    this.#all.delete(name);
  }
}
