// What was said before: pages of `GET /messages`, beside the page so that a path below another site works, too.
// It knows that address; it must not know the list.

import { token } from "./token.js";

const patience = 10_000; // ms

export class Past {
  #address;

  constructor(base) {
    this.#address = new URL("messages", base);
  }

  // Up to `limit` messages of `room` older than the id `before`, or the newest ones, oldest first; `whole` when none
  // are older.
  async page(room, limit, before) {
    const url = new URL(this.#address);
    url.searchParams.set("room", room);
    if (before) url.searchParams.set("before", before);
    url.searchParams.set("limit", limit);
    const headers = token() ? { Authorization: `Bearer ${token()}` } : {};
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout?.(patience), cache: "no-store" });
    if (!answer.ok) throw Object.assign(new Error(`${answer.status}`), { status: answer.status });
    const { messages, next } = await answer.json();
    return { messages: messages.reverse(), whole: !next };
  }
}
