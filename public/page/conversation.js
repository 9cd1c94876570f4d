// One room: its messages, what waits to be sent, the recent authors, what is unread, and where the reader is. Knows the events
// of the client. Must not know which room the page shows, nor how.

import { CatchUp } from "./catch_up.js";
import { lost_text } from "./message.js";
import { RecentAuthors } from "./people.js";
import { ScrollPlace } from "./scroll_anchor.js";
import { Timeline } from "./timeline.js";
import { UnreadCount } from "./unread_count.js";

const history_size = 50; // messages that the hub sends of the past
const page_size = 100; // older messages that are fetched at a time
const most_missed = 50; // of a room that is not shown; if more were missed, their number and the newest ones are enough
// With these errors the hub refuses the room.
const refusals = new Set(["bad_room", "forbidden", "too_many_rooms", "unknown_type"]);

export class Conversation {
  name;
  authors = new RecentAuthors();
  place = new ScrollPlace();
  timeline;
  unread;
  unsent;
  online = 0; // connections in the room
  log; // the UUID of the log that has the messages
  new_after; // the message after which "New from here" is shown
  refusal; // the hub's code, if it has refused the room
  #room; // the client's, or undefined after `leave`
  #shown = false;
  #newest = 0; // the id of the newest message that has arrived
  #generation = 0; // grows when messages are lost or replaced
  #recounting = false; // the answer is due to a subscription that was made to count again
  #catch_up;
  #context;
  #page;

  // `context` has the client `hub`, `rooms`, the HistoryClient `history`, `own_connections`,
  // the Person `person`, and `make_unsent`, which returns an UnsentList.
  // `page` is told of everything that changes. Each of its functions gets this conversation first: `drawing_changed(midst)`,
  // `authors_changed`, `online_changed`, `unread_changed`, `begun` when the
  // history is here, `refusal_changed`, `unsent_changed(item)`, `progress_changed(state)`,
  // `arrived(message)` for a new message of somebody else, `lost(text)` and `failed(text)`.
  constructor(name, context, page) {
    this.name = name;
    this.#context = context;
    this.#page = page;
    this.unsent = context.make_unsent();
    this.timeline = new Timeline(before => this.#load(history => history.page(name, page_size, before)),
      midst => page.drawing_changed(this, midst), after => this.#load(history => history.newer(name, page_size, { after })));
    this.unread = new UnreadCount(this.timeline);
    this.#catch_up = new CatchUp(() => context.history.page(name, 1), state => page.progress_changed(this, state));
    this.join();
  }

  // Enters the room, now or when there is a connection. Does nothing if the hub has accepted the room.
  join(from) {
    const { hub } = this.#context, room = hub.room(this.name, { from, most: this.#shown ? undefined : most_missed });
    if (room === this.#room) return;
    this.#room = room;
    room.on("subscribed", detail => this.#subscribed(detail));
    room.on("message", detail => this.#received(detail));
    room.on("fork", detail => this.#forked(detail));
    room.on("sending", detail => this.#sending(detail));
    room.on("presence", ({ online }) => this.#set_online(online));
    room.on("error", detail => this.#failed(detail));
  }

  leave() {
    this.#room?.leave();
    this.#room = undefined;
    this.#recounting = false;
    this.disconnected();
  }

  // Must be called when the page begins or ends to show the room.
  show(shown) {
    this.#shown = shown;
    if (shown) this.join();
    if (shown) this.mark_new();
    if (this.#room) this.#room.most = shown ? undefined : most_missed;
    if (shown) this.timeline.show(this.place.follows);
    else this.timeline.hide(this.place.follows);
  }

  // Must be called when the reader comes to the room, before its messages count as read.
  mark_new() { this.new_after = this.unread.count ? this.unread.read : undefined; }

  send(text) { return this.#room.send(text); }

  // Must be called when the room was read up to the message `id`.
  read_to(id) {
    if (id === undefined || id <= this.unread.read) return;
    this.unread.read_to(id);
    this.#recount();
    this.#page.unread_changed(this);
  }

  // Shows the status of an unsent item.
  set_unsent(detail) {
    this.unsent.set(detail);
    this.#page.drawing_changed(this, false);
  }

  // Must be called when the connection ends.
  disconnected() {
    this.#catch_up.end();
    this.#set_online(0);
  }

  #subscribed({ resumed, log, history, missed }) {
    this.#set_refusal(undefined);
    const replaced = log !== this.log;
    this.#generation += 1;
    this.log = log;
    this.#context.rooms.use_log(log);
    const recounted = this.#recounting;
    this.#recounting = false;
    if (recounted) this.unread.restart();
    const { after } = this.#room.position ?? {};
    if (resumed) return this.#shown && this.#catch_up.begin(after);
    const uncounted = this.unread.counted <= after ? missed : undefined; // another tab may have read more than this one has
    this.#newest = 0;
    this.timeline.clear(history < history_size);
    this.unsent.remove_stored();
    this.place.follow(true);
    this.authors.clear();
    this.#page.authors_changed(this);
    this.unread.pause(replaced);
    queueMicrotask(() => { // when the messages of the history, which this frame brings, are here
      this.unread.resume(this.#context.rooms.read_id(this.name), uncounted);
      this.#context.rooms.read(this.name, this.unread.read);
      if (uncounted === undefined && !(recounted && missed === undefined)) this.#recount();
      if (this.#shown) this.mark_new();
      this.#page.unread_changed(this);
      this.#page.begun(this);
    });
  }

  #received({ message, past, own: sent_here, key }) {
    const own = this.#is_own(message, sent_here);
    if (key) this.unsent.remove(key);
    if (sent_here) this.#context.own_connections.add(message.connection_id);
    if (past && message.data !== undefined) this.timeline.may_have_older(); // the hub ends a history with large data early
    this.timeline.add({ message, past, own });
    this.authors.add(message, own);
    this.#page.authors_changed(this);
    this.#catch_up.received(message.id);
    this.unread.add(message.id, own);
    const repeated = message.id <= this.#newest; // after a recount
    this.#newest = Math.max(this.#newest, message.id);
    if (past) return;
    if (own && !repeated) this.#read_own(message.id);
    if (!own && !repeated) {
      this.place.count_new(message.id);
      this.#page.arrived(this, message);
    }
    this.#page.unread_changed(this);
  }

  // The reader's own message counts as read if all before it do. Otherwise other tabs would count it.
  #read_own(id) {
    if (this.unread.count || !this.unread.exact) return;
    this.#context.rooms.read(this.name, id);
    this.read_to(id);
  }

  #forked({ after, first, lost }) {
    this.#generation += 1;
    this.#catch_up.lose({ after, first });
    const removed = this.timeline.remove_lost({ after, first }, lost.length);
    this.place.discount(removed.filter(({ own }) => !own).map(({ id }) => id));
    this.unread.lose({ after, first }, removed);
    this.#recount();
    this.#page.unread_changed(this);
    if (removed.length) this.#page.lost(this, lost_text(removed.length, lost.length));
  }

  #sending(detail) {
    this.set_unsent(detail);
    this.#page.unsent_changed(this, detail.item);
  }

  #failed({ code, message }) {
    if (!refusals.has(code)) return this.#page.failed(this, message);
    this.#set_refusal(code);
  }

  #set_refusal(code) {
    if (code === this.refusal) return;
    this.refusal = code;
    this.#page.refusal_changed(this);
  }

  #set_online(online) {
    this.online = online;
    this.#page.online_changed(this);
  }

  // If the number of unread messages is not exact, asks the hub for the messages after the newest one that was read, or for
  // their number. The room that is shown would lose its place by that, and is about to be read.
  #recount() {
    if (this.unread.exact || this.#shown || !this.#room || this.#recounting) return;
    this.leave();
    this.#recounting = true;
    this.join({ log: this.log, after: this.unread.read });
  }

  // Shows the message with this id, or the first one after it. Resolves with the id of that message, or with undefined if there is
  // none, or if it could not be loaded.
  async go_to(id) {
    if (this.timeline.position_of(id) === undefined) {
      const { name } = this, generation = this.#generation;
      const [older, newer] = await Promise.all([history => history.page(name, page_size / 2, id), history => history.newer(name, page_size / 2, { after: id - 1 })]
        .map(load => this.#load(load)));
      if (generation !== this.#generation) return this.go_to(id); // the pages may have lost messages
      if (!newer?.messages.length || !older) return undefined;
      this.timeline.replace(older, newer);
    }
    const position = this.timeline.position_of(id), found = this.timeline.at(position)?.id;
    if (found === undefined) return undefined;
    this.timeline.show_position(position);
    this.place.go_to(found);
    this.#page.drawing_changed(this, false);
    return found;
  }

  // Shows the first message at or after a time. Resolves as `go_to` does.
  async go_to_time(at) {
    const page = await this.#load(history => history.newer(this.name, 1, { at: at.toISOString() }));
    return page?.messages.length ? this.go_to(page.messages[0].message.id) : undefined;
  }

  async #load(load) {
    const { history, own_connections: { ids } } = this.#context;
    const page = await load(history).catch(() => undefined);
    return page && { ...page, messages: page.messages.map(message => ({ message, own: this.#is_own(message, ids.has(message.connection_id)) })) };
  }

  // `sent_here`: over a connection of this tab. The reader may have written the message in another one.
  #is_own(message, sent_here) {
    const { person } = this.#context;
    if (sent_here) person.wrote(message);
    return sent_here || person.is_author(message);
  }
}
