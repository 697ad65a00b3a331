/** What can show itself in a notebook. */
import { inspect } from "node:util";
import { type DisplayOptions, displayBundle, type MimeBundle, showInCell } from "../notebook";

/** Something to look at: shown by `show`, or by being the last expression of a cell. */
export abstract class Showable {
  /** Every representation of the value, and the facts a front end needs to lay it out. */
  abstract toBundle(): { bundle: MimeBundle; options: DisplayOptions };

  /** Shows the value in the current cell; outside a notebook its text. */
  show(): void {
    const { bundle, options } = this.toBundle();
    displayBundle(bundle, options);
  }

  /** Shows the value as a cell's last expression. */
  [showInCell](): void {
    this.show();
  }

  /** Prints as its text. */
  [inspect.custom](): string {
    return this.toBundle().bundle["text/plain"];
  }
}
