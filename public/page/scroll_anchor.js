// Keeps the scroll position in a growing list. At the end the list follows new items. Elsewhere the items in sight stay where
// they are, whatever changes above or below, and new items are counted. Knows scrolling. Must not know messages.

import { on_language, translate } from "./i18n.js";

const end_margin = 48; // px; a position this close to the end counts as the end
const step_back = 8; // px; a reader who has gone up by more pixels has left the end
const latch = 500; // ms; a turn of the wheel soon after another one goes to the same box, also at the edge of that box
const keys_up = ["ArrowUp", "PageUp", "Home"];

// Where the reader of one conversation is.
export class ScrollPlace {
  follows = true; // the end
  // An item in sight, {item, id, offset}, and its lower edge in px below the top. The lower edge is stored, because the upper
  // one moves when an older item of the same author is put above it and the name disappears.
  anchor;
  wanted = false; // the anchor is the item that the reader wants to see, and the list has not been there yet
  new_count = 0;
  #first_new; // the id of the first item that was counted

  // Must be called for every new item that the reader should be told of, in order of the ids.
  count_new(id) {
    if (this.follows) return;
    if (!this.new_count) this.#first_new = id;
    this.new_count += 1;
  }

  // Must be called with the ids of removed items for which `count_new` was called.
  discount(ids) {
    if (this.new_count) this.new_count -= ids.filter(id => id >= this.#first_new).length;
  }

  // Shows the item with this id from its beginning on.
  go_to(id) {
    this.follow(false);
    this.anchor = { id };
    this.wanted = true;
  }

  follow(follows) {
    if (follows) this.new_count = 0;
    if (follows) this.wanted = false;
    this.follows = follows;
  }
}

export class ScrollAnchor {
  on_near = () => {}; // called with `start` or `end` when the position is near that edge
  is_complete = () => true; // whether the last item of the list is the newest of all
  on_to_end = () => {}; // called to make the list complete
  on_follow_changed = () => {}; // called when the list begins or stops following
  #scroller;
  #list;
  #pill;
  #place = new ScrollPlace();
  #last_top = 0; // px; the previous scroll position, or the lowest one since the list has begun to follow
  #touching = false; // a finger is on the list
  #inner = {}; // the box within the list that takes the turns of the wheel, and until when: {element, until}
  #check_planned = false;

  constructor(scroller, list, pill) {
    this.#scroller = scroller;
    this.#list = list;
    this.#pill = pill;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    scroller.addEventListener("wheel", event => this.#wheeled(event), { passive: true });
    for (const name of ["touchstart", "touchend", "touchcancel"]) {
      scroller.addEventListener(name, ({ touches }) => this.#touched(touches.length > 0), { passive: true });
    }
    scroller.addEventListener("keydown", event => this.#pressed(event));
    pill.addEventListener("click", () => {
      this.to_end();
      scroller.focus({ preventScroll: true });
    });
    new ResizeObserver(() => this.#restore()).observe(scroller);
    on_language(() => this.#draw_state());
  }

  get follows() { return this.#place.follows; }

  // Runs `change`, which changes the list, without moving the items in sight.
  hold(change) {
    if (!this.follows) this.#save_anchor();
    change();
    this.#restore();
    this.#draw_state();
    this.#check_edges(); // the edge may still be near
  }

  // Goes to another place. `change` replaces the items of the list.
  show(place, change) {
    this.#check_planned = this.#touching = false; // the end of a touch is not reported if its item is gone
    if (!this.follows) this.#save_anchor();
    delete this.#place.anchor?.item;
    this.#place = place;
    change();
    this.#restore();
    this.#draw_state();
    this.#check_edges();
  }

  to_end() {
    this.#follow(true);
    this.on_to_end();
    this.#restore();
  }

  #save_anchor() {
    if (this.#place.wanted) return;
    const top = this.#scroller.getBoundingClientRect().top;
    const items = this.#list.children;
    let from = 0, to = items.length - 1; // binary search for the first item whose lower edge is below the top
    while (from < to) {
      const middle = from + to >> 1;
      if (items[middle].getBoundingClientRect().bottom > top) to = middle;
      else from = middle + 1;
    }
    this.#place.anchor = items[from] && { item: items[from], id: items[from].dataset.id, offset: items[from].getBoundingClientRect().bottom - top };
  }

  #restore() {
    if (this.follows) {
      if (this.#touching) return;
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
      if (this.#scroller.scrollHeight < 1.25 * this.#scroller.clientHeight) this.on_near("start");
    } else if (this.#place.anchor) {
      const { item, id, offset } = this.#place.anchor;
      // If the item was drawn again, the new one counts; if it was removed, the one above it.
      const now = item?.isConnected ? item : [...this.#list.children].findLast(each => each.dataset.id - id <= 0);
      if (!now) return;
      const { wanted } = this.#place, { top, height } = this.#scroller.getBoundingClientRect(), box = now.getBoundingClientRect();
      const moved = wanted ? box.top - top - height / 4 : box.bottom - top - offset;
      if (Math.abs(moved) >= 1) this.#scroller.scrollTop += moved;
      if (now.dataset.id === String(id)) this.#place.wanted = false;
    }
    this.#last_top = this.#scroller.scrollTop;
  }

  // Going up by more than `step_back`, in however many steps, stops following; that is far less than `end_margin`. Otherwise the
  // reader could not leave the end while many messages arrive.
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const below = scrollHeight - clientHeight - scrollTop;
    // A position at the very end is still the end: the top also moves up when the box of the list grows.
    if (this.follows && scrollTop < this.#last_top && below > step_back) {
      if (scrollTop < this.#last_top - step_back) this.#follow(false);
    } else {
      if (scrollTop > this.#last_top) this.#follow_if_at_end(below);
      this.#last_top = scrollTop;
    }
    if (!this.follows) this.#last_top = scrollTop;
    this.#check_edges();
  }

  #wheeled({ deltaY, target, ctrlKey, timeStamp }) {
    if (ctrlKey || !deltaY) return; // the page is zoomed, or something is moved sideways
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const inner = timeStamp < this.#inner.until && this.#inner.element.contains(target) ? this.#inner.element : this.#inner_box(target, deltaY);
    this.#inner = { element: inner, until: inner ? timeStamp + latch : 0 };
    if (inner) return;
    if (deltaY < 0 && scrollTop > 0) this.#follow(false);
    if (deltaY > 0) this.#follow_if_at_end(scrollHeight - clientHeight - scrollTop);
  }

  // A key moves the list smoothly, in small steps. A message between the steps must not undo them.
  #pressed(event) {
    const { key, shiftKey, target } = event;
    if (key === "End" && target === this.#scroller) {
      event.preventDefault();
      this.to_end();
    } else if ((keys_up.includes(key) || key === " " && shiftKey && target === this.#scroller) && this.#scroller.scrollTop > 0) {
      if (!this.#inner_box(target, -1)) this.#follow(false);
    }
  }

  // While a finger is on the list, the list does not move by itself.
  #touched(touching) {
    this.#touching = touching;
    if (!touching && this.follows) this.#restore();
  }

  // Returns the box around `target`, within the list, that still can scroll up or down, or undefined.
  #inner_box(target, delta) {
    for (let box = target; box !== this.#scroller; box = box.parentElement) {
      const below = box.scrollHeight - box.clientHeight - box.scrollTop;
      if (box.tabIndex === 0 && box.clientHeight && (delta < 0 ? box.scrollTop > 0 : below >= 1)) return box;
    }
    return undefined;
  }

  #follow_if_at_end(below) {
    if (below < (this.#touching ? step_back : end_margin) && this.is_complete()) this.#follow(true);
  }

  // Checks at most once a frame, because a check costs a layout. While the list follows, `#restore` checks the start.
  #check_edges() {
    if (this.#check_planned || this.follows) return;
    this.#check_planned = true;
    requestAnimationFrame(() => {
      this.#check_planned = false;
      if (this.follows) return;
      const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
      this.#save_anchor();
      if (scrollTop < 1.5 * clientHeight) this.on_near("start");
      if (scrollHeight - clientHeight - scrollTop < 1.5 * clientHeight) this.on_near("end");
    });
  }

  #follow(follows) {
    const changed = this.follows !== follows;
    this.#place.follow(follows);
    this.#draw_state();
    if (changed) this.on_follow_changed();
  }

  #draw_state() {
    const { follows, new_count } = this.#place;
    this.#scroller.classList.toggle("follows", follows);
    const text = new_count ? translate("new_count", new_count) : translate("to_end");
    if (this.#pill.textContent !== text) this.#pill.textContent = text;
    this.#pill.hidden = follows;
  }
}
