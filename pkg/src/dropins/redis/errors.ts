/** node-redis' errors, by their names. Refusals are a `CommandError`, `ErrorReply` there. */

/** The client is closed. */
export class ClientClosedError extends Error {
  constructor() {
    super("The client is closed");
  }
}

/** The client was destroyed while this waited. */
export class DisconnectsClientError extends Error {
  constructor() {
    super("Disconnects client");
  }
}

/** There is no connection yet, and commands are not to wait for it. */
export class ClientOfflineError extends Error {
  constructor() {
    super("The client is offline");
  }
}

/** A watched key was changed: the transaction was not done. */
export class WatchError extends Error {
  constructor(message = "One (or more) of the watched keys has been changed") {
    super(message);
  }
}

/** The command was given up, by its signal. */
export class AbortError extends Error {
  constructor() {
    super("The command was aborted");
  }
}
