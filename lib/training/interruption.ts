/** The stop button during training. */
import { ConvnetsError } from "../errors";
import { onInterrupt } from "../notebook";

/** Training, evaluation or prediction was stopped from outside; the model holds the last finished step's weights. */
export class InterruptedError extends ConvnetsError {}

/** How long a callback may go on after an interrupt, to finish what it writes. */
const PATIENCE_MS = 2000;

/** Remembers an interrupt until the running step is over. */
export class Interruption {
  private requested = false;
  private readonly listeners = new Set<() => void>();
  private readonly stopListening = onInterrupt(() => {
    this.requested = true;
    for (const listener of this.listeners) listener();
  });

  /**
   * Throws when an interrupt came.
   *
   * @param where What was going on, for the message: `"epoch 2, step 17"`.
   * @throws InterruptedError
   */
  check(where: () => string): void {
    if (this.requested) {
      throw new InterruptedError(
        `Interrupted at ${where()}. The model keeps what it has learnt so far.`,
      );
    }
  }

  /**
   * Waits for a callback; after an interrupt not for ever.
   *
   * @throws InterruptedError when the callback doesn't come back.
   */
  async outlast(work: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let listener = () => {};
    const lost = new Promise<never>((_, reject) => {
      listener = () => {
        const message = "Interrupted in a callback that doesn't come back.";
        timer ??= setTimeout(() => reject(new InterruptedError(message)), PATIENCE_MS);
      };
    });
    this.listeners.add(listener);
    if (this.requested) listener();
    try {
      await Promise.race([work, lost]);
    } finally {
      clearTimeout(timer);
      this.listeners.delete(listener);
    }
  }

  dispose(): void {
    this.stopListening();
  }
}

/** Lets timers, input and the kernel's messages have their turn. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
