/** Microtasks by the platform's own means. */

/**
 * `queueMicrotask`, taken before a test can put a clock of its own in its place: what is to be done
 * at once must not wait until somebody moves that clock.
 */
export const soon: (task: () => void) => void = queueMicrotask;
