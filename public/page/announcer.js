// Tells new messages to those who listen instead of looking: each one when few come, else only how many; and not more
// often than a voice can follow. It must not know where messages come from.

import { translate } from "./i18n.js";

const interval = 4_000; // ms between two announcements
const max_quoted = 2;
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
