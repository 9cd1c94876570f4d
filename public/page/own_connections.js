// The connections that this tab has had. The tab keeps their ids over a reload, so that the reader's own messages are recognized
// afterwards. Shows the id of the current connection. Must not know messages.

import { avatar, short_id, tint } from "./author.js";
import { on_language, translate } from "./i18n.js";
import { element } from "./message.js";

const storage_key = "hubbub mine";
const max_ids = 100; // that are kept over a reload

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
    this.ids.add(id);
    try {
      sessionStorage[storage_key] = JSON.stringify([...this.ids].slice(-max_ids));
    } catch { /* without storage they are lost in a reload */ }
    this.#draw();
  }

  #draw() {
    const id = this.#current;
    if (!id) return;
    const label = short_id(id), [before] = translate("you", "\n").split("\n");
    this.#element.title = translate("you", id);
    this.#element.replaceChildren(avatar(id), element("span", "visually-hidden", before), tint(element("span", "id", label), id),
      element("span", "rest", id.slice(label.length)));
  }
}

function stored_ids() {
  try { return new Set(JSON.parse(sessionStorage[storage_key])); } catch { return new Set(); }
}
