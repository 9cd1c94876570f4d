// The reader's token. It comes from the fragment of the page's address (`#access_token=…`), which browsers do not send, or
// is entered by hand. It is stored for this tab alone. Must not know what the token is for.

const storage_key = `hubbub token ${new URL("./", document.baseURI)}`;
const pattern = /^[\w-]+\.[\w-]+\.[\w-]+$/;
let fallback; // for pages that may not use the storage

export function token() {
  try { return sessionStorage[storage_key] ?? fallback; } catch { return fallback; }
}

// Stores `text` as the token if it has the form of a token. Returns whether it has.
export function set_token(text) {
  if (!pattern.test(text)) return false;
  fallback = text;
  try { sessionStorage[storage_key] = text; } catch { /* after a reload the token is asked for again */ }
  return true;
}

// Calls `listener` when the fragment of the address brings another token.
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
