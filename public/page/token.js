// The reader's token: taken out of the address that opened the page (`#access_token=…`, which browsers send nowhere) or
// entered by hand, and kept for this tab alone. It must not know what it opens.

const name = `hubbub token ${new URL("./", document.baseURI)}`;
const shape = /^[\w-]+\.[\w-]+\.[\w-]+$/;
let kept; // where a page may keep nothing

export function token() {
  try { return sessionStorage[name] ?? kept; } catch { return kept; }
}

// Whether `text` looks like one, and is kept.
export function keep(text) {
  if (!shape.test(text)) return false;
  kept = text;
  try { sessionStorage[name] = text; } catch { /* a reload will ask again */ }
  return true;
}

// `listener` is called when an address brings another one.
export function brought(listener) {
  addEventListener("hashchange", () => take() && listener());
}

function take() {
  const given = new URLSearchParams(location.hash.slice(1)).get("access_token");
  if (given === null) return false;
  history.replaceState(history.state, "", location.pathname + location.search);
  return keep(given);
}

take();
