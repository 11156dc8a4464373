/**
 * `GET /v1/streams/{key}/events`: a stream followed as Server-Sent Events.
 *
 * | | |
 * |---|---|
 * | `id:` | the entry's ID; a browser sends the last one back as `Last-Event-ID` when it reconnects |
 * | `data:` | the entry's fields as a JSON object |
 * | event `gap` | entries behind the wanted ID are there no more: `{"after", "first"}`, without an `id:` |
 * | `?from=` | entries behind this ID; `0` all there are, `$` (without it) those to come |
 * | `?fields=a,b` | of each entry these fields only; entries that have none of them are left out |
 *
 * The reader sets the pace: the next entries are read when those before have been taken, so a slow
 * reader costs one batch of memory. Heartbeats are comments.
 */

import { ID } from "../ids.ts";
import type { Call } from "./call.ts";
import { Failure } from "./failure.ts";
import { Follower } from "./follower.ts";
import { eventStream } from "./sse.ts";

/** The route. */
export async function followStream(call: Call): Promise<Response> {
  const [key = ""] = call.parts;
  const from = startOf(call);
  const follower = new Follower(call, key, fieldsOf(call.url));
  try {
    await follower.begin(from);
  } catch (error) {
    follower.close();
    throw error;
  }
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>) =>
    follower.next().then(
      (bytes) => controller.enqueue(bytes),
      () => {
        follower.close();
        // The reader comes again and goes on behind the last ID that it has.
        controller.close();
      },
    );
  const cancel = () => follower.close();
  return eventStream(new ReadableStream({ pull, cancel }, { highWaterMark: 0 }));
}

/** Behind which ID to begin: what a browser sends by itself goes before what its address says. */
function startOf({ request, url }: Call): string {
  const sent = request.headers.get("last-event-id") ?? url.searchParams.get("lastEventId");
  const id = sent || url.searchParams.get("from") || "$";
  if (id !== "$" && !ID.test(id))
    throw new Failure(400, "ERR from: an entry ID, 0 for all entries, or $ for those to come");
  return id;
}

function fieldsOf(url: URL): ReadonlySet<string> | undefined {
  const fields = url.searchParams.getAll("fields").flatMap((list) => list.split(","));
  return fields.length === 0 ? undefined : new Set(fields);
}
