// The reader's place in a growing list: at the end it follows what comes, elsewhere it stays and counts what is new.
// It knows scrolling; it must not know messages.

const near = 48; // px from the end that still count as the end

export class Place {
  #scroller;
  #pill;
  #news = 0;
  #follows = true;
  #end = 0; // where the end was when last scrolled to
  #planned = false;

  constructor(scroller, pill) {
    this.#scroller = scroller;
    this.#pill = pill;
    scroller.addEventListener("scroll", () => this.#moved(), { passive: true });
    pill.addEventListener("click", () => {
      this.toEnd();
      scroller.focus({ preventScroll: true });
    });
    new ResizeObserver(() => this.grew(false)).observe(scroller);
  }

  // To be called after something came at the end; `news` if the reader should be told of it.
  grew(news = true) {
    if (this.#follows) return this.#plan();
    if (!news) return;
    this.#news += 1;
    this.#pill.textContent = `${this.#news} new`;
    this.#pill.hidden = false;
  }

  toEnd() {
    this.#follow(true);
    this.#plan();
  }

  // One jump a frame however much came: reading the height costs a layout.
  #plan() {
    if (this.#planned) return;
    this.#planned = true;
    requestAnimationFrame(() => {
      this.#planned = false;
      if (!this.#follows) return;
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
      this.#end = this.#scroller.scrollTop;
    });
  }

  #moved() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (scrollHeight - clientHeight - scrollTop < near) this.#follow(true);
    // More may have come since the last jump, so being away from the end is not yet having left it.
    else if (scrollTop < this.#end - near) this.#follow(false);
  }

  #follow(follows) {
    this.#follows = follows;
    this.#scroller.classList.toggle("follows", follows);
    if (!follows) return;
    this.#news = 0;
    this.#pill.hidden = true;
  }
}
