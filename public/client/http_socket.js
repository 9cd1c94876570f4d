// The frames of a connection over HTTP, for networks that let no WebSocket through: those of the hub come by `GET /events`, and
// messages go by `POST /messages`. Has the interface of a WebSocket, so the client does not know which of the two it uses. Must
// not know what the client does with the frames.

import { EventRooms } from "./event_rooms.js";
import { Ended, Refused } from "./event_stream.js";
import { Doubts, Publisher } from "./publisher.js";

/** @import { Handler } from "./connection.js" */

/** The close code of an attempt if the hub has no event streams, because it is of an older release. */
export const no_events = 4404;
/** The close code of an attempt if the hub refuses it, as it would refuse a WebSocket. */
export const is_refused = 4400;
const max_silence = 5_000; // ms since the last bytes after which a stream must show that it is alive

export class HttpSocket {
  /** @type {Handler} */ onmessage = null;
  /** @type {Handler} */ onclose = null;
  /** @type {Handler} */ onerror = null;
  #publisher;
  #rooms;
  #closed = false;
  #heard_at = Date.now();
  #awaits_pong = false;

  /**
   * @param {string|URL} url that of a WebSocket
   * @param {string[]} [protocols] with the token, as a WebSocket has it
   * @param {Doubts} [doubts] those of earlier connections of the client
   */
  constructor(url, protocols = [], doubts = new Doubts()) {
    const address = new URL(url), token = protocols[1]?.replace("bearer.", "Bearer ");
    address.protocol = address.protocol.replace("ws", "http");
    const { searchParams } = address, [room, after, log] = ["room", "after", "log"].map(name => searchParams.get(name) ?? undefined);
    for (const name of ["room", "after", "log"]) searchParams.delete(name);
    /** @type {Record<string, string>} */
    const headers = token ? { Authorization: token } : {};
    const to = (/** @type {string} */ name) => Object.assign(new URL(name, address), { search: address.search });
    const tell = (/** @type {object} */ frame) => this.#tell(frame), fail = (/** @type {unknown} */ error) => this.#fail(error);
    this.#publisher = new Publisher(to("messages"), headers, doubts, { tell, fail });
    this.#rooms = new EventRooms(to, headers, { tell, heard: () => this.#heard(), doubts });
    this.#rooms.run(room ?? "lobby", log !== undefined && after !== undefined ? { log, after: Number(after) } : undefined).catch(fail);
  }

  /** @param {string} text a frame, which is answered later, as over a network */
  send(text) { queueMicrotask(() => this.#closed || this.#send(text)); }

  /** @param {string} text */
  #send(text) {
    const frame = JSON.parse(text), room = frame.room ?? this.#rooms.opening;
    switch (frame.type) {
      case "message": this.#publisher.send({ ...frame, room }); break;
      case "hello": this.#publisher.greet(frame); break;
      case "subscribe": this.#rooms.subscribe(frame); break;
      case "unsubscribe": this.#rooms.unsubscribe(room); break;
      case "ping": this.#ping();
    }
  }

  close() {
    this.#closed = true;
    this.#publisher.close();
    this.#rooms.close();
  }

  /** Opens the stream again unless it has just shown that it is alive: the network may have changed. */
  check() {
    if (this.#is_silent) this.#rooms.renew();
  }

  get #is_silent() { return Date.now() - this.#heard_at > max_silence; }

  // The hub has shown that the stream is alive, or will do so with the next bytes, at the latest with its comment every 25 s.
  #ping() {
    this.#awaits_pong = true;
    if (this.#rooms.is_empty || !this.#is_silent) this.#pong();
  }

  #heard() {
    this.#heard_at = Date.now();
    if (this.#awaits_pong) this.#pong();
  }

  #pong() {
    this.#awaits_pong = false;
    this.#tell({ type: "pong" });
  }

  /** @param {object} frame */
  #tell(frame) {
    if (!this.#closed) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** @param {unknown} error */
  #fail(error) {
    if (this.#closed) return;
    this.close();
    const { code, reason } = error instanceof Ended ? error : error instanceof Refused ? this.#end_of(error) : new Ended(1006);
    this.onclose?.({ code, reason });
  }

  /** @param {Refused} refused */
  #end_of({ status, code, retry_after }) {
    if (code === "restarting") return new Ended(1012, `retry_after_ms=${retry_after}`);
    if (!this.#rooms.is_open) return new Ended(status === 404 ? no_events : code ? is_refused : 1006);
    return new Ended(status === 401 ? 4401 : 1006);
  }
}
