// The progress of a resumed connection through the messages that it missed. Knows ids. Must not know where they come from.

const interval = 400; // ms between two reports; a shorter catch-up is not reported

export class CatchUp {
  #newest;
  #show;
  #progress; // {from, at, to, reported}: ids, and whether progress was shown
  #timer;

  // `newest()` resolves with the page of the newest message. `show` gets the state of the connection.
  constructor(newest, show) {
    this.#newest = newest;
    this.#show = show;
  }

  // Begins after the message `from`.
  async begin(from) {
    this.end();
    const progress = this.#progress = { from, at: from, to: Infinity, reported: false };
    this.#timer = setInterval(() => this.#report(), interval);
    const { messages } = await this.#newest().catch(() => ({ messages: [] }));
    progress.to = messages[0]?.id ?? 0;
    if (progress === this.#progress) this.received(progress.at);
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
