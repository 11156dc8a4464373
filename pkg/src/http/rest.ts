/** Commands as JSON and replies as JSON, in the form of Upstash's REST API. */

import { CommandError } from "../errors.ts";
import { type ReplyReader, type ReplyValue, readText } from "../resp.ts";
import { RequestError } from "./backend.ts";

/** A reply as JSON has it. */
export type Result = string | number | boolean | null | Result[];

/** The answer to one command. */
export type Answer = { result: Result } | { error: string };

/** The command that a parsed body is: an array of its name and arguments. */
export function readCommand(body: unknown): string[] {
  if (!Array.isArray(body) || body.length === 0) {
    throw new RequestError("ERR the body must be a JSON array of a command and its arguments");
  }
  return body.map(readArgument);
}

/** The commands that a parsed body of a pipeline is. */
export function readCommands(body: unknown): string[][] {
  if (!Array.isArray(body)) {
    throw new RequestError("ERR the body must be a JSON array of commands, each an array itself");
  }
  return body.map(readCommand);
}

function readArgument(argument: unknown): string {
  switch (typeof argument) {
    case "string":
      return argument;
    case "number":
    case "boolean":
      return String(argument);
    default:
      throw new RequestError("ERR an argument must be a string, a number or a boolean");
  }
}

/** Takes a reply. */
export function readAnswer(replies: ReplyReader): Answer {
  const value = replies.value(readText);
  return value instanceof CommandError ? { error: value.message } : { result: toResult(value) };
}

function toResult(value: ReplyValue): Result {
  if (Array.isArray(value)) return value.map(toResult);
  if (value instanceof CommandError) return value.message;
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  // A map, which only a session that asked for RESP3 gets, is flat as in RESP2.
  return Object.entries(value).flatMap(([field, inner]) => [field, toResult(inner)]);
}
