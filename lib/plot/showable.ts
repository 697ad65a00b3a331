/** What can show itself in a notebook. */
import { inspect } from "node:util";
import { type DisplayOptions, displayBundle, isNotebook, type MimeBundle } from "../notebook";

/** Something to look at: shown by `show`, or by being the last expression of a cell. */
export abstract class Showable {
  /** Every representation of the value, and the facts a front end needs to lay it out. */
  abstract toBundle(): { bundle: MimeBundle; options: DisplayOptions };

  /** Shows the value in the current cell; outside a notebook its text. */
  show(): void {
    const { bundle, options } = this.toBundle();
    displayBundle(bundle, options);
  }

  /**
   * tslab prints a cell's last expression with `console.log` and has no other hook, so printing such a value in a
   * notebook shows it. Inside another value, and outside a notebook, it prints as its text.
   */
  [inspect.custom](remainingDepth: number): string {
    const isOutermost = remainingDepth >= 2;
    if (!isOutermost || !isNotebook()) return this.toBundle().bundle["text/plain"];
    this.show();
    return "";
  }
}
