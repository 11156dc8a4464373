/**
 * The server's side of WebSockets, which Node lacks. The build puts the package `ws` into this
 * file, so that nobody who installs `eddyline` for a page installs it too.
 */

export { WebSocketServer } from "ws";
