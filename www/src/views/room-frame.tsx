/** What a room of the console stands in. */

import type { ComponentChildren } from "preact";
import { useConsole } from "../console.ts";

interface RoomFrameProps {
  readonly class: string;
  readonly isBusy?: boolean;
  readonly children: ComponentChildren;
}

/** The page's main part where the console is the page; elsewhere the page has one of its own. */
export function RoomFrame({ class: name, isBusy, children }: RoomFrameProps) {
  const Frame = useConsole().isPage ? "main" : "div";
  return (
    <Frame id="main" class={`main ${name}`} tabIndex={-1} aria-busy={isBusy}>
      {children}
    </Frame>
  );
}
