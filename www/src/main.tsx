/** Starts the page. */

import { render } from "preact";
import "./style/base.css";
import "./style/frame.css";
import "./style/stream.css";
import "./style/feed.css";
import { openFirst } from "./session.ts";
import { App } from "./view/app.tsx";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no element #app");
render(<App />, root);
await openFirst();
