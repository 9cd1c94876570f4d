// The page: connects the client, the timeline, the composer and the lists for the room that the address names. Must not know
// the wire protocol.

import { base, lobby, requested_room, room_name, room_url, socket_url } from "./address.js";
import { Announcer } from "./announcer.js";
import { avatar, label, short_id, tint } from "./author.js";
import { Composer } from "./composer.js";
import { ConnectionStatus } from "./connection_status.js";
import { Conversation } from "./conversation.js";
import { diagnose } from "./diagnosis.js";
import { HistoryClient } from "./history_client.js";
import { Hubbub } from "./hubbub.js";
import { current_language, on_language, set_language, translate } from "./i18n.js";
import { element } from "./message.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { RoomSwitcher } from "./room_switcher.js";
import { Rooms } from "./rooms.js";
import { ScrollAnchor } from "./scroll_anchor.js";
import { TimelineView } from "./timeline_view.js";
import { on_token, set_token, token } from "./token.js";
import { UnsentList } from "./unsent_list.js";

const $ = id => document.getElementById(id);
const requested = requested_room();
const room = room_name(requested);
const address = socket_url(room ?? lobby);

const outbox = await Outbox.open(address);
const own_ids = stored_ids();
const hub = new Hubbub(address, { outbox, ids: own_ids, token });
const history_client = new HistoryClient(base);
const rooms = new Rooms(base, history_client);
const unsent = new UnsentList($("unsent"), { resend: key => ignore_failure(hub.resend(key)), cancel: key => hub.cancel(key) });
const conversation = new Conversation(room, hub, { history: history_client, own_ids, unsent }, {
  drawing_changed: midst => midst ? view.redraw() : view.plan(),
  authors_changed: () => people.draw(),
  online_changed: () => status.show_online(conversation.online),
  unread_changed: () => show_title(),
  progress_changed: state => status.show(state),
  arrived: message => document.hidden ? conversation.count_unread(message.id) : announcer.announce(label(message), message.text),
  lost: text => announcer.announce_notice(text),
});
const anchor = new ScrollAnchor($("scroll"), $("messages"), $("pill"), conversation.place);
const status = new ConnectionStatus($("connection"), () => hub.open(), given => set_token(given) && reconnect());
const people = new People($("people"), conversation.authors);
const announcer = new Announcer($("announcements"));
const view = new TimelineView({ messages: $("messages"), top: $("top"), anchor }, conversation.timeline, unsent);
const composer = new Composer($("composer"), address, text => {
  if (outbox.full) return translate("full");
  anchor.to_end();
  ignore_failure(hub.send(text));
});
let me = "";
let latest; // the last detail of a `line` event

hub.on("line", detail => {
  // During an attempt the text of the last failure stays.
  if (detail.state === "connecting" || detail.state === "closed") return;
  if (detail.state !== "online") conversation.disconnected();
  latest = detail;
  if (detail.state === "offline" && !detail.reached) find_reason(detail);
  else status.show(detail);
});

hub.on("init", ({ connection_id, log }) => {
  me = connection_id;
  own_ids.add(me);
  try { sessionStorage["hubbub mine"] = JSON.stringify([...own_ids].slice(-100)); } catch { /* without storage they are lost in a reload */ }
  rooms.use_log(log);
  show_me();
  view.set_own(me);
});

hub.on("sending", ({ item }) => item.why && navigator.vibrate?.(60));
hub.on("error", ({ message }) => composer.show_error(message));

on_token(() => room && reconnect());
addEventListener("online", () => hub.check());
addEventListener("offline", () => hub.check());
addEventListener("pagehide", () => { mark_read(); hub.close(); }); // an open connection forbids the back/forward cache
addEventListener("pageshow", ({ persisted }) => persisted && room && hub.open());
document.addEventListener("visibilitychange", () => {
  mark_read();
  if (document.hidden) return;
  conversation.set_unread(0);
  hub.check();
});
anchor.on_follow_changed = mark_read;
setInterval(mark_read, 2_000);

$("language").value = current_language();
$("language").addEventListener("change", ({ target }) => set_language(target.value));
$("share").addEventListener("click", share);
$("room").textContent = room ?? requested;
on_language(() => { show_title(); show_me(); });
$("composer").hidden = !room;
if (room) rooms.read(room);
new RoomSwitcher($("rooms"), $("toggle"), rooms, room).refresh();
if (room) start();
else status.show({ state: "bad_room" });
navigator.serviceWorker?.register("static/sw.js", { scope: base.pathname }).catch(() => {}); // it is not needed

function start() {
  if (room !== requested) history.replaceState(null, "", room_url(room));
  for (const item of outbox) conversation.set_unsent({ item });
  hub.open();
}

// Connects with another token. A diagnosis of an earlier attempt that is still running must not be shown.
function reconnect() {
  latest = undefined;
  return hub.open();
}

// Marks the newest message as read if it is in sight of the reader.
function mark_read() {
  if (!document.hidden && anchor.follows && conversation.timeline.newest) rooms.read(room, conversation.timeline.newest);
}

// Finds out why the hub did not accept the connection, and shows the reason.
async function find_reason(detail) {
  const state = await diagnose(base, history_client, room);
  if (latest !== detail) return;
  const final = state === "locked" || state === "forbidden";
  if (final) hub.close(); // further attempts would fail as well
  status.show(final ? { state } : { ...detail, state });
}

async function share() {
  const url = room_url(room);
  try {
    if (navigator.share && matchMedia("(pointer: coarse)").matches) return await navigator.share({ title: `hubbub / ${room}`, url });
    await navigator.clipboard.writeText(url);
    composer.show_notice(translate("link_copied"));
  } catch (error) {
    if (error.name !== "AbortError") composer.show_notice(url); // the reader can copy the address by hand
  }
}

function show_me() {
  if (!me) return;
  $("me").title = translate("you", me);
  const [before] = translate("you", "\n").split("\n");
  $("me").replaceChildren(avatar(me), element("span", "visually-hidden", before), tint(element("span", "id", short_id(me)), me),
    element("span", "rest", me.slice(short_id(me).length)));
}

function show_title() {
  const { unread } = conversation;
  document.title = `${unread ? `(${unread}) ` : ""}${room && room !== lobby ? `${room} – ` : ""}hubbub`;
}

// Returns the ids of the connections that this tab has had, so that the reader's messages are recognized after a reload.
function stored_ids() {
  try { return new Set(JSON.parse(sessionStorage["hubbub mine"])); } catch { return new Set(); }
}

function ignore_failure(promise) {
  promise?.catch(() => {}); // the timeline shows the failure
}
