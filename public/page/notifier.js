// Notifies the reader of new messages while the page is hidden, by the browser's notifications. The reader switches this on by a
// control, and only then the browser is asked for its permission. Tells of a new version of the page, too: both need the service
// worker. Must not know rooms beyond their names.

import { base, room_url } from "./address.js";
import { on_language, translate } from "./i18n.js";

const storage_key = "hubbub notify";
const delay = 1_500; // ms; meanwhile the message may be read in another tab, and others may follow it
const max_length = 150; // characters
const check_delay = 10_000; // ms; the pages of a hub must not all ask at once

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

// The service worker of the page, which keeps its files, and the offer to load a new version.
export class Version {
  #registered = navigator.serviceWorker?.register("static/sw.js", { scope: base.pathname }).catch(() => {}); // it is not needed

  // `reload` is the link that loads the page again. It is shown until the scripts have started. `open_room(name)` shows a room,
  // because its notification was clicked.
  constructor(reload, open_room) {
    reload.hidden = true;
    navigator.serviceWorker?.addEventListener("message", ({ data }) => {
      if (data.room) open_room(data.room);
      if (data.new_version) reload.hidden = false;
    });
    on_language(() => { reload.textContent = translate("new_version"); });
  }

  // Must be called after a break of the connection, which may have been a deploy.
  check() {
    setTimeout(async () => {
      const worker = await this.#registered;
      worker?.update().catch(() => {});
      worker?.active?.postMessage({ check: true });
    }, check_delay * Math.random());
  }
}
