// Tells new messages to those who listen instead of looking: each one when few come, else only how many; and not more
// often than a voice can follow. It must not know where messages come from.

import { words } from "./words.js";

const rest = 4_000; // ms between two announcements
const few = 2;
const long = 150; // characters

export class Announcer {
  #region;
  #news = [];
  #timer;

  constructor(region) {
    this.#region = region;
  }

  tell(author, text) {
    this.#news.push(this.#news.length < few ? `${author}: ${text.slice(0, long)}` : "");
    this.#timer ??= setTimeout(() => this.#speak(), 300);
  }

  #speak() {
    if (!this.#news.length) {
      this.#timer = undefined;
      return;
    }
    const news = this.#news.splice(0);
    this.#region.textContent = news.length > few ? words("heard", news.length) : news.join("\n");
    this.#timer = setTimeout(() => this.#speak(), rest);
  }
}
