// Finds out why the hub did not accept a connection. Browsers do not tell the status of a failed upgrade, so other requests are
// made. Knows the addresses of the hub. Must not know the page.

const timeout = 3_000; // ms

// Resolves with the state of a connection that was to be opened with `room`: "offline", "no_database", "refused", or "locked" or
// "forbidden", with which every further attempt would fail as well. `history` is a HistoryClient.
export async function diagnose(base, history, room) {
  const health = await fetch(new URL("health", base), { cache: "no-store", signal: AbortSignal.timeout?.(timeout) })
    .then(answer => answer.json()).catch(() => undefined);
  if (!health?.status) return "offline";
  if (health.database === false) return "no_database";
  const denials = { 401: "locked", 403: "forbidden" };
  return await history.page(room, 1).then(() => undefined, ({ status }) => denials[status]) ?? "refused";
}
