// The messages on the page, oldest first, and below them what waits to be sent. It knows how a message looks;
// it must not know where messages come from. All text enters as text.

import { face, short, tint } from "./author.js";

const most = 1000; // messages kept on the page
const pause = 5 * 60_000; // ms after which the same author is named again
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

export class Timeline {
  #messages;
  #unsent;
  #place;
  #again;
  #cancel;
  #length = 0;
  #items = new Map(); // key → its element among the unsent

  // `again` and `cancel` are called with the key of a failed item.
  constructor({ messages, unsent, place, again, cancel }) {
    this.#messages = messages;
    this.#unsent = unsent;
    this.#place = place;
    this.#again = again;
    this.#cancel = cancel;
  }

  clear() {
    this.#messages.replaceChildren();
    this.#length = 0;
    this.#hush();
    for (const [key, item] of this.#items) if (item.classList.contains("stored")) this.#drop(key);
    this.#place.toEnd();
  }

  // From now on the reader's own messages are those of another connection: the earlier ones get their label back.
  rename() {
    for (const item of this.#messages.querySelectorAll(".current")) item.classList.remove("current");
  }

  // `key`: of the unsent item that this message was, if it was one.
  add({ message, own, current, past, key }) {
    const item = this.#items.get(key) ?? element("li");
    this.#items.delete(key);
    const at = new Date(message.created_at);
    const before = this.#messages.lastElementChild?.dataset ?? {};
    Object.assign(item.dataset, {
      id: message.id, author: message.connection_id, at: at.getTime(), day: day.format(at),
    });
    const dawn = before.day !== item.dataset.day;
    item.className = classes("message", own ? "own" : "other", {
      current, dawn,
      "goes-on": !dawn && before.author === message.connection_id && at - before.at < pause,
      arrives: !past && !own,
    });
    const author = tint(element("span", "author", short(message.connection_id)), message.connection_id);
    author.title = message.connection_id;
    const time = element("time", "", clock.format(at));
    time.dateTime = message.created_at;
    time.title = full.format(at);
    item.replaceChildren(face(message.connection_id), author,
      bubble(message.text, element("span", "number", `#${message.user_message_number}`), time));
    this.#messages.append(item);
    this.#length += 1;
    if (this.#length > most) this.#forget();
    this.#place.grew(!past && !own);
  }

  // An item on its way: it waits, or failed by its `why`, or is `stored` (its message follows) or `gone`.
  send({ item, status, number }) {
    if (status === "gone") return this.#drop(item.key);
    const entry = this.#items.get(item.key) ?? this.#unsent.appendChild(element("li"));
    this.#items.set(item.key, entry);
    const waits = !status && !item.why;
    entry.className = classes("message", "own", "current", { waits, failed: item.why, stored: status });
    const note = waits ? element("span", "note", "waiting to be sent") : element("span", "number", number ? `#${number}` : "");
    entry.replaceChildren(bubble(item.text, note));
    if (item.why) entry.append(this.#failure(item));
    this.#place.grew(false);
  }

  #drop(key) {
    this.#items.get(key)?.remove();
    this.#items.delete(key);
  }

  #failure({ key, why }) {
    const failure = element("div", "failure");
    const words = element("p", "", `Not sent: ${why}`);
    words.setAttribute("role", "alert");
    failure.append(words, button("Send again", () => this.#again(key)), button("Discard", () => this.#cancel(key)));
    return failure;
  }

  // Nobody wants the whole history read out: the log falls silent until it is drawn.
  #hush() {
    const log = this.#messages.parentElement;
    log.setAttribute("aria-live", "off");
    requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
  }

  // The new first message shows whose it is and of which day, as every first one does.
  #forget() {
    this.#messages.firstElementChild.remove();
    this.#length -= 1;
    this.#messages.firstElementChild.classList.remove("goes-on");
    this.#messages.firstElementChild.classList.add("dawn");
  }
}

function bubble(text, ...about) {
  const meta = element("span", "meta");
  meta.append(...about);
  const whole = element("div", "bubble");
  whole.dir = "auto";
  whole.append(element("span", "text", text), meta);
  return whole;
}

function classes(...names) {
  return names.flatMap(name => typeof name === "string" ? name : Object.keys(name).filter(key => name[key])).join(" ");
}

function button(label, act) {
  const made = element("button", "", label);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
