/** The stop button during training. */
import { ConvnetsError } from "../errors";
import { onInterrupt } from "../notebook";

/** Training, evaluation or prediction was stopped from outside; the model holds the last finished step's weights. */
export class InterruptedError extends ConvnetsError {}

/** Remembers an interrupt until the running step is over. */
export class Interruption {
  private requested = false;
  private readonly stopListening = onInterrupt(() => {
    this.requested = true;
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

  dispose(): void {
    this.stopListening();
  }
}

/** Lets timers, input and the kernel's messages have their turn. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
