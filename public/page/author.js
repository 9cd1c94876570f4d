// How the UUID of a connection is shown: as a short label, a colour and an avatar. Knows which connections this tab has had. Must not
// know the timeline.

import { on_language, translate } from "./i18n.js";
import { is_visible, without_directions } from "./text.js";

const storage_key = "hubbub mine";
const max_ids = 100; // that are kept over a reload

export const short_id = id => id.slice(0, 8);

export function label({ name, connection_id }) {
  const shown = without_directions(name ?? "");
  return is_visible(shown) ? shown : short_id(connection_id);
}

// Gives `element` the author's hue and returns the element. The style sheet derives colours from the hue that are readable
// on light and dark ground.
export function tint(element, id) {
  element.style.setProperty("--hue", parseInt(short_id(id), 16) % 360 || 0);
  return element;
}

// Returns an identicon: five by five cells whose right half mirrors the left. Avatars differ where labels look alike.
export function avatar(id) {
  const svg = svg_element("svg", { class: "avatar", viewBox: "-2 -2 9 9", "aria-hidden": "true" });
  const bits = parseInt(id.slice(-8), 16);
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

// The connections that this tab has had. The tab keeps their ids over a reload, so that the reader's own messages are recognized
// afterwards. Shows the id of the current connection.
export class OwnConnections {
  ids = stored_ids(); // a Set
  #element;
  #current;

  constructor(element) {
    this.#element = element;
    on_language(() => this.#draw());
  }

  // Must be called when the hub has accepted the connection `id`.
  set(id) {
    this.#current = id;
    this.add(id);
    this.#draw();
  }

  // Must be called for the reader's own messages: over HTTP each has a connection of its own.
  add(id) {
    if (this.ids.has(id)) return;
    this.ids.add(id);
    try {
      sessionStorage[storage_key] = JSON.stringify([...this.ids].slice(-max_ids));
    } catch { /* without storage they are lost in a reload */ }
  }

  #draw() {
    const id = this.#current;
    if (!id) return;
    const label = short_id(id), [before] = translate("you", "\n").split("\n");
    this.#element.title = translate("you", id);
    this.#element.replaceChildren(avatar(id), span("visually-hidden", before), tint(span("id", label), id),
      span("rest", id.slice(label.length)));
  }
}

function stored_ids() {
  try { return new Set(JSON.parse(sessionStorage[storage_key])); } catch { return new Set(); }
}

const span = (className, textContent) => Object.assign(document.createElement("span"), { className, textContent });
