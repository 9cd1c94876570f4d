/**
 * Throws a TypeError if the options are malformed.
 * @param {{from?: Position|null, most?: number}} options
 */
export function check_options({ from, most }: {
    from?: Position | null;
    most?: number;
}): void;
/** The names that the hub repeats in its answers. */
export const answerable_name: RegExp;
/** @type {Refusal} */
export const not_subscribed: Refusal;
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
    /**
     * @param {string} name in normalization form C
     * @param {Context} context
     * @param {RoomOptions} options
     */
    constructor(name: string, context: Context, { from, most }: RoomOptions);
    /** @type {EventEmitter<RoomEvents>} */
    events: EventEmitter<RoomEvents>;
    /** @type {Phase} */
    phase: Phase;
    /** Why the hub has refused or ended the subscription. @type {Refusal|undefined} */
    refusal: Refusal | undefined;
    /** Whether the hub has accepted the subscription at least once, over this connection or an earlier one. */
    confirmed: boolean;
    /** How many connections are in the room, if the hub has told. @type {number|undefined} */
    online: number | undefined;
    name: string;
    set most(most: number | undefined);
    get most(): number | undefined;
    /** @returns {Position|undefined} */
    get position(): Position | undefined;
    get is_accepted(): boolean;
    get is_refused(): boolean;
    get is_left(): boolean;
    /**
     * Tells the listeners, unless the client has left the room.
     * @template {keyof RoomEvents} Type
     * @param {Type} type
     * @param {RoomEvents[Type]} detail
     */
    emit<Type extends keyof RoomEvents>(type: Type, detail: RoomEvents[Type]): void;
    /**
     * Must be called when the hub has accepted the subscription.
     * @param {Beginning} beginning
     */
    begin({ log, resumed, history, missed, fork }: Beginning): void;
    /**
     * Must be called when the hub has refused the subscription.
     * @param {Refusal} refusal
     */
    refuse({ code, message }: Refusal): void;
    /**
     * Must be called when the hub has ended the subscription by itself.
     * @param {Refusal} refusal
     */
    drop(refusal: Refusal): void;
    /** Must be called when the client leaves the room. The items that wait are refused, unless the room is subscribed again. */
    abandon_items(): void;
    /** Must be called when the subscription that the client has left has ended. */
    end(): void;
    /** Must be called when the connection has ended. */
    disconnected(): void;
    /**
     * @param {Message} message
     * @param {boolean} past
     */
    receive_message(message: Message, past: boolean): void;
    /** @param {Partial<Fork>} frame */
    receive_fork(frame: Partial<Fork>): void;
    /**
     * Must be called when all messages of the room up to this position have arrived.
     * @param {Position} position
     */
    receive_position({ log, after }: Position): void;
    /** @param {RoomEvents["presence"]} frame */
    receive_presence(frame: RoomEvents["presence"]): void;
    /**
     * Returns the status of an item that the hub has stored as the message `id`, or "doubtful" if it must be sent again.
     * @param {Item} item
     * @param {number} id
     */
    acknowledge(item: Item, id: number): import("./definitions.js").Status | "doubtful";
    #private;
}
/**
 * The hub's reason: `code` for programs, and `message` for people.
 */
export type Refusal = {
    code: string;
    message: string;
};
/**
 * "idle": the hub was not asked over this connection. "asked": its answer is due. "beginning": the hub has accepted the
 * subscription, and the history is being delivered. "live": that is done. "refusing": the hub has refused it, and the listeners
 * are being told. "refused": the hub has refused it, or has ended it. "leaving": the client has left the room, and the hub's
 * answer is due. "left": nothing follows.
 */
export type Phase = "idle" | "asked" | "beginning" | "live" | "refusing" | "refused" | "leaving" | "left";
/**
 * What a frame `init` or `subscribed` tells about its room.
 */
export type Beginning = {
    log: string;
    resumed?: boolean;
    history?: Message[];
    missed?: number;
    fork?: Partial<Fork>;
};
/**
 * What a subscription needs of its client. `has` returns whether an item belongs to the room. `forward` gets every event.
 */
export type Context = {
    queue: Queue;
    sender: Sender;
    /**
     * connections whose messages are `own`
     */
    own_ids: Set<string>;
    has: (item: Item) => boolean;
    forward: <Type extends keyof RoomEvents>(type: Type, detail: RoomEvents[Type]) => void;
};
import type { Position } from "./definitions.js";
import { EventEmitter } from "./events.js";
import type { RoomEvents } from "./definitions.js";
import type { Message } from "./definitions.js";
import type { Fork } from "./definitions.js";
import type { Item } from "./definitions.js";
import type { RoomOptions } from "./definitions.js";
import type { Queue } from "./queue.js";
import type { Sender } from "./sender.js";
