// The service worker of the page, which keeps its files, and the offer to load a new version. Must not know messages.

import { base } from "./address.js";
import { on_language, translate } from "./i18n.js";

const check_delay = 10_000; // ms; the pages of a hub must not all ask at once

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
