// Who the reader is: a name that the reader has chosen, or that a token gives, else the id of the connection. The name and the secret
// that stands for the person are kept by the browser, for all its tabs. Must not know messages beyond their person.

import { avatar, short_id, tint } from "./author.js";
import { on_language, translate } from "./i18n.js";
import { element } from "./message.js";

const patience = 1_000; // ms for the answer of the hub, before the reader is told that the name waits
const reasons = ["bad_name", "name_taken", "verified_name"]; // codes of the hub that have a text of their own

export class Person {
  on_changed = () => {}; // called when the person has another id
  #elements;
  #hub;
  #storage_key;
  #kept = {}; // {name, secret, id}; the id is that of the hub, and tells which messages are the reader's own
  connection_id; // the current one
  #token_name;
  #refused = false; // the hub does not accept the name

  // `elements` has `me`, which shows who the reader is, the `button` that shows the `form`, and the form, which has an input and an
  // alert. `base` is the address of the hub. `token()` returns the reader's token, which may have a name.
  constructor(elements, hub, base, token) {
    this.#elements = elements;
    this.#hub = hub;
    this.#storage_key = `hubbub person ${base}`;
    this.#token_name = () => name_in(token());
    this.#load();
    const { button, form } = elements, input = form.elements.name;
    button.addEventListener("click", () => {
      this.#show_form(form.hidden);
      if (!form.hidden) input.select();
      input.focus();
    });
    form.addEventListener("submit", event => {
      event.preventDefault();
      this.#choose(input.value.trim() || null);
    });
    form.addEventListener("keydown", ({ key }) => key === "Escape" && this.#show_form(false));
    input.addEventListener("input", () => this.#show_error(""));
    addEventListener("storage", ({ key }) => {
      if (key !== this.#storage_key) return;
      const { name, secret, id } = this.#kept;
      this.#load();
      if (id !== this.#kept.id) this.on_changed();
      if (name !== this.#kept.name || secret !== this.#kept.secret) this.#tell();
    });
    on_language(() => this.#draw());
    this.#tell();
  }

  get id() { return this.#kept.id; }

  // Returns whether the reader is the author of a message, over whatever connection.
  is_author({ person, name, verified }) {
    const token_name = this.#token_name();
    return person !== undefined && person === this.#kept.id || token_name !== undefined && verified === true && name === token_name;
  }

  // Must be called when the hub has accepted the connection `id`.
  connected(id) {
    this.connection_id = id;
    this.#draw();
  }

  // Must be called for every message of the reader's connections: a token's person is known by them alone, and so is that of a secret
  // where the client cannot compute it.
  wrote({ person }) {
    if (!person || person === this.id || !(person.startsWith("user-") ? this.#token_name() : this.#kept.secret)) return;
    this.#kept.id = person;
    this.#draw();
    this.on_changed();
  }

  // Must be called when each message has a connection of its own, so that only a person makes them those of one author.
  be_one() {
    if (this.#kept.secret || this.#token_name()) return;
    this.#kept.secret = new_secret();
    this.#tell();
  }

  // Must be called when the reader has entered another token.
  token_changed() {
    if (this.id?.startsWith("user-")) this.#kept.id = undefined;
    this.#draw();
  }

  // Must be called with every error of the hub that is about no room. Returns whether it is about the name, which the hub has accepted
  // over an earlier connection.
  failed({ code }) {
    if (!reasons.includes(code)) return false;
    if (code !== "verified_name") {
      this.#refused = true;
      this.#draw();
      this.#show_form(true);
      this.#show_error(translate(code));
      this.#hub.hello({ name: null, secret: this.#kept.secret }).catch(() => {}); // without the name the person stays the same
    }
    return true;
  }

  async #choose(name) {
    const secret = this.#kept.secret ?? new_secret(), late = setTimeout(() => this.#show_error(translate("name_waits")), patience);
    try {
      const { person } = await this.#hub.hello({ name, secret });
      this.#refused = false;
      this.#keep({ name: name ?? undefined, secret, id: person ?? this.id });
      this.#show_form(false);
    } catch (why) {
      clearTimeout(late);
      this.#show_error(reasons.includes(why.code) ? translate(why.code) : why.message);
    }
    clearTimeout(late);
  }

  // Tells the hub who the reader is, if the reader has chosen a name. A token has its own.
  #tell() {
    const { name, secret } = this.#kept;
    if (secret && !this.#token_name()) {
      this.#hub.hello({ name: name ?? null, secret }).then(({ person }) => this.#keep({ ...this.#kept, id: person ?? this.id }), why => this.failed(why));
    }
  }

  #keep(kept) {
    const changed = kept.id !== this.#kept.id;
    this.#kept = kept;
    try { localStorage[this.#storage_key] = JSON.stringify(kept); } catch { /* without storage the name lasts as long as the page */ }
    this.#draw();
    if (changed) this.on_changed();
  }

  #load() {
    try { this.#kept = JSON.parse(localStorage[this.#storage_key] ?? "{}"); } catch { /* nothing can be kept */ }
    this.#draw();
  }

  #show_form(shown) {
    const { button, form } = this.#elements, had_focus = form.contains(document.activeElement);
    form.hidden = !shown;
    button.setAttribute("aria-expanded", shown);
    this.#show_error("");
    if (shown) form.elements.name.value = this.#kept.name ?? "";
    else if (had_focus) button.focus();
  }

  #show_error(text) {
    const alert = this.#elements.form.querySelector("[role=alert]");
    alert.textContent = text;
    alert.hidden = !text;
    this.#elements.form.elements.name.setAttribute("aria-invalid", Boolean(text));
  }

  #draw() {
    const { me, button } = this.#elements, id = this.connection_id, token_name = this.#token_name(), name = token_name ?? (this.#refused ? undefined : this.#kept.name);
    button.hidden = Boolean(token_name);
    if (!id && !name) return;
    const face = this.#kept.id ?? id ?? "", [before] = translate("you", "\n").split("\n");
    me.title = translate("you", name ?? id);
    const shown = name ? [tint(element("span", "id", name), face)]
      : [tint(element("span", "id", short_id(id)), face), element("span", "rest", id.slice(short_id(id).length))];
    me.replaceChildren(avatar(face), element("span", "visually-hidden", before), ...shown);
  }
}

function new_secret() {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replaceAll("+", "-").replaceAll("/", "_");
}

// Returns the name in a token (RFC 7519, section 4.1.2), or undefined.
function name_in(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")), char => char.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)).sub || undefined;
  } catch { return undefined; }
}
