// A program for browsers: no option is needed there.

import { connect, Hubbub } from "hubbub-client";

const hub: Hubbub = connect("ws://localhost:6088/ws", { WebSocket, token: "a.b.c" });
hub.on("message", ({ message, past }) => {
  if (!past) document.body.append(message.text);
});
hub.on("line", line => {
  if (line.state === "locked") document.title = line.reached ? "expired" : "refused";
});
