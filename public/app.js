// The page: joins the line, the timeline and the composer, and says in words how the line is.
// It must not know the wire.

import { face, short, tint } from "./author.js";
import { Composer } from "./composer.js";
import { Hubbub } from "./hubbub.js";
import { Outbox } from "./outbox.js";
import { Place } from "./place.js";
import { Timeline } from "./timeline.js";

const $ = id => document.getElementById(id);
const words = {
  online: "Connected",
  waiting: "The hub restarts and will be back in a moment. What you write is kept and sent then.",
  offline: "The line to the hub is down; it comes back by itself. What you write is kept and sent then.",
};

const outbox = await Outbox.open(address().href);
const hub = new Hubbub(address(), { outbox });
const place = new Place($("scroll"), $("pill"));
const timeline = new Timeline({
  messages: $("messages"),
  unsent: $("unsent"),
  place,
  again: key => hub.resend(key)?.catch(() => {}),
  cancel: key => hub.cancel(key),
});
const composer = new Composer($("composer"), text => {
  place.toEnd();
  if (outbox.full) return "Too many messages wait for the line already.";
  hub.send(text).catch(() => {}); // the timeline tells
});
let me = "";
let unread = 0;

hub.on("line", ({ state }) => {
  if (state === "connecting") return;
  $("line").dataset.state = state;
  if ($("status").textContent !== words[state]) $("status").textContent = words[state];
  $("retry").hidden = state === "online";
  if (state !== "online") $("online").textContent = "";
});

hub.on("init", ({ connection_id, room, resumed }) => {
  me = connection_id;
  $("me").replaceChildren(face(me), part("unseen", "You are "), tint(part("id", short(me)), me), part("rest", me.slice(short(me).length)));
  $("me").title = `You are ${me}`;
  $("room").textContent = room ?? "";
  timeline.rename();
  if (!resumed) timeline.clear();
});

hub.on("message", detail => {
  timeline.add({ ...detail, current: detail.message.connection_id === me });
  if (document.hidden && !detail.past && !detail.own) title(unread + 1);
});

hub.on("sending", detail => timeline.send(detail));
hub.on("error", detail => composer.say(detail.message));
hub.on("presence", detail => { $("online").textContent = `${detail.online} online`; });
document.addEventListener("visibilitychange", () => title(0));
addEventListener("online", () => hub.check());
$("retry").addEventListener("click", () => hub.open());
for (const item of outbox) timeline.send({ item });
hub.open();

// The hub is where the page came from, also below a path; `?room=` of the page is the room.
function address() {
  const url = new URL("ws", document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  const room = new URLSearchParams(location.search).get("room");
  if (room) url.searchParams.set("room", room);
  return url;
}

function part(className, textContent) {
  return Object.assign(document.createElement("span"), { className, textContent });
}

function title(count) {
  unread = count;
  document.title = count ? `(${count}) hubbub` : "hubbub";
}
