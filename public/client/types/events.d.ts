/** @template Details the details by the type of the event */
export class EventEmitter<Details> {
    /**
     * Returns a function that removes the listener.
     * @template {keyof Details} Type
     * @param {Type} type
     * @param {(detail: Details[Type]) => void} listener
     * @returns {() => void}
     */
    on<Type extends keyof Details>(type: Type, listener: (detail: Details[Type]) => void): () => void;
    /**
     * Calls the listeners. What one of them throws is reported as an uncaught error, and hinders nothing else.
     * @template {keyof Details} Type
     * @param {Type} type
     * @param {Details[Type]} detail
     */
    emit<Type extends keyof Details>(type: Type, detail: Details[Type]): void;
    #private;
}
