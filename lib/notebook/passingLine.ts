/** A line of output that goes when what it says is over. */
import { mediumHere } from "./liveLine";

/** A line that is there for a while. */
export interface PassingLine {
  /** Shows a text in place of the last one. */
  show(text: string): void;
  /** Takes the line away. */
  end(): void;
}

/** Opens one in the current output; nothing is shown yet. A pipe or file gets the first text, which stays. */
export function openPassingLine(): PassingLine {
  const medium = mediumHere();
  let isShown = false;
  return {
    show(text) {
      if (medium.isLive) medium.update(text);
      else if (!isShown) medium.keep(text);
      isShown = true;
    },
    end() {
      if (isShown) medium.clear();
      isShown = false;
    },
  };
}
