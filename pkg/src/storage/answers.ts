/**
 * Answers to senders who may ask again, because whoever was to tell them may be gone: each is
 * committed with the change that it tells of, and kept until its sender says that it has come.
 */

/** An answer under the number of its request. */
export type NumberedAnswer = readonly [number: number, bytes: Uint8Array];

/** Answers to one sender. */
export interface KeptAnswers {
  readonly sender: string;
  readonly answers: readonly NumberedAnswer[];
}

/** The answers that are kept: a row to each sender. */
export class AnswerLedger {
  readonly #senders = new Map<string, Map<number, Uint8Array>>();
  /** Whose rows are not as they are stored. */
  readonly #changed = new Set<string>();

  /** Takes the rows as they are stored. */
  load(rows: Iterable<KeptAnswers>): void {
    this.#senders.clear();
    this.#changed.clear();
    for (const { sender, answers } of rows) this.#senders.set(sender, new Map(answers));
  }

  /** To whom there are answers. */
  get senders(): readonly string[] {
    return [...this.#senders.keys()];
  }

  /** The answers to a sender. */
  of(sender: string): readonly NumberedAnswer[] {
    return [...(this.#senders.get(sender) ?? [])];
  }

  /** Adds answers. */
  keep({ sender, answers }: KeptAnswers): void {
    const kept = this.#senders.get(sender) ?? new Map<number, Uint8Array>();
    for (const [number, bytes] of answers) kept.set(number, bytes);
    this.#senders.set(sender, kept);
    this.#changed.add(sender);
  }

  /** Forgets answers to a sender: those that are not `wanted`, which are all when nothing is. */
  forget(sender: string, isWanted: (number: number) => boolean = () => false): void {
    const kept = this.#senders.get(sender);
    for (const number of kept?.keys() ?? []) {
      if (isWanted(number)) continue;
      kept?.delete(number);
      this.#changed.add(sender);
    }
    if (kept?.size === 0) this.#senders.delete(sender);
  }

  /** The rows to write with a commit, for which they have been changed; one without answers is to be deleted. */
  takeChanges(): KeptAnswers[] {
    const rows = [...this.#changed].map((sender) => ({ sender, answers: this.of(sender) }));
    this.#changed.clear();
    return rows;
  }
}
