export { Room };
/** @typedef {import("./connection.js").Handler} Handler */
/** @typedef {import("./connection.js").Socket} Socket */
/** @typedef {import("./events.js").Message} Message */
/** @typedef {import("./events.js").Events} Events */
/** @typedef {import("./events.js").RoomEvents} RoomEvents */
/** @typedef {import("./events.js").Status} Status */
/** @typedef {import("./fork.js").Fork} Fork */
/** @typedef {import("./queue.js").Item} Item */
/** @typedef {import("./receipts.js").Stored} Stored */
/** @typedef {import("./subscription.js").Beginning} Beginning */
/** @typedef {import("./subscription.js").Position} Position */
/** @typedef {import("./subscription.js").RoomOptions} RoomOptions */
/** @typedef {string|{readonly href: string}} Address */
/**
 * @typedef {object} Options
 * @property {Queue} [outbox] keeps what is not confirmed, and for ten minutes what is; in memory unless given
 * @property {Position} [from] resumes the first room there instead of beginning with the history
 * @property {Iterable<string>} [ids] connections whose messages are `own` too
 * @property {string|(() => string|undefined)} [token] for hubs that need one; a function is called before every attempt
 * @property {new (url: any, protocols: any) => Socket} [WebSocket] for Node.js before 22, which has none
 */
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
export type Message = import("./events.js").Message;
export type Events = import("./events.js").Events;
export type RoomEvents = import("./events.js").RoomEvents;
export type Status = import("./events.js").Status;
export type Fork = import("./fork.js").Fork;
export type Item = import("./queue.js").Item;
export type Stored = import("./receipts.js").Stored;
export type Beginning = import("./subscription.js").Beginning;
export type Position = import("./subscription.js").Position;
export type RoomOptions = import("./subscription.js").RoomOptions;
export type Address = string | {
    readonly href: string;
};
export type Options = {
    /**
     * keeps what is not confirmed, and for ten minutes what is; in memory unless given
     */
    outbox?: Queue | undefined;
    /**
     * resumes the first room there instead of beginning with the history
     */
    from?: import("./subscription.js").Position | undefined;
    /**
     * connections whose messages are `own` too
     */
    ids?: Iterable<string> | undefined;
    /**
     * for hubs that need one; a function is called before every attempt
     */
    token?: string | (() => string | undefined) | undefined;
    /**
     * for Node.js before 22, which has none
     */
    WebSocket?: (new (url: any, protocols: any) => Socket) | undefined;
};
import { Room } from "./room.js";
import { Queue } from "./queue.js";
