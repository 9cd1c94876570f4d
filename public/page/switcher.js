// The list of rooms: links with what is unread in each, a form to open another, and the address to share. A room is an
// address, so switching is following a link. It must not know messages.

import { button, element } from "./message.js";
import { lobby, room_name } from "./rooms.js";
import { translated, words } from "./words.js";

const pace = 60_000; // ms between two looks at the other rooms, and none while nobody looks at the page

export class Switcher {
  #nav;
  #toggle;
  #rooms;
  #current;
  #unread = new Map();
  #looked = 0;
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
    nav.querySelector("form").addEventListener("submit", event => this.#go(event));
    nav.querySelector("form").addEventListener("input", () => this.#say(""));
    document.addEventListener("visibilitychange", () => this.look());
    translated(() => this.#draw());
  }

  // Looks what is unread elsewhere: now, and from time to time.
  async look() {
    if (document.hidden || Date.now() - this.#looked < 2_000) return;
    this.#looked = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), pace);
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

  #go(event) {
    event.preventDefault();
    const name = room_name(event.target.elements.room.value);
    if (name) location.href = address(name);
    else this.#say(words("bad_room"));
  }

  #say(text) {
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
      const link = Object.assign(element("a", "", name), { href: address(name) });
      link.dataset.room = name;
      link.dir = "auto";
      if (name === this.#current) link.setAttribute("aria-current", "page");
      const item = element("li");
      item.append(link);
      if (count) {
        const badge = element("span", "badge", `${count}${more ? "+" : ""}`);
        badge.setAttribute("aria-hidden", true);
        link.append(badge, element("span", "unseen", ` ${words("unread", count)}`));
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
    made.setAttribute("aria-label", words("forget", name));
    return made;
  }
}

export function address(room) {
  const url = new URL("./", document.baseURI);
  if (room !== lobby) url.searchParams.set("room", room);
  return url.href;
}
