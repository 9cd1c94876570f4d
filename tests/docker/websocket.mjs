// A minimal WebSocket client for Node.js, without a package. Knows the part of RFC 6455 that short unfragmented JSON texts
// need; must not know containers.
import { randomBytes } from "node:crypto";
import { request } from "node:http";

const opcode = { text: 1, close: 8, ping: 9, pong: 10 };

/// The connection ended, with the code and reason of its close frame, or with 1006 where none came.
export class closed extends Error {
  constructor(code = 1006, reason = "") {
    super(`the hub closed the connection: ${code} ${reason}`);
    Object.assign(this, { code, reason });
  }
}

/// The upgrade was refused, or not answered.
export class refused extends Error {}

/// A masked frame with a payload of up to 125 bytes.
function frame(code, payload) {
  const mask = randomBytes(4);
  return Buffer.concat([Buffer.from([0x80 | code, 0x80 | payload.length]), mask, payload.map((byte, i) => byte ^ mask[i % 4])]);
}

/// The first frame in these bytes and the bytes after it, or undefined while the frame is incomplete.
function parse(bytes) {
  if (bytes.length < 2) return;
  const start = { 126: 4, 127: 10 }[bytes[1]] ?? 2;
  if (bytes.length < start) return;
  const size = { 2: () => bytes[1], 4: () => bytes.readUInt16BE(2), 10: () => Number(bytes.readBigUInt64BE(2)) }[start]();
  if (bytes.length < start + size) return;
  return { code: bytes[0] & 15, payload: bytes.subarray(start, start + size), rest: bytes.subarray(start + size) };
}

async function* chunks(socket) {
  try {
    yield* socket;
  } catch (error) {
    throw error.syscall ? new closed() : error; // a reset ends the connection too
  }
}

async function* read(socket) {
  let bytes = Buffer.alloc(0);
  for await (const chunk of chunks(socket)) {
    bytes = Buffer.concat([bytes, chunk]);
    for (let next; (next = parse(bytes)); bytes = next.rest) {
      if (next.code === opcode.text) yield JSON.parse(next.payload.toString());
      if (next.code === opcode.ping) socket.write(frame(opcode.pong, next.payload));
      if (next.code === opcode.close) {
        socket.end(frame(opcode.close, next.payload.subarray(0, 2)));
        throw new closed(next.payload.readUInt16BE(0), next.payload.subarray(2).toString());
      }
    }
  }
  throw new closed();
}

export class connection {
  /// Opens a connection. Fails after two seconds without an answer to the upgrade.
  static open(port, query = "") {
    const headers = {
      Connection: "Upgrade", Upgrade: "websocket",
      "Sec-WebSocket-Version": 13, "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    };
    return new Promise((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path: `/ws${query}`, headers, agent: false })
        .on("upgrade", (_, socket, head) => {
          socket.setTimeout(0);
          socket.unshift(head);
          resolve(new connection(socket));
        })
        .on("response", (response) => reject(new refused(`HTTP ${response.statusCode} for /ws`)))
        .on("error", ({ message }) => reject(new refused(message)))
        .on("timeout", () => asked.destroy(new Error("no answer to the upgrade")))
        .setTimeout(2000);
      asked.end();
    });
  }

  constructor(socket) {
    this.socket = socket;
    socket.on("error", () => {}); // the reader reports errors
    this.events = read(socket);
  }

  say(text, key) {
    this.socket.write(frame(opcode.text, Buffer.from(JSON.stringify({ type: "message", text, key }))));
  }

  async shown(wanted) {
    for (;;) {
      const { value } = await this.events.next();
      if (wanted(value)) return value;
    }
  }
}
