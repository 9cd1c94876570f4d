export type Socket = import("./connection.js").Socket;
export type Queue = import("./queue.js").Queue;
/**
 * A message of a room, as the hub sent it. `room` is absent if the hub is of an older release. `data` is a value of JSON for
 * programs, and `text` is empty if there is data alone. `name` and `person` are the author's, where there are any. The name is
 * `verified` if it came from a token.
 */
export type Message = {
    type: "message";
    id: number;
    room?: string;
    text: string;
    data?: any;
    connection_id: string;
    user_message_number: number;
    created_at: string;
    name?: string;
    person?: string;
    verified?: boolean;
};
/**
 * What a message has beside its text. `data` is a value of JSON for programs.
 */
export type Content = {
    data?: any;
};
/**
 * What a client tells the hub of its person. A field that is absent stays as it is. `name` has 1 to 40 code points, and null
 * removes it. `secret` has 16 to 128 characters. Connections with the same secret are of the same person.
 */
export type Hello = {
    name?: string | null;
    secret?: string;
};
/**
 * What others learn of a person. `person` follows from the secret.
 */
export type Person = {
    name: string | null;
    person: string | null;
};
/**
 * The state of the connection. `reached`: the hub had accepted the connection that ended. `until`: when the next attempt
 * begins, in ms since 1970. `waiting`: the hub restarts and said for how long. `locked`: the token has expired, and the
 * client waits for `open`. `closed`: `close` was called. `transport`: "http" if the connection goes over HTTP, because the
 * network lets no WebSocket through, and absent otherwise.
 */
export type ConnectionState = {
    state: "connecting" | "closed";
} | {
    state: "online";
    transport?: "http";
} | {
    state: "locked";
    reached: boolean;
} | {
    state: "offline" | "waiting";
    until: number;
    reached: boolean;
};
/**
 * The status of an item. `undefined`: queued, queued again because its message was lost, or refused if `item.why` is set.
 * `held`: the hub asked to wait, and the client will send again. `stored`: the hub has stored it, and the message follows.
 * `gone`: the item was cancelled, or its message was delivered before.
 */
export type Status = "held" | "stored" | "gone" | undefined;
/**
 * The events of a room, each with its detail.
 */
export type RoomEvents = {
    /**
     * the hub has
     * accepted the subscription; `history` messages of the past follow, and none if it is `resumed`; `missed`: how many
     * messages followed the position, if these were more than the option `most` allows
     */
    subscribed: {
        room: string;
        resumed: boolean;
        log: string;
        history: number;
        missed?: number;
    };
    /**
     * the subscription has ended, and no message, presence or fork of the room
     * follows before another `subscribed`
     */
    unsubscribed: {
        room: string;
    };
    /**
     * a message was delivered;
     * `past`: it is part of the history; `own`: this client or a connection of the option `ids` wrote it; `key`: the key
     * of the item that became this message
     */
    message: {
        message: Message;
        past: boolean;
        own: boolean;
        key: string | undefined;
    };
    /**
     * the hub's database has lost the messages
     * between `after` and `first`, and listeners must remove them; `lost`: the items that the client sends again. The same
     * fork may be told several times, and then `lost` has no item twice
     */
    fork: Fork & {
        lost: Item[];
    };
    /**
     * how many connections are in the room
     */
    presence: {
        type: "presence";
        room: string;
        online: number;
    };
    /**
     * the hub refused the subscription, a
     * name or secret that it had accepted over an earlier connection, or a frame other than a message of this client
     */
    error: {
        type: "error";
        message: string;
        code: string;
        room?: string;
    };
    /**
     * the status of an item
     * has changed; `number` is its user_message_number once it is stored
     */
    sending: {
        item: Item;
        status: Status;
        number: number | undefined;
    };
};
/**
 * The events of the connection, each with its detail.
 */
export type ConnectionEvents = {
    /**
     * the state of the connection has changed
     */
    line: ConnectionState;
    /**
     * the hub has
     * accepted the connection, whose opening room is `room`; `history` messages of the past follow, and none if it is `resumed`
     */
    init: {
        connection_id: string;
        room: string;
        resumed: boolean;
        log: string;
        history: number;
    };
};
/**
 * The events of the client: those of its connection and of its first room.
 */
export type Events = ConnectionEvents & RoomEvents;
/**
 * A message on its way to the hub. `key` makes the hub store it once, however often it is sent. `room` is the name of its
 * room, and absent in items of older outboxes, which belong to the first room. `at` is the time of `send` in ms since 1970,
 * made unique within the queue. `via` has the ids of up to ten connections that have carried
 * the item. `why` is the hub's reason if it has refused the item. `seen` is the id of a message that has arrived before
 * the ack and seems to be this item. `stored` is set when the hub has stored the item. `data` is text in JSON, and absent if the
 * message has none. It stays as it is, because the hub refuses a key that comes with other data.
 */
export type Item = {
    key: string;
    text: string;
    data?: string;
    room?: string;
    at: number;
    via: string[];
    why: string | null;
    seen?: number;
    stored?: StoredAs;
};
/**
 * Where the hub has stored an item: the id of its message, the UUID of the log, and when the client learned of it, in ms
 * since 1970.
 */
export type StoredAs = {
    id: number;
    log: string;
    at: number;
};
/**
 * A loss in the hub's database: the messages with ids greater than `after` and less than `first` are gone. Ids go on at
 * `first`.
 */
export type Fork = {
    after: number;
    first: number;
};
/**
 * The newest message that was delivered, and its log.
 */
export type Position = {
    log: string;
    after: number;
};
/**
 * A message that the hub has stored.
 */
export type Stored = {
    id: number;
    user_message_number: number;
};
export type RoomOptions = {
    /**
     * resumes there instead of beginning with the history
     */
    from?: Position | undefined;
    /**
     * resumes only if at most so many messages were missed, 1 to 1000, and else begins with the history
     */
    most?: number | undefined;
};
export type Address = string | {
    readonly href: string;
};
export type Options = {
    /**
     * keeps what is not confirmed, and for ten minutes what is; in memory unless given
     */
    outbox?: import("./queue.js").Queue | undefined;
    /**
     * resumes the first room there instead of beginning with the history
     */
    from?: Position | undefined;
    /**
     * connections whose messages are `own` too
     */
    ids?: Iterable<string> | undefined;
    /**
     * for hubs that need one; a function is called before every attempt
     */
    token?: string | (() => string | undefined) | undefined;
    /**
     * for Node.js before 22, which has none;
     * without it, the client uses HTTP
     */
    WebSocket?: (new (url: any, protocols: any) => Socket) | undefined;
};
