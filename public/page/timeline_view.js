// Draws the conversation: a list of messages, oldest first, together with the unsent items below it. The list shows a window of
// the messages that moves with the scroll position. Must not know where messages come from, nor how a message is rendered.

import { on_language, on_new_day, translate } from "./i18n.js";
import { button, element, lost_item, message_item, update_days, update_item } from "./message.js";

const max_items = 240; // messages in the list
const step = 30; // messages by which the window moves when the reader comes near its edge
const max_burst = 60; // messages of one drawing that are rendered; older ones of a burst are left out
const min_interval = 40; // ms between two drawings
const cost_factor = 3; // the interval is at least this many times what the last drawing took, so that input is handled

export class TimelineView {
  on_drawn = () => {}; // called when the list shows what has changed
  #list;
  #top;
  #anchor;
  #timeline;
  #unsent; // an UnsentList
  #drawn_from = 0; // positions of the entries that the list shows
  #drawn_to = 0;
  #conversation;
  #first_new; // the position of the message under the line "New from here"
  #target; // the id of the message that the reader wanted to see
  #me = []; // the ids of the reader as an author
  #planned = false;
  #next_draw = 0; // when the next drawing may begin, in ms of the page
  #rushed = false; // the next drawing had to wait, so nothing is animated

  constructor({ messages, top, anchor }) {
    this.#list = messages;
    this.#top = top;
    this.#anchor = anchor;
    on_language(() => this.redraw());
    on_new_day(() => update_days(messages));
  }

  // Draws a conversation, at once, in place of the one before.
  show(conversation) {
    const { timeline, unsent, place } = conversation;
    this.#conversation = conversation;
    this.#unsent?.hide();
    this.#anchor.on_near = edge => edge === "start" ? this.#show_older() : this.#show_newer();
    this.#anchor.is_complete = () => timeline.complete && timeline.window.to === timeline.end;
    this.#anchor.on_to_end = () => this.#show_newest();
    this.#timeline = timeline;
    this.#unsent = unsent;
    this.#drawn_from = this.#drawn_to = undefined;
    this.#anchor.show(place, () => this.#draw());
  }

  // Sets the ids of the reader as an author, those of the connection and of the person. Messages of these authors hide them; when
  // the connection changes, those of the earlier ones show it.
  set_own(me) {
    this.#me = me;
    this.#anchor.hold(() => {
      for (const item of this.#list.children) item.classList.toggle("current", me.includes(item.dataset.author));
    });
  }

  // Marks the message that the reader wanted to see.
  set_target(id) {
    this.#target = id;
    for (const item of this.#list.children) mark_target(item, item.dataset.id === String(id));
  }

  // Must be called when the message after which "New from here" is shown may be another one.
  update_line() {
    this.#find_line();
    if (this.#drawn_from === undefined) return;
    this.#anchor.hold(() => {
      for (const [i, item] of [...this.#list.children].entries()) mark_line(item, this.#drawn_from + i === this.#first_new);
    });
  }

  // Whether the line "New from here" is in the list, or above it.
  get line_is_above() { return this.#first_new === undefined || this.#first_new < this.#drawn_to; }

  // Plans to draw everything again.
  redraw() {
    if (!this.#timeline) return;
    this.#drawn_from = this.#drawn_to = undefined;
    this.#unsent.redraw();
    this.plan();
  }

  // Plans one drawing of all changes since the last one. After a pause the drawing is immediate; in a burst it waits, so that
  // many messages cost little more than few.
  plan() {
    if (this.#planned) return;
    this.#planned = true;
    const wait = this.#next_draw - performance.now();
    this.#rushed = wait > 0;
    if (this.#rushed) setTimeout(() => this.#frame(), wait);
    else this.#frame();
  }

  #show_older() {
    const { window, begin, end, older } = this.#timeline;
    if (window.from > begin) {
      window.from = Math.max(begin, window.from - step);
      window.to = Math.min(window.to, window.from + max_items);
      this.plan();
    } else if (end > begin && older === "available") this.#timeline.load_older();
  }

  #show_newer() {
    const { window, end } = this.#timeline;
    if (window.to === end) return this.#timeline.load_newer();
    window.to = Math.min(end, window.to + step);
    window.from = Math.max(window.from, window.to - max_items);
    this.plan();
  }

  #show_newest() {
    this.#timeline.load_newest();
    this.plan();
  }

  #frame() {
    requestAnimationFrame(() => {
      const began = performance.now();
      this.#planned = false;
      this.#anchor.hold(() => this.#draw());
      this.on_drawn();
      const ended = performance.now();
      this.#next_draw = ended + Math.max(min_interval, cost_factor * (ended - began));
    });
  }

  #draw() {
    const { window, end, complete } = this.#timeline;
    const nothing = this.#drawn_from === undefined; // is drawn of this timeline
    if (this.#anchor.follows && complete) {
      window.to = end;
      // The list shrinks by a whole step, not with every message. Messages of a burst beyond `max_burst` are not rendered.
      if (nothing || window.to - this.#drawn_to > max_burst) window.from = Math.max(window.from, window.to - max_burst);
      else if (window.to - window.from > max_items) window.from = window.to - max_items + step;
    } else if (window.to < end && window.to - window.from < max_items) window.to = Math.min(end, window.from + max_items);
    this.#unsent.draw_removals();
    this.#find_line();
    if (nothing || this.#drawn_from >= window.to || this.#drawn_to <= window.from) {
      this.#list.replaceChildren();
      this.#drawn_from = this.#drawn_to = window.from;
    }
    for (; this.#drawn_from < window.from; this.#drawn_from += 1) this.#list.firstChild.remove();
    for (; this.#drawn_to > window.to; this.#drawn_to -= 1) this.#list.lastChild.remove();
    // The first item has a predecessor now, and may continue its group.
    if (this.#drawn_from > window.from && this.#list.firstChild) update_item(this.#list.firstChild, this.#draw_item(this.#drawn_from));
    this.#list.prepend(this.#draw_items(window.from, this.#drawn_from));
    this.#list.append(this.#draw_items(this.#drawn_to, window.to));
    this.#drawn_from = window.from;
    this.#drawn_to = window.to;
    this.#draw_top();
    this.#unsent.draw();
  }

  #draw_items(from, to) {
    const made = document.createDocumentFragment();
    for (let position = from; position < to; position += 1) made.append(this.#draw_item(position));
    return made;
  }

  #draw_item(position) {
    const entry = this.#timeline.at(position);
    if (entry.lost) return lost_item(entry);
    if (this.#rushed) entry.arrives = false;
    const item = message_item(entry, this.#timeline.above(position), this.#me);
    entry.arrives = false; // a message is animated once
    mark_target(item, entry.id === this.#target);
    mark_line(item, position === this.#first_new);
    return item;
  }

  #find_line() {
    const { new_after } = this.#conversation ?? {};
    this.#first_new = new_after === undefined ? undefined : this.#timeline.first_after(new_after);
  }

  // Returns the key of the text above the first message.
  #top_state() {
    const { window, begin, end, older } = this.#timeline;
    if (window.from > begin || older === "unknown") return "";
    if (older === "failed") return "history_failed";
    if (older !== "none") return "loading";
    if (end > begin) return "begins";
    return this.#unsent.empty ? "empty" : "";
  }

  #draw_top() {
    const state = this.#top_state();
    if (this.#top.dataset.state === state && this.#top.lang === document.documentElement.lang) return;
    this.#top.dataset.state = state;
    this.#top.lang = document.documentElement.lang;
    this.#top.replaceChildren(state && element("p", "", translate(state)));
    if (state === "history_failed") this.#top.append(button(translate("try_again"), () => this.#timeline.load_older()));
  }
}

function mark_target(item, is_target) {
  item.classList.toggle("target", is_target);
  if (is_target) item.setAttribute("aria-current", "true");
  else item.removeAttribute("aria-current");
}

function mark_line(item, is_first_new) {
  item.classList.toggle("first-new", is_first_new);
  if (is_first_new) item.dataset.newFrom = translate("new_from");
  else delete item.dataset.newFrom;
}
