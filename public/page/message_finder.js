// The way to one message of the room that is shown: by its address, and by the line above the first unread message. Must not know
// where messages come from.

import { message_url, requested_message } from "./address.js";
import { translate } from "./i18n.js";
import { UnreadLine } from "./unread_line.js";

export class MessageFinder {
  #list;
  #view;
  #shown;
  #notice;
  #line;
  #wanted; // {room, id} of the message that the address names, until its room is there

  // `list` has the messages, and `button` goes to the line while it is out of sight of `scroller`. `shown()` returns the conversation
  // that is shown, and `notice(text)` tells the reader what is wrong.
  constructor({ list, button, scroller, view, shown, notice }) {
    this.#list = list;
    this.#view = view;
    this.#shown = shown;
    this.#notice = notice;
    this.#line = new UnreadLine(button, list, scroller, () => this.#go_to(shown().new_after + 1));
    list.addEventListener("click", event => this.#clicked(event));
    scroller.addEventListener("keydown", event => this.#pressed(event));
  }

  // Must be called with the name of the room when the address has changed, before `begun`.
  want(room) {
    const id = requested_message();
    this.#wanted = id && { room, id };
  }

  // Must be called when the history of a room is here, or when a room is shown that has its history.
  begun({ name, log }) {
    if (!log || name !== this.#shown()?.name) return;
    this.show_line();
    const { room, id } = this.#wanted ?? {};
    this.#wanted = undefined;
    if (room === name) this.#go_to(id, true);
  }

  // Must be called when the message after which "New from here" is shown may be another one.
  show_line() {
    const shown = this.#shown();
    this.#view.update_line();
    this.#line.begin(() => shown === this.#shown() && shown?.new_after !== undefined && this.#view.line_is_above);
  }

  // Must be called when the list has been drawn.
  drawn() {
    this.#line.drawn();
  }

  // `exact`: no other message will do.
  async #go_to(id, exact = false) {
    const shown = this.#shown(), found = await shown.go_to(id);
    if (shown !== this.#shown()) return;
    if (found === undefined || exact && found !== id) this.#notice(translate("message_gone"));
    else this.#view.set_target(found);
  }

  #clicked(event) {
    const { id } = event.target.closest("time")?.closest("li").dataset ?? {};
    if (!id) return;
    history.replaceState(null, "", message_url(this.#shown().name, id));
    this.#view.set_target(Number(id));
  }

  // Enter on the list goes to the last address, the arrow keys go from one to the next, and Enter on an address opens it. The addresses
  // are no stops of the Tab key, because there are as many as messages.
  #pressed(event) {
    const { key, target } = event, item = target.closest("#messages li"), is_link = target.matches("time[role=link]");
    const way = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[key];
    if (key === "Enter" && target === event.currentTarget) reach(this.#list.lastElementChild, "previousElementSibling");
    else if (key === "Enter" && is_link) target.click();
    else if (way && is_link) reach(item[way], way);
    else return;
    event.preventDefault();
  }
}

function reach(item, way) {
  for (; item; item = item[way]) {
    const link = item.querySelector("time[role=link]");
    if (!link) continue;
    item.classList.add("reached"); // the time may be hidden otherwise
    return link.focus();
  }
}
