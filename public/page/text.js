// What is in the text of a message: web addresses, emoji, and characters that mislead. Must not know messages.

const link = /\b(?:https?:\/\/|www\.(?=[^\s.]))[^\s<>"]+/giu;
const pictograph = "\\p{Extended_Pictographic}(?:\\uFE0F|\\p{EMod})?";
// A pictograph that is drawn as an emoji by itself or because of what follows; © and ↔ are not.
const drawn = `(?:(?=\\p{Emoji_Presentation})\\p{Extended_Pictographic}\\uFE0F?|\\p{EBase}\\p{EMod}|\\p{Extended_Pictographic}(?:\\uFE0F|(?=\\u200D)))`;
const emoji = new RegExp(`^(?:\\s*(?:\\p{RI}{2}|[#*\\d]\\uFE0F?\\u20E3|${drawn}(?:\\u200D${pictograph})*(?:[\\u{E0020}-\\u{E007F}]+)?)){1,5}\\s*$`, "u");
// Embeddings, overrides and isolates (Unicode Standard Annex 9), which can make a text read as another one.
const directions = /[\u202a-\u202e\u2066-\u2069]/gu;
const visible = /[^\s\p{Cc}\p{Z}\p{DI}\ufff9-\ufffb\u2800]/u;
// Scripts whose letters do not look like those of Latin. The names of hosts in them are shown as they are written.
const distinct = /^[\d\p{M}\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Arab}\p{sc=Hebr}\p{sc=Deva}\p{sc=Thai}ー-]+$/u;
const latin = /^[a-z\d\u00df-\u00f6\u00f8-\u00ff-]+$/u, cyrillic = /^[\d\p{sc=Cyrl}-]+$/u;

export const only_emoji = text => text.length < 100 && emoji.test(text);

// Returns a text without the characters that change the direction of what follows them.
export const without_directions = text => text.replace(directions, "");

export const is_visible = text => visible.test(text);

// Removes the empty lines before a text, and all white space after it.
export const trim_lines = text => text.replace(/^\s*[\n\u2028\u2029]/u, "").trimEnd();

// Returns where the web addresses of a text are, {from, to, make}, in their order. `make()` returns the link.
export function links(text) {
  const found = [];
  for (const { 0: match, index } of text.matchAll(link)) {
    const before = text[index - 1] ?? "", bare = match[0].toLowerCase() === "w";
    const address = trimmed(match, before), url = parse(bare ? `https://${address}` : address);
    if (!url || bare && (/[\w@./-]/.test(before) || !url.host.slice(4).includes("."))) continue;
    found.push({ from: index, to: index + address.length, make: () => anchor(url.host, address, bare) });
  }
  return found;
}

// Removes punctuation that ends the sentence, closing brackets that the address does not open, and a mark that stands before the
// address too.
function trimmed(address, before) {
  for (;;) {
    const last = address.at(-1);
    const opened = { ")": "(", "]": "[", "}": "{" }[last];
    const mark = last === "*" || last === before && /['_~`]/.test(last); // ** ends what is bold
    const loose = opened ? address.split(opened).length < address.split(last).length : mark || /[.,;:!?’”»…。，、！？；：]/.test(last);
    if (!loose) return address;
    address = address.slice(0, -1);
  }
}

// Returns the URL of a web address. A name before an @ would look like the host.
function parse(address) {
  try {
    const url = new URL(address);
    return /^https?:$/.test(url.protocol) && !url.username && !url.password ? url : undefined;
  } catch { return undefined; }
}

// Shows a host in its ASCII form if its letters may be those of another one.
function anchor(host, address, bare) {
  const [, scheme, written] = /^(https?:\/\/+)?([^/?#\\]*)/i.exec(address);
  const shown = honest(written) ? address : (scheme ?? "") + host + address.slice((scheme ?? "").length + written.length);
  return Object.assign(document.createElement("a"), {
    href: bare ? `https://${address}` : address, textContent: shown, target: "_blank", rel: "noopener noreferrer nofollow",
  });
}

function honest(written) {
  const labels = written.toLowerCase().normalize("NFC").split(":")[0].split("."), top = labels.at(-1);
  return /^[\x21-\x7e]*$/.test(written) || labels.every(label => latin.test(label) || distinct.test(label) || cyrillic.test(top) && cyrillic.test(label));
}
