/** What one types into an input for an ID or a moment. */

export const ID_INPUT = {
  type: "text",
  pattern: "\\d+(-\\d+)?",
  placeholder: "ms-seq",
} as const;

export const TIME_INPUT = { type: "datetime-local", step: 1 } as const;
