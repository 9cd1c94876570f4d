// A line to a hub that comes back by itself: after a break it resumes behind the last message it has told, and sends
// again what is not confirmed. It knows the wire; it must not know the page.

const shortest = 500, longest = 15_000, longest_told = 300_000; // ms between two tries
const silence = 30_000; // ms without a frame while an answer is owed: the line is dead, though nobody closed it
const settled_after = 5_000; // ms a line must last before the next break counts as the first

// Tells by events: `line` {state, restarting}, `init` {connection_id, room, resumed}, `message` {message, own, past, key},
// `presence` {online}, `error` {message, code} and `sending` {item, status, number}: an item that waits, or failed by its
// `why`, or with a status `stored` (its message is on the way) or `gone`. A `message` with a `key` is that item's.
// Unknown frames and fields are passed over.
export class Hubbub extends EventTarget {
  #address;
  #outbox;
  #socket;
  #id;
  #ids = new Set();
  #log;
  #cursor = 0;
  #sent; // at most one item is under way: refused and sent again, it still goes out in the order it was written
  #stored = new Map(); // id → item: confirmed, its message not seen yet
  #breaks = 0;
  #refusals = 0;
  #since = 0;
  #again; // the timers: the next try of the line,
  #pause; // of a refused item,
  #patience; // and the end of waiting for an answer

  // `address`: the ws:// or wss:// URL, with `?room=` if wanted. `outbox`: an Outbox.
  constructor(address, outbox) {
    super();
    this.#address = address;
    this.#outbox = outbox;
    globalThis.addEventListener?.("online", () => this.open());
  }

  // Opens the line now, in place of an open or a planned one.
  open() {
    clearTimeout(this.#again);
    this.#leave();
    const url = new URL(this.#address);
    if (this.#log) {
      url.searchParams.set("after", this.#cursor);
      url.searchParams.set("log", this.#log);
    }
    const socket = this.#socket = new WebSocket(url);
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
    this.#watch();
  }

  // False when too many messages wait already.
  send(text) {
    const item = this.#outbox.add(text);
    if (item) this.#sending(item);
    this.#pump();
    return Boolean(item);
  }

  resend(key) {
    const item = this.#outbox.get(key);
    if (!item) return;
    item.why = null;
    this.#outbox.save(item);
    this.#sending(item);
    this.#pump();
  }

  cancel(key) {
    const item = this.#outbox.get(key);
    if (item) this.#finish(item, "gone");
  }

  #receive(data) {
    const frame = parse(data);
    switch (frame?.type) {
      case "init": this.#init(frame); break;
      case "message": this.#message(frame, false); break;
      case "ack": this.#ack(frame); break;
      case "error": this.#error(frame); break;
      case "presence": this.#tell("presence", frame); break;
    }
    this.#watch();
  }

  #init(frame) {
    this.#id = frame.connection_id;
    this.#ids.add(this.#id);
    this.#since = Date.now();
    const resumed = frame.resumed === true;
    this.#log = frame.log;
    this.#tell("line", { state: "online" });
    this.#tell("init", { connection_id: this.#id, room: frame.room, resumed });
    if (!resumed) this.#restart(frame.history ?? []);
    this.#pump();
  }

  #restart(history) {
    this.#cursor = 0;
    this.#stored.clear();
    for (const item of this.#outbox) {
      item.seen = false;
      this.#sending(item);
    }
    for (const message of history) this.#message(message, true);
  }

  #message(message, past) {
    if (message.id <= this.#cursor) return;
    this.#cursor = message.id;
    const item = this.#claim(message);
    this.#tell("message", { message, past, key: item?.key, own: this.#ids.has(message.connection_id) || Boolean(item) });
    if (item && item === this.#sent) this.#finish(item);
  }

  // The item that `message` is, if it is one of ours.
  #claim(message) {
    const stored = this.#stored.get(message.id);
    if (stored) {
      this.#stored.delete(message.id);
      return stored;
    }
    if (message.connection_id === this.#id && message.text === this.#sent?.text) return this.#sent;
    // Sent on a line that broke before the answer. The text is a guess, so it hides the item and the ack settles it.
    const item = this.#outbox.find(i => !i.seen && i.via.includes(message.connection_id) && i.text === message.text);
    if (item) item.seen = true;
    return item;
  }

  #ack({ key, id, user_message_number }) {
    const item = this.#outbox.get(key);
    if (!item) return;
    if (item.seen) return this.#finish(item);
    if (id <= this.#cursor) return this.#finish(item, "gone");
    this.#stored.set(id, item);
    this.#finish(item, "stored", user_message_number);
  }

  #error(frame) {
    const item = this.#outbox.get(frame.key) ?? this.#sent;
    if (!item) return this.#tell("error", frame);
    if (item === this.#sent) this.#sent = undefined;
    if (frame.code === "busy" || frame.code === "too_fast") {
      this.#pause = setTimeout(() => this.#resume(), shortest + backoff(this.#refusals++));
      return;
    }
    item.why = String(frame.message || frame.code);
    this.#outbox.save(item);
    this.#sending(item);
    this.#pump();
  }

  #resume() {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#pump();
  }

  #pump() {
    if (!this.#id || this.#sent || this.#pause) return;
    const item = this.#outbox.find(i => !i.why);
    if (!item) return;
    this.#sent = item;
    if (!item.via.includes(this.#id)) item.via = [...item.via.slice(-9), this.#id];
    this.#outbox.save(item);
    this.#socket.send(JSON.stringify({ type: "message", text: item.text, key: item.key }));
    this.#watch();
  }

  #finish(item, status, number) {
    this.#outbox.remove(item.key);
    if (status) this.#sending(item, status, number);
    if (item !== this.#sent) return;
    this.#sent = undefined;
    this.#refusals = 0;
    this.#pump();
  }

  #watch() {
    clearTimeout(this.#patience);
    if (this.#id && !this.#sent) return;
    this.#patience = setTimeout(() => {
      this.#leave();
      this.#lost();
    }, silence);
  }

  #leave() {
    if (!this.#socket) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = this.#id = this.#sent = undefined;
  }

  #lost(code, reason) {
    clearTimeout(this.#patience);
    clearTimeout(this.#again);
    if (this.#since && Date.now() - this.#since > settled_after) this.#breaks = 0;
    this.#id = this.#sent = undefined;
    this.#since = 0;
    const told = code === 1012 && /^retry_after_ms=(\d+)$/.exec(reason)?.[1];
    this.#again = setTimeout(() => this.open(), told ? Math.min(told, longest_told) : backoff(this.#breaks++));
    this.#tell("line", { state: "offline", restarting: code === 1012 });
  }

  #sending(item, status, number) {
    this.#tell("sending", { item, status, number });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// Full jitter: a thousand clients that lost their line at once come back spread out.
function backoff(tries) {
  return Math.random() * Math.min(longest, shortest * 2 ** tries);
}

function parse(data) {
  try { return JSON.parse(data); } catch { return null; }
}
