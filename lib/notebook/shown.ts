/** How a value says that it shows itself where it is a cell's last expression. */

/** The method that the kernel calls instead of printing such a value (`scripts/kernel/executor.mjs`). */
export const showInCell: unique symbol = Symbol.for("convnets.show");
