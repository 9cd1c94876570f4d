export { Room };
/** @typedef {import("./connection.js").Handler} Handler */
/** @typedef {import("./connection.js").Socket} Socket */
/** @typedef {import("./definitions.js").Address} Address */
/** @typedef {import("./definitions.js").Events} Events */
/** @typedef {import("./definitions.js").Fork} Fork */
/** @typedef {import("./definitions.js").Item} Item */
/** @typedef {import("./definitions.js").Message} Message */
/** @typedef {import("./definitions.js").Options} Options */
/** @typedef {import("./definitions.js").Position} Position */
/** @typedef {import("./definitions.js").RoomEvents} RoomEvents */
/** @typedef {import("./definitions.js").RoomOptions} RoomOptions */
/** @typedef {import("./definitions.js").Status} Status */
/** @typedef {import("./definitions.js").Stored} Stored */
/** @typedef {import("./subscription.js").Beginning} Beginning */
export class Hubbub {
    /**
     * @param {Address} address ws:// or wss://, with `?room=` unless the first room is the lobby
     * @param {Options} [options]
     */
    constructor(address: Address, { outbox, from, ids, token, WebSocket }?: Options);
    /**
     * Calls `listener` at every event of this type, of the connection or of the first room. Returns a function that removes the
     * listener.
     * @template {keyof Events} Type
     * @param {Type} type
     * @param {(detail: Events[Type]) => void} listener
     * @returns {() => void}
     */
    on<Type extends keyof Events>(type: Type, listener: (detail: Events[Type]) => void): () => void;
    /** The `from` of a client whose first room shall go on here, in this process or another. @returns {Position|undefined} */
    get position(): Position | undefined;
    /** The rooms that the client is in: the first one, and those of `room`, unless they are left. */
    get rooms(): Room[];
    /**
     * Returns a room, the same object until it is left. It is subscribed now or when the connection is open, and after every
     * break, from its own position. A room that the hub has refused is tried again, but not by a call from a listener of that
     * error. Throws a TypeError if an option is malformed.
     * @param {string} name
     * @param {RoomOptions} [options] of a room that the client is not in
     */
    room(name: string, options?: RoomOptions): Room;
    /** Connects now. An open connection is closed before, and a planned attempt is cancelled. */
    open(): this;
    /** Disconnects until `open` is called. Messages that are not confirmed stay in the outbox. */
    close(): void;
    /**
     * Connects or sends a ping at once. To be called when the connection may have died unnoticed, as after a sleep.
     * @returns {void}
     */
    check(): void;
    /**
     * Sends a message to the first room now, or when the connection is back. The promise resolves when the message is stored.
     * It rejects with an Error whose `code` is that of the hub, `full` (a hundred messages wait already) or `cancelled`. If the
     * hub's database loses the message within ten minutes, the client sends it again with its key, and it gets another id.
     * @param {string} text 1 to 1000 code points
     * @returns {Promise<Stored>}
     */
    send(text: string): Promise<Stored>;
    /**
     * Sends a refused item again. Returns its promise, which is still that of `send` if the item was not refused, or undefined if the
     * item does not wait.
     * @param {string} key
     * @returns {Promise<Stored>|undefined}
     */
    resend(key: string): Promise<Stored> | undefined;
    /**
     * Removes an item from the outbox. Its promise rejects with `cancelled`.
     * @param {string} key
     */
    cancel(key: string): void;
    #private;
}
/** Returns a client that connects at once. @type {(address: Address, options?: Options) => Hubbub} */
export const connect: (address: Address, options?: Options) => Hubbub;
export type Handler = import("./connection.js").Handler;
export type Socket = import("./connection.js").Socket;
export type Address = import("./definitions.js").Address;
export type Events = import("./definitions.js").Events;
export type Fork = import("./definitions.js").Fork;
export type Item = import("./definitions.js").Item;
export type Message = import("./definitions.js").Message;
export type Options = import("./definitions.js").Options;
export type Position = import("./definitions.js").Position;
export type RoomEvents = import("./definitions.js").RoomEvents;
export type RoomOptions = import("./definitions.js").RoomOptions;
export type Status = import("./definitions.js").Status;
export type Stored = import("./definitions.js").Stored;
export type Beginning = import("./subscription.js").Beginning;
import { Room } from "./room.js";
