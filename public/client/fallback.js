// Takes the place of WebSockets while they cannot be opened or are cut soon, by a connection over HTTP, and finds out when they
// would live again. It is loaded when the first one has failed. Must not know frames of rooms or messages.

import { HttpSocket, is_refused, no_events } from "./http_socket.js";
import { Doubts } from "./publisher.js";
import { Trials } from "./trials.js";

/** @import { Socket, SocketClass } from "./connection.js" */

const max_failures = 2; // WebSockets in a row
const older_hub_timeout = 600_000; // ms before HTTP is tried again with a hub that does not know how

export class Fallback {
  /** Whether the newest connection goes over HTTP. */
  is_used = false;
  /** Whether that is so, and a WebSocket has lived meanwhile. */
  may_return = false;
  /** The newest connection, if it goes over HTTP. @type {HttpSocket|undefined} */
  #socket;
  #WebSocket;
  #failures = 0;
  #not_before = 0; // when HTTP may be tried, in ms since 1970
  #trials = new Trials();
  #doubts = new Doubts();
  /** The address and the protocols of the newest connection. @type {[URL, string[]]|undefined} */
  #opened;

  /** @param {SocketClass|undefined} WebSocket absent in Node.js before 22, unless the program brings one */
  constructor(WebSocket) { this.#WebSocket = WebSocket; }

  /**
   * Returns a connection over HTTP, or undefined if a WebSocket is to be opened.
   * @param {URL} url
   * @param {string[]} protocols
   * @returns {Socket|undefined}
   */
  open(url, protocols) {
    this.#opened = [url, protocols];
    this.is_used = !this.#WebSocket || this.#failures >= max_failures && Date.now() >= this.#not_before;
    this.may_return = false;
    return this.#socket = this.is_used ? new HttpSocket(url, protocols, this.#doubts) : undefined;
  }

  /**
   * Must be called when the hub has accepted the newest connection.
   * @param {() => void} returning is called when that goes over HTTP, and a WebSocket would live
   */
  accepted(returning) {
    if (!this.is_used || !this.#WebSocket || !this.#opened) return;
    const WebSocket = this.#WebSocket, [url, protocols] = this.#opened, address = new URL(url);
    for (const name of ["after", "log"]) address.searchParams.delete(name); // not everything since the connection was opened
    this.#trials.begin(() => new WebSocket(address, protocols), () => {
      this.#failures = 0;
      this.may_return = true;
      returning();
    });
  }

  /** Finds out now whether the connection is alive and whether a WebSocket would live, if it goes over HTTP. */
  check() {
    this.#socket?.check();
    this.#trials.check();
  }

  /** Must be called when a connection has ended. */
  closed() {
    this.#socket = undefined;
    this.#trials.end();
  }

  /**
   * Must be called when a connection has failed although the hub answers requests.
   * @param {boolean} is_http whether it went over HTTP
   */
  failed(is_http) {
    this.#failures = is_http ? max_failures - 1 : this.#failures + 1; // a WebSocket follows one that went over HTTP
  }

  /**
   * Must be called when a connection has ended that did not fail, or that the hub has refused.
   * @param {number} [code] the close code
   */
  ended(code) {
    if (code === no_events) this.#not_before = Date.now() + older_hub_timeout;
    if (code === is_refused) return this.reset(); // perhaps the WebSockets were refused for the same reason
    if (this.is_used) return;
    this.reset();
    this.#trials = new Trials();
  }

  /** Must be called when the client is closed: WebSockets come first when it is opened again, perhaps with another token. */
  reset() { this.#failures = 0; }
}
