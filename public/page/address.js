// The addresses of the page: every room has one. Knows `?room=`. Must not know what is in a room.

import { translate } from "./i18n.js";

export const lobby = "lobby";
export const base = new URL("./", document.baseURI); // of the hub
// The hub alone checks where joiners may stand (RFC 5892, appendices A.1 and A.2).
const pattern = /^(?![\u200c\u200d])[\p{L}\p{M}\p{Nd}._\u200c\u200d-]{1,64}$/u;

// Returns the room's name in the hub's form (NFC), or undefined if the text is not a name.
export function room_name(text) {
  const name = text.trim().normalize("NFC");
  return pattern.test(name) && [...name].length <= 64 ? name : undefined;
}

// Returns what the address of the page names as the room, which may not be a name.
export const requested_room = () => new URLSearchParams(location.search).get("room") || lobby;

// Returns the id of the message that the address of the page names, or undefined.
export const requested_message = () => Number(new URLSearchParams(location.search).get("message")) || undefined;

// Returns the address of a message.
export function message_url(room, id) {
  const url = with_room(base, room);
  url.searchParams.set("message", id);
  return url.href;
}

// Returns the address of the page with this room.
export const room_url = room => with_room(base, room).href;

// Returns the address of the WebSocket that is opened with this room.
export function socket_url(room) {
  const url = with_room(new URL("ws", base), room);
  url.protocol = base.protocol.replace("http", "ws");
  return url.href;
}

// Shares the address of a room: by the share sheet of a phone, else by the clipboard. `notice` shows a text to the reader.
export async function share(name, notice) {
  const url = room_url(name);
  try {
    if (navigator.share && matchMedia("(pointer: coarse)").matches) return await navigator.share({ title: `hubbub / ${name}`, url });
    await navigator.clipboard.writeText(url);
    notice(translate("link_copied"));
  } catch (error) {
    if (error.name !== "AbortError") notice(url); // the reader can copy the address by hand
  }
}

function with_room(address, room) {
  const url = new URL(address);
  if (room !== lobby) url.searchParams.set("room", room);
  return url;
}
