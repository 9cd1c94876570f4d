// One room: its messages, what waits to be sent, the recent authors, what is unread, and where the reader is. Knows the events
// of the client. Must not know which room the page shows, nor how.

import { CatchUp } from "./catch_up.js";
import { lost_text } from "./message.js";
import { RecentAuthors } from "./people.js";
import { ScrollPlace } from "./scroll_anchor.js";
import { Timeline } from "./timeline.js";

const history_size = 50; // messages that the hub sends of the past
const page_size = 100; // older messages that are fetched at a time

export class Conversation {
  name;
  authors = new RecentAuthors();
  place = new ScrollPlace();
  timeline;
  unsent;
  online = 0; // connections in the room
  unread = 0;
  #first_unread; // the id of the first unread message
  #catch_up;
  #client;
  #history;
  #own_ids;
  #page;

  // `client` sends the events of the room. `page` is told of everything that changes: it has `drawing_changed(midst)`,
  // `authors_changed`, `online_changed`, `unread_changed`, `progress_changed(state)`, `arrived(message)` for a new message of
  // somebody else, and `lost(text)`.
  constructor(name, client, { history, own_ids, unsent }, page) {
    this.name = name;
    this.unsent = unsent;
    this.#client = client;
    this.#history = history;
    this.#own_ids = own_ids;
    this.#page = page;
    this.timeline = new Timeline(before => this.#load_older(before), midst => page.drawing_changed(midst));
    this.#catch_up = new CatchUp(() => history.page(name, 1), state => page.progress_changed(state));
    client.on("init", detail => this.#began(detail));
    client.on("message", detail => this.#received(detail));
    client.on("fork", detail => this.#forked(detail));
    client.on("sending", detail => this.set_unsent(detail));
    client.on("presence", ({ online }) => this.#set_online(online));
  }

  // Shows the status of an unsent item.
  set_unsent(detail) {
    this.unsent.set(detail);
    this.#page.drawing_changed(false);
  }

  // Must be called when the connection ends.
  disconnected() {
    this.#catch_up.end();
    this.#set_online(0);
  }

  set_unread(count) {
    this.unread = count;
    this.#page.unread_changed();
  }

  #began({ resumed, history }) {
    if (resumed) return this.#catch_up.begin(this.#client.position.after);
    this.timeline.clear(history < history_size);
    this.unsent.remove_stored();
    this.place.follow(true);
    this.authors.clear();
    this.#page.authors_changed();
  }

  #received({ message, past, own, key }) {
    if (key) this.unsent.remove(key);
    this.timeline.add({ message, past, own });
    this.authors.add(message, own);
    this.#page.authors_changed();
    this.#catch_up.received(message.id);
    if (past || own) return;
    this.place.count_new(message.id);
    this.#page.arrived(message);
  }

  count_unread(id) {
    if (!this.unread) this.#first_unread = id;
    this.set_unread(this.unread + 1);
  }

  #forked({ after, first, lost }) {
    this.#catch_up.lose({ after, first });
    const removed = this.timeline.remove_lost({ after, first }, lost.length);
    const unread = removed.filter(({ own }) => !own).map(({ id }) => id);
    this.place.discount(unread);
    if (this.unread) this.set_unread(this.unread - unread.filter(id => id >= this.#first_unread).length);
    if (removed.length) this.#page.lost(lost_text(removed.length, lost.length));
  }

  #set_online(online) {
    this.online = online;
    this.#page.online_changed();
  }

  async #load_older(before) {
    const page = await this.#history.page(this.name, page_size, before).catch(() => undefined);
    return page && { ...page, messages: page.messages.map(message => ({ message, own: this.#own_ids.has(message.connection_id) })) };
  }
}
