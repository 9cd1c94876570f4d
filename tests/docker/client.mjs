// The smallest WebSocket client that can tell whether a hub in a container works, in Node.js without a package.
// It knows as much of RFC 6455 as short unfragmented texts need; it knows no container.
//   client.mjs PORT history         prints the texts of the history, one a line
//   client.mjs PORT say TEXT        sends TEXT and ends when two connections were shown it
import { randomBytes } from "node:crypto";
import { request } from "node:http";

const deadline_ms = 10_000;
const [port, verb, text] = process.argv.slice(2);

/// Masked, as every frame of a client must be; up to 125 bytes.
function text_frame(payload) {
  const mask = randomBytes(4);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload.map((byte, i) => byte ^ mask[i % 4])]);
}

/// The first frame in these bytes and what follows it, or nothing while it is not whole.
function parse(bytes) {
  if (bytes.length < 2) return;
  const start = { 126: 4, 127: 10 }[bytes[1]] ?? 2;
  if (bytes.length < start) return;
  const size = { 2: () => bytes[1], 4: () => bytes.readUInt16BE(2), 10: () => Number(bytes.readBigUInt64BE(2)) }[start]();
  if (bytes.length < start + size) return;
  return { opcode: bytes[0] & 15, payload: bytes.subarray(start, start + size), rest: bytes.subarray(start + size) };
}

async function* events(socket, bytes) {
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk]);
    for (let frame; (frame = parse(bytes)); bytes = frame.rest) {
      if (frame.opcode === 1) yield JSON.parse(frame.payload.toString());
    }
  }
  throw new Error("the hub closed the connection");
}

class connection {
  static open() {
    const headers = {
      Connection: "Upgrade", Upgrade: "websocket",
      "Sec-WebSocket-Version": 13, "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    };
    return new Promise((resolve, reject) => request({ host: "127.0.0.1", port, path: "/ws", headers })
      .on("upgrade", (_, socket, head) => {
        socket.unshift(head);
        resolve(new connection(socket));
      })
      .on("response", (response) => reject(new Error(`HTTP ${response.statusCode} for /ws`)))
      .on("error", reject)
      .end());
  }

  constructor(socket) {
    this.socket = socket;
    this.events = events(socket, Buffer.alloc(0));
  }

  say(text) {
    this.socket.write(text_frame(Buffer.from(JSON.stringify({ type: "message", text }))));
  }

  async shown(wanted) {
    for (;;) {
      const { value } = await this.events.next();
      if (wanted(value)) return value;
    }
  }
}

setTimeout(() => { throw new Error(`no answer within ${deadline_ms} ms`); }, deadline_ms);
const speaker = await connection.open();
const init = await speaker.shown(({ type }) => type === "init");
if (verb === "history") {
  for (const message of init.history) console.log(message.text);
} else {
  const listener = await connection.open();
  await listener.shown(({ type }) => type === "init");
  speaker.say(text);
  const is_it = (event) => event.type === "message" && event.connection_id === init.connection_id && event.text === text;
  await Promise.all([speaker.shown(is_it), listener.shown(is_it)]);
}
process.exit();
