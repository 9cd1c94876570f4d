// Keeps the rooms of a client subscribed, and finds the room that a frame of the hub is about. Knows the commands subscribe and
// unsubscribe, and what follows from their answers. Must not know sockets or messages.

import { Commands } from "./commands.js";
import { OpeningRoom } from "./opening_room.js";
import { RetryQueue } from "./retry_queue.js";
import { answerable_name, not_subscribed } from "./subscription.js";

/** @import { Command } from "./commands.js" */
/** @import { RoomOptions } from "./definitions.js" */
/** @import { Beginning, Refusal, Subscription } from "./subscription.js" */

/** @type {Refusal} */
const bad_room = { code: "bad_room", message: "The name of a room has 1 to 64 characters" };
/** The codes after which the client sends a command again by itself. */
const passing = new Set(["too_fast", "busy", "already_subscribed"]);

/**
 * What the subscriptions need of the client.
 * @typedef {object} Port
 * @property {(frame: object) => void} send sends a frame over the connection
 * @property {(name: string, options: RoomOptions) => Subscription} make
 * @property {() => void} changed must be called when the gate of a room has changed
 */

export class Subscriptions {
  #port;
  #first_name;
  /** The rooms that the client is in, by name. @type {Map<string, Subscription>} */
  #rooms = new Map();
  #commands = new Commands();
  #retries = new RetryQueue(({ type, subscription }) => type === "subscribe" ? this.#ask(subscription) : this.#command(type, subscription));
  #connected = false;
  /** Set if the hub is of an older release, which does not know the commands. @type {Refusal|undefined} */
  #unknown;
  /** The room of the client's address: the newest subscription to it, which may be left. @type {Subscription} */
  first;
  /** @type {OpeningRoom} */
  opening;

  /**
   * @param {string} first_name
   * @param {RoomOptions} options
   * @param {Port} port
   */
  constructor(first_name, options, port) {
    this.#port = port;
    this.#first_name = first_name;
    this.first = port.make(first_name, options);
    this.opening = new OpeningRoom(this.#rooms, this.first);
    this.#rooms.set(first_name, this.first);
  }

  get awaits_answer() { return this.#commands.size > 0; }

  [Symbol.iterator]() { return this.#rooms.values(); }

  /**
   * Returns the subscription of a room that the client is in.
   * @param {string} [name] the first room unless given
   */
  get(name = this.#first_name) { return this.#rooms.get(name); }

  /**
   * Returns the live subscription that a frame of the hub is about.
   * @param {string} [name] `room` of the frame, which frames of an older hub do not have
   */
  receiver(name) {
    const subscription = this.opening.is_meant_by(name) ? this.opening.subscription : this.#rooms.get(name ?? "");
    return subscription?.phase === "live" ? subscription : undefined;
  }

  /**
   * Returns whether messages to a room can be sent. "open": yes. "closed": not yet, because an answer is due. "absent": the client
   * is not in the room. Otherwise: no, for this reason.
   * @param {string} [name] the first room unless given
   * @returns {"open"|"closed"|"absent"|Refusal}
   */
  gate(name = this.#first_name) {
    const subscription = this.#rooms.get(name);
    if (subscription?.phase === "live") return "open";
    if (subscription?.is_refused) return subscription.refusal ?? not_subscribed;
    return subscription || this.#commands.has(name) || this.#retries.has("unsubscribe", name) ? "closed" : "absent";
  }

  /**
   * Subscribes to a room, now or when the connection is open. A subscription that was refused is tried again, unless its
   * listeners are still being told, or another answer is impossible over this connection.
   * @param {string} name
   * @param {RoomOptions} options
   */
  join(name, options) {
    const joined = this.#rooms.get(name);
    if (joined && (joined.phase !== "refused" || this.#foreseen_refusal(name))) return joined;
    const subscription = joined ?? this.#port.make(name, options);
    this.#rooms.set(name, subscription);
    if (name === this.#first_name) this.first = subscription;
    if (this.#connected) this.#subscribe(subscription);
    return subscription;
  }

  /** @param {Subscription} subscription */
  leave(subscription) {
    if (subscription.is_left) return;
    subscription.abandon_items();
    this.#rooms.delete(subscription.name);
    this.#retries.remove("subscribe", subscription.name);
    if (subscription === this.opening.subscription) this.opening.close();
    if (subscription.phase === "asked" || subscription.is_accepted) this.#unsubscribe(subscription);
    else subscription.end();
    this.#port.changed();
  }

  /**
   * Must be called when the hub has accepted a connection. Subscribes to the other rooms, without waiting for the answers
   * between them. Returns the subscription of the opening room, or undefined if the client has left it.
   * @param {string} [name] the hub's name of its room
   */
  connected(name) {
    const opened = this.opening.subscription, kept = this.#rooms.get(opened.name) === opened;
    this.#connected = true;
    if (kept) opened.phase = "asked";
    else this.#command("unsubscribe", opened);
    this.opening.connected(kept ? name ?? opened.name : undefined);
    for (const subscription of this.#rooms.values()) if (subscription !== opened) this.#subscribe(subscription);
    return kept ? opened : undefined;
  }

  /** Must be called when the connection has ended. */
  disconnected() {
    this.#unknown = undefined;
    this.opening.close();
    this.#connected = false;
    const commands = [...this.#commands.clear(), ...this.#retries.clear()];
    for (const subscription of this.#rooms.values()) subscription.disconnected();
    for (const { type, subscription } of commands) if (type === "unsubscribe") subscription.disconnected();
  }

  /** @param {Beginning & {room: string}} frame */
  subscribed(frame) {
    const name = this.opening.name_of(frame.room), command = this.#commands.begun(name);
    if (command?.type === "unsubscribe") this.#retries.postpone(command);
    if (command?.type !== "subscribe") return;
    this.#retries.succeeded();
    this.#ended(this.#retries.remove("unsubscribe", name)); // the hub had ended that subscription before it accepted this one
    // The answer changes nothing if the client has left the room meanwhile, whether it is subscribed again or not.
    if (command.subscription.phase === "asked") command.subscription.begin(frame);
    this.#answered();
  }

  /** @param {{room: string}} frame */
  unsubscribed(frame) {
    const name = this.opening.name_of(frame.room), command = this.#commands.ended(name), waiting = this.#retries.remove("unsubscribe", name);
    this.#ended(command ? [command, ...waiting] : waiting);
    if (!command && !waiting.length) this.#rooms.get(name)?.drop(not_subscribed);
    this.#answered();
  }

  /**
   * Returns whether the error was about a command.
   * @param {Refusal & {room?: string}} frame
   */
  error(frame) {
    const commands = this.#commands.refused(frame.code, frame.room === undefined ? undefined : this.opening.name_of(frame.room));
    // When the hub ends a subscription that the client is about to leave, it answers the command with this error.
    if (!commands.length) return frame.code === "not_subscribed" && frame.room !== undefined;
    for (const command of commands) this.#refused(command, frame);
    if (frame.code === "unknown_type") this.#give_up(frame);
    this.#answered();
    return true;
  }

  /**
   * @param {Command} command
   * @param {Refusal} refusal
   */
  #refused(command, refusal) {
    const { type, subscription } = command, { name } = subscription, again = passing.has(refusal.code);
    if (type === "unsubscribe") return again ? this.#retries.postpone(command) : this.#ended([command, ...this.#retries.remove(type, name)]);
    if (!again) return this.#refuse(subscription, refusal);
    if (subscription.phase !== "asked") return;
    subscription.phase = "idle";
    // Without the hub's history and cursor the subscription is of no use, so it is ended and made anew.
    if (refusal.code === "already_subscribed" && !this.#retries.has("unsubscribe", name)) this.#retries.add({ type: "unsubscribe", subscription });
    this.#retries.postpone(command);
  }

  /** @param {Command[]} commands those whose subscriptions the hub has ended */
  #ended(commands) {
    for (const { subscription } of commands) if (subscription.is_left) subscription.end();
  }

  /** @param {Subscription} subscription */
  #subscribe(subscription) {
    subscription.phase = "idle";
    subscription.refusal = undefined;
    const refusal = this.#foreseen_refusal(subscription.name);
    if (refusal) this.#refuse_soon(subscription, refusal);
    else if (this.#retries.size) this.#retries.add({ type: "subscribe", subscription });
    else this.#ask(subscription);
  }

  /**
   * Returns why a room cannot be subscribed over this connection, if the hub need not be asked for that.
   * @param {string} name
   */
  #foreseen_refusal(name) { return answerable_name.test(name) ? this.#unknown : bad_room; }

  /** @param {Subscription} subscription */
  #ask(subscription) {
    const { position, most } = subscription;
    subscription.phase = "asked";
    this.#command("subscribe", subscription, { ...position, ...position && most !== undefined ? { most } : {} });
  }

  /** @param {Subscription} subscription */
  #unsubscribe(subscription) {
    subscription.phase = "leaving";
    this.#command("unsubscribe", subscription);
  }

  /**
   * @param {"subscribe"|"unsubscribe"} type
   * @param {Subscription} subscription
   * @param {object} [more] fields of the frame
   */
  #command(type, subscription, more) {
    this.#commands.add({ type, subscription });
    this.#port.send({ type, room: subscription.name, ...more });
  }

  /**
   * @param {Subscription} subscription
   * @param {Refusal} refusal
   */
  #refuse(subscription, refusal) {
    if (subscription.phase === "asked" || subscription.phase === "idle") subscription.refuse(refusal);
  }

  // Refuses a subscription without asking the hub, but not before the caller of `join` can listen.
  /**
   * @param {Subscription} subscription
   * @param {Refusal} refusal
   */
  #refuse_soon(subscription, refusal) {
    Promise.resolve().then(() => {
      this.#refuse(subscription, refusal);
      this.#port.changed();
    });
  }

  // The hub is of an older release: refuses all subscriptions that it has not accepted.
  /** @param {Refusal} refusal */
  #give_up(refusal) {
    this.#unknown = refusal;
    this.#ended(this.#retries.clear());
    for (const subscription of this.#rooms.values()) this.#refuse(subscription, refusal);
  }

  #answered() {
    this.#retries.proceed();
    this.#port.changed();
  }
}
