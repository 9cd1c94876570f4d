// Joins PNG images of one size into an animated PNG (PNG Third Edition, section 11.3.6). Knows chunks. Must not know pixels.

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

// Returns an animation of `frames`, [{png, ms}], that repeats for ever.
export function animated(frames) {
  let sequence = 0;
  const parts = frames.map(({ png }) => [...chunks(png)]);
  const data = parts.map(all => Buffer.concat(all.filter(({ type }) => type === "IDAT").map(({ body }) => body)));
  const head = parts[0].find(({ type }) => type === "IHDR").body;
  const out = [signature, chunk("IHDR", head), chunk("acTL", numbers(frames.length, 0))];
  frames.forEach(({ ms }, i) => {
    const control = Buffer.concat([numbers(sequence++, head.readUInt32BE(0), head.readUInt32BE(4), 0, 0), Buffer.alloc(6)]);
    control.writeUInt16BE(ms, 20);
    control.writeUInt16BE(1000, 22);
    out.push(chunk("fcTL", control));
    out.push(i ? chunk("fdAT", Buffer.concat([numbers(sequence++), data[i]])) : chunk("IDAT", data[i]));
  });
  return Buffer.concat([...out, chunk("IEND", Buffer.alloc(0))]);
}

function* chunks(png) {
  for (let at = signature.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString("latin1", at + 4, at + 8), body: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

function chunk(type, body) {
  const named = Buffer.concat([Buffer.from(type, "latin1"), body]);
  return Buffer.concat([numbers(body.length), named, numbers(crc32(named))]);
}

function numbers(...all) {
  const out = Buffer.alloc(4 * all.length);
  all.forEach((number, i) => out.writeUInt32BE(number, 4 * i));
  return out;
}

// zlib.crc32 exists from Node.js 20.15 on only.
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc >>> 1 ^ (crc & 1 && 0xedb88320);
  }
  return ~crc >>> 0;
}
