// The answer to what the current view asks, kept fresh. Holds no figure beyond the last answer: whenever the ledger
// changes the question is asked again, and the answer replaces the one before.
import type { CommandError } from "./bindings/CommandError";
import { commandError } from "./errors";

interface Question<T> {
  key: string;
  ask: () => Promise<T>;
  /** Something changed while it was being asked: what comes back may be old already. */
  stale: boolean;
}

export class Live<T> {
  /** The last good answer; it stays when a later question fails or is under way. */
  answer = $state.raw<T | null>(null);
  /** Why the last question failed; gone with the next good answer. */
  error = $state.raw<CommandError | null>(null);

  #subject = "";
  #current: Question<T> | null = null;
  #inFlight = new Map<string, Question<T>>();

  /**
   * Asks `ask` from now on. `key` names the question: never two of one key are in flight. An answer about the same
   * `subject` stays on screen until the new one is there; one about another subject would mislead, and goes.
   */
  show(subject: string, key: string, ask: () => Promise<T>): void {
    if (subject !== this.#subject) {
      this.answer = null;
      this.error = null;
    }
    this.#subject = subject;
    this.#current = this.#inFlight.get(key) ?? { key, ask, stale: false };
    this.again();
  }

  /** Asks again. During a question this leads to exactly one more after it, however often it is called. */
  again(): void {
    const question = this.#current;
    if (!question) return;
    if (this.#inFlight.has(question.key)) question.stale = true;
    else void this.#run(question);
  }

  async #run(question: Question<T>): Promise<void> {
    this.#inFlight.set(question.key, question);
    do {
      question.stale = false;
      try {
        const answer = await question.ask();
        if (question === this.#current) {
          this.answer = answer;
          this.error = null;
        }
      } catch (thrown) {
        if (question === this.#current) this.error = commandError(thrown);
      }
    } while (question.stale && question === this.#current);
    this.#inFlight.delete(question.key);
  }
}
