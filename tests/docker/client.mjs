// A client that does one thing at the hub with this port.
//   client.mjs PORT history         prints the texts of the history, one in each line
//   client.mjs PORT say TEXT        sends TEXT, and ends when two connections have got it
//   client.mjs PORT wait            prints "here", sends nothing, and prints the first message that comes
import { connection } from "./websocket.mjs";

const deadline_ms = 10_000;
const [port, verb, text] = process.argv.slice(2);

if (verb !== "wait") setTimeout(() => { throw new Error(`no answer within ${deadline_ms} ms`); }, deadline_ms);
const speaker = await connection.open(port);
const init = await speaker.shown(({ type }) => type === "init");
if (verb === "history") {
  for (const message of init.history) console.log(message.text);
} else if (verb === "wait") {
  console.log("here");
  console.log((await speaker.shown(({ type }) => type === "message")).text);
} else {
  const listener = await connection.open(port);
  await listener.shown(({ type }) => type === "init");
  speaker.say(text);
  const is_it = (event) => event.type === "message" && event.connection_id === init.connection_id && event.text === text;
  await Promise.all([speaker.shown(is_it), listener.shown(is_it)]);
}
process.exit();
