// Announces new messages and notices to screen readers through a live region. A burst of messages is announced by its number
// alone, and announcements are far enough apart to be read out. Must not know where messages come from.

import { translate } from "./i18n.js";

const interval = 4_000; // ms between two announcements
const max_quoted = 2; // messages; more than that are only counted
const max_length = 150; // characters

export class Announcer {
  #region;
  #pending = [];
  #notices = [];
  #timer;

  constructor(region) {
    this.#region = region;
  }

  announce(author, text) {
    this.#pending.push(this.#pending.length < max_quoted ? `${author}: ${text.slice(0, max_length)}` : "");
    this.#plan();
  }

  // Announces a whole sentence, before the messages that wait.
  announce_notice(text) {
    this.#notices.push(text);
    this.#plan();
  }

  #plan() { this.#timer ??= setTimeout(() => this.#speak(), 300); }

  #speak() {
    const notices = this.#notices.splice(0), batch = this.#pending.splice(0);
    if (!notices.length && !batch.length) {
      this.#timer = undefined;
      return;
    }
    const messages = batch.length > max_quoted ? [translate("new_messages", batch.length)] : batch;
    this.#region.textContent = [...notices, ...messages].join("\n");
    this.#timer = setTimeout(() => this.#speak(), interval);
  }
}
