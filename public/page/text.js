// Renders the text of a message: web addresses become links, and everything else stays text. Must not know messages.

const link = /\bhttps?:\/\/[^\s<>"]+/giu;
const pictograph = "\\p{Extended_Pictographic}(?:\\uFE0F|\\p{EMod})?";
const emoji = new RegExp(`^(?:\\s*(?:\\p{RI}{2}|[#*\\d]\\uFE0F?\\u20E3|${pictograph}(?:\\u200D${pictograph})*(?:[\\u{E0020}-\\u{E007F}]+)?)){1,5}\\s*$`, "u");

export const only_emoji = text => text.length < 100 && emoji.test(text);

export function text_nodes(text) {
  const nodes = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(link)) {
    const address = trimmed(found);
    if (!http(address)) continue;
    nodes.push(text.slice(from, index), anchor(address));
    from = index + address.length;
  }
  nodes.push(text.slice(from));
  return nodes.filter(Boolean);
}

// Removes punctuation that ends the sentence, and closing brackets that the address does not open.
function trimmed(address) {
  for (;;) {
    const last = address.at(-1);
    const opened = { ")": "(", "]": "[", "}": "{" }[last];
    const loose = opened ? address.split(opened).length < address.split(last).length : /[.,;:!?'’”»*_~]/.test(last);
    if (!loose) return address;
    address = address.slice(0, -1);
  }
}

function http(address) {
  try { return /^https?:$/.test(new URL(address).protocol); } catch { return false; }
}

function anchor(address) {
  return Object.assign(document.createElement("a"), {
    href: address, textContent: address, target: "_blank", rel: "noopener noreferrer nofollow",
  });
}
