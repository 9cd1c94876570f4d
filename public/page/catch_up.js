// The progress of a resumed connection through the messages that it missed. Knows ids. Must not know where they come from.

import { is_lost } from "./fork.js";

const interval = 400; // ms between two reports; a shorter catch-up is not reported

export class CatchUp {
  #newest;
  #show;
  #progress; // {from, at, to, reported}: ids, and whether progress was shown
  #request; // the answer of `newest` that is awaited; every other is out of date
  #timer;

  // `newest()` resolves with the page of the newest message. `show` gets the state of the connection.
  constructor(newest, show) {
    this.#newest = newest;
    this.#show = show;
  }

  // Begins after the message `from`.
  begin(from) {
    this.end();
    this.#progress = { from, at: from, to: Infinity, reported: false };
    this.#timer = setInterval(() => this.#report(), interval);
    this.#find_end();
  }

  // Must be called for every message.
  received(id) {
    const progress = this.#progress;
    if (!progress) return;
    progress.at = id;
    if (id < progress.to) return;
    this.end();
    if (progress.reported) this.#show({ state: "online" });
  }

  // Must be called for every fork of the log. The end may be lost, also if it is not known yet; then it is asked for again.
  lose(fork) {
    const progress = this.#progress;
    if (!progress) return;
    if (is_lost(progress.at, fork)) progress.at = fork.after;
    progress.from = Math.min(progress.from, progress.at);
    if (progress.to === Infinity || is_lost(progress.to, fork)) this.#find_end();
  }

  end() {
    clearInterval(this.#timer);
    this.#progress = this.#request = undefined;
  }

  async #find_end() {
    this.#progress.to = Infinity;
    const request = this.#request = this.#newest().catch(() => ({ messages: [] }));
    const { messages } = await request;
    if (request !== this.#request) return;
    this.#progress.to = messages[0]?.id ?? 0;
    this.received(this.#progress.at);
  }

  #report() {
    const { from, at, to } = this.#progress;
    if (to === Infinity) return;
    this.#progress.reported = true;
    this.#show({ state: "catching_up", done: (at - from) / (to - from) });
  }
}
