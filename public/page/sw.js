// Keeps the page's files, so that it opens without a line and says so itself. The network always comes first: what is
// kept is shown only when the hub does not answer, so an update cannot get stuck. It must not know messages.

const name = "hubbub";
const patience = 4_000; // ms for the hub to answer before what is kept is shown
const page = new URL("../", location);
const files = ["announcer.js", "app.js", "author.js", "backoff.js", "catch_up.js", "composer.js", "hubbub.js",
  "icon.svg", "line.js", "manifest.webmanifest", "message.js", "outbox.js", "past.js", "people.js", "place.js",
  "queue.js", "rooms.css", "rooms.js", "sender.js", "style.css", "switcher.js", "text.js", "timeline.css",
  "timeline.js", "token.js", "words.js"];
const shell = new Set([page.href, ...files.map(file => new URL(file, location).href)]);

addEventListener("install", event => {
  skipWaiting();
  event.waitUntil(caches.open(name).then(cache => cache.addAll([...shell].map(url => new Request(url, { cache: "no-cache" })))));
});

addEventListener("activate", event => event.waitUntil(forget().then(() => clients.claim())));

addEventListener("fetch", event => {
  const url = address(event.request.url);
  if (event.request.method === "GET" && shell.has(url)) event.respondWith(answer(event, url));
});

async function answer(event, url) {
  const cache = await caches.open(name);
  const fresh = fetch(event.request).then(got => {
    if (got.ok) event.waitUntil(cache.put(url, got.clone()));
    return got;
  });
  fresh.catch(() => {});
  const late = new Promise((_, reject) => setTimeout(reject, patience));
  try {
    const got = await Promise.race([fresh, late]);
    return got.status < 500 ? got : await cache.match(url) ?? got;
  } catch {
    return await cache.match(url) ?? fresh;
  }
}

// Every room is the same page.
function address(text) {
  const url = new URL(text);
  url.search = url.hash = "";
  return url.href;
}

// What an earlier version kept and this one does not need.
async function forget() {
  const cache = await caches.open(name);
  for (const { url } of await cache.keys()) if (!shell.has(url)) await cache.delete(url);
}
