// A WebSocket client that checks every frame of a hub against asyncapi.json, and keeps which of them it has seen.

import assert from "node:assert/strict";
import WebSocket from "ws";
import { asyncapi, check } from "./descriptions.mjs";
import { patience } from "../support/machine.mjs";

const { messages } = asyncapi.components;
const channel = asyncapi.channels.ws;

export const said = new Set(), codes = new Set(); // the types of frames and the codes of errors so far
export const names = references => references.map(each => each.$ref.split("/").at(-1));
export const sent_by_hub = names([...asyncapi.operations.hear.messages, ...asyncapi.operations.speak.reply.messages]);

// Checks a frame against the description of its type, and returns it.
function checked(frame) {
  assert.ok(sent_by_hub.includes(frame.type), `${frame.type} is described as something that the hub says`);
  check(asyncapi, messages[frame.type].payload, frame, frame.type);
  said.add(frame.type);
  if (frame.code) codes.add(frame.code);
  return frame;
}

// A connection that checks every frame against its description.
export class CheckedClient {
  #frames = []; // frames that `next` has not returned yet
  #fault;
  #notify = () => {};

  static async open(where, query = "") {
    const client = new this();
    client.socket = new WebSocket(`ws://127.0.0.1:${where.port}${channel.address}${query}`);
    client.socket.on("error", fault => client.#end(fault)).on("close", code => client.#end(new Error(`the connection is closed: ${code}`)));
    client.socket.on("message", bytes => {
      try {
        client.#frames.push(checked(JSON.parse(bytes)));
      } catch (fault) {
        client.#end(fault);
      }
      client.#notify();
    });
    client.init = await client.next("init");
    return client;
  }

  send(frame) { this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame)); }

  #end(fault) {
    this.#fault ??= fault;
    this.#notify();
  }

  // Resolves with the first frame of this type that was not returned before.
  async next(type) {
    const late = setTimeout(() => this.#end(new Error(`no ${type} came`)), patience);
    try {
      for (;;) {
        const at = this.#frames.findIndex(frame => frame.type === type);
        if (at >= 0) return this.#frames.splice(at, 1)[0];
        if (this.#fault) throw this.#fault;
        await new Promise(resolve => { this.#notify = resolve; });
      }
    } finally {
      clearTimeout(late);
    }
  }

  close() { this.socket.terminate(); }
}
