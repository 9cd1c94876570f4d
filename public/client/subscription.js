// One room of the client: its position in the log, its phase, and what happens to its messages. Knows messages, history and
// forks. Must not know sockets, nor how the hub is asked for the room.

import { EventEmitter } from "./events.js";
import { is_lost, read_fork } from "./fork.js";
import { Tracker } from "./tracker.js";

/** @import { Fork, Item, Message, Position, RoomEvents, RoomOptions } from "./definitions.js" */
/** @import { Queue } from "./queue.js" */
/** @import { Sender } from "./sender.js" */
/** The hub's reason: `code` for programs, and `message` for people. @typedef {{code: string, message: string}} Refusal */

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Throws a TypeError if the options are malformed.
 * @param {{from?: Position|null, most?: number}} options
 */
export function check_options({ from, most }) {
  const is_position = !from || Number.isInteger(from.after) && from.after >= 0 && typeof from.log === "string" && uuid.test(from.log);
  if (!is_position) throw new TypeError("The option `from` is a position: `log` is the UUID of a log, and `after` a whole number from 0 on");
  const is_count = most === undefined || Number.isInteger(most) && most >= 1 && most <= 1000;
  if (!is_count) throw new TypeError("The option `most` is a whole number from 1 to 1000");
}

/** The names that the hub repeats in its answers. */
export const answerable_name = /^\P{Surrogate}{1,64}$/su;
/** @type {Refusal} */
export const not_subscribed = { code: "not_subscribed", message: "The client is not subscribed to this room" };

/**
 * "idle": the hub was not asked over this connection. "asked": its answer is due. "beginning": the hub has accepted the
 * subscription, and the history is being delivered. "live": that is done. "refusing": the hub has refused it, and the listeners
 * are being told. "refused": the hub has refused it, or has ended it. "leaving": the client has left the room, and the hub's
 * answer is due. "left": nothing follows.
 * @typedef {"idle"|"asked"|"beginning"|"live"|"refusing"|"refused"|"leaving"|"left"} Phase
 */

/**
 * What a frame `init` or `subscribed` tells about its room.
 * @typedef {{log: string, resumed?: boolean, history?: Message[], missed?: number, fork?: Partial<Fork>}} Beginning
 */

/**
 * What a subscription needs of its client. `has` returns whether an item belongs to the room. `forward` gets every event.
 * @typedef {object} Context
 * @property {Queue} queue
 * @property {Sender} sender
 * @property {Set<string>} own_ids connections whose messages are `own`
 * @property {(item: Item) => boolean} has
 * @property {<Type extends keyof RoomEvents>(type: Type, detail: RoomEvents[Type]) => void} forward
 */

export class Subscription {
  /** @type {EventEmitter<RoomEvents>} */
  events = new EventEmitter();
  /** @type {Phase} */
  phase = "idle";
  /** Why the hub has refused or ended the subscription. @type {Refusal|undefined} */
  refusal;
  /** @type {number|undefined} */
  #most;
  /** Whether the hub has accepted the subscription at least once, over this connection or an earlier one. */
  confirmed = false;
  /** How many connections are in the room, if the hub has told. @type {number|undefined} */
  online;
  /** The UUID of the log of the cursor, or undefined before the first answer. @type {string|undefined} */
  #log;
  /** The id up to which all messages were delivered. */
  #cursor;
  #context;
  #tracker;

  /**
   * @param {string} name in normalization form C
   * @param {Context} context
   * @param {RoomOptions} options
   */
  constructor(name, context, { from, most }) {
    this.name = name;
    this.#most = most;
    this.#log = from?.log;
    this.#cursor = from?.after ?? 0;
    this.#context = context;
    this.#tracker = new Tracker(context.queue, context.has, item => this.emit("sending", { item, status: undefined, number: undefined }));
  }

  get most() { return this.#most; }
  set most(most) {
    check_options({ most });
    this.#most = most;
  }

  /** @returns {Position|undefined} */
  get position() { return this.#log ? { log: this.#log, after: this.#cursor } : undefined; }

  get is_accepted() { return this.phase === "beginning" || this.phase === "live"; }

  get is_refused() { return this.phase === "refusing" || this.phase === "refused"; }

  get is_left() { return this.phase === "leaving" || this.phase === "left"; }

  /**
   * Tells the listeners, unless the client has left the room.
   * @template {keyof RoomEvents} Type
   * @param {Type} type
   * @param {RoomEvents[Type]} detail
   */
  emit(type, detail) {
    if (!this.is_left) this.#tell(type, detail);
  }

  /**
   * Must be called when the hub has accepted the subscription.
   * @param {Beginning} beginning
   */
  begin({ log, resumed, history, missed, fork }) {
    const past = history ?? [];
    this.phase = "beginning";
    this.confirmed = true;
    this.refusal = undefined;
    this.emit("subscribed", { room: this.name, resumed: resumed === true, log, history: past.length, ...typeof missed === "number" ? { missed } : {} });
    if (this.phase !== "beginning") return; // a listener has left the room or closed the connection
    this.#log = log;
    if (resumed !== true) this.#reset(log, past);
    if (fork) this.receive_fork(fork);
    if (this.phase === "beginning") this.phase = "live";
  }

  /**
   * Must be called when the hub has refused the subscription.
   * @param {Refusal} refusal
   */
  refuse({ code, message }) {
    this.phase = "refusing";
    this.refusal = { code, message };
    this.emit("error", { type: "error", message, code, room: this.name });
    if (this.phase === "refusing") this.phase = "refused";
  }

  /**
   * Must be called when the hub has ended the subscription by itself.
   * @param {Refusal} refusal
   */
  drop(refusal) {
    this.phase = "refused";
    this.refusal = refusal;
    this.emit("unsubscribed", { room: this.name });
  }

  /** Must be called when the client leaves the room. The items that wait are refused, unless the room is subscribed again. */
  abandon_items() { this.#context.sender.abandon(this.#context.has); }

  /** Must be called when the subscription that the client has left has ended. */
  end() {
    if (this.phase === "left") return;
    this.phase = "left";
    this.#tell("unsubscribed", { room: this.name });
  }

  /** Must be called when the connection has ended. */
  disconnected() {
    this.#tracker.disconnected();
    if (this.phase === "leaving") this.end();
    else if (this.phase !== "left") this.phase = "idle";
  }

  /**
   * @param {Message} message
   * @param {boolean} past
   */
  receive_message(message, past) {
    if (!this.is_accepted || message.id <= this.#cursor) return;
    this.#cursor = message.id;
    const { sender, own_ids } = this.#context;
    const item = this.#tracker.match(message, sender.candidates(message));
    const own = own_ids.has(message.connection_id) || Boolean(item);
    this.emit("message", { message, past, key: item?.key, own });
    sender.delivered(item, message);
  }

  /** @param {Partial<Fork>} frame */
  receive_fork(frame) {
    const fork = read_fork(frame);
    if (!fork || !this.#log || !this.is_accepted) return;
    // Everything that survived the fork or came after it then follows the cursor, whenever the connection breaks.
    if (is_lost(this.#cursor, fork)) this.#cursor = fork.after;
    const lost = this.#tracker.lose(fork, this.#log);
    this.#context.sender.proceed();
    this.emit("fork", { ...fork, lost });
  }

  /**
   * Must be called when all messages of the room up to this position have arrived.
   * @param {Position} position
   */
  receive_position({ log, after }) {
    if (this.phase === "live" && log === this.#log) this.#cursor = Math.max(this.#cursor, after);
  }

  /** @param {RoomEvents["presence"]} frame */
  receive_presence(frame) {
    if (this.phase !== "live") return;
    this.online = frame.online;
    this.emit("presence", frame);
  }

  /**
   * Returns the status of an item that the hub has stored as the message `id`, or "doubtful" if it must be sent again.
   * @param {Item} item
   * @param {number} id
   */
  acknowledge(item, id) { return this.#tracker.acknowledge(item, id, this.#cursor); }

  /**
   * Begins with the history, instead of going on after the cursor.
   * @param {string} log
   * @param {Message[]} history the newest messages, oldest first
   */
  #reset(log, history) {
    this.#cursor = 0;
    this.#tracker.reset(log, history);
    for (const message of history) this.receive_message(message, true);
  }

  /**
   * @template {keyof RoomEvents} Type
   * @param {Type} type
   * @param {RoomEvents[Type]} detail
   */
  #tell(type, detail) {
    this.events.emit(type, detail);
    this.#context.forward(type, detail);
  }
}
