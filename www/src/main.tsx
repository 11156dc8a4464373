/** Starts the console as a page of its own. */

import { render } from "preact";
import "./style/base.css";
import "./style/controls.css";
import "./style/shell.css";
import "./style/table.css";
import { keepPage } from "./base/offline.ts";
import { ConsoleProvider, createPageConsole } from "./console.ts";
import { later } from "./parts/later.tsx";
import { Shell } from "./views/shell.tsx";

const Tour = later(async () => (await import("./tour/tour.tsx")).Tour);

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no element #app");
render(
  <ConsoleProvider value={createPageConsole(Tour)}>
    <Shell />
  </ConsoleProvider>,
  root,
);
void keepPage();
