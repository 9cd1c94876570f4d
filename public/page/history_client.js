// Fetches a room's history from `GET /messages`. The address is relative to the page, so the page also works below a path
// of another site. Knows that address. Must not know the timeline.

import { token } from "./token.js";

const timeout = 10_000; // ms

export class HistoryClient {
  #url;

  constructor(base) {
    this.#url = new URL("messages", base);
  }

  // Resolves with up to `limit` messages of `room`, oldest first: those before the id `before`, or the newest ones.
  // `complete` tells that no message is older. Rejects with an Error that has the HTTP `status` if there was an answer.
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
