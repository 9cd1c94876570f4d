// A client that reconnects by itself: in each of its rooms it resumes after the last message that was delivered, and it sends
// again what is not confirmed. Knows the wire protocol. Must not know the page, nor whether there is one.

import { Connection } from "./connection.js";
import { EventEmitter } from "./events.js";
import { Greeting } from "./greeting.js";
import { Queue } from "./queue.js";
import { Room } from "./room.js";
import { failure } from "./receipts.js";
import { Sender } from "./sender.js";
import { check_options, not_subscribed, Subscription } from "./subscription.js";
import { Subscriptions } from "./subscriptions.js";

export { Room };

/** @typedef {import("./connection.js").Handler} Handler */
/** @typedef {import("./connection.js").Socket} Socket */
/** @typedef {import("./definitions.js").Address} Address */
/** @typedef {import("./definitions.js").Content} Content */
/** @typedef {import("./definitions.js").Events} Events */
/** @typedef {import("./definitions.js").Fork} Fork */
/** @typedef {import("./definitions.js").Hello} Hello */
/** @typedef {import("./definitions.js").Item} Item */
/** @typedef {import("./definitions.js").Message} Message */
/** @typedef {import("./definitions.js").Options} Options */
/** @typedef {import("./definitions.js").Person} Person */
/** @typedef {import("./definitions.js").Position} Position */
/** @typedef {import("./definitions.js").RoomEvents} RoomEvents */
/** @typedef {import("./definitions.js").RoomOptions} RoomOptions */
/** @typedef {import("./definitions.js").Status} Status */
/** @typedef {import("./definitions.js").Stored} Stored */
/** @typedef {import("./subscription.js").Beginning} Beginning */

export class Hubbub {
  #url;
  #first_name;
  #outbox;
  /** @type {Sender} */
  #sender;
  #connection;
  #greeting;
  /** @type {EventEmitter<Events>} */
  #events = new EventEmitter();
  /** The id of the connection once the hub has accepted it. @type {string|undefined} */
  #connection_id;
  #own_ids;
  /** @type {Subscriptions} */
  #subscriptions;
  /** @type {WeakMap<Subscription, Room>} */
  #rooms = new WeakMap();

  /**
   * @param {Address} address ws:// or wss://, with `?room=` unless the first room is the lobby
   * @param {Options} [options]
   */
  constructor(address, { outbox = new Queue(), from, ids = [], token, WebSocket = globalThis.WebSocket } = {}) {
    check_options({ from });
    this.#url = address;
    this.#first_name = new URL(href(address)).searchParams.get("room")?.normalize("NFC") || "lobby";
    this.#outbox = outbox;
    this.#own_ids = new Set(ids);
    this.#sender = new Sender(outbox, {
      transmit: item => this.#transmit(item),
      gate: ({ room }) => this.#greeting.is_due ? "closed" : this.#subscriptions.gate(room),
      acknowledge: (item, id) => this.#acknowledge(item, id),
      notify: sending => this.#subscriptions.get(sending.item.room)?.emit("sending", sending),
    });
    this.#connection = new Connection(WebSocket, {
      address: () => this.#address(),
      token: typeof token === "function" ? token : () => token,
      receive: frame => this.#receive(frame),
      due: () => this.#sender.in_flight ? "message" : this.#greeting.is_due || this.#subscriptions.awaits_answer ? "room" : undefined,
      ended: code => this.#ended(code),
      report: state => {
        if (state.state === "offline" && !state.reached) this.#subscriptions.opening.failed();
        this.#events.emit("line", state);
      },
    });
    this.#greeting = new Greeting({
      send: frame => this.#connection.send(frame),
      settled: () => this.#sender.proceed(),
      failed: frame => this.#events.emit("error", frame),
    });
    this.#subscriptions = new Subscriptions(this.#first_name, from ? { from } : {}, {
      send: frame => this.#connection.send(frame),
      make: (name, options) => this.#make(name, options),
      changed: () => this.#sender.proceed(),
    });
  }

  /**
   * Calls `listener` at every event of this type, of the connection or of the first room. Returns a function that removes the
   * listener.
   * @template {keyof Events} Type
   * @param {Type} type
   * @param {(detail: Events[Type]) => void} listener
   * @returns {() => void}
   */
  on(type, listener) { return this.#events.on(type, listener); }

  /** The `from` of a client whose first room shall go on here, in this process or another. @returns {Position|undefined} */
  get position() { return this.#subscriptions.first.position; }

  /** The rooms that the client is in: the first one, and those of `room`, unless they are left. */
  get rooms() { return Array.from(this.#subscriptions, subscription => this.#room_of(subscription)); }

  /**
   * Returns a room, the same object until it is left. It is subscribed now or when the connection is open, and after every
   * break, from its own position. A room that the hub has refused is tried again, but not by a call from a listener of that
   * error. Throws a TypeError if an option is malformed.
   * @param {string} name
   * @param {RoomOptions} [options] of a room that the client is not in
   */
  room(name, options = {}) {
    check_options(options);
    return this.#room_of(this.#subscriptions.join(name.normalize("NFC"), options));
  }

  /** Connects now. An open connection is closed before, and a planned attempt is cancelled. */
  open() {
    this.#connection.open();
    return this;
  }

  /** Disconnects until `open` is called. Messages that are not confirmed stay in the outbox. */
  close() { this.#connection.close(); }

  /**
   * Connects or sends a ping at once. To be called when the connection may have died unnoticed, as after a sleep.
   * @returns {void}
   */
  check() { this.#connection.check(); }

  /**
   * Sends a message to the first room now, or when the connection is back. The promise resolves when the message is stored.
   * It rejects with an Error whose `code` is that of the hub, `full` (a hundred messages wait already) or `cancelled`. If the
   * hub's database loses the message within ten minutes, the client sends it again with its key, and it gets another id.
   * @param {string} text 1 to 1000 code points, or none if there is data
   * @param {Content} [content]
   * @returns {Promise<Stored>}
   */
  send(text, content) { return this.#send(this.#subscriptions.first, text, content); }

  /**
   * Tells the hub the name and the secret of the person, now or when the connection is open, and over every later connection.
   * Messages wait for the answer. The promise resolves with it, or rejects with an Error whose `code` is that of the hub; then
   * what was told before stays.
   * @param {Hello} fields
   * @returns {Promise<Person>}
   */
  hello(fields) { return this.#greeting.hello(fields); }

  /**
   * Sends a refused item again. Returns its promise, which is still that of `send` if the item was not refused, or undefined if the
   * item does not wait.
   * @param {string} key
   * @returns {Promise<Stored>|undefined}
   */
  resend(key) { return this.#sender.resend(key); }

  /**
   * Removes an item from the outbox. Its promise rejects with `cancelled`.
   * @param {string} key
   */
  cancel(key) { this.#sender.cancel(key); }

  #address() {
    const url = new URL(href(this.#url)), opening = this.#subscriptions.opening.choose(this.#subscriptions.first);
    if (opening && opening.name !== this.#first_name) url.searchParams.set("room", opening.name);
    for (const [name, value] of Object.entries(opening?.position ?? {})) url.searchParams.set(name, String(value));
    return url;
  }

  /** @param {any} frame */
  #receive(frame) {
    switch (frame?.type) {
      case "init": this.#receive_init(frame); break;
      case "subscribed": this.#subscriptions.subscribed(frame); break;
      case "unsubscribed": this.#subscriptions.unsubscribed(frame); break;
      case "message": this.#subscriptions.receiver(frame.room)?.receive_message(frame, false); break;
      case "ack": this.#receive_ack(frame); break;
      case "hello": this.#greeting.answer(frame); break;
      case "error": this.#receive_error(frame); break;
      case "fork": this.#subscriptions.receiver(frame.room)?.receive_fork(frame); break;
      case "complete": for (const room of frame.rooms) this.#subscriptions.receiver(room)?.receive_position(frame); break;
      case "presence": this.#subscriptions.receiver(frame.room)?.receive_presence(frame); break;
    }
  }

  /** @param {Beginning & {connection_id: string, room: string}} frame */
  #receive_init(frame) {
    const { connection_id, room, log, history } = frame, resumed = frame.resumed === true;
    this.#own_ids.add(this.#connection_id = connection_id);
    this.#greeting.connected();
    const opened = this.#subscriptions.connected(room);
    this.#connection.accept();
    if (this.#connection_id !== connection_id) return; // a listener has closed the connection
    this.#events.emit("init", { connection_id, room, resumed, log, history: opened && history?.length || 0 });
    if (opened?.phase === "asked") opened.begin(frame);
    if (this.#connection_id === connection_id) this.#sender.connected(connection_id, log);
  }

  // An ack over HTTP names the connection, for each message has one of its own.
  /** @param {{key: string, id: number, user_message_number: number, connection_id?: string}} frame */
  #receive_ack(frame) {
    if (frame.connection_id) this.#own_ids.add(frame.connection_id);
    this.#sender.ack(frame);
  }

  /** @param {RoomEvents["error"] & {key?: string}} frame */
  #receive_error(frame) {
    if (this.#sender.error(frame) || this.#greeting.error(frame) || this.#connection.take_error(frame) || this.#subscriptions.error(frame)) return;
    const { room } = frame, subscription = room === undefined ? undefined : this.#subscriptions.receiver(room), item = this.#sender.in_flight;
    const is_of_item = subscription ? subscription.name === (item?.room ?? this.#first_name) : room === undefined && !this.#awaits_other;
    if (item && is_of_item) this.#sender.refused(item, frame);
    else if (subscription) subscription.emit("error", frame);
    else this.#events.emit("error", frame);
  }

  /** Whether an answer is due to anything but a message. */
  get #awaits_other() { return this.#connection.awaits_pong || this.#subscriptions.awaits_answer; }

  /**
   * @param {Item} item
   * @param {number} id
   * @returns {Status|"doubtful"}
   */
  #acknowledge(item, id) {
    const subscription = this.#subscriptions.get(item.room);
    return subscription ? subscription.acknowledge(item, id) : "stored"; // nothing arrives from a room that the client has left
  }

  /** @param {Item} item */
  #transmit({ room = this.#first_name, text, data, key }) {
    this.#connection.send({ type: "message", ...this.#subscriptions.opening.is_implied(room) ? {} : { room }, text, ...data && { data: JSON.parse(data) }, key });
  }

  /**
   * @param {Subscription} subscription
   * @param {string} text
   * @param {Content} [content]
   * @returns {Promise<Stored>}
   */
  #send({ is_left, name }, text, content) {
    const data = JSON.stringify(content?.data);
    if (data === undefined && content?.data !== undefined) throw new TypeError("The data is no value of JSON");
    return is_left ? Promise.reject(failure(not_subscribed)) : this.#sender.send(text, name, data);
  }

  /**
   * @param {string} name
   * @param {RoomOptions} options
   */
  #make(name, options) {
    const is_first = name === this.#first_name;
    return new Subscription(name, {
      queue: this.#outbox, sender: this.#sender, own_ids: this.#own_ids,
      has: ({ room = this.#first_name }) => room === name,
      forward: is_first ? (type, detail) => this.#events.emit(type, /** @type {any} */ (detail)) : () => {},
    }, options);
  }

  /** @param {Subscription} subscription */
  #room_of(subscription) {
    const room = this.#rooms.get(subscription)
      ?? new Room(subscription, (text, content) => this.#send(subscription, text, content), () => this.#subscriptions.leave(subscription));
    this.#rooms.set(subscription, room);
    return room;
  }

  /** @param {number} [code] the close code */
  #ended(code) {
    this.#connection_id = undefined;
    this.#greeting.disconnected();
    this.#sender.disconnected(code === 1009);
    this.#subscriptions.disconnected();
  }
}

/** Returns a client that connects at once. @type {(address: Address, options?: Options) => Hubbub} */
export const connect = (address, options) => new Hubbub(address, options).open();

const href = (/** @type {Address} */ address) => typeof address === "string" ? address : address.href;
