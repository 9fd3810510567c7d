// One thing at a time that is asked of the Rust side and may fail, and the words for it when it does.
import type { CommandError } from "../bindings/CommandError";
import { commandError } from "../errors";
import { words } from "../words";

export class Attempt<What extends string> {
  /** What is under way. */
  busy = $state<What | null>(null);
  /** Why the last one failed; gone with the next. */
  failed = $state.raw<CommandError | null>(null);

  /**
   * Asks, unless something is under way, and hands the answer to `then`. What `then` does is no part of what was asked: if
   * that throws, nothing has failed, and nothing may say so.
   */
  async make<Answer>(what: What, ask: () => Promise<Answer>, then: (answer: Answer) => void): Promise<void> {
    if (this.busy) return;
    this.busy = what;
    this.failed = null;
    let answer: Answer;
    try {
      answer = await ask();
    } catch (thrown) {
      this.failed = commandError(thrown, words.pricesFailed, words.pricesStay);
      return;
    } finally {
      this.busy = null;
    }
    then(answer);
  }
}
