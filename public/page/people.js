// The list of recent authors, the latest first. Knows messages. Must not know the connection, nor how many connections there
// are in the room.

import { avatar, label, tint } from "./author.js";
import { translate } from "./i18n.js";
import { element } from "./message.js";

const max_people = 30;

export class People {
  #details;
  #list;
  #seen = new Map(); // label → the author's latest message; the author of the latest one is last
  #me;

  constructor(details) {
    this.#details = details;
    this.#list = details.querySelector("ol");
    details.addEventListener("toggle", () => this.#draw());
    document.addEventListener("keydown", event => event.key === "Escape" && this.#close());
    document.addEventListener("click", ({ target }) => details.contains(target) || this.#close());
  }

  add(message, own) {
    const name = label(message);
    this.#seen.delete(name);
    this.#seen.set(name, message);
    if (own) this.#me = name;
    if (this.#seen.size > max_people) this.#seen.delete(this.#seen.keys().next().value);
    this.#draw();
  }

  clear() {
    this.#seen.clear();
    this.#draw();
  }

  #draw() {
    if (!this.#details.open) return;
    const people = [...this.#seen].reverse().map(([name, { connection_id }]) => {
      const item = element("li");
      item.append(avatar(connection_id), tint(element("span", "author", name === this.#me ? translate("you", name) : name), connection_id));
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
