// How far a resumed line has come on its way to what is new. It knows ids; it must not know where they come from.

const pace = 400; // ms between two words about it; what is there sooner needs none

export class CatchUp {
  #newest;
  #show;
  #run; // {from, at, to, told}
  #timer;

  // `newest()` gives the page with the newest message; `show` gets the line's state.
  constructor(newest, show) {
    this.#newest = newest;
    this.#show = show;
  }

  async begin(from) {
    this.end();
    const run = this.#run = { from, at: from, to: Infinity, told: false };
    this.#timer = setInterval(() => this.#tell(), pace);
    const { messages } = await this.#newest().catch(() => ({ messages: [] }));
    run.to = messages[0]?.id ?? 0;
    if (run === this.#run) this.saw(run.at);
  }

  saw(id) {
    const run = this.#run;
    if (!run) return;
    run.at = id;
    if (id < run.to) return;
    this.end();
    if (run.told) this.#show({ state: "online" });
  }

  end() {
    clearInterval(this.#timer);
    this.#run = undefined;
  }

  #tell() {
    const { from, at, to } = this.#run;
    if (to === Infinity) return;
    this.#run.told = true;
    this.#show({ state: "catching", done: (at - from) / (to - from) });
  }
}
