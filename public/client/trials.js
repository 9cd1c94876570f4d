// Tries now and then whether a WebSocket would live. Must not know what is used meanwhile.

/** @import { Socket } from "./connection.js" */

const first_pause = 30_000, max_pause = 600_000; // ms between trials; the pause doubles
const min_pause = 10_000; // ms between trials that `check` begins
const open_timeout = 30_000; // ms for the hub to accept a WebSocket
const life = 10_000; // ms that a WebSocket must live

export class Trials {
  #pause = first_pause;
  #tried_at = 0;
  /** @type {Socket|undefined} */
  #socket;
  /** Runs until the next trial, or until the WebSocket has lived for long enough. @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** @type {(() => Socket)|undefined} */
  #open;
  #succeeded = () => {};

  /**
   * @param {() => Socket} open opens a WebSocket
   * @param {() => void} succeeded is called when a WebSocket has lived for long enough. It stays open until `end`
   */
  begin(open, succeeded) {
    this.end();
    this.#open = open;
    this.#succeeded = succeeded;
    this.#plan();
  }

  /** Begins a trial now, unless there was one a moment ago. */
  check() {
    if (this.#open && !this.#socket && Date.now() - this.#tried_at >= min_pause) this.#try(this.#open);
  }

  end() {
    clearTimeout(this.#timer);
    this.#open = undefined;
    if (!this.#socket) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = undefined;
  }

  // The pauses of a thousand clients that lost their WebSockets at the same moment differ.
  #plan() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.check(), this.#pause * (0.5 + Math.random() / 2));
    this.#pause = Math.min(max_pause, 2 * this.#pause);
  }

  /** @param {() => Socket} open */
  #try(open) {
    const socket = this.#socket = open();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => socket.close(), open_timeout);
    socket.onerror = () => {}; // a close follows
    socket.onclose = () => {
      this.#tried_at = Date.now();
      this.#socket = undefined;
      this.#plan();
    };
    socket.onmessage = ({ data }) => {
      const { type, room } = JSON.parse(data);
      if (type !== "init") return;
      socket.send(JSON.stringify({ type: "unsubscribe", room })); // so that nobody counts this connection, and it costs nothing
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#succeeded, life);
    };
  }
}
