/** One console: what its views share. A page may hold several, so none of it is global. */

import { type ComponentType, createContext } from "preact";
import { useContext } from "preact/hooks";
import { Appearance } from "./base/appearance.ts";
import { fragmentRouter, type Router } from "./base/router.ts";
import { CommandLog } from "./commands/log.ts";
import { Connection } from "./connection/connection.ts";
import { takeInvitation } from "./connection/fragment.ts";
import { Keeping } from "./connection/keeping.ts";
import { Observer } from "./observe/observer.ts";

/** What the views of a console share. */
export interface Console {
  readonly connection: Connection;
  readonly observer: Observer;
  readonly commands: CommandLog;
  readonly router: Router;
  readonly appearance: Appearance;
  /** Whether it is the whole page, or a part of somebody else's. */
  readonly isPage: boolean;
  /** The playground; a console inside of somebody else's page has none. */
  readonly tour: ComponentType | null;
}

/** What a console is made of. */
export type ConsoleParts = Pick<Console, "router" | "tour" | "isPage"> & {
  readonly keeping: Keeping;
};

/** Makes a console that is not connected yet. */
export function createConsole({ router, tour, isPage, keeping }: ConsoleParts): Console {
  const connection = new Connection(keeping);
  return {
    connection,
    observer: new Observer(connection),
    commands: new CommandLog(connection.db),
    router,
    appearance: new Appearance(keeping.lasting),
    isPage,
    tour,
  };
}

/** A console that is the whole page: it goes on where the page was, or where its address says. */
export function createPageConsole(tour: ComponentType): Console {
  const invitation = takeInvitation();
  const keeping = new Keeping(sessionStorage, localStorage);
  const console = createConsole({ router: fragmentRouter(), tour, isPage: true, keeping });
  const address = invitation?.address ?? keeping.presentAddress();
  if (invitation !== null) {
    const { address, token } = invitation;
    void console.connection.open(address, { token, remember: false });
  } else if (address !== null) void console.connection.open(address);
  return console;
}

const Context = createContext<Console | null>(null);

/** Gives a console to the views below. */
export const ConsoleProvider = Context.Provider;

/** The console that the view belongs to. */
export function useConsole(): Console {
  const console = useContext(Context);
  if (console === null) throw new Error("a view of the console stands outside of one");
  return console;
}
