// A stream of server-sent events of the hub (WHATWG HTML, "Server-sent events"). Knows how the hub begins and ends a stream. Must
// not know which rooms are wanted.

/** @import { Position } from "./definitions.js" */
/** @typedef {{type: string, data: string, id: string}} StreamEvent */

/** The end of a connection, with a close code of a WebSocket. */
export class Ended extends Error {
  /**
   * @param {number} code
   * @param {string} [reason]
   */
  constructor(code, reason = "") {
    super(`The connection has ended (${code})`);
    this.code = code;
    this.reason = reason;
  }
}

/** An answer of HTTP other than success. `code` is the hub's, and undefined if the answer is not the hub's. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string|undefined} code
   * @param {string} message
   * @param {number} retry_after ms, 0 unless the answer says it
   */
  constructor(status, code, message, retry_after) {
    super(message);
    this.status = status;
    this.code = code;
    this.retry_after = retry_after;
  }
}

/**
 * Resolves with the answer to a request. Rejects with a Refused unless it is a success.
 * @param {URL} url
 * @param {RequestInit} options
 */
export async function request(url, options) {
  const response = await fetch(url, { cache: "no-store", ...options });
  if (response.ok) return response;
  const { code, detail } = await response.json().catch(() => ({})) ?? {};
  const is_code = typeof code === "string", retry_after = 1000 * Number(response.headers.get("retry-after"));
  throw new Refused(response.status, is_code ? code : undefined, is_code ? String(detail) : "", retry_after > 0 ? retry_after : 0);
}

export class EventStream {
  /** The frames `init` and `subscribed` by the hub's names of the rooms. @type {Map<string, any>} */
  begun = new Map();
  /** Up to where the events that were read are complete in all rooms. @type {Position} */
  position = { log: "", after: 0 };
  /** @type {any[]} */
  #early = [];
  #abort = new AbortController();
  #signal;
  /** @type {AsyncGenerator<StreamEvent>|undefined} */
  #events;

  /** @param {AbortSignal} signal closes the stream */
  constructor(signal) {
    this.#signal = signal;
    if (signal.aborted) this.close();
    else signal.addEventListener("abort", this.close);
  }

  /**
   * Reads until the hub has begun all rooms. Rejects with a Refused, or with an Ended.
   * @param {URL} url
   * @param {Record<string, string>} headers
   * @param {number} rooms how many
   * @param {() => void} heard is called whenever bytes have arrived
   */
  async open(url, headers, rooms, heard) {
    const { signal } = this.#abort, { body } = await request(url, { headers: { Accept: "text/event-stream", ...headers }, signal });
    this.#events = parse(/** @type {ReadableStream<Uint8Array>} */ (body), heard);
    /** @type {Position|undefined} */
    let position;
    while (this.begun.size < rooms) {
      const frame = await this.#next();
      if (frame.type === "init" || frame.type === "subscribed") {
        this.begun.set(frame.room, frame);
        position ??= this.position; // later ones are not those of the rooms that are yet to begin
      } else this.#early.push({ frame, position: this.position });
    }
    if (position) this.position = position;
    return this;
  }

  /**
   * Resolves with the next frame, which is {} if only the position has changed. Rejects with an Ended when the stream ends.
   * @returns {Promise<any>}
   */
  async next() {
    const early = this.#early.shift();
    if (!early) return this.#next();
    this.position = early.position;
    return early.frame;
  }

  close = () => {
    this.#signal.removeEventListener("abort", this.close);
    this.#abort.abort();
  };

  async #next() {
    const { done, value } = await /** @type {AsyncGenerator<StreamEvent>} */ (this.#events).next();
    if (done) throw new Ended(1006);
    const { type, data, id } = value, [, log, after] = /^(.+):(\d+)$/.exec(id) ?? [];
    if (log !== undefined) this.position = { log, after: Number(after) };
    const frame = data ? JSON.parse(data) : {};
    if (type === "close") throw new Ended(frame.code, `retry_after_ms=${frame.retry_after_ms}`);
    return frame;
  }
}

/**
 * Yields the events, and those without data that have an id.
 * @param {ReadableStream<Uint8Array>} body
 * @param {() => void} heard
 * @returns {AsyncGenerator<StreamEvent>}
 */
async function* parse(body, heard) {
  const reader = body.getReader(), decoder = new TextDecoder();
  let rest = "", type = "", id = "", changed = false;
  /** @type {string[]} */
  let data = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/); // CR at the end may be half of CRLF
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const colon = line.includes(":") ? line.indexOf(":") : line.length, name = line.slice(0, colon), value = line.slice(colon + 1).replace(/^ /, "");
      if (name === "data") data.push(value);
      else if (name === "event") type = value;
      else if (name === "id") [id, changed] = [value, true];
      if (line) continue;
      if (data.length || changed) yield { type, data: data.join("\n"), id };
      [type, data, changed] = ["", [], false];
    }
  }
}
