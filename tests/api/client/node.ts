// A program for Node.js that uses every option and every event of the client. It sends a message and prints what it gets.

import WebSocket from "ws";
import { connect, Hubbub, Room, type Content, type Events, type Hello, type Item, type Options, type Person, type Position, type RoomEvents, type RoomOptions } from "hubbub-client";
import { Queue } from "hubbub-client/queue.js";

class Counted extends Queue {
  saved = 0;

  override save(item: Item): void {
    super.save(item);
    this.saved += 1;
  }
}

const address: string = process.argv[2]!;
const from: Position | undefined = undefined;
const outbox = new Counted();
const options: Options = { WebSocket, outbox, from, ids: ["7d444840-9dc0-41d1-b245-5ffdce74fad2"], token: () => undefined };
const hub = new Hubbub(new URL(address), options);

const seen = new Set<keyof Events>();
const states: Events["line"]["state"][] = [];
hub.on("line", line => {
  seen.add("line");
  states.push(line.state);
  if (line.state === "offline" || line.state === "waiting") console.error(new Date(line.until).toISOString(), line.reached ? 1 : 0);
});
hub.on("init", ({ connection_id, room, resumed, log, history }) => {
  seen.add("init");
  const all: [string, string, boolean, string, number] = [connection_id, room, resumed, log, history];
  console.error(all);
});
hub.on("sending", ({ item, status, number }) => {
  seen.add("sending");
  const [key, text]: string[] = [item.key, item.text];
  console.error(key, text, status === "stored" ? number?.toFixed() : item.why?.length);
});
hub.on("error", ({ message, code }) => {
  seen.add("error");
  console.error(message.length, code.length);
});
hub.on("fork", ({ after, first, lost }) => {
  seen.add("fork");
  console.error(first - after, ...lost.map(({ key, text, stored }) => `${key} ${text} ${stored?.id.toFixed()}`));
});
const presence = new Promise<number>(resolve => hub.on("presence", ({ online }) => {
  seen.add("presence");
  resolve(online);
}));
const message = new Promise<Events["message"]>(resolve => {
  const off: () => void = hub.on("message", detail => {
    seen.add("message");
    off();
    resolve(detail);
  });
});

hub.open();
const stored = await hub.send("hello");
const { message: { id, text, user_message_number: number, name, created_at }, past, own, key } = await message;
const online = await presence;
const position: Position | undefined = hub.position;
const refusal: string = await hub.send("\0").then(() => "none", (why: Error & { code: string }) => why.code);
hub.check();
hub.cancel("nothing has this key");
const again: Promise<{ id: number }> | undefined = hub.resend("nothing has this key");
hub.close();
console.log(JSON.stringify({
  stored, id, text, number, name, past, own, key: typeof key, date: created_at.length > 0, online, position, refusal, again, states,
  seen: [...seen].sort(), saved: outbox.saved > 0,
}));

// Uses all of a room. Nothing calls it.
export async function rooms(): Promise<void> {
  const options: RoomOptions = { from: { log: "7d444840-9dc0-41d1-b245-5ffdce74fad2", after: 7 }, most: 100 };
  const room: Room = hub.room("news", options), all: Room[] = hub.rooms;
  const off: () => void = room.on("subscribed", ({ room, resumed, log, history, missed }) => {
    const told: [string, boolean, string, number, number | undefined] = [room, resumed, log, history, missed];
    console.error(told, all.length);
  });
  off();
  room.on("unsubscribed", ({ room }) => console.error(room.length));
  room.on("message", ({ message, past, own }) => console.error(message.room?.length, past, own));
  room.on("error", ({ code, room }) => console.error(code.length, room?.length));
  hub.on("subscribed", ({ missed }: RoomEvents["subscribed"]) => console.error(missed?.toFixed()));
  const name: string = room.name, online: number | undefined = room.online, position: Position | undefined = room.position;
  const { id }: { id: number } = await room.send("hello");
  console.error(name, online, position, id);
  room.leave();
}

// Uses data and names. Nothing calls it.
export async function people(): Promise<void> {
  const content: Content = { data: { order: 7, items: [null, true] } }, fields: Hello = { name: null, secret: "0123456789abcdef" };
  const { name, person }: Person = await hub.hello(fields);
  await Promise.all([hub.send("shipped", content), hub.room("news").send("", { data: [1] }), hub.hello({ name: "Ann" })]);
  hub.on("message", ({ message: { data, name, person, verified } }) => {
    const order: number = data.order, author: [string | undefined, string | undefined, boolean | undefined] = [name, person, verified];
    console.error(order, author);
  });
  hub.on("sending", ({ item: { data } }) => console.error(data?.length));
  console.error(name?.length, person?.length);
}

// Nothing in this function compiles, and nothing calls it.
export function wrong(): void {
  // @ts-expect-error there is no such event
  hub.on("lines", () => {});
  // @ts-expect-error a presence has no rooms
  hub.on("presence", ({ rooms }) => rooms);
  // @ts-expect-error a state of the connection is one of six
  hub.on("line", ({ state }) => state === "broken");
  // @ts-expect-error only a planned attempt has a time
  hub.on("line", ({ until }) => until);
  // @ts-expect-error a fork has no log
  hub.on("fork", ({ log }) => log);
  // @ts-expect-error an id is a number
  hub.on("message", ({ message }) => message.id.length);
  // @ts-expect-error the history of an init is a number
  hub.on("init", ({ history }) => history.length);
  // @ts-expect-error a status is one of three
  hub.on("sending", ({ status }) => status === "lost");
  // @ts-expect-error a room does not know the connection
  hub.room("news").on("line", () => {});
  // @ts-expect-error a room has one name
  hub.room("news", "sports");
  // @ts-expect-error there is no such option of a room
  hub.room("news", { least: 7 });
  // @ts-expect-error a room keeps its name
  hub.room("news").name = "sports";
  // @ts-expect-error a code is a string
  hub.on("error", ({ code }) => code + 1 === 2 || code === 7);
  // @ts-expect-error a text is a string
  void hub.send(7);
  // @ts-expect-error data is an option
  void hub.send("hello", 7, {});
  // @ts-expect-error a secret cannot be removed
  void hub.hello({ secret: null });
  // @ts-expect-error a person has no such field
  void hub.hello({ nickname: "Ann" });
  // @ts-expect-error there is no such option
  connect(address, { websocket: WebSocket });
  // @ts-expect-error a position has a log
  connect(address, { from: { after: 7 } });
  // @ts-expect-error this is no WebSocket
  connect(address, { WebSocket: Map });
}
