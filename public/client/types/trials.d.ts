export class Trials {
    /**
     * @param {() => Socket} open opens a WebSocket
     * @param {() => void} succeeded is called when a WebSocket has lived for long enough. It stays open until `end`
     */
    begin(open: () => Socket, succeeded: () => void): void;
    /** Begins a trial now, unless there was one a moment ago. */
    check(): void;
    end(): void;
    #private;
}
import type { Socket } from "./connection.js";
