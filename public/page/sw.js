// The service worker: caches the files of the page, so that the page opens without a connection. The network comes first,
// and the cache answers only when the hub does not, so an old version cannot get stuck. It also brings the page to the front when
// a notification is clicked. Must not know messages.

const cache_name = "hubbub";
const timeout = 4_000; // ms for the hub to answer before the cache does
const page_url = new URL("../", location);
const files = ["address.js", "announcer.js", "app.js", "author.js", "backoff.js", "calendar.js", "catch_up.js", "commands.js",
  "composer.js", "connection.js", "connection_status.js", "conversation.js", "conversations.js",
  "events.js", "focus_keeper.js", "fork.js", "greeting.js", "history_client.js", "hubbub.js", "i18n.js", "icon.svg", "manifest.webmanifest",
  "message.js", "message_numbers.js", "notifier.js", "opening_room.js", "outbox.js", "own_connections.js",
  "people.js", "queue.js", "receipts.js", "retry_queue.js", "room.js", "room_switcher.js", "rooms.css", "rooms.js",
  "scroll_anchor.js", "sender.js", "style.css", "subscription.js", "subscriptions.js", "text.js", "timeline.css",
  "timeline.js", "timeline_view.js", "token.js", "tracker.js", "unread_count.js", "unsent_list.js"];
const shell = new Set([page_url.href, ...files.map(file => new URL(file, location).href)]);

addEventListener("install", event => {
  skipWaiting();
  event.waitUntil(caches.open(cache_name).then(cache => cache.addAll([...shell].map(url => new Request(url, { cache: "no-cache" })))));
});

addEventListener("activate", event => event.waitUntil(remove_stale().then(() => clients.claim())));

addEventListener("fetch", event => {
  const url = without_query(event.request.url);
  if (event.request.method === "GET" && shell.has(url)) event.respondWith(answer(event, url));
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

async function answer(event, url) {
  const cache = await caches.open(cache_name);
  const fresh = fetch(event.request).then(got => {
    if (got.ok) event.waitUntil(cache.put(url, got.clone()));
    return got;
  });
  fresh.catch(() => {});
  const late = new Promise((_, reject) => setTimeout(reject, timeout));
  try {
    const got = await Promise.race([fresh, late]);
    return got.status < 500 ? got : await cache.match(url) ?? got;
  } catch {
    return await cache.match(url) ?? fresh;
  }
}

// Returns the address without query and fragment: all rooms are the same page.
function without_query(text) {
  const url = new URL(text);
  url.search = url.hash = "";
  return url.href;
}

// Removes the files of earlier versions that this version does not need.
async function remove_stale() {
  const cache = await caches.open(cache_name);
  for (const { url } of await cache.keys()) if (!shell.has(url)) await cache.delete(url);
}
