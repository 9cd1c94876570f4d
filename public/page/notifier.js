// Notifies the reader of new messages while the page is hidden, by the browser's notifications. The reader switches this on by a
// control, and only then the browser is asked for its permission. Must not know rooms beyond their names.

import { room_url } from "./address.js";

const storage_key = "hubbub notify";
const delay = 1_500; // ms; meanwhile the message may be read in another tab, and others may follow it
const max_length = 150; // characters

export class Notifier {
  #input;
  #refused;
  #pending = new Map(); // name → the function that returns what the notification says
  #shown = new Map(); // name → Notification
  #open;
  #timer;

  // `control` has a checkbox, and an element that says that the browser refuses. `open(name)` shows a room.
  constructor(control, open) {
    this.#input = control.querySelector("input");
    this.#refused = control.querySelector("[role=alert]");
    this.#open = open;
    control.hidden = !("Notification" in globalThis && isSecureContext);
    this.#input.checked = this.#wanted;
    this.#input.addEventListener("change", () => this.#change());
    document.addEventListener("visibilitychange", () => document.hidden || this.#clear());
    addEventListener("storage", ({ key }) => { // another tab has changed it
      if (key === storage_key) this.#input.checked = this.#wanted;
    });
  }

  // Plans a notification about the room. `what()` returns its text, which is empty if there is no unread message any more.
  plan(name, what) {
    if (!document.hidden || !this.#wanted) return;
    this.#pending.set(name, what);
    this.#timer ??= setTimeout(() => this.#notify(), delay);
  }

  get #wanted() {
    try { return localStorage[storage_key] === "on" && Notification.permission === "granted"; } catch { return false; }
  }

  async #change() {
    const { checked } = this.#input;
    const granted = checked && await Notification.requestPermission() === "granted";
    this.#input.checked = granted;
    this.#refused.hidden = granted || !checked;
    try { localStorage[storage_key] = granted ? "on" : "off"; } catch { this.#input.checked = false; }
  }

  #notify() {
    this.#timer = undefined;
    for (const [name, what] of this.#pending) {
      const body = what().slice(0, max_length);
      if (body && document.hidden) this.#show(name, body);
    }
    this.#pending.clear();
  }

  // A notification replaces an earlier one with the same tag, also that of another tab.
  async #show(name, body) {
    const options = { body, tag: `hubbub ${name}`, icon: "static/icon.svg", data: { room: name, url: room_url(name) } };
    try {
      const notification = new Notification(name, options);
      notification.onclick = () => {
        focus();
        this.#open(name);
        notification.close();
      };
      this.#shown.set(name, notification);
    } catch { // browsers on phones have notifications of service workers only
      (await navigator.serviceWorker?.getRegistration())?.showNotification(name, options).catch(() => {});
    }
  }

  #clear() {
    this.#pending.clear();
    for (const notification of this.#shown.values()) notification.close();
    this.#shown.clear();
  }
}
