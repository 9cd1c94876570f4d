// The page: connects the client, the conversations, the elements that show one of them, and the address that names it. Must not
// know the wire protocol.

import { base, lobby, requested_room, room_name, room_url, share, socket_url } from "./address.js";
import { Announcer } from "./announcer.js";
import { OwnConnections, plain_label } from "./author.js";
import { Composer } from "./composer.js";
import { ConnectionStatus } from "./connection_status.js";
import { Conversations } from "./conversations.js";
import { keep_focus } from "./focus_keeper.js";
import { diagnose, HistoryClient, on_token, set_token, token } from "./history_client.js";
import { Hubbub } from "./hubbub.js";
import { current_language, set_language, translate } from "./i18n.js";
import { MessageFinder } from "./message_finder.js";
import { Notifier, Version } from "./notifier.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { Person } from "./person.js";
import { RoomSwitcher } from "./room_switcher.js";
import { Rooms } from "./rooms.js";
import { ScrollAnchor } from "./scroll_anchor.js";
import { without_directions } from "./text.js";
import { TimelineView } from "./timeline_view.js";
import { UnsentList } from "./unsent_list.js";

const $ = id => document.getElementById(id);
const ignore_failure = promise => promise?.catch(() => {}); // the timeline shows the failure
// A room that the hub refuses with these codes needs a connection, and with it a page, of its own.
const needs_connection = new Set(["too_many_rooms", "unknown_type"]);
const requested = requested_room();
const first = room_name(requested); // the room that the connection is opened with

const outbox = await Outbox.open();
const own_connections = new OwnConnections();
const hub = new Hubbub(socket_url(first ?? lobby), { outbox, ids: own_connections.ids, token });
const person = new Person({ me: $("me"), button: $("rename"), form: $("person") }, hub, base, token);
const history_client = new HistoryClient(base);
const rooms = new Rooms(base);
const anchor = new ScrollAnchor($("scroll"), $("messages"), $("pill"));
const status = new ConnectionStatus($("connection"), () => hub.open(), given => set_token(given) && use_token());
const people = new People($("people"));
const announcer = new Announcer($("announcements"));
const notifier = new Notifier($("notify"), open_room);
const view = new TimelineView({ messages: $("messages"), top: $("top"), anchor });
const composer = new Composer($("composer"), text => {
  if (outbox.full) return translate("full");
  anchor.to_end();
  ignore_failure(conversations.shown.send(text));
});
const make_unsent = () => new UnsentList($("unsent"), {
  resend: key => ignore_failure(hub.resend(key)), cancel: key => hub.cancel(key), is_saved: key => outbox.is_saved(key),
});
outbox.belongs_to_another_page = needs_own_page;
const is_shown = conversation => conversation === conversations.shown;
const conversations = new Conversations({ hub, rooms, history: history_client, own_connections, person, make_unsent }, {
  drawing_changed: (conversation, midst) => is_shown(conversation) && (midst ? view.redraw() : view.plan()),
  authors_changed: conversation => is_shown(conversation) && people.update(),
  online_changed: conversation => is_shown(conversation) && status.show_online(conversation.online),
  progress_changed: (conversation, state) => is_shown(conversation) && status.show({ ...latest, ...state }),
  unread_changed,
  unsent_changed,
  rooms_changed: show_unread,
  arrived,
  lost: (conversation, text) => is_shown(conversation) && announcer.announce_notice(text),
  failed: (conversation, text) => is_shown(conversation) && composer.show_error(text),
  refusal_changed,
  begun: conversation => finder.begun(conversation),
});
const finder = new MessageFinder({
  list: $("messages"), button: $("first-new"), scroller: $("scroll"), view, shown: () => conversations.shown, notice: text => composer.show_error(text),
});
const switcher = new RoomSwitcher($("rooms"), $("toggle"), { rooms: () => conversations.list, open: go_to, forget: name => conversations.forget(name) });
keep_focus("#composer, main", part => part?.id === "composer" ? $("text") : $("scroll"));
let latest = { state: "connecting" }; // the last detail of a `line` event

hub.on("line", detail => {
  // During an attempt the text of the last failure stays.
  if (detail.state === "connecting" || detail.state === "closed") return;
  if (detail.transport === "http") person.be_one();
  if (detail.state !== "online") for (const conversation of conversations) conversation.disconnected();
  latest = detail;
  if (detail.state === "offline" && !detail.reached) find_reason(detail);
  else show_status();
});

hub.on("init", ({ connection_id, log, resumed }) => {
  if (resumed) version.check();
  own_connections.add(connection_id);
  person.connected(connection_id);
  rooms.use_log(log);
  show_own();
});
hub.on("error", detail => detail.room === undefined && !person.failed(detail) && composer.show_error(detail.message));
person.on_changed = show_own;

on_token(() => first && use_token());
for (const name of ["online", "offline"]) addEventListener(name, () => hub.check());
addEventListener("popstate", () => {
  const name = room_name(requested_room());
  if (!first || !name || needs_own_page(name)) return location.reload();
  if (name !== conversations.shown.name) return show(name);
  finder.want(name);
  finder.begun(conversations.shown);
});
addEventListener("pagehide", () => {
  conversations.mark_read();
  rooms.save();
  hub.close(); // an open connection forbids the back/forward cache
});
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted || !first) return;
  rooms.load();
  hub.open();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) conversations.shown?.mark_new();
  conversations.mark_read();
  show_unread();
  if (document.hidden) return;
  hub.check();
  finder.show_line();
});
anchor.on_follow_changed = () => conversations.mark_read();
view.on_drawn = () => {
  conversations.mark_read();
  finder.drawn();
};

document.querySelector("header img").src = document.querySelector("link[rel=icon]").href; // a request less than for a file
$("language").value = current_language();
$("language").addEventListener("change", ({ target }) => set_language(target.value));
$("share").addEventListener("click", () => share(conversations.shown.name, text => composer.show_notice(text)));
$("room").textContent = without_directions(requested);
$("composer").hidden = $("share").hidden = !first;
if (first) start();
else status.show({ state: "bad_room" });
show_unread();
const version = new Version($("reload"), open_room);

function start() {
  if (first !== requested) history.replaceState(null, "", room_url(first));
  show(first);
  // The hub may not have a place for all rooms on one connection. So those where messages wait come before the others.
  for (const { room, why } of outbox) if (!why && !conversations.get(room)) conversations.visit(room);
  conversations.enter_visited();
  for (const item of outbox) conversations.get(item.room)?.set_unsent({ item });
  hub.open();
}

// Returns whether the hub refuses the room on this page's connection.
function needs_own_page(name) {
  const other = conversations.single && name !== conversations.shown.name;
  return other || needs_connection.has(conversations.get(name)?.refusal);
}

// Shows a room, and makes the address that of the room. Returns whether this is possible without loading the page again.
function go_to(name) {
  if (!first || needs_own_page(name)) return false;
  if (name === conversations.shown.name) return true;
  history.pushState(null, "", room_url(name));
  show(name);
  if (!composer.focused) $("scroll").focus({ preventScroll: true }); // the link may be hidden now
  announcer.announce_notice(translate("shows", name));
  return true;
}

// Shows a room, on a page of its own if necessary.
function open_room(name) {
  if (!go_to(name)) location.href = room_url(name);
}

// Shows a room, whose name is in the address already.
function show(name) {
  if (name === conversations.shown?.name) return;
  conversations.mark_read();
  const before = conversations.shown, conversation = conversations.show(name);
  $("room").textContent = name;
  view.show(conversation);
  people.show(conversation.authors);
  composer.show(socket_url(name));
  if (latest.state === "forbidden") {
    before.leave(); // the connection cannot be opened with it
    reconnect();
  }
  show_status();
  finder.want(name);
  finder.begun(conversation);
  conversations.mark_read();
  show_unread();
}

function show_own() { view.set_own([person.connection_id, person.id].filter(Boolean)); }

// Connects with another token, which may be for other rooms.
function use_token() {
  person.token_changed();
  for (const conversation of conversations) conversation.join();
  return reconnect();
}

// A diagnosis of an earlier attempt that is still running must not be shown.
function reconnect() {
  latest = { state: "connecting" };
  return hub.open();
}

// The hub has refused a room of the connection, or has accepted it at last.
function refusal_changed(conversation) {
  const { refusal } = conversation;
  if (refusal === "unknown_type" && !conversations.single) conversations.use_one_room();
  if (!is_shown(conversation)) return;
  if (!needs_connection.has(refusal)) return show_status();
  // A page opens its connections with its first room, unless attempts with the room have failed. Loading the page again would
  // change nothing then, and might never end.
  if (conversation.name === first) queueMicrotask(reconnect);
  else location.reload();
}

// Finds out why the hub did not accept the connection, and shows the reason.
async function find_reason(detail) {
  const names = hub.rooms.map(({ name }) => name).filter(name => conversations.get(name)?.refusal !== "forbidden");
  const opened = names.includes(first) ? first : names[0] ?? conversations.shown.name; // the room that the connection was to be opened with
  const state = await diagnose(base, history_client, opened);
  if (latest !== detail) return;
  if (state === "forbidden" && opened !== conversations.shown.name) {
    conversations.get(opened)?.leave();
    return hub.open(); // with another room
  }
  const final = state === "forbidden" || state === "locked";
  if (final) hub.close(); // further attempts would fail as well
  latest = final ? { state } : { ...detail, state };
  show_status();
}

function show_status() {
  const { refusal, online } = conversations.shown;
  status.show(refusal && !needs_connection.has(refusal) && latest.state === "online" ? { state: refusal } : latest);
  status.show_online(online);
}

// A message of somebody else has arrived.
function arrived(conversation, message) {
  if (is_shown(conversation) && !document.hidden) return announcer.announce(plain_label(message), without_directions(message.text));
  notifier.plan(conversation.name, () => {
    const { count } = conversation.unread;
    if (count) return count > 1 ? translate("new_messages", count) : `${plain_label(message)}: ${without_directions(message.text)}`;
    return "";
  });
}

function unsent_changed(conversation, item) {
  if (item.why) navigator.vibrate?.(60);
  switcher.plan();
}

function unread_changed(conversation) {
  if (is_shown(conversation)) conversations.mark_read();
  show_unread();
}

function show_unread() {
  const { count, exact } = conversations.unread, name = conversations.shown?.name ?? lobby;
  const title = `${count ? `(${count}${exact ? "" : "+"}) ` : ""}${name !== lobby ? `${name} – ` : ""}hubbub`;
  if (document.title !== title) document.title = title;
  switcher.plan();
}
