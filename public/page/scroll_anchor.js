// The reader's place in a growing list: at the end it follows what comes, elsewhere it stays, whatever changes above
// or below, and counts what is new. It knows scrolling; it must not know messages.

import { on_language, translate } from "./i18n.js";

const end_margin = 48; // px from the end that still count as the end

export class ScrollAnchor {
  follows = true;
  on_near = () => {}; // called with `start` or `end` when the reader comes near that edge
  is_complete = () => true; // whether the list's end is the end of all there is
  on_to_end = () => {}; // called to make it so
  on_follow_changed = () => {}; // called when the reader came to the end or left it
  #scroller;
  #list;
  #pill;
  #new_count = 0;
  #last_top = 0; // where it stood, scrolled by the reader or by us
  #touching = false; // a finger holds it
  #anchor; // an element in sight and how far below the top it ends: its own head may go when something comes before it
  #check_planned = false;

  constructor(scroller, list, pill) {
    this.#scroller = scroller;
    this.#list = list;
    this.#pill = pill;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    scroller.addEventListener("wheel", event => this.#wheeled(event), { passive: true });
    for (const [name, touched] of [["touchstart", true], ["touchend", false], ["touchcancel", false]]) {
      scroller.addEventListener(name, () => { this.#touching = touched; }, { passive: true });
    }
    scroller.addEventListener("keydown", event => {
      if (event.key !== "End" || event.target !== scroller) return;
      event.preventDefault();
      this.to_end();
    });
    pill.addEventListener("click", () => {
      this.to_end();
      scroller.focus({ preventScroll: true });
    });
    new ResizeObserver(() => this.#restore()).observe(scroller);
    on_language(() => this.#draw_pill());
  }

  // To be called when something came that the reader should know of.
  count_new() {
    if (this.follows) return;
    this.#new_count += 1;
    this.#draw_pill();
  }

  // Makes a change of the list without moving what the reader looks at.
  hold(change) {
    if (!this.follows) this.#save_anchor();
    change();
    this.#restore();
    this.#check_edges(); // an edge may be as near as before
  }

  to_end() {
    this.#follow(true);
    this.on_to_end();
    this.#restore();
  }

  #save_anchor() {
    const top = this.#scroller.getBoundingClientRect().top;
    const items = this.#list.children;
    let from = 0, to = items.length - 1; // the first that ends below the top
    while (from < to) {
      const middle = from + to >> 1;
      if (items[middle].getBoundingClientRect().bottom > top) to = middle;
      else from = middle + 1;
    }
    this.#anchor = items[from] && { item: items[from], id: items[from].dataset.id, offset: items[from].getBoundingClientRect().bottom - top };
  }

  #restore() {
    if (this.follows) {
      if (this.#touching) return;
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
      if (this.#scroller.scrollHeight < 1.25 * this.#scroller.clientHeight) this.on_near("start");
    } else if (this.#anchor) {
      const { item, id, offset } = this.#anchor;
      const now = item.isConnected ? item : this.#list.querySelector(`[data-id="${id}"]`);
      if (!now) return;
      const moved = now.getBoundingClientRect().bottom - this.#scroller.getBoundingClientRect().top - offset;
      if (Math.abs(moved) >= 1) this.#scroller.scrollTop += moved;
    }
    this.#last_top = this.#scroller.scrollTop;
  }

  // Leaving must work in the midst of a flood that is followed, so the smallest step up counts at once.
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const below = scrollHeight - clientHeight - scrollTop;
    // At the very end nobody has left: the list has only become higher.
    if (this.follows && scrollTop < this.#last_top - 8 && below > 8) this.#follow(false);
    else if (scrollTop > this.#last_top) this.#follow_if_at_end(below);
    this.#last_top = scrollTop;
    this.#check_edges();
  }

  #wheeled({ deltaY }) {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (deltaY < 0 && scrollTop > 0) this.#follow(false);
    if (deltaY > 0) this.#follow_if_at_end(scrollHeight - clientHeight - scrollTop);
  }

  #follow_if_at_end(below) {
    if (below < end_margin && this.is_complete()) this.#follow(true);
  }

  // One look a frame: it costs a layout. Who follows is at the end, and that is looked at already.
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
    if (follows) this.#new_count = 0;
    if (this.follows === follows) return follows && this.#draw_pill();
    this.follows = follows;
    this.#scroller.classList.toggle("follows", follows);
    this.#draw_pill();
    this.on_follow_changed();
  }

  #draw_pill() {
    this.#pill.textContent = this.#new_count ? translate("new_count", this.#new_count) : translate("to_end");
    this.#pill.hidden = this.follows;
  }
}
