// The form that messages are written in. Enter sends, and Shift+Enter begins a new line; where a finger writes, Enter begins a new
// line, because the keyboards of phones have no Shift+Enter. A counter appears near the limit of
// a message, a longer text can be sent in parts, and every room has a draft that survives a reload. Knows its form. Must not
// know the hub.

import { on_language, translate } from "./i18n.js";
import { button } from "./message.js";
import { is_visible, trim_lines } from "./text.js";

const max_length = 1000; // code points
const counter_threshold = 100; // code points that are left when the counter appears
const max_parts = 20;
const by_finger = matchMedia("(pointer: coarse)");

export class Composer {
  #text;
  #count;
  #notice;
  #draft;
  #drafts = new Map(); // by name; the storage may be forbidden or full
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
      this.show_error("");
      this.#update();
      if (inputType === "insertFromPaste" && length(trim_lines(this.#text.value)) > max_length) this.#show_too_long();
    });
    by_finger.addEventListener("change", () => this.#draw_key());
    this.#draw_key();
    on_language(() => this.#draw());
  }

  // Shows the draft of a room. `name` is the name of the draft in the storage. What was typed while the page was loaded stays.
  show(name) {
    const typed = this.#draft === undefined && this.#text.value;
    this.#draft = `hubbub draft ${name}`;
    this.#text.value = typed || this.#stored_draft();
    this.show_error("");
    this.#draw();
    if (matchMedia("(pointer: fine)").matches) this.#text.focus();
  }

  get focused() { return document.activeElement === this.#text; }

  // Shows what went wrong, until the text changes. An empty text hides the notice. `more`: elements after the text.
  show_error(text, ...more) {
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

  #stored_draft() {
    if (this.#drafts.has(this.#draft)) return this.#drafts.get(this.#draft);
    try { return sessionStorage[this.#draft] ?? ""; } catch { return ""; }
  }

  #update() {
    this.#draw();
    this.#drafts.set(this.#draft, this.#text.value);
    try { sessionStorage[this.#draft] = this.#text.value; } catch { /* the draft lasts as long as the page */ }
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
