// Fetches a room's history from `GET /messages`, and finds out why the hub did not accept a connection: browsers do not tell the
// status of a failed upgrade. The addresses are relative to the page, so the page also works below a path of another site. Knows
// these addresses, and the reader's token. The token comes from the fragment of the page's address (`#access_token=…`), which browsers
// do not send, or is entered by hand. It is stored for this tab alone. Must not know the timeline.

const storage_key = `hubbub token ${new URL("./", document.baseURI)}`;
const pattern = /^[\w-]+\.[\w-]+\.[\w-]+$/;
let fallback; // for pages that may not use the storage
const timeout = 10_000; // ms
const health_timeout = 3_000; // ms

export class HistoryClient {
  #url;

  constructor(base) {
    this.#url = new URL("messages", base);
  }

  // Resolves with up to `limit` messages of `room`, oldest first: those before the id `before`, or the newest ones.
  // `complete` tells that no message is older. Rejects with an Error that has the HTTP `status` if there was an answer.
  async page(room, limit, before) {
    const { messages, complete } = await this.#get({ room, limit, ...before && { before } });
    return { messages: messages.reverse(), complete };
  }

  // Resolves with the oldest messages that `from` describes: {after: id} or {at: time}. `complete` tells that no message is newer.
  newer(room, limit, from) { return this.#get({ room, limit, ...from }); }

  // Resolves with the newest messages that have all words of `q`, oldest first, those before the id `before` if there is one.
  async search(room, limit, q, before) {
    const { messages, complete } = await this.#get({ room, limit, q, ...before && { before } });
    return { messages: messages.reverse(), complete };
  }

  async #get(query) {
    const url = new URL(this.#url);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const headers = token() ? { Authorization: `Bearer ${token()}` } : {};
    const response = await fetch(url, { headers, signal: AbortSignal.timeout?.(timeout), cache: "no-store" });
    if (!response.ok) throw Object.assign(new Error(`${response.status}`), { status: response.status });
    const { messages, next } = await response.json();
    return { messages, complete: !next };
  }
}

// Resolves with the state of a connection that was to be opened with `room`: "offline", "no_database", "refused", or "locked" or
// "forbidden", with which every further attempt would fail as well. `history` is a HistoryClient.
export async function diagnose(base, history, room) {
  const health = await fetch(new URL("health", base), { cache: "no-store", signal: AbortSignal.timeout?.(health_timeout) })
    .then(answer => answer.json()).catch(() => undefined);
  if (!health?.status) return "offline";
  if (health.database === false) return "no_database";
  const denials = { 401: "locked", 403: "forbidden" };
  return await history.page(room, 1).then(() => undefined, ({ status }) => denials[status]) ?? "refused";
}

export function token() {
  try { return sessionStorage[storage_key] ?? fallback; } catch { return fallback; }
}

// Stores `text` as the token if it has the form of a token. Returns whether it has.
export function set_token(text) {
  if (!pattern.test(text)) return false;
  fallback = text;
  try { sessionStorage[storage_key] = text; } catch { /* after a reload the token is asked for again */ }
  return true;
}

// Calls `listener` when the fragment of the address brings another token.
export function on_token(listener) {
  addEventListener("hashchange", () => take_from_fragment() && listener());
}

function take_from_fragment() {
  const given = new URLSearchParams(location.hash.slice(1)).get("access_token");
  if (given === null) return false;
  history.replaceState(history.state, "", location.pathname + location.search);
  return set_token(given);
}

take_from_fragment();
