// What was said before: pages of `GET /messages`, beside the page so that a path below another site works, too.
// It knows that address; it must not know the list.

import { token } from "./token.js";

const timeout = 10_000; // ms

export class HistoryClient {
  #url;

  constructor(base) {
    this.#url = new URL("messages", base);
  }

  // Up to `limit` messages of `room` older than the id `before`, or the newest ones, oldest first; `complete` when none
  // are older.
  async page(room, limit, before) {
    const url = new URL(this.#url);
    url.searchParams.set("room", room);
    if (before) url.searchParams.set("before", before);
    url.searchParams.set("limit", limit);
    const headers = token() ? { Authorization: `Bearer ${token()}` } : {};
    const response = await fetch(url, { headers, signal: AbortSignal.timeout?.(timeout), cache: "no-store" });
    if (!response.ok) throw Object.assign(new Error(`${response.status}`), { status: response.status });
    const { messages, next } = await response.json();
    return { messages: messages.reverse(), complete: !next };
  }
}
