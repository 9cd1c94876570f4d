// The form that messages are written in. Enter sends, and Shift+Enter begins a new line; where a finger writes, Enter begins a new
// line, because the keyboards of phones have no Shift+Enter. A counter appears near the limit of
// a message, a longer text can be sent in parts, and every room has a draft that survives the tab. Knows its form. Must not
// know the hub.

import { on_language, translate } from "./i18n.js";
import { button } from "./message.js";
import { open_tabs, tab } from "./outbox.js";
import { is_visible, trim_lines } from "./text.js";

const max_length = 1000; // code points
const counter_threshold = 100; // code points that are left when the counter appears
const max_parts = 20;
const by_finger = matchMedia("(pointer: coarse)");
// Every tab has drafts of its own, so that tabs do not overwrite each other, and the draft of a closed tab goes to the next tab that
// shows the room. Without Web Locks nobody knows which tabs are closed, so all share the drafts.
const owner = navigator.locks ? tab : "any";
const texts = new Map(); // by the address of the room; the storage may be forbidden or full
const entry = address => `hubbub draft ${address} ${owner}`;

export class Composer {
  #text;
  #count;
  #notice;
  #draft; // the address of the room
  #saved = true; // the draft outlives the page
  #send;

  // `send(text)` returns the reason if it refuses the text, else nothing.
  constructor(form, send) {
    this.#text = form.querySelector("textarea");
    this.#count = form.querySelector("output");
    this.#notice = form.querySelector("[role=alert]");
    this.#send = send;
    form.addEventListener("submit", event => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("keydown", event => {
      // While an input method composes, Enter chooses a word. Safari reports this by keyCode 229 alone.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      if (by_finger.matches && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("input", ({ inputType }) => {
      if (this.#saved) this.show_error("");
      this.#update();
      if (inputType === "insertFromPaste" && length(trim_lines(this.#text.value)) > max_length) this.#show_too_long();
    });
    by_finger.addEventListener("change", () => this.#draw_key());
    this.#draw_key();
    on_language(() => this.#draw());
  }

  // Shows the draft of the room with this address. What was typed while the page was loaded stays.
  show(address) {
    const typed = this.#draft === undefined && this.#text.value;
    this.#draft = address;
    this.#saved = true;
    this.#text.value = typed || draft(address);
    this.show_error("");
    this.#draw();
    this.#adopt(address);
    if (matchMedia("(pointer: fine)").matches) this.#text.focus();
  }

  get focused() { return document.activeElement === this.#text; }

  // Shows what went wrong, until the text changes. An empty text hides the notice. `more`: elements after the text.
  show_error(text, ...more) {
    if (!text && !this.#saved) text = translate("unsaved");
    this.#notice.replaceChildren(text, ...more);
    this.#notice.hidden = !text;
    this.#notice.classList.remove("good");
  }

  // Shows what went well.
  show_notice(text) {
    this.show_error(text);
    this.#notice.classList.add("good");
  }

  #submit() {
    const text = trim_lines(this.#text.value);
    if (!is_visible(text)) return;
    if (length(text) > max_length) this.#show_too_long();
    else this.#send_all([text]);
  }

  #show_too_long() {
    const parts = split(this.#text.value);
    const offer = parts.length <= max_parts ? [" ", button(translate("send_parts", parts.length), () => this.#send_all(parts))] : [];
    this.show_error(translate("too_long", length(trim_lines(this.#text.value)) - max_length), ...offer);
  }

  #send_all(parts) {
    while (parts.length) {
      const why = this.#send(parts[0]);
      if (why) {
        this.#text.value = parts.join("\n");
        this.#update();
        return this.show_error(why);
      }
      parts.shift();
    }
    this.#text.value = "";
    this.#text.focus();
    this.show_error("");
    this.#update();
  }

  async #adopt(address) {
    const is_wanted = () => this.#draft === address && !this.#text.value;
    if (!is_wanted()) return;
    const text = await adopt_draft(address, is_wanted);
    if (!text) return;
    this.#text.value = text;
    this.#draw();
  }

  #update() {
    this.#draw();
    const before = this.#saved;
    this.#saved = save_draft(this.#draft, this.#text.value);
    if (this.#saved !== before) this.show_error("");
  }

  // Names the key Enter on the keyboards of phones.
  #draw_key() { this.#text.enterKeyHint = by_finger.matches ? "enter" : "send"; }

  #draw() {
    const left = max_length - length(trim_lines(this.#text.value));
    this.#count.hidden = left >= counter_threshold;
    this.#count.textContent = left < 0 ? translate("over", -left) : translate("left", left);
    this.#count.classList.toggle("over", left < 0);
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}

// Returns the number of code points.
function length(text) {
  let points = 0;
  for (const _ of text) points += 1;
  return points;
}

// Splits a text into parts that fit into messages: at the end of a line if there is one in the second half of the part,
// else at the end of a word, else between two characters. A part keeps the indentation of its first line.
function split(text) {
  const parts = [];
  for (let rest = [...text]; rest.length;) {
    let end = Math.min(max_length, rest.length);
    if (end < rest.length) {
      const fits = rest.slice(0, end + 1);
      end = [fits.lastIndexOf("\n"), fits.lastIndexOf(" ")].find(at => at > max_length / 2) ?? end;
    }
    const part = trim_lines(rest.slice(0, end).join(""));
    if (is_visible(part)) parts.push(part);
    rest = rest.slice(rest[end] === " " ? end + 1 : end);
  }
  return parts;
}

// Returns this tab's draft. Earlier versions of the page have kept it in the session storage.
function draft(address) {
  return texts.get(address) ?? read(() => localStorage[entry(address)]) ?? read(() => sessionStorage[`hubbub draft ${address}`]) ?? "";
}

// Returns whether the draft outlives the page.
function save_draft(address, text) {
  texts.set(address, text);
  const [kept, fallback] = [() => localStorage, () => sessionStorage].map((storage, i) => {
    const name = i ? `hubbub draft ${address}` : entry(address);
    return { set: () => read(() => { storage()[name] = text; return true; }), remove: () => read(() => storage().removeItem(name)) };
  });
  if (text && !kept.set()) {
    kept.remove(); // it is an earlier text
    return fallback.set() ?? false;
  }
  if (!text) kept.remove();
  fallback.remove();
  return true;
}

// Resolves with the draft of a closed tab, which is this tab's from now on, or with "" if there is none, or if the page does not
// want it any more.
async function adopt_draft(address, is_wanted) {
  const open = await open_tabs(), prefix = `hubbub draft ${address} `;
  const names = read(() => Object.keys(localStorage)) ?? [];
  const name = open && names.find(each => each.startsWith(prefix) && each !== entry(address) && !open.has(each.slice(prefix.length)));
  if (!name || !is_wanted()) return "";
  const text = localStorage[name];
  localStorage.removeItem(name);
  save_draft(address, text);
  return text;
}

function read(act) {
  try { return act(); } catch { return undefined; }
}
