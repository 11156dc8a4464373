/** The entries of a stream as something to iterate over. */

import type { EntrySteps } from "./entry-steps.ts";
import type { Entry } from "./link.ts";
import { LoadedSteps } from "./steps.ts";

/**
 * Entries one by one, a page of them in memory. Made by {@link Stream.entries} and
 * {@link Stream.follow}.
 */
export class Entries<T> extends LoadedSteps<Entry<T>, EntrySteps<T>> {}
