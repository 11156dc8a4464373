/** Values checked by a schema of any library that implements Standard Schema. */

import { type SchemaIssue, ValidationError } from "../errors.ts";

/** What a schema makes of a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/**
 * A schema as zod, valibot, arktype and others make it: https://standardschema.dev. `Input` is what
 * it takes, `Output` what it makes of it.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema takes. */
export type SchemaInput<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["input"];
/** What a schema makes of it. */
export type SchemaOutput<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["output"];

/** The schema's output, at once unless the schema takes its time; throws {@link ValidationError}. */
export function validate<Output>(
  schema: StandardSchema<unknown, Output>,
  value: unknown,
  id?: string,
): Output | Promise<Output> {
  const result = schema["~standard"].validate(value);
  if (!("then" in result)) return outputOf(result, id);
  return Promise.resolve(result).then((later) => outputOf(later, id));
}

function outputOf<Output>(result: SchemaResult<Output>, id: string | undefined): Output {
  if (result.issues === undefined) return result.value;
  throw new ValidationError(result.issues.map(issueText).join("; "), result.issues, id);
}

function issueText({ path, message }: SchemaIssue): string {
  const keys = path?.map((key) => String(typeof key === "object" ? key.key : key)) ?? [];
  return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
}
