// A chat room with socket.io: each message is emitted to every client.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const room = new Server(http);
room.on("connection", (socket) => socket.on("message", (text) => room.emit("message", text)));
http.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${http.address().port}`));
