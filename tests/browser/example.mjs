// The example of public/client/README.md, with the client of this folder: node example.mjs ws://localhost:6088/ws
import WebSocket from "ws";
import { connect } from "../../public/client/hubbub.js";

const hub = connect(process.argv[2], { WebSocket });
hub.on("message", ({ message, past }) => {
  if (!past) console.log(`#${message.user_message_number} of ${message.connection_id}: ${message.text}`);
});
const { id } = await hub.send("hello");
console.log(`stored as ${id}`);
hub.close();
