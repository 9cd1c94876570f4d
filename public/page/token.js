// The reader's token: taken out of the address that opened the page (`#access_token=…`, which browsers send nowhere) or
// entered by hand, and kept for this tab alone. It must not know what it opens.

const storage_key = `hubbub token ${new URL("./", document.baseURI)}`;
const pattern = /^[\w-]+\.[\w-]+\.[\w-]+$/;
let fallback; // where a page may keep nothing

export function token() {
  try { return sessionStorage[storage_key] ?? fallback; } catch { return fallback; }
}

// Whether `text` looks like one, and is kept.
export function set_token(text) {
  if (!pattern.test(text)) return false;
  fallback = text;
  try { sessionStorage[storage_key] = text; } catch { /* a reload will ask again */ }
  return true;
}

// `listener` is called when an address brings another one.
export function on_token(listener) {
  addEventListener("hashchange", () => take_from_fragment() && listener());
}

function take_from_fragment() {
  const given = new URLSearchParams(location.hash.slice(1)).get("access_token");
  if (given === null) return false;
  history.replaceState(history.state, "", location.pathname + location.search);
  return set_token(given);
}

take_from_fragment();
