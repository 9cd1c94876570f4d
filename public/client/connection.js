// A connection to the hub that is opened again when it breaks: a WebSocket, or what takes its place. Knows pings, close codes and how
// long to wait. Must not know rooms or messages.

import { backoff } from "./backoff.js";

const max_retry_after = 300_000; // ms; the longest delay that the hub may ask for
const answer_timeout = 30_000; // ms without a frame, while an answer is due, after which the connection counts as dead
const ping_timeout = 5_000; // ms; the same after `check`
const open_timeout = 8_000; // ms; the same for the opening handshake; it doubles with every attempt, for a slow hub
const silence = { before_ping: 20_000, after_ping: 10_000 }; // ms without a frame: then the client sends a ping, and then gives up
const long_silence = { before_ping: 60_000, after_ping: 30_000 }; // where pings are errors, and where the hub itself sends seldom
const short_life = 10_000; // ms; a WebSocket that did not live longer was perhaps cut by a proxy
const health_timeout = 5_000; // ms
const cut_codes = new Set([undefined, 1000, 1001, 1005, 1006, 1011]); // close codes that are not the hub's
const stable_after = 5_000; // ms that a connection must last before the next attempt counts as the first

/** @import { ConnectionState } from "./definitions.js" */
/** @import { Fallback } from "./fallback.js" */
/** @typedef {((event: any) => any)|null} Handler */

/**
 * The part of the WebSocket interface that the client uses. Browsers, `ws`, `undici` and Node.js 22 have it.
 * @typedef {{onmessage: Handler, onclose: Handler, onerror: Handler, send(data: string): void, close(): void}} Socket
 */

/** @typedef {new (url: any, protocols: any) => Socket} SocketClass */

/**
 * What the connection needs of the client.
 * @typedef {object} Port
 * @property {() => URL} address returns where to open the next connection
 * @property {() => string|undefined} token returns the token of the next connection, if the hub needs one
 * @property {(frame: any) => void} receive gets every frame other than a pong, and null for what is no JSON
 * @property {() => "message"|"room"|undefined} due returns what an answer is due to. The hub may answer about a room late, while
 *   its database does not answer, so the connection is asked for a sign of life before it counts as dead
 * @property {(code?: number) => void} ended must be called when a connection has ended, with its close code, or is given up
 * @property {(state: ConnectionState) => void} report gets every change of the state
 */

export class Connection {
  #port;
  #WebSocket;
  /** What takes the place of a WebSocket. It is loaded when one was cut although the hub answers requests. @type {Fallback|undefined} */
  #fallback;
  /** @type {Socket|undefined} */
  #socket;
  /** The address of the newest connection. @type {URL|undefined} */
  #url;
  /** Whether `open` was called, and no `close` after it. Listeners may call both at every event. */
  #wanted = false;
  /** Whether the hub has accepted the connection. */
  #accepted = false;
  #attempts = 0;
  #connected_at = 0;
  /** The pings whose answers are due. */
  #pings = 0;
  /** Whether the hub has answered a ping with an error, as an older one does. It closes a connection after a thousand errors. */
  #refuses_pings = false;
  /** Runs until the next attempt. @type {ReturnType<typeof setTimeout>|undefined} */
  #retry_timer;
  /** Runs until the next frame is due. @type {ReturnType<typeof setTimeout>|undefined} */
  #watchdog;

  /**
   * @param {SocketClass|undefined} WebSocket
   * @param {Port} port
   */
  constructor(WebSocket, port) {
    this.#WebSocket = WebSocket;
    this.#port = port;
  }

  /** Connects now. An open connection is closed before, and a planned attempt is cancelled. */
  open() {
    this.#wanted = true;
    this.#disconnect();
    if (!this.#attempt_due) return;
    this.#port.report({ state: "connecting" });
    if (!this.#attempt_due) return;
    if (!this.#WebSocket && !this.#fallback) return void this.#load().then(loaded => this.#attempt_due && (loaded ? this.open() : this.#closed()));
    const url = this.#url = this.#port.address();
    const token = this.#port.token(); // as a subprotocol: browsers cannot set headers, and addresses are logged
    const protocols = token ? ["hubbub", `bearer.${token}`] : [];
    const socket = this.#socket = this.#fallback?.open(url, protocols) ?? new /** @type {SocketClass} */ (this.#WebSocket)(url, protocols);
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    socket.onerror = () => {}; // a close follows
    this.#arm_watchdog();
  }

  /** Disconnects until `open` is called. */
  close() {
    this.#wanted = false;
    this.#disconnect();
    this.#fallback?.reset();
    if (!this.#wanted) this.#port.report({ state: "closed" });
  }

  /** Connects or sends a ping at once. */
  check() {
    if (this.#retry_timer) return this.open();
    if (!this.#accepted) return;
    this.#ping(ping_timeout);
    this.#fallback?.check();
  }

  /** Must be called when the hub has accepted the connection. */
  accept() {
    this.#accepted = true;
    this.#connected_at = Date.now();
    this.#fallback?.accepted(() => this.#return());
    this.#port.report({ state: "online", ...this.#fallback?.is_used && { transport: "http" } });
  }

  /** @param {object} frame */
  send(frame) {
    this.#socket?.send(JSON.stringify(frame));
    this.#arm_watchdog();
  }

  get awaits_pong() { return this.#pings > 0; }

  /**
   * Returns whether an error without a key answers a ping. An older hub does not know pings. It does not name the rooms of its
   * errors either, but answers everything, so that it does not matter which of its equal errors is taken for that of the ping.
   * @param {{code: string, room?: string}} frame
   */
  take_error({ code, room }) {
    if (!this.awaits_pong || room !== undefined || code !== "too_fast" && code !== "unknown_type") return false;
    this.#pings -= 1;
    this.#refuses_pings ||= code === "unknown_type";
    return true;
  }

  /** @param {string} data */
  #receive(data) {
    const frame = parse(data);
    if (frame?.type === "pong") {
      this.#pings = Math.max(0, this.#pings - 1);
      this.#refuses_pings = false;
    } else this.#port.receive(frame);
    this.#return();
    this.#arm_watchdog();
  }

  // Goes back to WebSockets when that is possible and no answer is due.
  #return() {
    if (this.#accepted && this.#fallback?.may_return && !this.#port.due()) this.open();
  }

  /** Whether a connection is wanted and not yet under way. A listener may have changed this. */
  get #attempt_due() { return this.#wanted && !this.#socket; }

  #arm_watchdog() {
    if (!this.#socket) return;
    const due = this.#port.due(), { before_ping, after_ping } = this.#refuses_pings || this.#fallback?.is_used ? long_silence : silence;
    if (!this.#accepted) this.#start_watchdog(Math.min(answer_timeout, open_timeout * 2 ** this.#attempts));
    else if (due === "message") this.#start_watchdog(answer_timeout);
    else if (due) this.#start_watchdog(answer_timeout, () => this.#ping(answer_timeout));
    else this.#start_watchdog(before_ping, () => this.#ping(after_ping));
  }

  /**
   * @param {number} timeout ms
   * @param {() => void} [expired]
   */
  #start_watchdog(timeout, expired = () => this.#closed()) {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(expired, timeout);
  }

  // A connection could not be opened, or was cut soon: by the network, if the hub answers requests.
  /** @param {boolean} is_http */
  async #judge(is_http) {
    if (this.#url && await is_answered(this.#url)) (await this.#load())?.failed(is_http);
  }

  async #load() {
    return this.#fallback ??= await import("./fallback.js").then(({ Fallback }) => new Fallback(this.#WebSocket)).catch(() => undefined);
  }

  /** @param {number} timeout ms */
  #ping(timeout) {
    this.#socket?.send('{"type":"ping"}'); // browsers cannot send the pings of RFC 6455
    this.#pings += 1;
    this.#start_watchdog(timeout);
  }

  /** @param {number} [code] as `#closed` says */
  #disconnect(code) {
    clearTimeout(this.#retry_timer);
    clearTimeout(this.#watchdog);
    this.#retry_timer = undefined;
    this.#fallback?.closed();
    if (!this.#socket) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = undefined;
    this.#accepted = false;
    this.#pings = 0;
    this.#port.ended(code);
  }

  /**
   * @param {number} [code] absent if the watchdog has given the connection up
   * @param {string} [reason]
   */
  #closed(code, reason = "") {
    if (this.#connected_at && Date.now() - this.#connected_at > stable_after) this.#attempts = 0;
    const reached = this.#accepted;
    const is_http = this.#fallback?.is_used === true, lived = reached && (is_http || Date.now() - this.#connected_at >= short_life);
    if (lived || !cut_codes.has(code)) this.#fallback?.ended(code);
    else this.#judge(is_http);
    this.#disconnect(code);
    if (!this.#attempt_due) return;
    this.#connected_at = 0;
    if (code === 4401) return this.#port.report({ state: "locked", reached });
    const retry_after = code === 1012 ? Number(/^retry_after_ms=(\d+)$/.exec(reason)?.[1]) : NaN;
    const wait = retry_after >= 0 ? Math.min(retry_after, max_retry_after) : backoff(this.#attempts++);
    this.#retry_timer = setTimeout(() => this.open(), wait);
    this.#port.report({ state: code === 1012 ? "waiting" : "offline", until: Date.now() + wait, reached });
  }
}

function parse(/** @type {string} */ data) {
  try { return JSON.parse(data); } catch { return null; }
}

/**
 * Resolves with whether the hub answers a request. A network that wants a log-in answers with a page of its own.
 * @param {URL} url of a WebSocket
 */
async function is_answered(url) {
  const health = new URL("health", url.href.replace(/^ws/, "http"));
  const options = { cache: /** @type {const} */ ("no-store"), signal: AbortSignal.timeout?.(health_timeout) };
  return Boolean((await fetch(health, options).then(answer => answer.json()).catch(() => undefined))?.status);
}
