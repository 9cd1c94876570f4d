// Shows the state of the connection. The live region has only the text that screen readers announce; what changes every
// second is beside it. Must not know sockets.

import { on_language, translate } from "./i18n.js";

export class ConnectionStatus {
  #root;
  #status;
  #detail;
  #online_count;
  #retry;
  #token_form;
  #to_lobby;
  #shown = { state: "connecting" };
  #online = 0;
  #timer;

  // `retry` is called by the button. `accept_token` gets what was entered, and returns whether it has the form of a token.
  constructor(root, retry, accept_token) {
    this.#root = root;
    [this.#status, this.#detail, this.#online_count, this.#retry, this.#token_form, this.#to_lobby] =
      ["#status", "#detail", "#online-count", "#retry", "#token-form", "#to-lobby"].map(name => root.querySelector(name));
    this.#retry.addEventListener("click", retry);
    this.#token_form.addEventListener("submit", event => {
      event.preventDefault();
      const input = this.#token_form.querySelector("input");
      input.setCustomValidity(accept_token(input.value.trim()) ? "" : translate("bad_token"));
      if (input.reportValidity()) input.value = "";
    });
    this.#token_form.addEventListener("input", ({ target }) => target.setCustomValidity(""));
    on_language(() => this.show(this.#shown));
  }

  // `shown` has the `state`, which is also the key of its text. `until` is when the next attempt begins, `done` the fraction of
  // the missed messages that has arrived, and `transport` "http" if no WebSocket gets through.
  show(shown) {
    this.#shown = shown;
    const { state, until } = shown;
    const connected = state === "online" || state === "catching_up";
    this.#root.dataset.state = state;
    if (this.#status.textContent !== translate(state)) this.#status.textContent = translate(state);
    this.#retry.hidden = connected || state === "connecting" || state === "bad_room" || state === "locked";
    this.#token_form.hidden = state !== "locked";
    this.#to_lobby.hidden = state !== "bad_room" && (state !== "forbidden" || !location.search); // the lobby may be forbidden
    if (!connected) this.#online = 0;
    clearInterval(this.#timer);
    if (until) this.#timer = setInterval(() => this.#update(), 500);
    this.#update();
  }

  show_online(online) {
    this.#online = online;
    this.#update();
  }

  #update() {
    const { until, done, transport } = this.#shown;
    const left = Math.ceil((until - Date.now()) / 1000);
    this.#detail.textContent = until ? translate(left > 0 ? "retry_in" : "retrying", left)
      : done === undefined ? transport ? translate("over_http") : "" : `${Math.floor(100 * done)} %`;
    this.#online_count.textContent = this.#online ? translate("online_count", this.#online) : "";
    this.#online_count.parentElement.hidden = !this.#online;
  }
}
