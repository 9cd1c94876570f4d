// Where the reader writes: Enter sends, Shift+Enter breaks the line, the room that is left shows near the limit, a text
// beyond it may go in parts, and a draft outlives a reload. It knows its form; it must not know the hub.

import { button } from "./message.js";
import { translated, words } from "./words.js";

const most = 1000; // code points
const shown_below = 100; // left, so that the counter does not disturb before
const most_parts = 20;

export class Composer {
  #text;
  #count;
  #notice;
  #draft;
  #send;

  // `draft`: the draft's name in the storage. `send(text)` returns why it cannot be sent, or nothing when it was taken.
  constructor(form, draft, send) {
    this.#text = form.querySelector("textarea");
    this.#count = form.querySelector("output");
    this.#notice = form.querySelector("[role=alert]");
    this.#draft = `hubbub draft ${draft}`;
    this.#send = send;
    form.addEventListener("submit", event => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("keydown", event => {
      // While an input method composes, Enter picks a word.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("input", ({ inputType }) => {
      this.say("");
      this.#changed();
      if (inputType === "insertFromPaste" && length(this.#text.value) > most) this.#too_long();
    });
    try { this.#text.value ||= sessionStorage[this.#draft] ?? ""; } catch { /* then there is none */ }
    if (matchMedia("(pointer: fine)").matches) this.#text.focus();
    translated(() => this.#changed());
  }

  // Tells the reader what went wrong; nothing takes it back.
  say(text, ...more) {
    this.#notice.replaceChildren(text, ...more);
    this.#notice.hidden = !text;
    this.#notice.classList.remove("good");
  }

  // The same for what went well.
  tell(text) {
    this.say(text);
    this.#notice.classList.add("good");
  }

  #submit() {
    const text = this.#text.value;
    if (!text.trim()) return;
    if (length(text) > most) this.#too_long();
    else this.#take([text]);
  }

  #too_long() {
    const parts = split(this.#text.value.trim());
    const offer = parts.length <= most_parts ? [" ", button(words("parts", parts.length), () => this.#take(parts))] : [];
    this.say(words("too_long", length(this.#text.value) - most), ...offer);
  }

  #take(parts) {
    while (parts.length) {
      const why = this.#send(parts[0]);
      if (why) {
        this.#text.value = parts.join("\n");
        this.#changed();
        return this.say(why);
      }
      parts.shift();
    }
    this.#text.value = "";
    this.#text.focus();
    this.say("");
    this.#changed();
  }

  #changed() {
    const left = most - length(this.#text.value);
    this.#count.hidden = left >= shown_below;
    this.#count.textContent = left < 0 ? words("over", -left) : words("left", left);
    this.#count.classList.toggle("over", left < 0);
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
    try { sessionStorage[this.#draft] = this.#text.value; } catch { /* it lives as long as the page */ }
  }
}

function length(text) {
  let points = 0;
  for (const _ of text) points += 1;
  return points;
}

// Into pieces that fit, at the end of a line if one is near, else of a word, else anywhere between two characters.
function split(text) {
  const parts = [];
  for (let rest = [...text]; rest.length;) {
    let end = Math.min(most, rest.length);
    if (end < rest.length) {
      const fits = rest.slice(0, end + 1);
      end = [fits.lastIndexOf("\n"), fits.lastIndexOf(" ")].find(at => at > most / 2) ?? end;
    }
    const part = rest.slice(0, end).join("").trim();
    if (part) parts.push(part);
    rest = rest.slice(end);
  }
  return parts;
}
