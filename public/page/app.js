// The page: joins the line, the past, the timeline and the composer of the room that its address names.
// It must not know the wire.

import { Announcer } from "./announcer.js";
import { face, label, short, tint } from "./author.js";
import { CatchUp } from "./catch_up.js";
import { Composer } from "./composer.js";
import { Hubbub } from "./hubbub.js";
import { Line } from "./line.js";
import { element } from "./message.js";
import { Outbox } from "./outbox.js";
import { Past } from "./past.js";
import { People } from "./people.js";
import { Place } from "./place.js";
import { lobby, room_name, Rooms } from "./rooms.js";
import { address, Switcher } from "./switcher.js";
import { Timeline } from "./timeline.js";
import { brought, keep, token } from "./token.js";
import { speak, spoken, translated, words } from "./words.js";

const $ = id => document.getElementById(id);
const told_by_itself = 50; // messages of the past that come with every line,
const page = 100; // and how many are asked for at a time
const asked = new URLSearchParams(location.search).get("room") || lobby;
const room = room_name(asked);
const base = new URL("./", document.baseURI);
const socket = Object.assign(new URL("ws", base), { protocol: base.protocol.replace("http", "ws") });
if (room && room !== lobby) socket.searchParams.set("room", room);

const outbox = await Outbox.open(socket.href);
const mine = own_ids();
const hub = new Hubbub(socket, { outbox, ids: mine, token });
const past = new Past(base);
const rooms = new Rooms(base, past);
const place = new Place($("scroll"), $("messages"), $("pill"));
const line = new Line($("line"), () => hub.open(), given => keep(given) && come_in());
const people = new People($("people"));
const announcer = new Announcer($("heard"));
const catch_up = new CatchUp(() => past.page(room, 1), shown => line.show(shown));
const timeline = new Timeline({
  messages: $("messages"), top: $("top"), unsent: $("unsent"), place,
  act: { again: key => quietly(hub.resend(key)), cancel: key => hub.cancel(key), older },
});
const composer = new Composer($("composer"), socket.href, text => {
  if (outbox.full) return words("full");
  place.toEnd();
  quietly(hub.send(text));
});
let me = "";
let unread = 0;
let latest; // what the line told last

hub.on("line", shown => {
  // While it connects the words of the last break stand.
  if (shown.state === "connecting" || shown.state === "closed") return;
  if (shown.state !== "online") catch_up.end();
  latest = shown;
  if (shown.state === "offline" && !shown.reached) why(shown);
  else line.show(shown);
});

hub.on("init", ({ connection_id, resumed, log, history }) => {
  me = connection_id;
  mine.add(me);
  try { sessionStorage["hubbub mine"] = JSON.stringify([...mine].slice(-100)); } catch { /* a reload will not know them */ }
  rooms.of_log(log);
  who();
  timeline.rename(me);
  if (resumed) return catch_up.begin(hub.position.after);
  timeline.clear(history < told_by_itself);
  people.clear();
});

hub.on("message", ({ message, past, own, key }) => {
  timeline.add({ message, past, own, key });
  people.spoke(message, own);
  catch_up.saw(message.id);
  if (past || own) return;
  if (document.hidden) title(unread + 1);
  else announcer.tell(label(message), message.text);
});

hub.on("sending", detail => {
  timeline.send(detail);
  if (detail.item.why) navigator.vibrate?.(60);
});
hub.on("error", ({ message }) => composer.say(message));
hub.on("presence", ({ online }) => line.here(online));

brought(() => room && come_in());
addEventListener("online", () => hub.check());
addEventListener("offline", () => hub.check());
addEventListener("pagehide", () => { read(); hub.close(); }); // so that the page can be kept for the way back
addEventListener("pageshow", ({ persisted }) => persisted && room && hub.open());
document.addEventListener("visibilitychange", () => {
  read();
  if (document.hidden) return;
  title(0);
  hub.check();
});
place.moved = read;
setInterval(read, 2_000);

$("language").value = spoken();
$("language").addEventListener("change", ({ target }) => speak(target.value));
$("share").addEventListener("click", share);
$("room").textContent = room ?? asked;
translated(() => { title(unread); who(); });
$("composer").hidden = !room;
if (room) rooms.read(room);
new Switcher($("rooms"), $("toggle"), rooms, room).look();
if (room) begin();
else line.show({ state: "bad_room" });
navigator.serviceWorker?.register("static/sw.js", { scope: base.pathname }).catch(() => {}); // the page does without

function begin() {
  if (room !== asked) history.replaceState(null, "", address(room));
  for (const item of outbox) timeline.send({ item });
  hub.open();
}

// With another token: what is still being asked about an earlier try is no answer to this one.
function come_in() {
  latest = undefined;
  return hub.open();
}

async function older(before) {
  try {
    const { messages, whole } = await past.page(room, page, before);
    timeline.prepend({ whole, messages: messages.map(message => ({ message, own: mine.has(message.connection_id) })) });
  } catch {
    timeline.prepend();
  }
}

// What is in sight of a reader is read.
function read() {
  if (!document.hidden && place.follows && timeline.newest) rooms.read(room, timeline.newest);
}

// Browsers do not say why a line was not let in; what else the hub answers tells.
async function why(shown) {
  const health = await fetch(new URL("health", base), { cache: "no-store", signal: AbortSignal.timeout?.(3_000) })
    .then(answer => answer.json()).catch(() => undefined);
  const barred = health?.database && await past.page(room, 1).then(() => undefined, ({ status }) => ({ 401: "locked", 403: "barred" })[status]);
  if (latest !== shown) return;
  if (barred) hub.close(); // no more tries: they would all end so
  if (barred) return line.show({ state: barred });
  line.show({ ...shown, state: !health?.status ? "offline" : health.database === false ? "sick" : "refused" });
}

async function share() {
  const url = address(room);
  try {
    if (navigator.share && matchMedia("(pointer: coarse)").matches) return await navigator.share({ title: `hubbub / ${room}`, url });
    await navigator.clipboard.writeText(url);
    composer.tell(words("shared"));
  } catch (error) {
    if (error.name !== "AbortError") composer.tell(url); // to be copied by hand
  }
}

function who() {
  if (!me) return;
  $("me").title = words("you", me);
  const [before] = words("you", "\n").split("\n");
  $("me").replaceChildren(face(me), element("span", "unseen", before), tint(element("span", "id", short(me)), me),
    element("span", "rest", me.slice(short(me).length)));
}

function title(count) {
  unread = count;
  document.title = `${count ? `(${count}) ` : ""}${room && room !== lobby ? `${room} – ` : ""}hubbub`;
}

// The connections that this tab had: a reload keeps one's own messages on one's own side.
function own_ids() {
  try { return new Set(JSON.parse(sessionStorage["hubbub mine"])); } catch { return new Set(); }
}

function quietly(promise) {
  promise?.catch(() => {}); // the timeline tells
}
