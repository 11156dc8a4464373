/** Streams as a shop has them, in every state that the list tells apart. */

import { Eddyline } from "eddyline";
import type { Page } from "playwright-core";
import type { BackEnd } from "./console-back-end.ts";
import { runCommands } from "./console-steps.ts";

const MINUTE_MS = 60_000;

/** The commands that make the scene, for the moment `nowMs`. */
export function sceneCommands(nowMs: number): string[][] {
  return [...orders(nowMs), ...payments(nowMs), ...quiet(nowMs)];
}

/** `orders`: billing keeps up, shipping has had one entry for too long. */
function orders(nowMs: number): string[][] {
  const items = ["tea", "coffee", "cocoa", "mate"];
  const ids = Array.from({ length: 40 }, (_, n) => `${nowMs - (40 - n) * MINUTE_MS}-0`);
  const added = ids.map((id, n) => [
    ...["XADD", "orders", id, "order", `${1000 + n}`, "item", items[n % 4] ?? ""],
    ...["cups", String(1 + (n % 3)), "paid", String(n % 5 !== 0)],
  ]);
  const read = (group: string, consumer: string, count: number) => [
    ...["XREADGROUP", "GROUP", group, consumer, "COUNT", String(count), "STREAMS", "orders", ">"],
  ];
  return [
    ...added,
    ["XGROUP", "CREATE", "orders", "billing", "0"],
    ["XGROUP", "CREATE", "orders", "shipping", "0"],
    read("billing", "worker-1", 40),
    ["XACK", "orders", "billing", ...ids],
    read("shipping", "dock-1", 12),
    read("shipping", "dock-2", 8),
    ["XACK", "orders", "shipping", ...ids.slice(3, 9)],
    ["XCLAIM", "orders", "shipping", "dock-1", "0", ids[0] ?? "", "IDLE", "1260000", "JUSTID"],
  ];
}

/** `payments`: nobody reads for the group. */
function payments(nowMs: number): string[][] {
  const added = Array.from({ length: 12 }, (_, n) => [
    ...["XADD", "payments", `${nowMs - (12 - n) * 1000}-0`, "order", `${1000 + n}`],
    ...["amount", (4.2 + n).toFixed(2), "currency", "EUR"],
  ]);
  return [...added, ["XGROUP", "CREATE", "payments", "ledger", "0"]];
}

/** Streams that ask for nothing. */
function quiet(nowMs: number): string[][] {
  return [
    ["XADD", "readings:kitchen", `${nowMs - 3_600_000}-0`, "celsius", "21.4"],
    ["XADD", "readings:cellar", `${nowMs - 7_200_000}-0`, "celsius", "9.1"],
    ["XADD", "audit", `${nowMs - 86_400_000}-0`, "who", "ana", "did", "signed in"],
  ];
}

/** Makes the scene: over the network, or in the tab by the console's own command line. */
export async function makeScene(page: Page, backEnd: BackEnd): Promise<void> {
  const commands = sceneCommands(Date.now());
  if (backEnd.name !== "tab") {
    await using db = await Eddyline.open(backEnd.origin, { token: backEnd.token });
    for (const argv of commands) await db.sendCommand(argv);
    return;
  }
  const lines = commands.map((argv) =>
    argv.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(" "),
  );
  await runCommands(page, lines);
  await page.getByRole("link", { name: "Streams", exact: true }).first().click();
}
