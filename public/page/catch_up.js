// How far a resumed line has come on its way to what is new. It knows ids; it must not know where they come from.

const interval = 400; // ms between two words about it; what is there sooner needs none

export class CatchUp {
  #newest;
  #show;
  #progress; // {from, at, to, reported}
  #timer;

  // `newest()` gives the page with the newest message; `show` gets the line's state.
  constructor(newest, show) {
    this.#newest = newest;
    this.#show = show;
  }

  async begin(from) {
    this.end();
    const progress = this.#progress = { from, at: from, to: Infinity, reported: false };
    this.#timer = setInterval(() => this.#report(), interval);
    const { messages } = await this.#newest().catch(() => ({ messages: [] }));
    progress.to = messages[0]?.id ?? 0;
    if (progress === this.#progress) this.received(progress.at);
  }

  received(id) {
    const progress = this.#progress;
    if (!progress) return;
    progress.at = id;
    if (id < progress.to) return;
    this.end();
    if (progress.reported) this.#show({ state: "online" });
  }

  end() {
    clearInterval(this.#timer);
    this.#progress = undefined;
  }

  #report() {
    const { from, at, to } = this.#progress;
    if (to === Infinity) return;
    this.#progress.reported = true;
    this.#show({ state: "catching_up", done: (at - from) / (to - from) });
  }
}
