// The recent authors of a room, and the list that shows them, the latest first. Knows messages. Must not know the connection,
// nor how many connections there are in the room.

import { author_id, avatar, is_unverified, label, tint } from "./author.js";
import { translate } from "./i18n.js";
import { element } from "./message.js";

const max_people = 30;

export class RecentAuthors {
  me; // the id of the reader as an author
  #seen = new Map(); // id of the author → the author's latest message; the author of the latest one is last

  add(message, own) {
    const id = author_id(message);
    this.#seen.delete(id);
    this.#seen.set(id, message);
    if (own) this.me = id;
    if (this.#seen.size > max_people) this.#seen.delete(this.#seen.keys().next().value);
  }

  clear() { this.#seen.clear(); }

  // The ids of the authors, the latest first, each with the author's latest message.
  get latest() { return [...this.#seen].reverse(); }
}

export class People {
  #details;
  #list;
  #authors = new RecentAuthors();

  constructor(details) {
    this.#details = details;
    this.#list = details.querySelector("ol");
    details.addEventListener("toggle", () => this.update());
    document.addEventListener("keydown", event => event.key === "Escape" && this.#close());
    document.addEventListener("click", ({ target }) => details.contains(target) || this.#close());
  }

  show(authors) {
    this.#authors = authors;
    this.#draw();
  }

  // Must be called when the authors have changed.
  update() {
    if (this.#details.open) this.#draw();
  }

  #draw() {
    const { me, latest } = this.#authors;
    const people = latest.map(([id, message]) => {
      const item = element("li");
      item.append(avatar(id), tint(element("span", is_unverified(message) ? "author unverified" : "author", id === me ? translate("you", label(message)) : label(message)), id));
      return item;
    });
    this.#list.replaceChildren(...people.length ? people : [element("li", "", translate("empty"))]);
  }

  #close() {
    if (!this.#details.open) return;
    if (this.#details.contains(document.activeElement)) this.#details.querySelector("summary").focus();
    this.#details.open = false;
  }
}
