// Brings a room that is behind the others up to them, by pages of `GET /messages`, and begins a room that is new. Knows what the
// hub would answer to `subscribe`. Must not know the stream.

import { Refused, request } from "./event_stream.js";
import { distance, is_lost, read_fork } from "./fork.js";

/** @import { Fork, Message, Position } from "./definitions.js" */
/** A frame `subscribe`. @typedef {{room: string, log?: string, after?: number, most?: number}} Ask */
/** How the hub has begun a room with its history, and the id up to which that is complete. @typedef {{frame: any, newest: number}} Begun */
/** @typedef {{messages: Message[], next?: string|null}} Page */

const page_size = 200; // messages
const max_tries = 5; // of a page that the hub has no time for
const min_pause = 1_000, max_pause = 10_000; // ms between them

/**
 * What the catch-up needs.
 * @typedef {object} Port
 * @property {URL} url of the pages
 * @property {Record<string, string>} headers
 * @property {AbortSignal} signal
 * @property {(room: string, position: Position) => Promise<Partial<Fork>|undefined>} fork resolves with the fork that the hub tells
 *   a client which resumes there
 * @property {(frame: any) => void} tell gets the frames for the client
 * @property {(frame: any) => Promise<void>} tell_begun tells how a room begins with a history
 * @property {(frame: any) => Promise<void>} tell_message tells a message when it is known whether it is the client's own
 */

/** Returns the frame `subscribed` of a room that a stream begins with. @param {any} frame */
export const as_subscribed = frame => ({ ...frame, type: "subscribed", connection_id: undefined });

export class RoomCatchUp {
  #port;

  /** @param {Port} port */
  constructor(port) { this.#port = port; }

  /**
   * Tells the client the answer to `subscribe`, and what it has missed.
   * @param {Ask} ask
   * @param {Begun} begun
   */
  async begin({ room, log, after = 0, most }, begun) {
    const { frame, newest } = begun, history = as_subscribed(frame);
    if (log !== frame.log) return this.#port.tell_begun(history);
    const { fork, from } = await this.#fork(room, { log: frame.log, after }, newest), resumed = { ...history, resumed: true, history: [], fork };
    if (most === undefined) {
      this.#port.tell(resumed);
      return this.#tell_after(room, from, begun);
    }
    /** @type {Message[]} */
    const missed = [];
    let is_all = true;
    for await (const { messages, next } of this.#pages(room, from, frame.history)) {
      missed.push(...messages);
      is_all = !next;
      if (missed.length > most) break;
    }
    if (missed.length > most) return this.#port.tell_begun({ ...history, fork, ...is_all && { missed: missed.length } });
    this.#port.tell(resumed);
    await this.#tell(room, missed);
  }

  /**
   * Tells the client what has happened in a room since a position.
   * @param {string} room
   * @param {Position} position
   * @param {Begun} begun
   */
  async go_on(room, position, begun) {
    const { fork, from } = await this.#fork(room, position, begun.newest);
    if (fork) this.#port.tell({ type: "fork", room, ...fork });
    await this.#tell_after(room, from, begun);
  }

  /**
   * Resolves with the fork since a position, if there was one, and with the id after which the client has no messages.
   * @param {string} room
   * @param {Position} position
   * @param {number} newest
   */
  async #fork(room, position, newest) {
    const { after } = position;
    if (newest - after < distance) return { from: after }; // no two messages are further apart without a fork
    const fork = read_fork(await this.#port.fork(room, position) ?? {});
    return { fork, from: fork && is_lost(after, fork) ? fork.after : after };
  }

  /**
   * @param {string} room
   * @param {number} after
   * @param {Begun} begun
   */
  async #tell_after(room, after, { frame }) {
    for await (const { messages } of this.#pages(room, after, frame.history)) await this.#tell(room, messages);
  }

  /**
   * @param {string} room
   * @param {Message[]} messages
   */
  async #tell(room, messages) { for (const message of messages) await this.#port.tell_message({ ...message, type: "message", room }); }

  /**
   * Yields the messages after an id, up to the newest ones, from the history if it has all of them.
   * @param {string} room
   * @param {number} after
   * @param {Message[]} history
   * @returns {AsyncGenerator<Page>}
   */
  async *#pages(room, after, history) {
    if (!history.length || history[0].id <= after) return yield { messages: history.filter(({ id }) => id > after) };
    for (let page; page?.next !== null; after = page.messages.at(-1)?.id ?? after) yield page = await this.#page(room, after);
  }

  /**
   * @param {string} room
   * @param {number} after
   * @returns {Promise<{messages: Message[], next: string|null}>}
   */
  async #page(room, after) {
    const { headers, signal } = this.#port, url = new URL(this.#port.url);
    for (const [name, value] of Object.entries({ room, after, limit: page_size })) url.searchParams.set(name, String(value));
    for (let tries = 1; ; tries += 1) {
      try {
        return await (await request(url, { headers, signal })).json();
      } catch (error) {
        if (!(error instanceof Refused) || ![429, 503].includes(error.status) || tries === max_tries) throw error;
        const pause = Math.min(max_pause, Math.max(min_pause, error.retry_after));
        await new Promise(resolve => setTimeout(resolve, pause));
      }
    }
  }
}
