/** Commands as JSON and as paths, and replies as JSON, in the form of Upstash's REST API. */

import { CommandError } from "../errors.ts";
import * as limits from "../limits.ts";
import { type ReplyReader, type ReplyValue, readBytes, readText } from "../resp.ts";
import { RequestError } from "./backend.ts";

/** A reply as JSON has it. */
export type Result = string | number | boolean | null | Result[];

/** The answer to one command. */
export type Answer = { result: Result } | { error: string };

/** How a reply is taken off. */
export type ReadAnswer = (replies: ReplyReader) => Answer;

/** The command that a parsed body is: an array of its name and arguments. */
export function readCommand(body: unknown): string[] {
  if (!Array.isArray(body) || body.length === 0) {
    throw new RequestError("ERR the body must be a JSON array of a command and its arguments");
  }
  if (body.length > limits.httpArguments)
    throw new RequestError(`ERR a command may have ${limits.httpArguments} arguments here`);
  return body.map(readArgument);
}

/** The commands that a parsed body of a pipeline is. */
export function readCommands(body: unknown): string[][] {
  if (!Array.isArray(body)) {
    throw new RequestError("ERR the body must be a JSON array of commands, each an array itself");
  }
  if (body.length > limits.httpCommands)
    throw new RequestError(`ERR a pipeline may have ${limits.httpCommands} commands here`);
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

/** Takes a reply whose strings are text. */
export function readAnswer(replies: ReplyReader): Answer {
  return toAnswer(replies.value(readText), String);
}

/**
 * Takes a reply whose strings are to be base64, so that JSON can hold any bytes. A reply that is
 * just `OK` stays as it is: that is what clients expect.
 */
export function readBase64Answer(replies: ReplyReader): Answer {
  const value = replies.value(readBytes);
  if (value === "OK") return { result: "OK" };
  return toAnswer(value, (text) =>
    toBase64(typeof text === "string" ? new TextEncoder().encode(text) : text),
  );
}

/** A string of a reply. */
type Text = string | Uint8Array;

function toAnswer(value: ReplyValue<Text>, write: (text: Text) => string): Answer {
  if (value instanceof CommandError) return { error: value.message };
  return { result: toResult(value, write) };
}

function toResult(value: ReplyValue<Text>, write: (text: Text) => string): Result {
  if (typeof value === "string" || value instanceof Uint8Array) return write(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => toResult(item, write));
  if (value instanceof CommandError) return write(value.message);
  // A map, which only a session that asked for RESP3 gets, is flat as in RESP2.
  return Object.entries(value).flatMap(([field, inner]) => [write(field), toResult(inner, write)]);
}

/** Bytes that one call of `String.fromCharCode` takes. */
const CHUNK = 8192;

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.byteLength; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(binary);
}
