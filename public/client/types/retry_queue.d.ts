/** @import { Command } from "./commands.js" */
export class RetryQueue {
    /** @param {(command: Command) => void} attempt sends a command to the hub */
    constructor(attempt: (command: Command) => void);
    get size(): number;
    /**
     * @param {Command["type"]} type
     * @param {string} room
     */
    has(type: Command["type"], room: string): boolean;
    /** @param {Command} command */
    add(command: Command): void;
    /**
     * Adds a command that the hub has refused as one too many. The next attempt follows after a delay.
     * @param {Command} command
     */
    postpone(command: Command): void;
    /**
     * Returns the commands of this type about the room, which do not wait any longer.
     * @param {Command["type"]} type
     * @param {string} room
     */
    remove(type: Command["type"], room: string): Command[];
    /** Returns the commands that have waited. */
    clear(): Command[];
    /** Must be called when the hub has accepted a subscription. */
    succeeded(): void;
    /** Makes the next attempt unless there is a pause. Must be called when the hub has answered one. */
    proceed(): void;
    #private;
}
import type { Command } from "./commands.js";
