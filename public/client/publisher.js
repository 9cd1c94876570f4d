// Sends messages by `POST /messages`, one request at a time, and turns the answers into the frames of a WebSocket. Must not know
// rooms or streams.

import { passing } from "./backoff.js";
import { Ended, Refused, request } from "./event_stream.js";
import { greeting_codes } from "./greeting.js";

const timeout = 25_000; // ms; the hub answers within 10 s

/** @typedef {{room: string, text: string, data?: any, key: string}} Outgoing */

export class Publisher {
  #url;
  #headers;
  #port;
  #abort = new AbortController();
  /** The message whose answer is due, with its data as JSON. @type {{room: string, text: string, data: string|undefined}|undefined} */
  #sent;
  /** Resolves when all messages are answered. @type {Promise<void>} */
  #done = Promise.resolve();
  /** What the requests say of the person. @type {Record<string, string>} */
  #person = {};

  /**
   * @param {URL} url
   * @param {Record<string, string>} headers
   * @param {{tell: (frame: object) => void, fail: (error: unknown) => void}} port `tell` gets the answers, and `fail` an error that
   *   ends the connection
   */
  constructor(url, headers, port) {
    this.#url = url;
    this.#headers = { ...headers, "Content-Type": "application/json" };
    this.#port = port;
  }

  /**
   * Sends a message when those before it are answered.
   * @param {Outgoing} message
   */
  send(message) { this.#done = this.#done.then(() => this.#send(message)).catch(this.#port.fail); }

  /**
   * Resolves when it is known whether the message is one that was sent: those who get it must have got the ack before. It resolves
   * at once if it cannot be.
   * @param {{room?: string, text: string, data?: any}} message
   */
  async settled({ room, text, data }) {
    const sent = this.#sent;
    if (sent && sent.room === room && sent.text === text && sent.data === JSON.stringify(data)) await this.#done;
  }

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
    const { room, text, data, key } = message;
    this.#sent = { room, text, data: JSON.stringify(data) };
    try {
      const { messages } = await this.#post({ room, text, data, key });
      const { id, connection_id, user_message_number } = messages[0];
      this.#port.tell({ type: "ack", key, room, id, user_message_number, connection_id });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { status, retry_after } = error, code = error.code ?? (status === 413 ? "too_long" : undefined);
      if (status === 401) throw new Ended(4401);
      if (!code || status === 404 || status === 405) throw new Ended(1006);
      const later = status === 429 || status === 503;
      this.#port.tell({ type: "error", code: later && !passing.has(code) ? "busy" : code, message: error.message || code, room, key, ...later && { retry_after } });
    } finally {
      this.#sent = undefined;
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
 * Resolves with the person that follows from the secret. Rejects where the language has no SHA-256, as in pages without https.
 * @param {string} secret
 */
async function person_of(secret) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`hubbub person ${secret}`));
  return `anon-${btoa(String.fromCharCode(...new Uint8Array(hash))).slice(0, 16).replaceAll("+", "-").replaceAll("/", "_")}`;
}
