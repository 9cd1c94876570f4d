// The service worker: keeps the files of the page, so that the page opens without a connection. A page gets all files from one set,
// either the new one of the hub or the kept one, never some of each. The hub's set comes first, so an old version cannot get stuck;
// the kept one is for when the hub does not answer soon, or answers in part. The worker also brings the page to the front when a
// notification is clicked. Must not know messages.

const cache_name = "hubbub";
const next_name = "hubbub next"; // a new set, which replaces the kept one once it is whole
const timeout = 4_000; // ms for the hub to answer before the kept set does
const max_sets = 8; // pages whose sets are remembered while they load
const page_url = new URL("../", location);
const files = ["address.js", "announcer.js", "app.js", "author.js", "backoff.js", "catch_up.js", "commands.js",
  "composer.js", "connection.js", "connection_status.js", "conversation.js", "conversations.js", "event_rooms.js",
  "event_stream.js", "events.js", "fallback.js", "focus_keeper.js", "fork.js", "greeting.js", "history_client.js",
  "http_socket.js", "hubbub.js", "i18n.js", "icon.svg", "manifest.webmanifest", "markup.js", "message.js",
  "message_finder.js", "message_numbers.js", "notifier.js", "opening_room.js", "outbox.js", "people.js", "person.js",
  "publisher.js", "queue.js", "receipts.js", "retry_queue.js", "room.js", "room_catch_up.js", "room_switcher.js",
  "rooms.css", "rooms.js", "scroll_anchor.js", "sender.js", "style.css", "subscription.js", "subscriptions.js",
  "text.js", "timeline.css", "timeline.js", "timeline_view.js", "tracker.js", "trials.js", "unread_count.js",
  "unread_line.js", "unsent_list.js"];
const shell = [...files.map(file => new URL(file, location).href), page_url.href];
const types = { js: "text/javascript", css: "text/css", svg: "image/svg+xml", webmanifest: "application/manifest+json" };
const sets = new Map(); // client → the set that its page is made of, as a Map of responses by address
const log_in = new Error("a proxy wants a log-in");
let writing = Promise.resolve();
let checking; // the check that is under way for all pages

addEventListener("install", event => {
  skipWaiting();
  event.waitUntil(kept_set().then(kept => refresh(event, kept)));
});

addEventListener("activate", event => event.waitUntil(clients.claim()));

addEventListener("fetch", event => {
  const { method, mode, url } = event.request, address = without_query(url);
  if (method !== "GET" || !shell.includes(address)) return;
  event.respondWith(mode === "navigate" && address === page_url.href ? open_page(event) : answer(event, address));
});

// A page asks whether there is a new version.
addEventListener("message", event => {
  if (!event.data.check) return;
  checking ??= kept_set().then(kept => refresh(event, kept)).catch(() => {}).finally(() => { checking = undefined; });
  event.waitUntil(checking);
});

// A notification names the address of a room. A page that is open shows the room, and otherwise one is opened.
addEventListener("notificationclick", event => {
  event.notification.close();
  event.waitUntil(show_room(event.notification.data));
});

async function show_room({ room, url }) {
  const windows = await clients.matchAll({ type: "window" });
  const page = windows.find(window => without_query(window.url) === page_url.href); // not another page of the hub, as /ops
  if (!page) return clients.openWindow(url);
  page.postMessage({ room });
  return page.focus();
}

async function open_page(event) {
  const kept = await kept_set().catch(() => new Map()), fresh = refresh(event, kept);
  const late = new Promise(resolve => setTimeout(() => resolve(kept), timeout));
  const whole = shell.every(url => kept.has(url));
  const set = await Promise.race([fresh, whole ? late : fresh]).catch(why => whole && why !== log_in ? kept : undefined);
  if (!set) return fetch(event.request);
  sets.set(event.resultingClientId, set);
  for (const old of [...sets.keys()].slice(0, -max_sets)) sets.delete(old);
  return set.get(page_url.href).clone();
}

// Answers a request for one file.
async function answer(event, url) {
  const set = sets.get(event.clientId);
  if (set) return set.get(url).clone();
  return fetch(event.request).catch(async error => {
    const kept = await caches.match(url, { cacheName: cache_name });
    if (kept) return kept;
    throw error;
  });
}

// Resolves with the hub's set, which is `kept` if it has the same files. Tells the pages that are made of other files.
function refresh(event, kept) {
  const fresh = update(kept);
  event.waitUntil(fresh.then(set => set !== kept && kept.size && tell(set), () => {}));
  return fresh;
}

async function tell(set) {
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const page of pages) {
    if (without_query(page.url) === page_url.href && sets.get(page.id) !== set) page.postMessage({ new_version: true });
  }
}

// A new set is loaded twice before it is kept: in the midst of a deploy the second time has other files. Rejects if not all files
// are there.
async function update(kept) {
  const set = await load_set();
  if (await is_same(set, kept)) return kept;
  if (!await is_same(await load_set(), set)) throw new Error("the files change");
  await (writing = writing.then(() => keep(set)).catch(() => {})); // without storage the page opens with a connection alone
  return set;
}

async function load_set() {
  return new Map(await Promise.all(shell.map(async url => {
    const got = await fetch(new Request(url, { cache: "no-cache", redirect: "manual" }));
    if (got.type === "opaqueredirect" || [401, 403].includes(got.status)) throw log_in;
    if (!await is_of_hub(got, url)) throw new Error(`${url}: not an answer of the hub`);
    return [url, got];
  })));
}

// A network that wants a log-in, and some proxies, answer with a page of their own.
async function is_of_hub(got, url) {
  const type = got.headers.get("content-type") ?? "";
  if (!got.ok || got.redirected || !type.startsWith(types[url.split(".").at(-1)] ?? "text/html")) return false;
  return url !== page_url.href || (await got.clone().text()).includes('src="static/app.js"');
}

async function is_same(set, other) {
  for (const [url, got] of set) {
    const before = other.get(url), [tag, tag_before] = [got, before].map(each => each?.headers.get("etag"));
    if (!before || (!tag || tag !== tag_before) && await got.clone().text() !== await before.clone().text()) return false;
  }
  return true;
}

async function keep(set) {
  const next = await caches.open(next_name);
  for (const [url, got] of set) await next.put(url, got.clone());
  await finish();
}

// Replaces the kept set by the next one, if that is whole. If the browser ends the worker in the midst, the next one does it again.
async function finish() {
  const next = await caches.open(next_name), all = await Promise.all(shell.map(url => next.match(url)));
  if (all.every(Boolean)) {
    const cache = await caches.open(cache_name);
    for (const [i, url] of shell.entries()) await cache.put(url, all[i]);
    for (const { url } of await cache.keys()) if (!shell.includes(url)) await cache.delete(url);
  }
  await caches.delete(next_name);
}

// Resolves with the files that are kept.
async function kept_set() {
  await (writing = writing.then(async () => await caches.has(next_name) && finish()).catch(() => {}));
  const cache = await caches.open(cache_name);
  const all = await Promise.all(shell.map(async url => [url, await cache.match(url)]));
  return new Map(all.filter(([, got]) => got));
}

// Returns the address without query and fragment: all rooms are the same page.
function without_query(text) {
  const url = new URL(text);
  url.search = url.hash = "";
  return url.href;
}
