// The button that goes to the line above the first unread message, while the line is above what is in sight. Must not know where
// messages come from.

export class UnreadLine {
  #button;
  #list;
  #is_wanted = () => false;
  #line; // the item under the line, if it is drawn
  #seen;

  // `go()` shows the line.
  constructor(button, list, scroller, go) {
    this.#button = button;
    this.#list = list;
    this.#seen = new IntersectionObserver(([{ isIntersecting, boundingClientRect, rootBounds }]) => {
      // A reader who has seen the line does not need the button.
      if (isIntersecting || boundingClientRect.top > rootBounds?.top) this.#end();
      else this.#button.hidden = false;
    }, { root: scroller });
    button.addEventListener("click", () => {
      this.#end();
      go();
    });
  }

  // Must be called when another conversation is shown, or when there are other unread messages. `is_wanted()` returns whether the
  // line is above what is drawn, or drawn.
  begin(is_wanted) {
    this.#is_wanted = is_wanted;
    this.#seen.disconnect();
    this.#line = undefined;
    this.drawn();
  }

  // Must be called when the list has been drawn.
  drawn() {
    if (!this.#is_wanted()) {
      this.#button.hidden = true;
      return;
    }
    const line = this.#list.querySelector(".first-new");
    if (line && line === this.#line) return;
    this.#seen.disconnect();
    this.#line = line;
    if (line) this.#seen.observe(line);
    else this.#button.hidden = !this.#list.firstChild;
  }

  #end() {
    this.#seen.disconnect();
    this.#is_wanted = () => false;
    this.#button.hidden = true;
  }
}
