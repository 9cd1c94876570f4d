// Tells the hub the name and the secret of the client's person, over every connection before its messages. Must not know sockets.

import { backoff, min_delay, passing } from "./backoff.js";
import { failure } from "./receipts.js";

/** @import { Hello, Person } from "./definitions.js" */
/** @typedef {{fields: Hello, resolve: (person: Person) => void, reject: (why: Error) => void}} Call */

const surrogate = { code: "surrogate", message: "Half of a surrogate pair is no character" };

/** The codes of errors that are about a name or a secret. */
export const greeting_codes = new Set(["bad_name", "bad_secret", "name_taken", "verified_name"]);

/**
 * What the greeting needs of the client.
 * @typedef {object} Port
 * @property {(frame: object) => void} send
 * @property {() => void} settled must be called when messages need not wait any longer
 * @property {(frame: any) => void} failed gets the error if the hub refuses what it has accepted over an earlier connection
 */

export class Greeting {
  #port;
  /** @type {Hello} */
  #accepted = {};
  /** Whether the hub must be told over this connection what it has accepted over an earlier one. */
  #is_stale = false;
  /** The calls that wait. @type {Call[]} */
  #calls = [];
  /** What awaits its answer. @type {{fields: Hello, call?: Call|undefined}|undefined} */
  #asked;
  #connected = false;
  #attempts = 0;
  /** Runs while the hub has asked to try later. @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {Port} port */
  constructor(port) { this.#port = port; }

  /** Whether messages must wait, so that they get the name. */
  get is_due() { return Boolean(this.#asked) || this.#is_stale || this.#calls.length > 0; }

  /**
   * @param {Hello} fields
   * @returns {Promise<Person>}
   */
  hello(fields) {
    // The error of the hub would not tell whether it is about this or about a message.
    if (/\p{Surrogate}/u.test(`${fields.name}${fields.secret}`)) return Promise.reject(failure(surrogate));
    return new Promise((resolve, reject) => {
      this.#calls.push({ fields: JSON.parse(JSON.stringify(fields)), resolve, reject });
      this.#proceed();
    });
  }

  /** Must be called when the hub has accepted a connection. */
  connected() {
    this.#connected = true;
    this.#is_stale = Object.keys(this.#accepted).length > 0;
    this.#proceed();
  }

  disconnected() {
    this.#connected = false;
    this.#recall();
  }

  /** @param {Person} frame */
  answer({ name, person }) {
    if (!this.#asked) return;
    this.#accepted = this.#asked.fields;
    this.#is_stale = false;
    this.#asked.call?.resolve({ name, person });
    this.#settle();
  }

  /**
   * Returns whether the error answers what was told.
   * @param {{code: string, message: string, key?: string, room?: string}} frame
   */
  error(frame) {
    if (frame.key !== undefined || frame.room !== undefined) return false;
    if (!this.#asked) return this.#refused_late(frame);
    if (passing.has(frame.code)) {
      this.#recall();
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#proceed();
      }, min_delay + backoff(this.#attempts++));
      return true;
    }
    const { call } = this.#asked;
    if (call) call.reject(failure(frame));
    else {
      this.#is_stale = false;
      this.#port.failed(frame);
    }
    this.#settle();
    return true;
  }

  // Over HTTP the hub is told with a message, after the answer. Whether it will accept the same again is not known.
  /** @param {{code: string, message: string}} frame */
  #refused_late(frame) {
    if (!greeting_codes.has(frame.code)) return false;
    this.#accepted = {};
    this.#port.failed(frame);
    return true;
  }

  #proceed() {
    if (!this.#connected || this.#asked || this.#timer || !this.is_due) return;
    const call = this.#calls.shift();
    this.#asked = { call, fields: { ...this.#accepted, ...call?.fields } };
    this.#port.send({ type: "hello", ...this.#asked.fields });
  }

  #settle() {
    this.#asked = undefined;
    this.#attempts = 0;
    this.#proceed();
    if (!this.is_due) this.#port.settled();
  }

  // What was told is told again later.
  #recall() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#asked?.call) this.#calls.unshift(this.#asked.call);
    this.#asked = undefined;
  }
}
