// Clients that talk in one room, resume with their cursor whenever they lose their connection, and send again what was not
// acknowledged. Knows what the hub promises; must not know why connections end.
//   crowd.mjs PORT SIZE [FILE]
//       Prints "all here" when all are connected, and talks until SIGTERM. Then it waits until everything is acknowledged and
//       read, checks it, writes the id and the key of each message into FILE, and prints the counts. On SIGUSR2 it says one more
//       word, and prints "all have read on" when all have read it. Exits with 1 and the first violation
import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { closed, connection, refused } from "./websocket.mjs";

const [port, size, file] = process.argv.slice(2);
const room = `crowd-${process.pid}`;
const counts = { messages: 0, "came back": 0, "told to return": 0, "cut off": 0, "not let in": 0 };
let talking = false;

function fail(what) {
  console.log(`not so: ${what}`);
  process.exit(1);
}

class client {
  constructor(name) {
    this.name = name;
    this.read = []; // every message, in the order in which it came
    this.unacked = new Map();
    this.acks = new Map();
    this.said = 0;
    this.present = new Promise((resolve) => { this.arrived = resolve; });
  }

  async run() {
    for (;;) {
      let wait = 50 + 200 * Math.random();
      try {
        await this.run_connection();
      } catch (end) {
        this.peer = undefined;
        const told = /^retry_after_ms=(\d+)$/.exec(end.reason);
        if (end instanceof refused) counts["not let in"] += 1;
        else if (!(end instanceof closed)) throw end;
        else if (end.code === 1006) counts["cut off"] += 1;
        else if (end.code === 1012 && told) {
          counts["told to return"] += 1;
          wait = Number(told[1]);
        } else fail(`${this.name} was closed with ${end.code} ${end.reason}`);
      }
      await pause(wait);
    }
  }

  async run_connection() {
    const back = this.log && `&after=${this.cursor}&log=${this.log}`;
    const peer = await connection.open(port, `?room=${room}${back ?? ""}`);
    for (;;) {
      const { value: event } = await peer.events.next();
      if (event.type === "init") this.handle_init(event, peer);
      if (event.type === "message") this.handle_message(event);
      if (event.type === "ack") this.handle_ack(event);
      if (event.type === "error") fail(`${this.name} got the error ${event.code}`);
    }
  }

  handle_init(init, peer) {
    if (this.log) {
      counts["came back"] += 1;
      if (!init.resumed) fail(`${this.name} came back with cursor ${this.cursor} and was not resumed`);
    } else if (init.history.length) fail("the room is not new");
    this.log ??= init.log;
    this.cursor ??= 0;
    this.peer = peer;
    for (const [key, text] of this.unacked) peer.say(text, key);
    this.arrived();
  }

  handle_message(message) {
    if (message.id <= this.cursor) fail(`${this.name} was shown id ${message.id} after ${this.cursor}`);
    this.cursor = message.id;
    this.read.push(message);
  }

  handle_ack({ key, id }) {
    if (this.acks.has(key) && this.acks.get(key) !== id) fail(`key ${key} is id ${this.acks.get(key)} and ${id}`);
    this.acks.set(key, id);
    this.unacked.delete(key);
  }

  say() {
    const key = `${room} ${this.name} ${++this.said}`;
    this.unacked.set(key, key);
    this.peer?.say(key, key);
    return key;
  }

  async talk() {
    for (; talking; await pause(100 + 100 * Math.random())) if (this.unacked.size < 50) this.say();
  }
}

/// Waits until `so` is true. After the given time, fails with `what`.
async function until(so, what, seconds = 120) {
  for (const end = Date.now() + seconds * 1000; !so(); await pause(20)) if (Date.now() > end) fail(`within ${seconds} s ${what()}`);
}

/// Says one word and waits until all clients have read it.
async function say_to_all() {
  const word = clients[0].say();
  const waiting = () => clients.filter(({ read }) => !read.some(({ text }) => text === word));
  await until(() => waiting().length === 0, () => `all have read "${word}", but not ${waiting().map(({ name }) => name)}`);
}

/// All clients have read the same messages, each one once and with every acknowledged one among them, and the numbers of each
/// connection are 1, 2, 3…
function judge() {
  const [first, ...others] = clients.map(({ read }) => JSON.stringify(read));
  others.forEach((read, i) => { if (read !== first) fail(`client ${i + 1} and client 0 read the same`); });
  const messages = clients[0].read, keys = new Map(messages.map(({ id, text }) => [id, text])), numbers = new Map();
  if (new Set(messages.map(({ text }) => text)).size !== messages.length) fail("each message is stored once");
  if (messages.length !== clients.reduce((sum, { said }) => sum + said, 0)) fail("all that was said is shown");
  for (const { acks } of clients) for (const [key, id] of acks) if (keys.get(id) !== key) fail(`key ${key}, acknowledged as ${id}, is shown`);
  for (const { connection_id, user_message_number } of messages) {
    const number = (numbers.get(connection_id) ?? 0) + 1;
    if (user_message_number !== number) fail(`message ${number} of ${connection_id} has the number ${user_message_number}`);
    numbers.set(connection_id, number);
  }
  counts.messages = messages.length;
}

const clients = Array.from({ length: Number(size) }, (_, i) => new client(`client ${i}`));
for (const one of clients) one.run();
await Promise.all(clients.map(({ present }) => present));
process.on("SIGUSR2", async () => {
  await say_to_all();
  console.log("all have read on");
});
process.once("SIGTERM", async () => {
  talking = false;
  await until(() => clients.every(({ unacked }) => unacked.size === 0), () => "all is acknowledged");
  await say_to_all();
  judge();
  if (file) writeFileSync(file, clients[0].read.map(({ id, text }) => `${id}|${text}\n`).join(""));
  console.log(Object.entries(counts).map(([what, count]) => `${count} ${what}`).join(", "));
  process.exit();
});
talking = true;
for (const one of clients) one.talk();
console.log("all here");
