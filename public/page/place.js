// The reader's place in a growing list: at the end it follows what comes, elsewhere it stays, whatever changes above
// or below, and counts what is new. It knows scrolling; it must not know messages.

import { translated, words } from "./words.js";

const close = 48; // px from the end that still count as the end

export class Place {
  follows = true;
  near = () => {}; // called with `start` or `end` when the reader comes near that edge
  at_end = () => true; // whether the list's end is the end of all there is
  to_end = () => {}; // called to make it so
  moved = () => {}; // called when the reader came to the end or left it
  #scroller;
  #list;
  #pill;
  #news = 0;
  #last = 0; // where it stood, scrolled by the reader or by us
  #touched = false; // a finger holds it
  #mark; // an element in sight and how far below the top it ends: its own head may go when something comes before it
  #looked = false;

  constructor(scroller, list, pill) {
    this.#scroller = scroller;
    this.#list = list;
    this.#pill = pill;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    scroller.addEventListener("wheel", event => this.#wheeled(event), { passive: true });
    for (const [name, touched] of [["touchstart", true], ["touchend", false], ["touchcancel", false]]) {
      scroller.addEventListener(name, () => { this.#touched = touched; }, { passive: true });
    }
    scroller.addEventListener("keydown", event => {
      if (event.key !== "End" || event.target !== scroller) return;
      event.preventDefault();
      this.toEnd();
    });
    pill.addEventListener("click", () => {
      this.toEnd();
      scroller.focus({ preventScroll: true });
    });
    new ResizeObserver(() => this.#restore()).observe(scroller);
    translated(() => this.#tell());
  }

  // To be called when something came that the reader should know of.
  news() {
    if (this.follows) return;
    this.#news += 1;
    this.#tell();
  }

  // Makes a change of the list without moving what the reader looks at.
  hold(change) {
    if (!this.follows) this.#remember();
    change();
    this.#restore();
    this.#look(); // an edge may be as near as before
  }

  toEnd() {
    this.#follow(true);
    this.to_end();
    this.#restore();
  }

  #remember() {
    const top = this.#scroller.getBoundingClientRect().top;
    const items = this.#list.children;
    let from = 0, to = items.length - 1; // the first that ends below the top
    while (from < to) {
      const middle = from + to >> 1;
      if (items[middle].getBoundingClientRect().bottom > top) to = middle;
      else from = middle + 1;
    }
    this.#mark = items[from] && { item: items[from], id: items[from].dataset.id, offset: items[from].getBoundingClientRect().bottom - top };
  }

  #restore() {
    if (this.follows) {
      if (this.#touched) return;
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
      if (this.#scroller.scrollHeight < 1.25 * this.#scroller.clientHeight) this.near("start");
    } else if (this.#mark) {
      const { item, id, offset } = this.#mark;
      const now = item.isConnected ? item : this.#list.querySelector(`[data-id="${id}"]`);
      if (!now) return;
      const moved = now.getBoundingClientRect().bottom - this.#scroller.getBoundingClientRect().top - offset;
      if (Math.abs(moved) >= 1) this.#scroller.scrollTop += moved;
    }
    this.#last = this.#scroller.scrollTop;
  }

  // Leaving must work in the midst of a flood that is followed, so the smallest step up counts at once.
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const below = scrollHeight - clientHeight - scrollTop;
    // At the very end nobody has left: the list has only become higher.
    if (this.follows && scrollTop < this.#last - 8 && below > 8) this.#follow(false);
    else if (scrollTop > this.#last) this.#return(below);
    this.#last = scrollTop;
    this.#look();
  }

  #wheeled({ deltaY }) {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (deltaY < 0 && scrollTop > 0) this.#follow(false);
    if (deltaY > 0) this.#return(scrollHeight - clientHeight - scrollTop);
  }

  #return(below) {
    if (below < close && this.at_end()) this.#follow(true);
  }

  // One look a frame: it costs a layout. Who follows is at the end, and that is looked at already.
  #look() {
    if (this.#looked || this.follows) return;
    this.#looked = true;
    requestAnimationFrame(() => {
      this.#looked = false;
      if (this.follows) return;
      const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
      this.#remember();
      if (scrollTop < 1.5 * clientHeight) this.near("start");
      if (scrollHeight - clientHeight - scrollTop < 1.5 * clientHeight) this.near("end");
    });
  }

  #follow(follows) {
    if (follows) this.#news = 0;
    if (this.follows === follows) return follows && this.#tell();
    this.follows = follows;
    this.#scroller.classList.toggle("follows", follows);
    this.#tell();
    this.moved();
  }

  #tell() {
    this.#pill.textContent = this.#news ? words("news", this.#news) : words("to_end");
    this.#pill.hidden = this.follows;
  }
}
