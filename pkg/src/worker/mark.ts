/**
 * The first byte of a message from an object to the front door: there is `more` of the replies,
 * they `end` here, or the client `waits` now, behind it an f64 with its deadline in ms (NaN: none),
 * one with the object's time, and the request that goes on with the wait.
 */
export const Mark = { more: 0, end: 1, waits: 2 } as const;
