// Renders one message or one unsent item. All text enters the page as text nodes. Must not know the timeline.

import { author_id, avatar, is_unverified, label, tint } from "./author.js";
import { clock_time, day_name, full_time, translate } from "./i18n.js";
import { markup } from "./markup.js";
import { is_visible, only_emoji } from "./text.js";

const group_pause = 5 * 60_000; // ms after which the author's name is shown again
const max_lines = 15; // a longer message scrolls by itself, so it can be focused
// What a tall message shows last. If that is out of sight, the message goes on.
const ends = new IntersectionObserver(seen => {
  for (const { target, isIntersecting } of seen) target.parentElement?.classList.toggle("more", !isIntersecting);
});

// Returns the element of a message. `above` has the entries above it from the nearest message on. `me` has the ids of the
// reader as an author.
export function message_item({ message, own, arrives }, above, me) {
  const before = above.filter(entry => entry.message).at(-1), follows = before && before === above.at(-1);
  const at = new Date(message.created_at), then = before && new Date(before.message.created_at);
  const author = author_id(message);
  const new_day = then?.toDateString() !== at.toDateString();
  const continued = follows && !new_day && author_id(before.message) === author && label(before.message) === label(message) && at - then < group_pause;
  const item = element("li", classes("message", own ? "own" : "other", { current: me.includes(author), "new-day": new_day, continued, arrives }));
  item.dataset.id = message.id;
  item.dataset.author = author;
  if (new_day) item.dataset.day = day_name(at);
  if (!continued) {
    const name = tint(element("span", "author", label(message)), author);
    name.title = message.connection_id;
    if (is_unverified(message)) {
      name.classList.add("unverified");
      name.title += `\n${translate("unverified")}`;
    }
    item.append(avatar(author), name);
  }
  const time = element("time", continued && minute(at) === minute(then) ? "same" : "", clock_time(at));
  time.dateTime = message.created_at;
  time.setAttribute("role", "link"); // to the address of the message
  time.tabIndex = -1; // the arrow keys reach it
  const box = bubble(message.text, element("span", "number", `#${message.user_message_number}`), time);
  time.title = full_time(at);
  box.lastChild.title = `${time.title}\n#${message.user_message_number}`;
  item.append(box);
  return item;
}

// Makes an item look as `drawn`, which is of the same entry. The text stays the same element, with its selection and focus.
export function update_item(item, drawn) {
  const [box, drawn_box] = [item, drawn].map(each => each.querySelector(".bubble"));
  if (!box) return;
  item.className = drawn.className;
  for (const name of ["day", "newFrom"]) {
    if (drawn.dataset[name]) item.dataset[name] = drawn.dataset[name];
    else delete item.dataset[name];
  }
  while (item.firstChild !== box) item.firstChild.remove();
  while (drawn.firstChild !== drawn_box) item.insertBefore(drawn.firstChild, box);
  box.querySelector("time").className = drawn_box.querySelector("time").className;
}

// Names the days over the items of a list again, because another day has begun.
export function update_days(list) {
  for (const item of list.querySelectorAll(".new-day")) item.dataset.day = day_name(new Date(item.querySelector("time").dateTime));
}

// Returns the element of a notice.
export function lost_item({ id, lost, again }) {
  const item = element("li", "lost", lost_text(lost, again));
  item.dataset.id = id;
  return item;
}

// Tells of `lost` messages, of which `again` are sent again.
export function lost_text(lost, again) {
  return translate("lost", lost) + (again ? ` ${translate("sent_again", again)}` : "");
}

// Renders an unsent item into `entry`: queued, held, stored (its message follows) or failed. The buttons of a failed item
// call `act` with `resend` or `cancel`. `saved`: the item outlives the page.
export function unsent_item(entry, { item, status, number }, saved, act) {
  entry.className = classes("message", "own", "current", { queued: !item.why && status !== "stored", failed: item.why, stored: status === "stored" });
  const note = item.why ? [] : status === "stored"
    ? [element("span", "number", `#${number}`)]
    : [element("span", "note", translate(!saved ? "queued_unsaved" : status === "held" ? "held" : "queued"))];
  entry.replaceChildren(bubble(item.text, ...note));
  if (!item.why) return;
  const why = element("p", "", translate("not_sent", item.why));
  why.setAttribute("role", "alert");
  const failure = element("div", "failure");
  failure.append(why, button(translate("send_again"), () => act("resend")), button(translate("discard"), () => act("cancel")));
  entry.append(failure);
}

function bubble(text, ...about) {
  const meta = element("span", "meta");
  meta.append(...about);
  const body = element("span", "text");
  if (is_visible(text)) body.append(...markup(text));
  else body.append(element("i", "", translate("invisible")));
  const tall = text.length > 500 || text.split("\n", max_lines + 1).length > max_lines;
  const box = element("div", classes("bubble", { tall, emoji: only_emoji(text) }));
  box.dir = "auto";
  box.append(body, meta);
  if (tall) show_more(box);
  return box;
}

// Makes a box that scrolls by itself show whether it goes on below.
function show_more(box) {
  box.tabIndex = 0;
  box.dataset.more = translate("more");
  ends.observe(box.lastChild);
}

const minute = date => Math.floor(date / 60_000);

function classes(...names) {
  return names.flatMap(name => typeof name === "string" ? name : Object.keys(name).filter(key => name[key])).join(" ");
}

export function button(label, act) {
  const made = element("button", "", label);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
