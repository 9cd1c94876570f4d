// The rooms of a connection over HTTP. Knows subscriptions and streams. Must not know messages that are sent.
//
// One stream has all rooms, and one position for all of them, from which the hub resumes it. When rooms come or go, the stream ends
// and another one begins. A room that is new or far behind the others catches up first, so that they need not go back to its cursor.

import { Ended, EventStream, Refused } from "./event_stream.js";
import { as_subscribed, RoomCatchUp } from "./room_catch_up.js";

/** @import { Position } from "./definitions.js" */
/** @import { Doubts } from "./publisher.js" */
/** @import { Ask, Begun } from "./room_catch_up.js" */

const max_repeated = 500; // ids that a stream goes back for a room that is behind; the client drops the messages that it has
const max_rounds = 5; // in which rooms catch up before a stream

/**
 * What the rooms need of the connection.
 * @typedef {object} Port
 * @property {(frame: any) => void} tell gets the frames of the hub
 * @property {() => void} heard is called whenever bytes have arrived
 * @property {Doubts} doubts the messages that one must know about before those that equal them are told
 */

export class EventRooms {
  /** The opening room, by the hub's name when the hub has accepted the connection. */
  opening = "lobby";
  /** Whether the hub has accepted the connection. */
  is_open = false;
  #to;
  #headers;
  #port;
  #catch_up;
  /** The rooms that the client is in. @type {Set<string>} */
  #rooms = new Set();
  /** The subscriptions that are not answered, by room. @type {Map<string, Ask>} */
  #asks = new Map();
  /** How many of them are tried at once. The hub refuses all rooms of a stream if it refuses one. */
  #batch = Infinity;
  /** Up to where the client has got all messages of its rooms. @type {Position} */
  #position = { log: "", after: 0 };
  /** The stream that is being read. @type {EventStream|undefined} */
  #stream;
  /** Whether the client wants other rooms than the stream has. */
  #is_stale = false;
  #abort = new AbortController();
  /** Ends the wait for a room. */
  #wake = () => {};

  /**
   * @param {(name: string) => URL} to returns an address of the hub
   * @param {Record<string, string>} headers
   * @param {Port} port
   */
  constructor(to, headers, port) {
    this.#to = to;
    this.#headers = headers;
    this.#port = port;
    this.#catch_up = new RoomCatchUp({
      url: to("messages"), headers, signal: this.#abort.signal,
      fork: (room, position) => this.#fork(room, position),
      tell: frame => this.#tell(frame),
      tell_begun: frame => this.#tell_begun(frame),
      tell_message: frame => this.#tell_message(frame),
    });
  }

  /** Whether the client is in no room and wants none. */
  get is_empty() { return this.is_open && !this.#rooms.size && !this.#asks.size; }

  /**
   * Tells the frames of the hub until `close`. Rejects when the hub ends the connection, or refuses it.
   * @param {string} room
   * @param {Position} [position]
   */
  async run(room, position) {
    let stream = await this.#open([room], position);
    const [[name, init]] = stream.begun;
    this.is_open = true;
    this.#rooms.add(this.opening = name);
    await this.#tell_begun(init);
    for (;;) {
      this.#position = stream.position;
      await this.#read(stream);
      for (let next; !next; stream = next ?? stream) {
        if (this.is_empty) await new Promise(resolve => { this.#wake = () => resolve(undefined); });
        if (this.#abort.signal.aborted) return;
        this.#is_stale = false;
        next = await this.#reopen();
      }
      this.#is_stale ||= this.#asks.size > 0;
    }
  }

  /** @param {Ask} ask */
  subscribe(ask) {
    if (this.#rooms.has(ask.room)) return this.#refuse(ask.room, { code: "already_subscribed", message: "The client is in this room already" });
    this.#asks.set(ask.room, ask);
    this.#change();
  }

  /** @param {string} room */
  unsubscribe(room) {
    const left = [this.#rooms.delete(room), this.#asks.delete(room)].includes(true);
    if (!left) return this.#refuse(room, { code: "not_subscribed", message: "The client is not in this room" });
    this.#port.tell({ type: "unsubscribed", room });
    this.#change();
  }

  /** Opens the stream again, to find out whether the hub can still be reached. */
  renew() {
    if (this.#stream) this.#change();
  }

  close() {
    this.#abort.abort();
    this.#wake();
  }

  #change() {
    this.#is_stale = true;
    this.#stream?.close();
    this.#wake();
  }

  /** @param {EventStream} stream */
  async #read(stream) {
    this.#stream = stream;
    try {
      while (!this.#is_stale) {
        const frame = await stream.next();
        if (frame.type === "message") await this.#tell_message(frame);
        else this.#tell(frame);
        if (stream.position.after === this.#position.after) continue;
        this.#position = stream.position;
        this.#port.tell({ type: "complete", rooms: [...this.#rooms], ...this.#position });
      }
    } catch (error) {
      if (!this.#is_stale || error instanceof Ended && error.code !== 1006) throw error;
    } finally {
      this.#stream = undefined;
      stream.close();
    }
  }

  /**
   * Opens a stream of the rooms that the client wants, and begins those that are new. Resolves with the stream, if there is one.
   * @returns {Promise<EventStream|undefined>}
   */
  async #reopen() {
    const asks = [...this.#asks.values()].slice(0, this.#batch), { log } = this.#position;
    /** @type {Map<string, Position|undefined>} */
    const cursors = new Map([...this.#rooms].map(room => [room, this.#position]));
    for (const { room, after = 0, ...ask } of asks) cursors.set(room, ask.log === log ? { log, after } : undefined);
    if (!cursors.size) return undefined;
    /** @type {EventStream|undefined} */
    let stream;
    try {
      const begun = await this.#begin_late(cursors, asks);
      const all = [...cursors.values()].map(cursor => cursor?.after ?? 0);
      stream = await this.#open([...cursors.keys()], { log, after: Math.min(...all) });
      for (const frame of stream.begun.values()) {
        if (frame.log !== log || this.#rooms.has(frame.room) && frame.resumed !== true) throw new Ended(1006); // the log was replaced
      }
      await this.#begin(asks, stream, begun);
      this.#batch *= 2;
      return stream;
    } catch (error) {
      stream?.close();
      const is_too_long = error instanceof Refused && [414, 431].includes(error.status); // the address, perhaps for a proxy
      if (!asks.length || !(error instanceof Refused) || !is_too_long && !(error.code && [400, 403].includes(error.status))) throw error;
      this.#batch = Math.ceil(asks.length / 2);
      if (asks.length > 1) return undefined;
      this.#asks.delete(asks[0].room);
      this.#refuse(asks[0].room, is_too_long ? { code: "too_many_rooms", message: "The address with all rooms is too long" } : error);
      return undefined;
    }
  }

  /**
   * Lets the hub begin the rooms that cannot go on with the others, until all can. Gives these rooms cursors.
   * @param {Map<string, Position|undefined>} cursors
   * @param {Ask[]} asks
   */
  async #begin_late(cursors, asks) {
    /** @type {Map<string, Begun>} */
    const begun = new Map();
    for (let round = 0; round < max_rounds; round += 1) {
      const late = late_rooms(cursors, asks, begun);
      if (!late.length) break;
      const stream = await this.#open(late);
      stream.close();
      for (const room of late) {
        cursors.set(room, stream.position);
        begun.set(room, { frame: stream.begun.get(room), newest: stream.position.after });
      }
    }
    return begun;
  }

  /**
   * Tells the client how its rooms begin or go on.
   * @param {Ask[]} asks
   * @param {EventStream} stream
   * @param {Map<string, Begun>} begun
   */
  async #begin(asks, stream, begun) {
    for (const [room, frame] of stream.begun) {
      const ask = asks.find(each => each.room === room), past = begun.get(room);
      if (this.#rooms.has(room)) {
        if (frame.fork) this.#tell({ type: "fork", room, ...frame.fork });
        if (past) await this.#catch_up.go_on(room, this.#position, past);
      } else if (ask && this.#asks.get(room) === ask) { // otherwise the client has left it
        this.#asks.delete(room);
        this.#rooms.add(room);
        if (past) await this.#catch_up.begin(ask, past);
        else await this.#tell_begun(as_subscribed(frame));
      }
    }
  }

  /**
   * Resolves with the fork that the hub tells a client which resumes the room there.
   * @param {string} room
   * @param {Position} position
   */
  async #fork(room, position) {
    const stream = await this.#open([room], position);
    stream.close();
    return stream.begun.get(room)?.fork;
  }

  /**
   * @param {string[]} rooms
   * @param {Position} [position]
   */
  #open(rooms, position) {
    const url = this.#to("events");
    for (const room of rooms) url.searchParams.append("room", room);
    for (const [name, value] of Object.entries(position ?? {})) url.searchParams.set(name, String(value));
    return new EventStream(this.#abort.signal).open(url, this.#headers, rooms.length, this.#port.heard);
  }

  /** @param {any} frame */
  #tell(frame) {
    if (this.#rooms.has(frame.room)) this.#port.tell(frame);
  }

  /**
   * Tells how a room begins. From a message on that may be one's own, the history follows when that is known, because only a room
   * that has begun can send again.
   * @param {any} frame
   */
  async #tell_begun(frame) {
    const { room, history = [] } = frame, i = history.findIndex((/** @type {any} */ message) => this.#port.doubts.has({ ...message, room }));
    this.#tell(i < 0 ? frame : { ...frame, history: history.slice(0, i) });
    for (const message of i < 0 ? [] : history.slice(i)) await this.#tell_message({ ...message, type: "message", room });
  }

  /** @param {any} frame */
  async #tell_message(frame) {
    if (this.#rooms.has(frame.room)) await this.#port.doubts.settled(frame, this.#abort.signal);
    this.#tell(frame);
  }

  /**
   * @param {string} room
   * @param {{code?: string|undefined, message: string}} why
   */
  #refuse(room, { code, message }) { this.#port.tell({ type: "error", code, message: message || code, room }); }
}

/**
 * Returns the rooms that must catch up before they share a stream: those without a cursor, those far behind the others, and those
 * with `most`, because nobody knows what they have missed before the hub has told the newest id.
 * @param {Map<string, Position|undefined>} cursors
 * @param {Ask[]} asks
 * @param {Map<string, Begun>} begun those that have caught up
 */
function late_rooms(cursors, asks, begun) {
  const newest = Math.max(...[...cursors.values()].map(cursor => cursor?.after ?? 0));
  const bounded = new Set(asks.filter(({ most }) => most !== undefined).map(({ room }) => room));
  const is_late = (/** @type {[string, Position|undefined]} */ [room, cursor]) =>
    !cursor || newest - cursor.after > max_repeated || bounded.has(room) && !begun.has(room);
  return [...cursors].filter(is_late).map(([room]) => room);
}
