// The list of rooms: links with the number of unread messages, and a form that opens another room. Every room is an address, so
// a link also opens a room in another tab. Must not know messages.

import { lobby, room_name, room_url } from "./address.js";
import { on_language, translate } from "./i18n.js";
import { button, element } from "./message.js";

export class RoomSwitcher {
  #nav;
  #toggle;
  #list;
  #port;
  #items = new Map(); // name → {item, link, badge, told, forget}
  #planned = false;

  // `port` has `rooms()`, which returns [{name, current, unread, exact, failed, waits}], `open(name)`, which returns whether the
  // page now shows the room, and `forget(name)`. `toggle` is the button of narrow pages. `failed` and `waits` tell whether
  // messages to the room were refused, or are not sent yet.
  constructor(nav, toggle, port) {
    this.#nav = nav;
    this.#toggle = toggle;
    this.#list = nav.querySelector("ul");
    this.#port = port;
    toggle.addEventListener("click", () => this.#show(!nav.classList.contains("open")));
    document.addEventListener("keydown", event => {
      if (event.key !== "Escape" || !nav.classList.contains("open")) return;
      this.#show(false);
      toggle.focus();
    });
    document.addEventListener("click", event => {
      const path = event.composedPath(); // has the list even if the click has removed its target
      if (!path.includes(nav) && !path.includes(toggle)) this.#show(false);
    });
    nav.querySelector("form").addEventListener("submit", event => this.#submit(event));
    nav.querySelector("form").addEventListener("input", () => this.#show_error(""));
    on_language(() => {
      this.#items.clear(); // the items have texts
      this.plan();
    });
  }

  // Plans one drawing of all changes since the last one.
  plan() {
    if (this.#planned) return;
    this.#planned = true;
    requestAnimationFrame(() => this.draw());
  }

  // Draws the list. The elements of a room stay the same, so a change does not disturb a click or the focus.
  draw() {
    this.#planned = false;
    const rooms = this.#port.rooms();
    const items = rooms.map(room => this.#update(room));
    const { children } = this.#list;
    if (items.length !== children.length || items.some((item, i) => item !== children[i])) this.#replace(items);
    this.#mark_toggle(rooms.filter(({ current }) => !current));
  }

  // Replaces the items. The focus stays where it is. If its room is gone, the room that takes the place gets the focus.
  #replace(items) {
    const { activeElement } = document, index = [...this.#list.children].findIndex(item => item.contains(activeElement));
    this.#list.replaceChildren(...items);
    if (index < 0) return;
    const focused = activeElement.isConnected ? activeElement : items[Math.min(index, items.length - 1)].querySelector("a");
    focused.focus({ preventScroll: true });
  }

  // Marks the button of narrow pages, and says why, if messages in `others`, the rooms that are not shown, are unread or refused.
  #mark_toggle(others) {
    const count = others.reduce((sum, { unread }) => sum + unread, 0), failed = others.some(room => room.failed);
    const label = [translate("rooms"), count && translate("unread", count), failed && translate("unsent")].filter(Boolean).join(", ");
    this.#toggle.querySelector(".badge").hidden = !count && !failed;
    if (this.#toggle.getAttribute("aria-label") !== label) this.#toggle.setAttribute("aria-label", label);
  }

  #show(open) {
    this.#nav.classList.toggle("open", open);
    this.#toggle.setAttribute("aria-expanded", open);
  }

  #submit(event) {
    event.preventDefault();
    const input = event.target.elements.room, name = room_name(input.value);
    if (!name) return this.#show_error(translate("bad_room"));
    if (!this.#open(name)) location.href = room_url(name);
    input.value = "";
  }

  // Returns whether the page now shows the room. Otherwise the browser must open its address.
  #open(name) {
    const opened = this.#port.open(name);
    if (opened) this.#show(false);
    return opened;
  }

  #show_error(text) {
    const notice = this.#nav.querySelector("[role=alert]");
    notice.textContent = text;
    notice.hidden = !text;
  }

  #update({ name, current, unread, exact, failed, waits }) {
    const { item, link, badge, told, forget } = this.#items.get(name) ?? this.#make(name);
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    const count = unread ? `${unread}${exact ? "" : "+"}` : "", text = current ? "" : `${failed ? "⚠ " : ""}${count}`;
    if (badge.textContent !== text) {
      badge.textContent = text;
      badge.classList.toggle("failed", failed);
      told.textContent = `${unread ? ` ${translate("unread", unread)}` : ""}${failed ? ` ${translate("unsent")}` : ""}`;
      link.replaceChildren(name, ...text ? [badge, told] : []);
    }
    forget.hidden = current || name === lobby;
    forget.disabled = waits;
    return item;
  }

  #make(name) {
    const link = Object.assign(element("a", "", name), { href: room_url(name), dir: "auto" });
    link.dataset.room = name;
    link.addEventListener("click", event => {
      // With a key, or the middle button, the browser opens the address in another tab.
      if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      if (this.#open(name)) event.preventDefault();
    });
    const badge = element("span", "badge"), forget = button("×", () => {
      this.#port.forget(name);
      this.draw();
    });
    badge.setAttribute("aria-hidden", true);
    forget.setAttribute("aria-label", translate("forget", name));
    const made = { item: element("li"), link, badge, told: element("span", "visually-hidden"), forget };
    made.item.append(link, forget);
    this.#items.set(name, made);
    return made;
  }
}
