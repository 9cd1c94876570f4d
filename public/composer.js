// Where the reader writes: Enter sends, Shift+Enter breaks the line, and the room that is left shows near the limit.
// It knows its form; it must not know the hub.

const most = 1000; // code points
const shown_below = 100; // left, so that the counter does not disturb before

export class Composer {
  #text;
  #count;
  #notice;
  #send;

  // `send(text)` returns why it cannot be sent, or nothing when it was taken.
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
      // While an input method composes, Enter picks a word.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("input", () => {
      this.say("");
      this.#changed();
    });
    if (matchMedia("(pointer: fine)").matches) this.#text.focus();
    this.#changed();
  }

  // Tells the reader what went wrong; nothing takes it back.
  say(words) {
    this.#notice.textContent = words;
    this.#notice.hidden = !words;
  }

  #submit() {
    const text = this.#text.value;
    if (!text.trim()) return;
    const over = length(text) - most;
    const why = over > 0 ? `A message holds ${most} characters: ${over} too many.` : this.#send(text);
    this.say(why ?? "");
    if (why) return;
    this.#text.value = "";
    this.#changed();
  }

  #changed() {
    const left = most - length(this.#text.value);
    this.#count.hidden = left >= shown_below;
    this.#count.textContent = left < 0 ? `${-left} too many` : `${left} left`;
    this.#count.classList.toggle("over", left < 0);
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}

function length(text) {
  let points = 0;
  for (const _ of text) points += 1;
  return points;
}
