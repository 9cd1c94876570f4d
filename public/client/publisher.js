// Sends messages by `POST /messages`, one request at a time, and turns the answers into the frames of a WebSocket. Must not know
// rooms or streams.

import { passing } from "./backoff.js";
import { Ended, Refused, request } from "./event_stream.js";
import { greeting_codes } from "./greeting.js";

const timeout = 25_000; // ms; the hub answers within 10 s
const max_wait = 30_000; // ms that a message waits for another attempt to send one that equals it
const shared_statuses = new Set([401, 404, 405, 407, 408, 425, 429]); // of 4xx, those that would meet every message

/** @typedef {{room: string, text: string, data?: any, key: string}} Outgoing */
/** A sent message, with its data as JSON. @typedef {{key: string, text: string, data: string|undefined, waiting: Set<() => void>}} Doubt */

/**
 * The messages that the hub may have stored and whose answers are not final, over this connection or an earlier one. There is at most
 * one in a room, because a client sends the next one when that before has a final answer or is given up.
 */
export class Doubts {
  /** By room. @type {Map<string, Doubt>} */
  #doubts = new Map();

  /**
   * Must be called when a message is sent. Returns whether it was in doubt before.
   * @param {Outgoing} message
   */
  begin({ room, key, text, data }) {
    if (this.#doubts.get(room)?.key === key) return true;
    this.end(room);
    this.#doubts.set(room, { key, text, data: JSON.stringify(data), waiting: new Set() });
    return false;
  }

  /**
   * Must be called when the message of the room has a final answer, or is certainly not stored.
   * @param {string} room
   */
  end(room) {
    const doubt = this.#doubts.get(room);
    this.#doubts.delete(room);
    for (const proceed of doubt?.waiting ?? []) proceed();
  }

  /**
   * Returns whether a message may be one that is in doubt.
   * @param {{room: string, text: string, data?: any}} message
   */
  has({ room, text, data }) {
    const doubt = this.#doubts.get(room);
    return doubt !== undefined && doubt.text === text && doubt.data === JSON.stringify(data);
  }

  /**
   * Resolves when it is known whether the message is one that was sent, or cannot become known, or the signal is aborted.
   * @param {{room: string, text: string, data?: any}} message
   * @param {AbortSignal} signal
   * @returns {Promise<void>|undefined} undefined if it is known
   */
  settled(message, signal) {
    const { room } = message, doubt = this.#doubts.get(room);
    if (!doubt || !this.has(message) || signal.aborted) return undefined;
    return new Promise(resolve => {
      const proceed = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", proceed);
        doubt.waiting.delete(proceed);
        resolve();
      };
      const timer = setTimeout(() => this.end(room), max_wait); // the message was perhaps cancelled
      signal.addEventListener("abort", proceed);
      doubt.waiting.add(proceed);
    });
  }
}

export class Publisher {
  #url;
  #headers;
  #port;
  #doubts;
  #abort = new AbortController();
  /** Resolves when all messages are answered. @type {Promise<void>} */
  #done = Promise.resolve();
  /** What the requests say of the person. @type {Record<string, string>} */
  #person = {};

  /**
   * @param {URL} url
   * @param {Record<string, string>} headers
   * @param {Doubts} doubts
   * @param {{tell: (frame: object) => void, fail: (error: unknown) => void}} port `tell` gets the answers, and `fail` an error that
   *   ends the connection
   */
  constructor(url, headers, doubts, port) {
    this.#url = url;
    this.#headers = { ...headers, "Content-Type": "application/json" };
    this.#doubts = doubts;
    this.#port = port;
  }

  /**
   * Sends a message when those before it are answered.
   * @param {Outgoing} message
   */
  send(message) { this.#done = this.#done.then(() => this.#send(message)).catch(this.#port.fail); }

  /**
   * Tells the answer. The name and the secret are of the messages that are sent from now on. If the hub refuses them then, the
   * error tells, and the messages go without them.
   * @param {{name?: string|null, secret?: string}} fields
   */
  async greet({ name, secret }) {
    const { "Hubbub-Name": old_name, "Hubbub-Secret": old_secret } = this.#person;
    const told_name = name === undefined ? old_name : name === null ? undefined : encodeURIComponent(name);
    const told_secret = secret === undefined ? old_secret : encodeURIComponent(secret);
    this.#person = { ...told_name !== undefined && { "Hubbub-Name": told_name }, ...told_secret !== undefined && { "Hubbub-Secret": told_secret } };
    const person = told_secret === undefined ? null : await person_of(decodeURIComponent(told_secret)).catch(() => null);
    this.#port.tell({ type: "hello", name: told_name === undefined ? null : decodeURIComponent(told_name), person });
  }

  close() { this.#abort.abort(); }

  /** @param {Outgoing} message */
  async #send(message) {
    const { room, text, data, key } = message, was_in_doubt = this.#doubts.begin(message);
    try {
      const { messages } = await this.#post({ room, text, data, key });
      const { id, connection_id, user_message_number } = messages[0];
      this.#port.tell({ type: "ack", key, room, id, user_message_number, connection_id });
      this.#doubts.end(room);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { status, retry_after } = error, code = error.code ?? code_of(status), later = status === 429 || status === 503;
      if (!was_in_doubt && code && code !== "in_doubt") this.#doubts.end(room); // it is certainly not stored
      if (status === 401) throw new Ended(4401);
      if (!code || status === 404 || status === 405) throw new Ended(1006);
      const why = error.message || `The answer of the network is ${status}`;
      this.#port.tell({ type: "error", code: later && !passing.has(code) ? "busy" : code, message: why, room, key, ...later && { retry_after } });
      if (!later) this.#doubts.end(room);
    }
  }

  /**
   * @param {Outgoing} message
   * @returns {Promise<{messages: {id: number, connection_id: string, user_message_number: number}[]}>}
   */
  async #post(message) {
    const late = setTimeout(() => this.#abort.abort(), timeout);
    try {
      const headers = { ...this.#headers, ...this.#person };
      const response = await request(this.#url, { method: "POST", headers, body: JSON.stringify(message), signal: this.#abort.signal });
      return await response.json();
    } catch (error) {
      if (!(error instanceof Refused) || !greeting_codes.has(error.code ?? "") || !Object.keys(this.#person).length) throw error;
      this.#person = {};
      this.#port.tell({ type: "error", code: error.code, message: error.message });
      return await this.#post(message);
    } finally {
      clearTimeout(late);
    }
  }
}

/**
 * Returns the code of an answer that is not the hub's, or undefined unless it refuses this message alone.
 * @param {number} status
 */
function code_of(status) {
  if (status === 413) return "too_long";
  return status >= 400 && status < 500 && !shared_statuses.has(status) ? "refused" : undefined;
}

/**
 * Resolves with the person that follows from the secret. Rejects where the language has no SHA-256, as in pages without https.
 * @param {string} secret
 */
async function person_of(secret) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`hubbub person ${secret}`));
  return `anon-${btoa(String.fromCharCode(...new Uint8Array(hash))).slice(0, 16).replaceAll("+", "-").replaceAll("/", "_")}`;
}
