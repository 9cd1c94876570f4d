// How an author is shown: as a label, a colour and an avatar. Knows which connections this tab has had. Must not know the timeline.

import { is_visible, without_directions } from "./text.js";

const storage_key = "hubbub mine";
const max_ids = 100; // that are kept over a reload

export const short_id = id => id.slice(0, 8);

export function label({ name, person, connection_id }) {
  const shown = without_directions(name ?? "");
  return is_visible(shown) ? shown : short_id(person ? hex(person) : connection_id);
}

// Whether the author has chosen the name, and nobody has verified it.
export const is_unverified = ({ name, verified }) => Boolean(name) && !verified;

// The label where there is only text: a name that nobody has verified begins with ~, as in other chats.
export const plain_label = message => (is_unverified(message) ? "~" : "") + label(message);

// Returns the id of the author: of the person, which is the same over all connections, else of the connection.
export const author_id = ({ person, connection_id }) => person ?? connection_id;

// Gives `element` the author's hue and returns the element. The style sheet derives colours from the hue that are readable
// on light and dark ground.
export function tint(element, id) {
  element.style.setProperty("--hue", parseInt(hex(id).slice(0, 8), 16) % 360 || 0);
  return element;
}

// Returns an identicon: five by five cells whose right half mirrors the left. Avatars differ where labels look alike.
export function avatar(id) {
  const svg = svg_element("svg", { class: "avatar", viewBox: "-2 -2 9 9", "aria-hidden": "true" });
  const bits = parseInt(hex(id).slice(-8), 16);
  const cells = Array.from({ length: 15 }, (_, i) => i).filter(i => bits >> i & 1);
  const paths = cells.flatMap(i => {
    const x = i % 3, y = Math.floor(i / 3);
    return [x, 4 - x].map(column => `M${column} ${y}h1v1h-1z`);
  });
  svg.append(svg_element("path", { d: [...new Set(paths)].join("") || "M1 1h3v3h-3z" }));
  return tint(svg, id);
}

function svg_element(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// Returns hexadecimal digits: those of a UUID, or a hash of a person (FNV-1a).
function hex(id) {
  if (/^[\da-f]{8}-/.test(id)) return id;
  let hash = 0x811c9dc5;
  for (const char of id) hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}

// The connections that this tab has had. The tab keeps their ids over a reload, so that the reader's own messages are recognized
// afterwards.
export class OwnConnections {
  ids = stored_ids(); // a Set

  // Must be called when the hub has accepted the connection `id`, and for the reader's own messages: over HTTP each has a connection
  // of its own.
  add(id) {
    if (this.ids.has(id)) return;
    this.ids.add(id);
    try {
      sessionStorage[storage_key] = JSON.stringify([...this.ids].slice(-max_ids));
    } catch { /* without storage they are lost in a reload */ }
  }
}

function stored_ids() {
  try { return new Set(JSON.parse(sessionStorage[storage_key])); } catch { return new Set(); }
}
