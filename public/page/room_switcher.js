// The list of rooms: links with the number of unread messages, and a form that opens another room. Every room is an address,
// so a link switches the room. Must not know messages.

import { lobby, room_name, room_url } from "./address.js";
import { on_language, translate } from "./i18n.js";
import { button, element } from "./message.js";

const interval = 60_000; // ms between two counts of unread messages; a hidden page does not count

export class RoomSwitcher {
  #nav;
  #toggle;
  #rooms;
  #current;
  #unread = new Map();
  #refreshed_at = 0;
  #timer;

  constructor(nav, toggle, rooms, current) {
    this.#nav = nav;
    this.#toggle = toggle;
    this.#rooms = rooms;
    this.#current = current;
    toggle.addEventListener("click", () => this.#open(!nav.classList.contains("open")));
    document.addEventListener("keydown", event => {
      if (event.key !== "Escape" || !nav.classList.contains("open")) return;
      this.#open(false);
      toggle.focus();
    });
    document.addEventListener("click", ({ target }) => {
      if (!nav.contains(target) && !toggle.contains(target)) this.#open(false);
    });
    nav.querySelector("form").addEventListener("submit", event => this.#submit(event));
    nav.querySelector("form").addEventListener("input", () => this.#show_error(""));
    document.addEventListener("visibilitychange", () => this.refresh());
    on_language(() => this.#draw());
  }

  // Counts the unread messages of the other rooms, now and from time to time.
  async refresh() {
    if (document.hidden || Date.now() - this.#refreshed_at < 2_000) return;
    this.#refreshed_at = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), interval);
    for (const name of this.#rooms.names) {
      if (name === this.#current) continue;
      const unread = await this.#rooms.unread(name).catch(() => undefined);
      if (unread) this.#unread.set(name, unread);
    }
    this.#draw();
  }

  #open(open) {
    this.#nav.classList.toggle("open", open);
    this.#toggle.setAttribute("aria-expanded", open);
  }

  #submit(event) {
    event.preventDefault();
    const name = room_name(event.target.elements.room.value);
    if (name) location.href = room_url(name);
    else this.#show_error(translate("bad_room"));
  }

  #show_error(text) {
    const notice = this.#nav.querySelector("[role=alert]");
    notice.textContent = text;
    notice.hidden = !text;
  }

  #draw() {
    const list = this.#nav.querySelector("ul");
    const focused = list.contains(document.activeElement) && document.activeElement.dataset.room;
    let elsewhere = 0;
    list.replaceChildren(...this.#rooms.names.map(name => {
      const { count, more } = this.#unread.get(name) ?? { count: 0 };
      elsewhere += count;
      const link = Object.assign(element("a", "", name), { href: room_url(name) });
      link.dataset.room = name;
      link.dir = "auto";
      if (name === this.#current) link.setAttribute("aria-current", "page");
      const item = element("li");
      item.append(link);
      if (count) {
        const badge = element("span", "badge", `${count}${more ? "+" : ""}`);
        badge.setAttribute("aria-hidden", true);
        link.append(badge, element("span", "visually-hidden", ` ${translate("unread", count)}`));
      }
      if (name !== this.#current && name !== lobby) item.append(this.#forget(name));
      return item;
    }));
    if (focused) list.querySelector(`[data-room="${CSS.escape(focused)}"]`)?.focus();
    this.#toggle.querySelector(".badge").hidden = !elsewhere;
  }

  #forget(name) {
    const made = button("×", () => {
      this.#rooms.forget(name);
      this.#unread.delete(name);
      this.#draw();
    });
    made.setAttribute("aria-label", translate("forget", name));
    return made;
  }
}
