// @ts-check
/** The tslab that runs here, and the packages that it has brought: a notebook's folder may have others. */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** `require` as tslab's own code has it. */
export const requireOfTslab = createRequire(require.resolve("tslab"));
