// How the line is, in words: once in the live region, and beside it, unannounced, what changes every second.
// It must not know sockets.

import { translated, words } from "./words.js";

export class Line {
  #line;
  #status;
  #detail;
  #here;
  #retry;
  #door;
  #shown = { state: "connecting" };
  #online = 0;
  #timer;

  // `enter` takes a token, and says whether it could be one.
  constructor(line, retry, enter) {
    this.#line = line;
    [this.#status, this.#detail, this.#here, this.#retry, this.#door] =
      ["#status", "#detail", "#here", "#retry", "#door"].map(name => line.querySelector(name));
    this.#retry.addEventListener("click", retry);
    this.#door.addEventListener("submit", event => {
      event.preventDefault();
      const input = this.#door.querySelector("input");
      input.setCustomValidity(enter(input.value.trim()) ? "" : words("no_token"));
      if (input.reportValidity()) input.value = "";
    });
    this.#door.addEventListener("input", ({ target }) => target.setCustomValidity(""));
    translated(() => this.show(this.#shown));
  }

  get state() { return this.#shown.state; }

  // `until`: when the next try begins. `done`: what part of the missed is there.
  show(shown) {
    this.#shown = shown;
    const { state, until } = shown;
    const up = state === "online" || state === "catching";
    this.#line.dataset.state = state;
    if (this.#status.textContent !== words(state)) this.#status.textContent = words(state);
    this.#retry.hidden = up || state === "connecting" || state === "bad_room" || state === "locked";
    this.#door.hidden = state !== "locked";
    if (!up) this.#online = 0;
    clearInterval(this.#timer);
    if (until) this.#timer = setInterval(() => this.#tick(), 500);
    this.#tick();
  }

  here(online) {
    this.#online = online;
    this.#tick();
  }

  #tick() {
    const { until, done } = this.#shown;
    const left = Math.ceil((until - Date.now()) / 1000);
    this.#detail.textContent = until ? words(left > 0 ? "soon" : "now", left)
      : done === undefined ? "" : `${Math.floor(100 * done)} %`;
    this.#here.textContent = this.#online ? words("here", this.#online) : "";
    this.#here.parentElement.hidden = !this.#online;
  }
}
