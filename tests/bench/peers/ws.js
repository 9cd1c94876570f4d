// A chat room with ws: each message is sent to every client.
import { WebSocketServer } from "ws";

const perMessageDeflate = process.env.DEFLATE === "true" && { serverNoContextTakeover: true, threshold: 0 };
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate });
server.on("listening", () => console.log(`http://127.0.0.1:${server.address().port}`));
server.on("connection", (socket) => {
  socket.on("message", (data) => {
    for (const client of server.clients) client.send(data, { binary: false });
  });
});
