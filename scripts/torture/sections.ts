/** Every section of `npm run torture`. */
import { section as mutations } from "./mutations";
import type { Section } from "./section";
import { section as soak } from "./soak";

/** In the order in which they run. */
export const sections: readonly Section[] = [mutations, soak];
