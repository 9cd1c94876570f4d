// Announces new messages to screen readers through a live region. A burst is announced by its number alone, and
// announcements are far enough apart to be read out. Must not know where messages come from.

import { translate } from "./i18n.js";

const interval = 4_000; // ms between two announcements
const max_quoted = 2; // messages; more than that are only counted
const max_length = 150; // characters

export class Announcer {
  #region;
  #pending = [];
  #timer;

  constructor(region) {
    this.#region = region;
  }

  announce(author, text) {
    this.#pending.push(this.#pending.length < max_quoted ? `${author}: ${text.slice(0, max_length)}` : "");
    this.#timer ??= setTimeout(() => this.#speak(), 300);
  }

  #speak() {
    if (!this.#pending.length) {
      this.#timer = undefined;
      return;
    }
    const batch = this.#pending.splice(0);
    this.#region.textContent = batch.length > max_quoted ? translate("new_messages", batch.length) : batch.join("\n");
    this.#timer = setTimeout(() => this.#speak(), interval);
  }
}
